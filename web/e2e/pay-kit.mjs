// What the journeys of paying share: an order that waits for its money, the gateways' own pages, and
// what a QR code on a screen says.
import assert from 'node:assert/strict';
import jsQR from 'jsqr';
import { Person, until } from './world.mjs';
import { key } from './shop-kit.mjs';

const addresses = {
  TW: { kind: 'home', name: '陳怡君', phone: '0912345678', postcode: '106', city: '台北市', district: '大安區', line: '永康街 14 號' },
  TH: { kind: 'home', name: 'กัญญา ผู้ดี', phone: '0812345678', postcode: '10400', city: 'กรุงเทพมหานคร', district: 'พญาไท', subdistrict: 'สามเสนใน', line: '88/12 ซ.อารีย์ 4' },
};
const consents = { terms: true, privacy: true, withdrawal_notice: true, exempt: [], marketing: false };

/** An order that waits for its money, made by a guest over the API. */
export async function orderOf(w, slug, variant, { market = 'TW', method = 'ecpay_card', qty = 1 } = {}) {
  const who = new Person(w.base);
  await who.come('林美');
  await who.call('PATCH', '/me', { market }).catch(() => undefined);
  await who.call('POST', '/cart/lines', { variant_id: variant, qty, market }, { 'idempotency-key': key() });
  const q = await who.call('POST', '/cart/quote', { shop: slug, market, delivery: 'home', pay_method: method });
  const order = await who.call('POST', '/orders', {
    cart: q.cart, quote_hash: q.quote_hash, delivery: 'home', pay_method: method, address: addresses[market], consents,
    invoice: market === 'TW' ? { kind: 'member' } : null,
  }, { 'idempotency-key': key() });
  assert.equal(order.state, 'awaiting_payment');
  return { who, no: order.no, secret: order.secret, total: order.total };
}

export const readOrder = (o) => o.who.call('GET', `/orders/${o.no}`);

export const inState = (o, state, ms = 6000) => until(`the order is ${state}`, ms, async () => (await readOrder(o)).state === state, 100);

export const payUrl = (o, way) => `/pay/${o.no}?s=${o.secret}${way ? `&go=${way}` : ''}`;
export const orderUrl = (o) => `/o/${o.no}?s=${o.secret}`;

/** Starts a payment over the API, as a page does. */
export const startPayment = (o, method, more = {}) => o.who.call('POST', `/orders/${o.no}/payments`, { method, ...more }, { 'idempotency-key': key() });

/** At ECPay's card page: pays, through 3-D Secure where it is asked for; `how` is the last press. */
export async function payAtEcpay(page, how = 'sms') {
  await page.waitForURL('**/ecpay/**');
  await page.locator('button[name="do"][value="pay"]').click();
  await page.locator(`button[name="do"][value="${how}"]`).click();
}

/** What a QR code says, read from the picture as it is drawn on the screen. */
export async function readQr(page, locator) {
  const shot = await locator.screenshot();
  const { data, width, height } = await page.evaluate(async (base64) => {
    const img = new Image();
    img.src = `data:image/png;base64,${base64}`;
    await img.decode();
    const c = document.createElement('canvas');
    c.width = img.width;
    c.height = img.height;
    const g = c.getContext('2d');
    g.drawImage(img, 0, 0);
    return { data: [...g.getImageData(0, 0, c.width, c.height).data], width: c.width, height: c.height };
  }, shot.toString('base64'));
  const got = jsQR(new Uint8ClampedArray(data), width, height);
  assert.ok(got, 'the picture is no QR code');
  return got.data;
}

/** The fields of an EMVCo payload: tag to value. */
export function emv(text) {
  const out = {};
  for (let at = 0; at + 4 <= text.length;) {
    const n = Number(text.slice(at + 2, at + 4));
    out[text.slice(at, at + 2)] = text.slice(at + 4, at + 4 + n);
    at += 4 + n;
  }
  return out;
}

/** ECPay takes no refunds from 20:15 to 20:30 in Taipei: what would be paid back waits. */
export function refundsAreShut() {
  const minutes = Math.floor(Date.now() / 60_000 + 8 * 60) % 1440;
  return minutes >= 20 * 60 + 10 && minutes <= 20 * 60 + 31;
}
