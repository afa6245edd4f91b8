import { useCallback, useEffect, useState } from 'preact/hooks';
import { askReturn, cancelOrder, getOrder, type Order } from '../api/buy.ts';
import { actKey, asProblem, type ProblemCode } from '../api/http.ts';
import { tp, type PayKey } from '../pay/strings.ts';
import { Price, ReceiptLine, Stepper, Thumb } from '../shop/bits.tsx';
import { phoneText } from '../i18n/format.ts';
import { dayText } from '../shop/day.ts';
import { moneyText } from '../shop/money.ts';
import { Page, Wait } from '../shop/page.tsx';
import { t } from '../shop/strings.ts';
import { StatusPill } from './status.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toast.tsx';
import { Phrase } from '../ui/words.tsx';
import { serverNow } from '../ui/clock.ts';
import { useCheck } from './check.ts';
import { InvoiceLine, MoneyNotes, PaidBy, ToPay } from './money.tsx';
import { OtherStore, PickUp } from './pickup.tsx';
import '../pay/style.css';
import './style.css';

const lookEveryMs = 20_000;
/** While it waits for money, which may come from anywhere. */
const payLookMs = 4000;
/** This long after the payment the page says that it worked. */
const justMs = 120_000;

function sayOf(o: Order): string {
  switch (o.status) {
    case 'preparing':
      return o.pay_method === 'cod' && o.total.amount > 0 ? tp('say.preparing', { amount: moneyText(o.total) }) : tp('say.preparingFree');
    case 'refunding':
      return tp('say.refunding', { amount: moneyText(o.refunding) });
    case 'refunded':
      return tp('say.refunded', { amount: moneyText(o.refunded) });
    default:
      return tp(`say.${o.status}`);
  }
}

const paidOf = (o: Order): number | null => o.payments.find((p) => p.counts && p.paid_at !== null)?.paid_at ?? null;

/** What the page says first to who has just ordered, or just paid. */
function thanksOf(o: Order, fresh: boolean): string | null {
  const paid = paidOf(o);
  if (o.status !== 'preparing') return null;
  if (paid !== null && serverNow() - paid < justMs) return tp('om.paid');
  return fresh ? tp('order.thanks') : null;
}

function Hero({ o, fresh }: { o: Order; fresh: boolean }) {
  const thanks = thanksOf(o, fresh);
  return (
    <section class="card hero">
      <div class="row top-row">
        <div class="grow">
          <StatusPill of={o.status} />
          <h2 data-testid="order-say"><Phrase of={thanks ?? sayOf(o)} /></h2>
          {thanks && <p class="sm t2">{sayOf(o)}</p>}
          {(fresh || thanks) && <p class="sm t2">{tp('order.keep')}</p>}
        </div>
        <Thumb src={o.lines[0]?.image ?? null} size="l" />
      </div>
      <PickUp o={o} />
    </section>
  );
}

const steps = new Set(['ordered', 'confirmed', 'paid', 'packed', 'shipped', 'at_store', 'collected', 'delivered', 'returned', 'completed', 'cancelled', 'expired',
  'refund', 'return_asked', 'return_approved', 'return_refused', 'return_received']);

/** Steps that only paying and stores have. */
const more = new Set(['pay_failed', 'pay_late', 'pay_double', 'refund_done', 'refund_failed', 'store_closed', 'store_changed', 'invoice_issued', 'invoice_void', 'invoice_allowance']);

function stepText(what: string): string {
  if (more.has(what)) return tp(`step.${what}` as PayKey);
  return steps.has(what) ? tp(`tl.${what}` as PayKey) : tp('tl.other');
}

const togetherMs = 60_000;

/** An order that is confirmed as it is made says so once; of one that is paid nobody needs the tries in vain. */
function told({ timeline: all, pay_method }: Order): Order['timeline'] {
  const paid = all.some((s) => s.what === 'paid');
  const atOnce = (at: number): boolean => (!paid || pay_method === 'cod') && all.some((x) => x.what === 'confirmed' && Math.abs(x.at - at) < togetherMs);
  return all.filter((s) => (s.what === 'pay_failed' ? !paid : s.what !== 'ordered' || !atOnce(s.at)));
}

function Timeline({ o }: { o: Order }) {
  const parcel = o.parcels.find((p) => p.tracking);
  const atStore = o.parcels.find((p) => p.shipment?.payment_no)?.shipment;
  return (
    <section class="card">
      <ol class="tl" data-testid="timeline">
        {told(o).toReversed().map((s, i) => (
          <li key={`${s.what} ${s.at} ${i}`}><b>{stepText(s.what)}</b><span>{dayText(s.at, o.market)}</span>
            {s.what === 'shipped' && parcel && (parcel.tracking_url
              ? <a class="link sm" href={parcel.tracking_url} target="_blank" rel="noreferrer"><span class="num">{tp('order.track', { no: parcel.tracking ?? '' })}</span><Icon name="ext" size={14} /></a>
              : <span class="num track">{parcel.carrier} {parcel.tracking}</span>)}
            {s.what === 'shipped' && !parcel && atStore && <span class="track">{tp('store.number')} <span class="num">{atStore.payment_no}</span></span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function whereText(o: Order): string {
  const a = o.address;
  if (a.kind === 'cvs') return `${a.chain ? tp(`chain.${a.chain as 'ok'}`) : ''} ${a.store_name ?? ''} (${a.store_id ?? ''})`;
  const parts = o.market === 'TW' ? [a.postcode, `${a.city}${a.district}${a.line}`] : [a.line, a.subdistrict, a.district, a.city, a.postcode];
  return parts.filter(Boolean).join(' ');
}

function Paper({ o }: { o: Order }) {
  const copy = (): void => {
    navigator.clipboard.writeText(o.no).then(() => toast(tp('order.copied'), 'ok'), () => toast(o.no));
  };
  const strayed = o.payments.reduce((sum, p) => sum + (p.stray ? p.refunded.amount : 0), 0);
  const back = o.refunded.amount - strayed;
  return (
    <section class="card" data-testid="order-paper">
      <div class="row"><span class="sm t2">{tp('order.no')}</span><b class="num end" data-testid="order-no">{o.no}</b>
        <button type="button" class="icb copy" aria-label={tp('order.copy')} onClick={copy}><Icon name="copy" size={18} /></button></div>
      <p class="sm to"><span class="t2">{tp('order.to')}</span> {o.address.name} <span class="nw">{phoneText(o.address.phone, o.market)}</span><br />{whereText(o)}</p>
      <PaidBy o={o} /><InvoiceLine o={o} />
      <hr class="hr" />
      {o.lines.map((l) => <ReceiptLine key={l.no} line={l} />)}
      <div class="perf" />
      <dl class="dl">
        <dt class="t2">{tp('co.shipping')}</dt><dd class="num">{moneyText(o.shipping)}</dd>
        {o.discount.amount > 0 && <><dt class="good">{tp('co.discount')}</dt><dd class="num good">{moneyText({ ...o.discount, amount: -o.discount.amount })}</dd></>}
        <dt class="b">{tp('co.total')}</dt><dd><Price of={o.total} size="l" /></dd>
        {back > 0 && <><dt class="good">{tp('om.back')}</dt><dd class="num good" data-testid="order-back">{moneyText({ ...o.total, amount: -back })}</dd></>}
      </dl>
    </section>
  );
}

interface ActsProps {
  o: Order;
  secret: string | null;
  done: (o: Order) => void;
}

function Cancel({ o, secret, done }: ActsProps) {
  const [sure, ask] = useState(false);
  const cancel = (): void => {
    cancelOrder(o.no, secret).then(done, () => toast(tp('order.cancelFailed'), 'bad'));
  };
  if (!sure) return <button type="button" class="act" data-testid="cancel" onClick={() => ask(true)}><Icon name="close" /><span class="grow">{tp('order.cancel')}</span><Icon name="chev" size={18} /></button>;
  return (
    <div class="sure" role="group" aria-label={tp('order.cancel')}>
      <p class="sm">{tp('order.cancelText')}</p>
      <div class="row"><button type="button" class="btn grow" onClick={() => ask(false)}>{tp('order.cancelNo')}</button>
        <button type="button" class="btn chili grow" data-testid="cancel-yes" onClick={cancel}>{tp('order.cancelYes')}</button></div>
    </div>
  );
}

function refusedText(e: unknown): string {
  const reason = asProblem(e).doc['reason'];
  switch (reason) {
    case 'too_late':
    case 'exempt':
    case 'not_delivered':
    case 'nothing_left':
      return tp(`rr.${reason}`);
    default:
      return t('no.server');
  }
}

function Return({ o, secret, done }: ActsProps) {
  const [open, setOpen] = useState(false);
  const [picked, pickLines] = useState<Record<number, number>>({});
  const [why, setWhy] = useState('');
  const [key] = useState(actKey);
  const [wrong, setWrong] = useState('');
  const lines = o.lines.filter((l) => l.qty_returnable > 0);
  const send = (): void => {
    const chosen = Object.entries(picked).filter(([, n]) => n > 0).map(([no, qty]) => ({ no: Number(no), qty }));
    if (chosen.length === 0) {
      setWrong(tp('order.returnNone'));
      return;
    }
    askReturn(o.no, secret, chosen, why.trim(), key).then((x) => {
      done(x);
      toast(tp('order.returnSent'), 'ok');
      setOpen(false);
    }, (e: unknown) => setWrong(refusedText(e)));
  };
  if (!open) {
    return (
      <button type="button" class="act" data-testid="return" onClick={() => setOpen(true)}><Icon name="undo" />
        <span class="grow">{tp('order.return')}{o.return_until && <span class="xs t2 blk-l">{tp('order.returnUntil', { day: o.return_until })}</span>}</span><Icon name="chev" size={18} /></button>
    );
  }
  return (
    <div class="sure stack" data-testid="return-form">
      <h3>{tp('order.returnWhat')}</h3>
      {lines.map((l) => (
        <div key={l.no} class="row"><div class="grow"><ReceiptLine line={l} /></div>
          <Stepper n={picked[l.no] ?? 0} least={0} most={l.qty_returnable} name={l.code ?? String(l.no)} set={(n) => { pickLines({ ...picked, [l.no]: n }); setWrong(''); }} /></div>
      ))}
      <label class="fld"><span class="lb">{tp('order.returnWhy')}</span><input class="inp" value={why} maxLength={200} onInput={(e) => setWhy(e.currentTarget.value)} /></label>
      {wrong && <p class="errmsg" role="alert"><Icon name="warn" size={16} />{wrong}</p>}
      <button type="button" class="btn pri wide" data-testid="return-send" onClick={send}>{tp('order.returnGo')}</button>
    </div>
  );
}

function Acts(p: ActsProps) {
  const { o } = p;
  return (
    <nav class="card acts" aria-label={tp('order.acts')}>
      {o.can.cancel && <Cancel {...p} />}
      {o.can.return && <Return {...p} />}
      <a class="act" href={o.show_id ? `/s/${o.show_id}` : '/'}><Icon name="video" /><span class="grow">{tp('order.another')}</span><Icon name="chev" size={18} /></a>
    </nav>
  );
}

/** One order at `/o/{no}`, for its owner or who holds its link. */
export function OrderPage({ no }: { no: string }) {
  const [query] = useState(() => new URLSearchParams(location.search));
  const secret = query.get('s');
  const [o, setOrder] = useState<Order | null>(null);
  const [failed, setFailed] = useState<ProblemCode | null>(null);
  const [tries, setTries] = useState(0);
  const waits = o?.can.pay ?? false;
  const read = useCallback((): void => {
    getOrder(no, secret).then((x) => { setOrder(x); setFailed(null); }, (e: unknown) => setFailed(asProblem(e).code));
  }, [no, secret]);
  useEffect(() => {
    const look = (): void => {
      if (!document.hidden) read();
    };
    look();
    const timer = setInterval(look, waits ? payLookMs : lookEveryMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [read, waits, tries]);
  useEffect(() => {
    if (query.get('store') === 'changed') toast(tp('store.changed'), 'ok');
  }, [query]);
  const check = useCheck(o, query.get('paid'), secret, read);
  const share = (): void => {
    navigator.clipboard.writeText(location.href.replace(/&?\b(?:new|paid|store)=\w+/g, '')).then(() => toast(tp('order.copied'), 'ok'), () => undefined);
  };
  return (
    <Page title={tp('order.title')} from="/me" testId="order-page"
      end={o && secret ? <button type="button" class="icb" aria-label={tp('order.copyLink')} onClick={share}><Icon name="share" size={22} /></button> : undefined}>
      {o && <><Hero o={o} fresh={query.has('new')} /><OtherStore o={o} secret={secret} /><ToPay o={o} secret={secret} check={check} /><MoneyNotes o={o} /><Timeline o={o} /><Paper o={o} /><Acts o={o} secret={secret} done={setOrder} /></>}
      {!o && failed && <ErrorBox cause={failed} retry={() => setTries(tries + 1)} />}
      {!o && !failed && <Wait rows={3} />}
    </Page>
  );
}
