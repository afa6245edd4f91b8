import { useEffect, useState } from 'preact/hooks';
import type { Order } from '../api/buy.ts';
import type { Payment } from '../api/pay.ts';
import { Price, Ring } from '../shop/bits.tsx';
import { timeText } from '../shop/day.ts';
import { Page, Wait } from '../shop/page.tsx';
import { nowMs } from '../ui/clock.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon } from '../ui/icon.tsx';
import { goBack } from '../ui/route.ts';
import { Phrase } from '../ui/words.tsx';
import { Away, OutOfApp, toWhom } from './away.tsx';
import { CodePanel } from './code.tsx';
import { PayCtrl, type Trouble } from './ctrl.ts';
import { orderPath, payPath } from './path.ts';
import { QrPanel, Waiting } from './qr.tsx';
import { tp } from './strings.ts';
import { failText, inOrder, lastWay, rememberWay } from './ways.ts';
import { Ways } from './ways-list.tsx';
import './style.css';

const holdMs = 20 * 60_000;

interface Part {
  ctrl: PayCtrl;
  o: Order;
}

function troubleText(t: Trouble, ctrl: PayCtrl): string {
  switch (t.is) {
    case 'failed':
      return failText(t.code);
    case 'expired':
      return tp('trouble.expired');
    case 'back':
      return tp('trouble.back');
    case 'down':
      return tp('trouble.down', { to: toWhom(ctrl.method.value) });
    case 'lost':
      return tp('trouble.lost');
    case 'refused':
      return tp('trouble.refused');
    default:
      return tp('trouble.form');
  }
}

const headOf = (t: Trouble): string => tp(t.is === 'failed' ? 'trouble.unpaid' : t.is === 'back' || t.is === 'expired' ? 'trouble.notYet' : 'trouble.head');

/** What became of the last try: whether money moved, and what to do. */
function TroubleNote(p: Part) {
  const t = p.ctrl.trouble.value;
  if (!t) return null;
  const until = t.is === 'failed' ? p.o.pay_until : null;
  const soft = t.is === 'back' || t.is === 'expired';
  return (
    <div class={`note ${soft ? 'warn' : 'bad'} trouble`} role="alert" data-testid="pay-trouble" data-is={t.is}>
      <Icon name={soft ? 'clock' : 'warn'} size={18} /><span><b>{headOf(t)}</b>{troubleText(t, p.ctrl)}{until !== null && <span class="blk-l">{tp('held', { t: timeText(until, p.o.market) })}</span>}</span>
    </div>
  );
}

function Choose({ ctrl, o, chosen, set }: Part & { chosen: string; set: (id: string) => void }) {
  const ways = inOrder(o.pay_methods ?? [], lastWay(o.market)).filter((m) => m.provider !== 'cod');
  return (
    <>
      <TroubleNote ctrl={ctrl} o={o} />
      <section class="card to-pay">
        <div class="row"><span class="grow sm t2">{o.shop.name} <span class="num nw">{o.no}</span></span>{o.pay_until !== null && <Ring until={o.pay_until} whole={holdMs} />}</div>
        <div class="row"><span class="grow b">{tp('qr.amount')}</span><span data-testid="amount"><Price of={o.total} size="xl" /></span></div>
      </section>
      <section class="card"><h2 class="hd">{tp('choose.title')}</h2><Ways ways={ways} chosen={chosen} label={tp('choose.title')} delivery={o.delivery} choose={set} /></section>
    </>
  );
}

/** Between two steps: asking the gateway, or its card form standing over the page. */
function Between({ ctrl, card }: { ctrl: PayCtrl; card: boolean }) {
  const to = toWhom(ctrl.method.value);
  return (
    <section class="card away" data-testid={card ? 'pay-card' : 'pay-asking'}>
      <i class="turner large" aria-hidden="true" />
      <h2 role="status"><Phrase of={card ? tp('card.title') : tp('ask.title', { to })} /></h2>
      <p class="sm t2">{tp(card ? 'card.text' : 'ask.text')}</p>
      {card && <button type="button" class="btn wide" data-testid="other-way" onClick={() => ctrl.choose()}>{tp('other')}</button>}
    </section>
  );
}

/** Nothing to show, only to wait for: with the truth when it takes long. */
function WaitFor({ ctrl, p }: { ctrl: PayCtrl; p: Payment }) {
  // What has a picture, a number or a page to go to, and has not got it: its gateway did not answer.
  const silent = p.kind === 'card' ? '' : toWhom(p.method);
  const late = ctrl.overdue.value && !silent;
  return (
    <>
      {late
        ? <div class="note warn trouble" role="status" data-testid="wait-late"><Icon name="clock" size={18} /><span><b>{tp('wait.slow')}</b>{tp('wait.slowText')}</span></div>
        : <Waiting ctrl={ctrl} silent={silent} />}
      <button type="button" class="btn wide" data-testid="other-way" onClick={() => ctrl.choose()}>{tp('other')}</button>
    </>
  );
}

function Body({ ctrl, o, chosen, set }: Part & { chosen: string; set: (id: string) => void }) {
  const s = ctrl.step.value;
  switch (s.is) {
    case 'choose':
      return <Choose ctrl={ctrl} o={o} chosen={chosen} set={set} />;
    case 'inapp':
      return <OutOfApp ctrl={ctrl} app={s.app} method={s.method} />;
    case 'away':
      return <Away o={o} method={ctrl.method.value} next={s.next} />;
    case 'wait':
      return <WaitFor ctrl={ctrl} p={s.payment} />;
    case 'show':
      if (s.payment.details.qr) return <QrPanel ctrl={ctrl} o={o} p={s.payment} />;
      return (
        <>
          <CodePanel p={s.payment} market={o.market} again={() => void ctrl.begin(s.payment.method)} />
          <button type="button" class="btn wide" data-testid="other-way" onClick={() => ctrl.choose()}>{tp('other')}</button>
        </>
      );
    default:
      return <Between ctrl={ctrl} card={s.is === 'card'} />;
  }
}

function titleOf(ctrl: PayCtrl): string {
  const s = ctrl.step.value;
  if (s.is === 'show') return tp(s.payment.details.qr ? 'qr.title' : 'code.title');
  return tp(s.is === 'away' || s.is === 'asking' ? 'away.head' : 'title');
}

/** The pay page itself; what it stands at is the controller's. */
export function PayView({ ctrl }: { ctrl: PayCtrl }) {
  const o = ctrl.order.value;
  const s = ctrl.step.value;
  const [picked, pick] = useState('');
  const ways = o?.pay_methods ?? [];
  const can = (id: string): boolean => ways.some((m) => m.id === id && m.available && m.provider !== 'cod');
  const chosen = [picked, ctrl.method.value, o?.pay_method ?? '', ...inOrder(ways, o ? lastWay(o.market) : null).map((m) => m.id)].find(can) ?? '';
  const down = ctrl.trouble.value;
  const held = down?.is === 'down' && chosen === ctrl.method.value && down.until > nowMs.value;
  const pay = (): void => {
    if (!o || !chosen || held) return;
    rememberWay(o.market, chosen);
    void ctrl.begin(chosen);
  };
  return (
    <Page title={titleOf(ctrl)} from={orderPath(ctrl.no, ctrl.secret)} testId="pay-page"
      foot={o && s.is === 'choose' && (
        <button type="button" class="btn pri lg wide" data-testid="pay-go" disabled={!chosen || held} onClick={pay}>
          {held ? tp('down.again', { n: Math.ceil((down.until - nowMs.value) / 1000) }) : <>{tp('go')} <Price of={o.total} size="l" /></>}
        </button>
      )}>
      {s.is === 'error' && <ErrorBox cause={s.cause} retry={() => void ctrl.load()} />}
      {!o && s.is !== 'error' && <Wait rows={2} />}
      {o && s.is !== 'loading' && s.is !== 'settled' && <Body ctrl={ctrl} o={o} chosen={chosen} set={pick} />}
      {o && s.is === 'settled' && <Wait rows={2} />}
    </Page>
  );
}

/** One order's payment at `/pay/{no}?s=`; left as soon as there is nothing to pay. */
export function PayPage({ no }: { no: string }) {
  const [ctrl] = useState(() => {
    const q = new URLSearchParams(location.search);
    return new PayCtrl(no, q.get('s'), q.get('go'));
  });
  useEffect(() => {
    history.replaceState(history.state, '', payPath(no, ctrl.secret)); // a reload, or Back, begins nothing
    ctrl.open();
    return () => ctrl.close();
  }, [ctrl, no]);
  const settled = ctrl.step.value.is === 'settled';
  useEffect(() => {
    if (settled) goBack(orderPath(no, ctrl.secret));
  }, [settled, ctrl, no]);
  return <PayView ctrl={ctrl} />;
}
