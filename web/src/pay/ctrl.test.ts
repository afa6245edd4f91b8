import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guest } from '../../gallery/data.ts';
import { atm, payment, qr, unpaid, unpaidTh } from '../../gallery/pay-data.ts';
import type { Order } from '../api/buy.ts';
import { session } from '../api/http.ts';
import type { Next, Payment } from '../api/pay.ts';
import { serverNow } from '../ui/clock.ts';
import { PayCtrl } from './ctrl.ts';

const line = 'Mozilla/5.0 (iPhone) Line/15.1.0';
const sent: { key: string | undefined; body: unknown }[] = [];
let order: Order;
let start: () => Response | Promise<Response>;
let found: Partial<Payment> & { order_state: string };
let ctrl: PayCtrl | null = null;

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const began = (p: Payment, next: Next) => () => json({ payment: p, next });
const soon = (ms: number): number => serverNow() + ms;
const openQr = (): Payment => ({ ...qr, created_at: serverNow(), expires_at: soon(900_000), details: { qr: 'data:image/svg+xml,x', expires_at: soon(900_000) } });

async function page(go: string | null = null, agent = 'Chrome'): Promise<PayCtrl> {
  ctrl = new PayCtrl(order.no, 'aaaa', go, agent);
  ctrl.open();
  await vi.advanceTimersByTimeAsync(0);
  return ctrl;
}

beforeEach(() => {
  vi.useFakeTimers();
  session.value = guest;
  sent.length = 0;
  order = unpaid;
  found = { ...payment({}), order_state: 'awaiting_payment' };
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    if (init.method === 'POST') {
      sent.push({ key: (init.headers as Record<string, string>)['Idempotency-Key'], body: JSON.parse(String(init.body)) });
      return Promise.resolve(start());
    }
    return Promise.resolve(json(url.includes('/payments/') ? found : order));
  });
});
afterEach(() => {
  ctrl?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('paying', () => {
  it('begins by itself after checkout, and goes to the gateway', async () => {
    const next: Next = { kind: 'form', action: 'https://gate.example/', fields: { MerchantTradeNo: 'x' } };
    start = began(payment({}), next);
    const c = await page('ecpay_card');
    expect(c.step.value).toEqual({ is: 'away', next });
    expect(sent[0]?.body).toEqual({ method: 'ecpay_card', platform: 'WEB' });
  });

  it('shows a picture, and turns when the money is there without a touch', async () => {
    order = unpaidTh;
    const p = openQr();
    start = began(p, { kind: 'qr', image: 'data:image/svg+xml,x', expires_at: soon(900_000) });
    const c = await page('omise_promptpay');
    expect(c.step.value.is).toBe('show');
    found = { ...p, order_state: 'awaiting_payment' };
    await vi.advanceTimersByTimeAsync(2000);
    expect(c.step.value.is).toBe('show');
    found = { ...p, state: 'paid', counts: true, order_state: 'confirmed' };
    await vi.advanceTimersByTimeAsync(2000);
    expect(c.step.value.is).toBe('settled');
  });

  it('turns from the choice of another way, too, when the first one is paid', async () => {
    order = unpaidTh;
    const p = openQr();
    start = began(p, { kind: 'qr', image: 'data:image/svg+xml,x', expires_at: p.expires_at ?? 0 });
    const c = await page('omise_promptpay');
    c.choose();
    found = { ...p, state: 'paid', counts: true, order_state: 'confirmed' };
    await vi.advanceTimersByTimeAsync(10_000);
    expect(c.step.value.is).toBe('settled');
  });

  it('goes on looking after a lost connection, and says that it is blind', async () => {
    order = { ...unpaidTh, payments: [openQr()] };
    const c = await page();
    const good = globalThis.fetch;
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    await vi.advanceTimersByTimeAsync(2000);
    expect(c.blind.value).toBe(true);
    vi.stubGlobal('fetch', good);
    found = { ...openQr(), state: 'paid', counts: true, order_state: 'confirmed' };
    await vi.advanceTimersByTimeAsync(4000);
    expect([c.blind.value, c.step.value.is]).toEqual([false, 'settled']);
  });

  it('resumes where it was left: a code that is still good', async () => {
    const good: Payment = { ...atm, expires_at: soon(3_600_000), details: { ...atm.details, expires_at: soon(3_600_000) } };
    order = { ...unpaid, payments: [good] };
    const c = await page();
    expect([c.step.value.is, c.expired.value, sent]).toEqual(['show', false, []]);
  });

  it('offers a new picture when one has ended, and still honours the old one', async () => {
    const old = { ...openQr(), details: { qr: 'data:,', expires_at: soon(-1000) } };
    order = { ...unpaidTh, payments: [old] };
    const c = await page();
    expect(c.expired.value).toBe(true);
    found = { ...old, state: 'paid', counts: true, order_state: 'confirmed' };
    await vi.advanceTimersByTimeAsync(2000);
    expect(c.step.value.is).toBe('settled');
  });
});

describe('when paying goes wrong', () => {
  it('asks for the same try again when the answer was lost', async () => {
    start = () => Promise.reject(new TypeError('lost'));
    const c = await page('ecpay_card');
    expect(c.trouble.value).toEqual({ is: 'lost' });
    start = began(payment({}), { kind: 'redirect', url: 'https://gate.example/' });
    await c.begin('ecpay_card');
    expect(sent[0]?.key).toBe(sent[1]?.key);
    expect(c.step.value.is).toBe('away');
  });

  it('takes a new key for a new try', async () => {
    start = began(payment({ state: 'failed', fail_code: 'no_funds' }), { kind: 'wait' });
    const c = await page('ecpay_card');
    expect([c.step.value.is, c.trouble.value]).toEqual(['choose', { is: 'failed', code: 'no_funds' }]);
    await c.begin('ecpay_card');
    expect(sent[0]?.key).not.toBe(sent[1]?.key);
  });

  it('says how long a gateway that is down is left alone', async () => {
    start = () => json({ code: 'pay_down', retry_after: 30 }, 503);
    const c = await page('ecpay_card');
    const t = c.trouble.value;
    expect(t?.is === 'down' && Math.round((t.until - serverNow()) / 1000)).toBe(30);
  });

  it('sends to the order when there is nothing to pay any more', async () => {
    start = () => json({ code: 'invalid_transition' }, 409);
    const c = await page();
    order = { ...unpaid, can: { ...unpaid.can, pay: false } };
    await c.begin('ecpay_card');
    await vi.advanceTimersByTimeAsync(0);
    expect(c.step.value.is).toBe('settled');
  });

  it('tells who comes back that nothing is known yet, and hears of it later', async () => {
    order = { ...unpaid, payments: [payment({})] };
    const c = await page();
    expect([c.step.value.is, c.trouble.value]).toEqual(['choose', { is: 'back' }]);
    found = { ...payment({ state: 'paid', counts: true }), order_state: 'confirmed' };
    await vi.advanceTimersByTimeAsync(2000);
    expect(c.step.value.is).toBe('settled');
  });

  it('goes on when a gateway that was silent has answered after all', async () => {
    order = unpaidTh;
    start = began(payment({ kind: 'redirect', method: 'omise_truemoney' }), { kind: 'wait' });
    const c = await page('omise_truemoney');
    expect(c.step.value.is).toBe('wait');
    found = { ...payment({ kind: 'redirect', method: 'omise_truemoney', details: { url: 'https://bank.example/' } }), order_state: 'awaiting_payment' };
    await vi.advanceTimersByTimeAsync(2000);
    expect(c.step.value).toEqual({ is: 'away', next: { kind: 'redirect', url: 'https://bank.example/' } });
  });

  it('waits for a bank for a minute before it says that it is slow', async () => {
    start = began(payment({}), { kind: 'wait' });
    const c = await page('ecpay_card');
    expect([c.step.value.is, c.overdue.value]).toEqual(['wait', false]);
    c.since.value -= 61_000;
    expect(c.overdue.value).toBe(true);
  });
});

describe('inside another app', () => {
  it('advises to leave it before anything is begun, and can be told to stay', async () => {
    start = began(payment({}), { kind: 'redirect', url: 'https://gate.example/' });
    const c = await page('ecpay_card', line);
    expect([c.step.value.is, sent]).toEqual(['inapp', []]);
    await c.stay('ecpay_card');
    expect(c.step.value.is).toBe('away');
  });

  it('has nothing to say where the page is not left', async () => {
    order = unpaidTh;
    start = began(openQr(), { kind: 'qr', image: 'data:,', expires_at: soon(900_000) });
    expect((await page('omise_promptpay', line)).step.value.is).toBe('show');
  });
});
