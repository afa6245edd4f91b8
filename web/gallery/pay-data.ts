import type { Order } from '../src/api/buy.ts';
import type { Payment, PayMethod } from '../src/api/pay.ts';
import type { Money } from '../src/api/sale.ts';
import { now } from './data.ts';
import { ntd, order } from './shop-data.ts';

const minute = 60_000;
const thb = (amount: number): Money => ({ amount, currency: 'THB' });

const way = (id: string, kind: PayMethod['kind'], minutes: number | null, more: Partial<PayMethod> = {}): PayMethod => ({
  id, kind, provider: id.split('_')[0] ?? '', available: true, reason: null, min: null, max: null, minutes, manual_refund: false, ...more,
});

export const waysTw: PayMethod[] = [
  way('ecpay_card', 'card', 15), way('ecpay_installment', 'card', 15, { available: false, reason: 'under_limit', min: ntd(3000) }),
  way('ecpay_applepay', 'card', 15, { available: false, reason: 'off' }), way('ecpay_atm', 'code', 1440),
  way('ecpay_cvs', 'code', 1440, { available: false, reason: 'deal' }), way('ecpay_barcode', 'code', 1440), way('ecpay_webatm', 'redirect', 15),
  way('ecpay_twqr', 'redirect', 15, { available: false, reason: 'down' }), way('cod', 'cod', null, { available: false, reason: 'over_limit', max: ntd(1000) }),
];
export const waysTh: PayMethod[] = [
  way('omise_promptpay', 'qr', 15), way('omise_card', 'card', 15), way('omise_truemoney', 'redirect', 15), way('omise_mobile_kbank', 'redirect', 15),
  way('omise_mobile_scb', 'redirect', 15), way('omise_shopeepay', 'redirect', 15), way('omise_linepay', 'redirect', 15), way('cod', 'cod', null),
];

export const payment = (more: Partial<Payment>): Payment => ({
  id: 'pay_1', order: order.no, provider: 'ecpay', method: 'ecpay_card', kind: 'card', state: 'pending', amount: order.total, refunded: ntd(0), created_at: now - minute,
  started_at: now - minute, paid_at: null, expires_at: now + 14 * minute, fail_code: null, simulated: false, counts: false, details: {}, ...more,
});

const code = (method: string, details: Payment['details'], more: Partial<Payment> = {}): Payment =>
  payment({ method, kind: 'code', details: { ...details, expires_at: now + 1439 * minute }, expires_at: now + 1439 * minute, ...more });
export const atm = code('ecpay_atm', { bank_code: '822', account: '9103522177881234' });
export const cvs = code('ecpay_cvs', { code: 'GW261122123456' });
export const barcode = code('ecpay_barcode', { barcodes: ['031122ABC', '0123456789012345', '112312000001460'] });
export const over: Payment = { ...atm, state: 'expired', expires_at: now - minute, details: { ...atm.details, expires_at: now - minute } };

export const unpaid: Order = {
  ...order, state: 'awaiting_payment', status: 'awaiting_payment', pay_method: 'ecpay_card', pay_until: now + 14 * minute, pay_methods: waysTw, payments: [],
  timeline: [{ what: 'ordered', at: now }], can: { ...order.can, pay: true },
};
export const unpaidTh: Order = {
  ...unpaid, market: 'TH', currency: 'THB', shop: { ...unpaid.shop, name: 'แม่แอนผ้าทอ' }, total: thb(111_500), pay_method: 'omise_promptpay', pay_methods: waysTh, invoice: null,
};

/** A picture with the look of a QR; what it says is nothing. */
function squares(): string {
  let d = '';
  let seed = 7;
  const n = 41;
  const corner = (x: number, y: number): boolean => (x < 8 && y < 8) || (x > n - 9 && y < 8) || (x < 8 && y > n - 9);
  for (let y = 0; y < n; y += 1) {
    for (let x = 0; x < n; x += 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      if (seed % 2 === 0 && !corner(x, y)) d += `M${x} ${y}h1v1h-1z`;
    }
  }
  for (const [x, y] of [[0, 0], [n - 7, 0], [0, n - 7]]) d += `M${x} ${y}h7v7h-7zm1 1v5h5v-5zm1 1h3v3h-3z`;
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 49 49"><path fill="#fff" d="M-4-4h49v49h-49z"/><path fill-rule="evenodd" d="${d}"/></svg>`)}`;
}
export const qr = payment({
  provider: 'omise', method: 'omise_promptpay', kind: 'qr', amount: thb(111_500), refunded: thb(0), details: { qr: squares(), expires_at: now + 14 * minute + 32_000 },
});
