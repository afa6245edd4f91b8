import type { JSX } from 'preact';
import type { Order } from '../src/api/buy.ts';
import { session } from '../src/api/http.ts';
import type { Payment } from '../src/api/pay.ts';
import { CheckoutCtrl } from '../src/checkout/ctrl.ts';
import { Checkout } from '../src/checkout/view.tsx';
import { OrderPage } from '../src/order/view.tsx';
import { PayCtrl, type Step, type Trouble } from '../src/pay/ctrl.ts';
import { leave } from '../src/pay/leave.ts';
import { PayView } from '../src/pay/view.tsx';
import { serverNow } from '../src/ui/clock.ts';
import { answer } from './answers.ts';
import { base, guest, now } from './data.ts';
import { atm, barcode, cvs, over, payment, qr, unpaid, unpaidTh, waysTh, waysTw } from './pay-data.ts';
import { ntd, order, quote, quoteTh, shipped } from './shop-data.ts';

leave.by = () => undefined; // a picture of the page before it is left
leave.to = () => undefined;

function pay(step: Step, o: Order = unpaid, change: (c: PayCtrl) => void = () => undefined): () => JSX.Element {
  return () => {
    session.value = guest;
    const ctrl = new PayCtrl(o.no, 'aaaa');
    ctrl.order.value = o;
    ctrl.method.value = o.pay_method;
    ctrl.step.value = step;
    change(ctrl);
    return <PayView ctrl={ctrl} />;
  };
}

const trouble = (t: Trouble, method = 'ecpay_card'): (() => JSX.Element) =>
  pay({ is: 'choose' }, unpaid, (c) => { c.method.value = method; c.trouble.value = t; });
const show = (p: Payment, o: Order = unpaid, change: (c: PayCtrl) => void = () => undefined): (() => JSX.Element) => pay({ is: 'show', payment: p }, o, change);

function at(o: Order): () => JSX.Element {
  return () => {
    session.value = guest;
    answer('/orders/', o);
    return <OrderPage no={o.no} />;
  };
}

function check(q: typeof quote, change: (c: CheckoutCtrl) => void = () => undefined, map = true): () => JSX.Element {
  return () => {
    session.value = guest;
    answer('/cart/quote', q);
    answer('/cvs/setup', { map, chains: ['711', 'family', 'hilife', 'ok'] });
    answer('/cvs/last', { store: null });
    const ctrl = new CheckoutCtrl({ shop: base.shop.slug }, q);
    change(ctrl);
    return <Checkout ctrl={ctrl} title="" shop={base.shop.slug} />;
  };
}

const form = { kind: 'form', action: 'https://payment.ecpay.com.tw/', fields: { MerchantTradeNo: 'x' } } as const;
const paid = payment({ state: 'paid', counts: true, paid_at: now - 5000 });
const stray = payment({ id: 'pay_2', method: 'ecpay_atm', state: 'orphaned' });
const toStore = { kind: 'cvs', name: '陳怡君', phone: '0912345678', chain: '711', store_id: '131386', store_name: '永康門市', store_address: '台北市大安區永康街 14 號' } as const;
const invoice = (state: 'none' | 'queued' | 'issued' | 'allowance' | 'error') =>
  ({ state, number: state === 'issued' || state === 'allowance' ? 'AB12345678' : null, date: '2026-11-23 10:00:00', random: '1234', allowed: ntd(320) });
const done: Order = { ...order, pay_method: 'ecpay_card', payments: [paid], can: { ...order.can, pay: false }, invoice_state: invoice('issued') };
const cvsQuote = { ...quote, delivery: 'cvs' as const, addresses: [], pay_method: 'ecpay_card', pay_methods: waysTw };

/** Every state of paying, by the name that its picture gets. */
export const payViews: Record<string, () => JSX.Element> = {
  'checkout-ways': check({ ...quote, pay_method: 'ecpay_card', pay_methods: waysTw }),
  'checkout-ways-th': check({ ...quoteTh, pay_method: 'omise_promptpay', pay_methods: waysTh }),
  'checkout-map': check(cvsQuote, (c) => { c.set({ delivery: 'cvs' }); }),
  'checkout-map-missing': check(cvsQuote, (c) => { c.set({ delivery: 'cvs', name: '陳怡君', phone: '0912345678', exempt: [2] }); void c.place(); }),
  'checkout-store': check(cvsQuote, (c) => { c.set({ ...toStore, delivery: 'cvs' }); c.storeIsLast.value = true; }),
  'checkout-store-lost': check(cvsQuote, (c) => { c.set({ delivery: 'cvs' }); c.storeTrouble.value = 'lost'; }),
  'checkout-store-typed': check(cvsQuote, (c) => { c.set({ delivery: 'cvs' }); }, false),
  'pay-loading': () => <PayView ctrl={new PayCtrl('T1', null)} />,
  'pay-error': pay({ is: 'error', cause: 'offline' }, unpaid, (c) => { c.order.value = null; }),
  'pay-choose': pay({ is: 'choose' }),
  'pay-choose-th': pay({ is: 'choose' }, unpaidTh),
  'pay-failed': trouble({ is: 'failed', code: 'no_funds' }),
  'pay-back': trouble({ is: 'back' }),
  'pay-expired': trouble({ is: 'expired' }),
  'pay-down': trouble({ is: 'down', until: now + 14_000 }),
  'pay-lost': trouble({ is: 'lost' }),
  'pay-refused': trouble({ is: 'refused' }),
  'pay-form': trouble({ is: 'form' }),
  'pay-asking': pay({ is: 'asking' }),
  'pay-card': pay({ is: 'card' }, unpaidTh, (c) => { c.method.value = 'omise_card'; }),
  'pay-away': pay({ is: 'away', next: form }),
  'pay-away-bank': pay({ is: 'away', next: { kind: 'redirect', url: 'https://example.com/' } }, unpaidTh, (c) => { c.method.value = 'omise_mobile_kbank'; }),
  'pay-in-line': pay({ is: 'inapp', app: 'line', method: 'ecpay_card' }),
  'pay-in-facebook': pay({ is: 'inapp', app: 'facebook', method: 'ecpay_card' }),
  'pay-wait': pay({ is: 'wait', payment: payment({}) }),
  'pay-silent': pay({ is: 'wait', payment: { ...qr, details: {} } }, unpaidTh),
  'pay-wait-late': pay({ is: 'wait', payment: payment({}) }, unpaid, (c) => { c.since.value = serverNow() - 61_000; }),
  'pay-qr': show(qr, unpaidTh),
  'pay-qr-blind': show(qr, unpaidTh, (c) => { c.blind.value = true; }),
  'pay-qr-over': show({ ...qr, details: { ...qr.details, expires_at: now - 1000 } }, unpaidTh),
  'pay-atm': show(atm),
  'pay-cvs': show(cvs),
  'pay-barcode': show(barcode),
  'pay-code-over': show(over),
  'order-unpaid': at(unpaid),
  'order-unpaid-th': at({ ...unpaidTh, payments: [qr] }),
  'order-checking': at({ ...unpaid, payments: [payment({})] }),
  'order-failed': at({ ...unpaid, payments: [payment({ state: 'failed', fail_code: 'three_d' })] }),
  'order-code': at({ ...unpaid, pay_method: 'ecpay_cvs', payments: [cvs] }),
  'order-paid': at(done),
  'order-double': at({ ...done, payments: [stray, paid] }),
  'order-double-done': at({ ...done, payments: [{ ...stray, state: 'refunded', refunded: stray.amount }, paid] }),
  'order-late': at({ ...unpaid, state: 'expired', status: 'expired', can: { ...order.can, cancel: false }, payments: [{ ...stray, method: 'ecpay_cvs' }] }),
  'order-expired': at({ ...unpaid, state: 'expired', status: 'expired', can: { ...order.can, cancel: false }, payments: [over] }),
  'order-refunding': at({ ...done, status: 'refunding', refunding: ntd(320), invoice_state: invoice('allowance') }),
  'order-simulated': at({ ...unpaid, payments: [payment({ simulated: true })] }),
  'order-invoice-error': at({ ...done, invoice_state: invoice('error') }),
  'order-store-closed': at({ ...done, address: toStore, delivery: 'cvs', can: { ...done.can, store: true }, timeline: [...done.timeline, { what: 'store_closed', at: now }] }),
  'order-at-store': at({
    ...shipped, status: 'at_store', address: toStore, delivery: 'cvs', payments: [paid], invoice_state: invoice('none'),
    parcels: [{ id: 'pcl_1', state: 'at_store', carrier: 'ecpay', tracking: null, tracking_url: null, changed_at: now, shipment: { state: 'made', payment_no: 'C87654321', text: null, at: now } }],
    timeline: [...shipped.timeline, { what: 'at_store', at: now + 3_600_000 }, { what: 'invoice_issued', at: now + 3_700_000 }],
  }),
};
