import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../../api/http.ts';
import { byHand } from '../../pay/by-hand.ts';
import type { Invoice } from '../../api/buy.ts';
import { amountField, moneyText, parseAmount, symbolOf, type Money } from '../../i18n/money.ts';
import { listText } from '../../i18n/format.ts';
import { nowMs } from '../../ui/clock.ts';
import { ErrorBox } from '../../ui/error-box.tsx';
import { Icon } from '../../ui/icon.tsx';
import { go } from '../../ui/route.ts';
import { Sheet } from '../../ui/sheet.tsx';
import { toast } from '../../ui/toast.tsx';
import { useTitle } from '../../ui/title.ts';
import { phoneText } from '../../i18n/format.ts';
import { whenText } from '../../ui/when.ts';
import { Words } from '../../ui/words.tsx';
import { Frame, Head } from '../frame.tsx';
import { Thumb } from '../products/cells.tsx';
import { mayRefund } from '../roles.ts';
import { Code } from '../sale/code.tsx';
import { problemText } from '../say.ts';
import { shop, shopSlug } from '../shops.ts';
import { t } from '../strings.ts';
import { cancelOrder, getOrder, labelsUrl, makeParcels, moveParcel, moveReturn, noteOrder, refundOrder } from './api.ts';
import { ParcelMark, ReturnMark, StatusMark } from './marks.tsx';
import { InvoiceBox, ShipmentBox } from './shipment.tsx';
import { chains } from './stores.ts';
import type { Address, Order, OrderLine, Parcel, ParcelState, ReturnCase, ReturnState } from './types.ts';
import '../sale/style.css';
import './style.css';

/** One order on the desk of those who send it. */
export class OrderCtrl {
  readonly order = signal<Order | null>(null);
  readonly failed = signal<Problem | null>(null);
  readonly busy = signal(false);
  private readonly no: string;

  constructor(no: string) {
    this.no = no;
  }

  async load(): Promise<void> {
    this.failed.value = null;
    try {
      this.order.value = await getOrder(this.no, shopSlug.value);
    } catch (e) {
      this.failed.value = asProblem(e);
    }
  }

  /** Does something and reads the order again; true when it was done. */
  async act(what: (no: string, slug: string) => Promise<unknown>): Promise<boolean> {
    if (this.busy.value) return false;
    this.busy.value = true;
    try {
      await what(this.no, shopSlug.value);
      await this.load();
      return true;
    } catch (e) {
      const p = asProblem(e);
      toast(p.code === 'input' ? p.message : problemText(p), 'bad');
      return false;
    } finally {
      this.busy.value = false;
    }
  }
}

function Line({ l }: { l: OrderLine }) {
  return (
    <li class="oline" data-testid="order-line">
      <Thumb src={l.image} />
      <span class="grow"><span class="row wrap">{l.code && <Code code={l.code} />}<b><Words of={l.title} /></b></span>
        <span class="xs t2">{l.options.join(' ')}{l.qty_refunded > 0 && <b class="lowleft"> {t('order.refundedQty', { n: l.qty_refunded })}</b>}</span></span>
      <span class="num">×{l.qty}</span><span class="num oamount">{moneyText(l.amount)}</span>
    </li>
  );
}

function Sums({ o }: { o: Order }) {
  const rows: [string, Money][] = [[t('order.subtotal'), o.subtotal]];
  if (o.discount.amount > 0) rows.push([o.coupon ? t('order.coupon', { code: o.coupon.code }) : t('order.discount'), { ...o.discount, amount: -o.discount.amount }]);
  rows.push([t('order.shipping'), o.shipping]);
  return (
    <dl class="sums">
      {rows.map(([k, m]) => <div key={k}><dt>{k}</dt><dd class="num">{moneyText(m)}</dd></div>)}
      <div class="all"><dt>{t('order.total')}</dt><dd class="num" data-testid="order-total">{moneyText(o.total)}</dd></div>
      <div class="xs t2"><dt>{t('order.tax')}</dt><dd class="num">{moneyText(o.tax)}</dd></div>
    </dl>
  );
}

/** An address in the order its own country writes it. */
const placeText = (a: Address): string =>
  a.kind === 'cvs' ? `${chains[a.chain ?? ''] ?? a.chain} ${a.store_name ?? ''} (${a.store_id ?? ''})`
    : (a.subdistrict ? [a.line, a.subdistrict, a.district, a.city, a.postcode] : [a.postcode, a.city, a.district, a.line]).filter(Boolean).join(' ');

function invoiceNo(i: Invoice): string {
  switch (i.kind) {
    case 'mobile':
      return i.carrier;
    case 'donate':
      return i.love_code;
    case 'company':
      return i.tax_id;
    default:
      return '';
  }
}

function Buyer({ o }: { o: Order }) {
  return (
    <section class="card stack"><h2 class="sec">{t('order.buyer')}</h2>
      <p class="b" data-testid="order-buyer">{o.address?.name ?? o.buyer.name}</p>
      {o.address ? <><p class="sm"><a class="inline" href={`tel:${o.address.phone}`}>{phoneText(o.address.phone, o.market)}</a></p><p class="sm">{placeText(o.address)}</p></> : <p class="sm t2">{t('order.hidden')}</p>}
      {o.invoice && <p class="sm t2">{t(`invoice.${o.invoice.kind}` as 'invoice.member')} {invoiceNo(o.invoice)}</p>}
      {o.note && <p class="note"><Icon name="chat" size={18} /><span>{o.note}</span></p>}
      <p class="xs t2">{t('order.stat', { paid: o.stat.paid, uncollected: o.stat.uncollected })}</p>
    </section>
  );
}

const payTones: Record<string, string> = { paid: 'ok', collected: 'ok', settled: 'ok', pending: 'info', failed: 'bad', part_refunded: 'warn', orphaned: 'bad', refused: 'bad' };

/** Cash at the door goes back by hand, too. */
const goesByHand = (o: Order): boolean => {
  const paid = o.payments?.find((p) => p.id === o.payment?.id)?.method ?? o.pay_method;
  return paid === 'cod' || byHand(paid);
};

const nextOf: Partial<Record<ParcelState, ParcelState[]>> = {
  packing: ['packed', 'void'], packed: ['shipped', 'void'], shipped: ['delivered', 'at_store', 'returned'], at_store: ['collected', 'returned'],
};

function ParcelBox({ ctrl, p, o }: { ctrl: OrderCtrl; p: Parcel; o: Order }) {
  const [tracking, setTracking] = useState(p.tracking ?? '');
  const nexts = (nextOf[p.state] ?? []).filter((s) => (o.delivery === 'cvs' ? s !== 'delivered' : s !== 'at_store'));
  const to = (state: ParcelState): void => void ctrl.act(() => moveParcel(p.id, { state, ...(tracking.trim() ? { tracking: tracking.trim() } : {}) }));
  return (
    <li class="parcel" data-testid="parcel">
      <p class="row wrap"><ParcelMark state={p.state} /><span class="sm">{chains[p.carrier] ?? p.carrier}</span>{p.tracking && <b class="num">{p.tracking}</b>}{p.cod.amount > 0 && <span class="sm end">{t('parcel.cod')} <b class="num">{moneyText(p.cod)}</b></span>}</p>
      {o.delivery === 'cvs' && <ShipmentBox ctrl={ctrl} p={p} />}
      {p.state === 'packed' && !p.shipment && <label class="fld"><span class="lb">{t('parcel.tracking')}</span><input class="inp num" value={tracking} maxLength={40} autoComplete="off" data-testid="tracking" onInput={(e) => setTracking(e.currentTarget.value)} /></label>}
      <div class="row wrap">
        {p.state !== 'void' && p.state !== 'returned' && <a class="btn s" href={labelsUrl([p.id])} target="_blank" rel="noopener" data-testid="label"><Icon name="receipt" size={18} />{t('parcel.label')}</a>}
        {nexts.map((s) => <button key={s} type="button" class={`btn s${s === 'void' || s === 'returned' ? ' ghost' : ' pri'}`} data-testid={`parcel-${s}`} onClick={() => to(s)}>{t(`parcelTo.${s}` as 'parcelTo.packed')}</button>)}
        {p.state === 'returned' && <button type="button" class="btn s" data-testid="parcel-restock" onClick={() => void ctrl.act(() => moveParcel(p.id, { state: 'returned', inspected: true }))}>{t('parcel.restock')}</button>}
      </div>
    </li>
  );
}

function Parcels({ ctrl, o }: { ctrl: OrderCtrl; o: Order }) {
  const open = o.state === 'confirmed' && o.status !== 'refunded' && o.parcels.every((p) => p.state === 'void');
  return (
    <section class="card stack"><h2 class="sec">{t('parcel.title')}</h2>
      {o.parcels.length === 0 && <p class="sm t2">{t('parcel.none')}</p>}
      <ul class="stack">{o.parcels.map((p) => <ParcelBox key={p.id} ctrl={ctrl} p={p} o={o} />)}</ul>
      {open && <button type="button" class="btn pri" data-testid="parcel-make" onClick={() => void ctrl.act((no, slug) => makeParcels(slug, [no]))}><Icon name="box" size={18} />{t('parcel.make')}</button>}
    </section>
  );
}

const returnNext: Partial<Record<ReturnState, ReturnState[]>> = { asked: ['approved', 'refused'], approved: ['on_the_way', 'received'], on_the_way: ['received'], received: ['refunded'] };

function ReturnBox({ ctrl, r }: { ctrl: OrderCtrl; r: ReturnCase }) {
  return (
    <li class="parcel" data-testid="return">
      <p class="row wrap"><ReturnMark state={r.state} /><span class="sm">{whenText(r.asked_at, nowMs.value)}</span>{r.withdrawal && <span class="pill info">{t('return.withdrawal')}</span>}</p>
      <p class="sm">{listText(r.lines.map((l) => `#${l.no} ×${l.qty}`))} · {r.reason}</p>
      <div class="row wrap">{(returnNext[r.state] ?? []).map((s) => <button key={s} type="button" class={`btn s${s === 'refused' ? ' ghost' : ' pri'}`} data-testid={`return-${s}`} onClick={() => void ctrl.act(() => moveReturn(r.id, s, s === 'received'))}>{t(`returnTo.${s}` as 'returnTo.approved')}</button>)}</div>
    </li>
  );
}

function RefundSheet({ ctrl, o, close }: { ctrl: OrderCtrl; o: Order; close: () => void }) {
  const [typed, setTyped] = useState(amountField(o.refundable));
  const [reason, setReason] = useState('');
  const amount = parseAmount(typed, o.currency);
  const hand = goesByHand(o);
  const ready = amount !== null && amount > 0 && amount <= o.refundable.amount && reason.trim() !== '';
  async function submit(e: Event): Promise<void> {
    e.preventDefault();
    if (!ready) return;
    if (await ctrl.act((no, slug) => refundOrder(no, slug, { amount: { amount, currency: o.currency }, reason: reason.trim(), note: '' }))) close();
  }
  return (
    <Sheet title={t('refund.title')} close={close} testId="refund-sheet">
      <form class="stack" onSubmit={(e) => void submit(e)}>
        <label class="fld"><span class="lb">{t('refund.amount', { currency: symbolOf(o.currency), most: moneyText(o.refundable) })}</span><input class="inp num" inputMode="decimal" value={typed} autoComplete="off" data-autofocus data-testid="refund-amount" onInput={(e) => setTyped(e.currentTarget.value)} /></label>
        <label class="fld"><span class="lb">{t('refund.reason')}</span><input class="inp" value={reason} maxLength={120} autoComplete="off" data-testid="refund-reason" onInput={(e) => setReason(e.currentTarget.value)} /></label>
        <p class="note" data-testid="refund-how"><Icon name={hand ? 'bank' : 'undo'} size={18} /><span>{t(hand ? 'refund.byHand' : 'refund.byItself')}</span></p>
        {reason.trim() === '' && <p class="xs t2" id="refund-need">{t('refund.need')}</p>}
        <div class="sheet-acts"><button type="submit" class="btn pri" aria-disabled={!ready || ctrl.busy.value} data-testid="refund-save">{t('refund.save')}</button></div>
      </form>
    </Sheet>
  );
}

function Payment({ ctrl, o }: { ctrl: OrderCtrl; o: Order }) {
  const [asking, setAsking] = useState(false);
  const may = mayRefund(shop.value?.role ?? null);
  return (
    <section class="card stack"><h2 class="sec">{t('pay.title')}</h2>
      {(o.payments ?? (o.payment ? [{ ...o.payment, method: o.pay_method }] : [])).map((p) => (
        <p key={p.id} class="row wrap sm"><span>{t(`payMethod.${p.method}` as 'payMethod.cod')}</span><span class={`pill ${payTones[p.state] ?? ''}`} data-testid="order-payment">{t(`payment.${p.state}` as 'payment.pending')}</span>
          {may && <a class="ordlink num end" href={`/studio/money/payments/${p.id}`}>{moneyText(p.amount)}</a>}</p>
      ))}
      <ul class="stack">{o.refunds.map((r) => (
        <li key={r.id} class="row wrap sm" data-testid="refund"><b class="num">−{moneyText(r.amount)}</b><span class="grow">{r.reason}</span><span class={`pill ${r.state === 'done' ? 'ok' : r.state === 'failed' ? 'bad' : 'warn'}`}>{t(`refund.${r.state}`)}</span></li>
      ))}</ul>
      {may && o.refundable.amount > 0 && <button type="button" class="btn s" data-testid="refund-open" onClick={() => setAsking(true)}>{t('refund.title')}</button>}
      {asking && <RefundSheet ctrl={ctrl} o={o} close={() => setAsking(false)} />}
    </section>
  );
}

function Note({ ctrl, o }: { ctrl: OrderCtrl; o: Order }) {
  const [text, setText] = useState(o.staff_note ?? '');
  return (
    <section class="card"><label class="fld"><span class="lb">{t('order.staffNote')}</span><textarea class="inp" rows={2} maxLength={500} value={text} data-testid="staff-note" onInput={(e) => setText(e.currentTarget.value)} /></label>
      {text !== (o.staff_note ?? '') && <button type="button" class="btn s" data-testid="note-save" onClick={() => void ctrl.act((no, slug) => noteOrder(no, slug, text))}>{t('form.save')}</button>}</section>
  );
}

function CancelSheet({ ctrl, close }: { ctrl: OrderCtrl; close: () => void }) {
  const [reason, setReason] = useState('');
  const ready = reason.trim() !== '';
  return (
    <Sheet title={t('order.cancelTitle')} close={close} testId="cancel-order-sheet">
      <p>{t('order.cancelText')}</p>
      <label class="fld"><span class="lb">{t('refund.reason')}</span><input class="inp" value={reason} maxLength={120} data-autofocus autoComplete="off" data-testid="cancel-reason" onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <div class="sheet-acts"><button type="button" class="btn" onClick={close}>{t('rotate.no')}</button>
        <button type="button" class="btn chili" aria-disabled={!ready} data-testid="cancel-order-yes" onClick={() => { if (ready) void ctrl.act((no, slug) => cancelOrder(no, slug, reason.trim())).then(() => close()); }}>{t('order.cancelYes')}</button></div>
    </Sheet>
  );
}

export function OrderPage({ no }: { no: string }) {
  useTitle(no);
  const [ctrl] = useState(() => new OrderCtrl(no));
  const [cancelling, setCancelling] = useState(false);
  useEffect(() => void ctrl.load(), [ctrl, shopSlug.value]);
  const o = ctrl.order.value;
  if (!o) return <Frame at="orders">{ctrl.failed.value ? <ErrorBox cause={ctrl.failed.value.code} retry={() => void ctrl.load()} /> : <div class="card flat" aria-hidden="true"><div class="row skrow"><span class="sk b" /></div></div>}</Frame>;
  const cancellable = (o.state === 'confirmed' || o.state === 'awaiting_payment') && o.parcels.every((p) => p.state === 'packing' || p.state === 'packed' || p.state === 'void');
  return (
    <Frame at="orders">
      <Head title={<span class="num">{o.no}</span>} sub={whenText(o.created_at, nowMs.value)} back={() => go('/studio/orders')} mark={<StatusMark status={o.status} />}>
        {cancellable && mayRefund(shop.value?.role ?? null) && <button type="button" class="btn s ghost danger" data-testid="cancel-order" onClick={() => setCancelling(true)}>{t('order.cancel')}</button>}
      </Head>
      <div class="g2 onepage">
        <div class="stack">
          <section class="card"><ul>{o.lines.map((l) => <Line key={l.no} l={l} />)}</ul><Sums o={o} /></section>
          <Parcels ctrl={ctrl} o={o} />
          {o.returns.length > 0 && <section class="card stack"><h2 class="sec">{t('return.title')}</h2><ul class="stack">{o.returns.map((r) => <ReturnBox key={r.id} ctrl={ctrl} r={r} />)}</ul></section>}
        </div>
        <div class="stack"><Buyer o={o} /><Payment ctrl={ctrl} o={o} /><InvoiceBox ctrl={ctrl} o={o} /><Note key={o.version} ctrl={ctrl} o={o} /></div>
      </div>
      {cancelling && <CancelSheet ctrl={ctrl} close={() => setCancelling(false)} />}
    </Frame>
  );
}
