import type { Order } from '../api/buy.ts';
import type { Payment } from '../api/pay.ts';
import { byHand } from '../pay/by-hand.ts';
import { CodePanel } from '../pay/code.tsx';
import { payPath } from '../pay/path.ts';
import { tp, type PayKey } from '../pay/strings.ts';
import { failText, isOpen, shows, wayName } from '../pay/ways.ts';
import { Price, Ring } from '../shop/bits.tsx';
import { timeText } from '../shop/day.ts';
import { moneyText } from '../shop/money.ts';
import { Icon } from '../ui/icon.tsx';
import { go } from '../ui/route.ts';
import type { Check } from './check.ts';

const holdMs = 20 * 60_000;

interface Part {
  o: Order;
  secret: string | null;
}

/** What is known of the last try, in words. */
function Told({ o, check }: { o: Order; check: Check }) {
  const [last] = o.payments;
  if (check === 'checking') {
    return <div class="waiting" role="status" data-testid="checking"><i class="turner" /><div><b>{tp('wait.title')}</b><div class="sm t2">{tp('om.just')}</div></div></div>;
  }
  if (check === 'late') {
    return <p class="note warn trouble" role="status" data-testid="check-late"><Icon name="clock" size={18} /><span><b>{tp('wait.slow')}</b>{tp('wait.slowText')}</span></p>;
  }
  if (last?.state === 'failed') {
    return <p class="note bad trouble" role="status" data-testid="pay-trouble" data-is="failed"><Icon name="warn" size={18} /><span><b>{tp('trouble.unpaid')}</b>{failText(last.fail_code)}</span></p>;
  }
  return null;
}

/** An order that waits for money: how long, what became of the last try, and the way to pay. */
export function ToPay({ o, secret, check }: Part & { check: Check }) {
  if (!o.can.pay) return null;
  const shown = o.payments.find((p) => shows(p) && (isOpen(p) || p.state === 'expired'));
  const other = payPath(o.no, secret);
  if (shown && !shown.details.qr) {
    return (
      <>
        <CodePanel p={shown} market={o.market} again={() => go(payPath(o.no, secret, shown.method))} />
        <Told o={o} check={check} />
        <a class="btn wide" data-testid="pay-again" href={other}><Icon name="card" />{tp('other')}</a>
      </>
    );
  }
  const scan = shown !== undefined && isOpen(shown);
  return (
    <section class="card to-pay" data-testid="to-pay">
      <Told o={o} check={check} />
      {o.pay_until !== null && (
        <p class="row sm"><span class="grow">{tp('held', { t: timeText(o.pay_until, o.market) })}</span><Ring until={o.pay_until} whole={holdMs} /></p>
      )}
      <a class={`btn wide lg${check === 'checking' ? '' : ' pri'}`} data-testid="pay-again" href={other}>{tp(scan ? 'om.qr' : 'om.pay')} <Price of={o.total} size="l" /></a>
    </section>
  );
}

/** Money that no order could take: it came twice, or too late. */
function Stray({ o, p }: { o: Order; p: Payment }) {
  const twice = o.payments.some((x) => !x.stray && x.paid_at !== null && x.id !== p.id);
  const done = p.refunded.amount >= p.amount.amount && p.state === 'refunded' && o.refunding.amount === 0;
  const is = twice ? 'double' : 'late';
  const key: PayKey = done ? `om.${is}Done` : `om.${is}`;
  return (
    <p class={`note ${done ? 'ok' : 'warn'}`} role="status" data-testid="money-note" data-is={is} data-done={done || undefined}>
      <Icon name={done ? 'check' : 'undo'} size={18} /><span><b>{tp(key, { amount: moneyText(p.amount) })}</b>{!done && tp(byHand(p.method) ? 'om.byHand' : 'om.byCard')}</span>
    </p>
  );
}

/** Where money went that the order's line above does not tell: strays, refunds, tests. */
export function MoneyNotes({ o }: { o: Order }) {
  const tries = o.payments;
  const counting = tries.find((p) => p.counts);
  const stray = tries.filter((p) => !p.counts && p.stray);
  const back = counting ?? tries.find((p) => !p.stray && p.state === 'refunded');
  return (
    <>
      {stray.map((p) => <Stray key={p.id} o={o} p={p} />)}
      {o.status === 'refunding' && back && (
        <p class="note" role="status" data-testid="money-note" data-is="refunding"><Icon name="undo" size={18} />
          <span>{tp(byHand(back.method) ? 'om.byHand' : 'om.byCard')}</span></p>
      )}
      {o.status === 'expired' && tries.length > 0 && stray.length === 0 && <p class="note" data-testid="money-note" data-is="expired"><Icon name="info" size={18} /><span>{tp('om.expired')}</span></p>}
      {tries.some((p) => p.simulated) && <p class="note warn" data-testid="money-note" data-is="simulated"><Icon name="warn" size={18} /><span>{tp('om.simulated')}</span></p>}
    </>
  );
}

/** How it was paid, on the receipt. */
export function PaidBy({ o }: { o: Order }) {
  if (o.total.amount === 0) return null;
  const by = o.payments.find((p) => p.counts || (p.state === 'refunded' && !p.stray))?.method ?? o.pay_method;
  return <p class="sm to"><span class="t2">{tp('om.way')}</span> {wayName(by, o.delivery)}</p>;
}

/** AB-12345678 to the eye; copied it has no dash, as forms want it. */
const Numbered = ({ no }: { no: string }) => <b class="num iv-no"><span>{no.slice(0, 2)}</span>{no.slice(2)}</b>;

/** What became of the e-invoice. */
export function InvoiceLine({ o }: { o: Order }) {
  const s = o.invoice_state;
  if (!o.invoice) return null;
  return (
    <p class="sm to" data-testid="invoice-state" data-state={s?.state}><span class="t2">{tp('order.invoice')}</span> {tp(`inv.${o.invoice.kind}`)}{o.invoice.kind === 'mobile' ? ` ${o.invoice.carrier}` : ''}
      {s?.number && <> <span class="nw"><Numbered no={s.number} />{s.random && <span class="t2"> {tp('iv.random', { n: s.random })}</span>}</span></>}
      {s && s.state !== 'issued' && <> <span class={`pill${s.state === 'error' ? ' warn' : ''}`}>{tp(`iv.${s.state}`, { amount: moneyText(s.allowed) })}</span></>}
    </p>
  );
}
