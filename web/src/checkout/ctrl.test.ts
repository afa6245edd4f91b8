import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guest } from '../../gallery/data.ts';
import { waysTw } from '../../gallery/pay-data.ts';
import { quote } from '../../gallery/shop-data.ts';
import { session } from '../api/http.ts';
import { rememberWay } from '../pay/ways.ts';
import { CheckoutCtrl } from './ctrl.ts';

const asked: Record<string, unknown>[] = [];
const answers = new Map<string, unknown>();

beforeEach(() => {
  session.value = guest;
  sessionStorage.clear();
  localStorage.clear();
  asked.length = 0;
  answers.clear();
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const path = url.replace('/api/v1', '').split('?')[0] ?? '';
    if (path === '/cart/quote') {
      const body = JSON.parse(String(init.body)) as Record<string, string>;
      asked.push(body);
      return Promise.resolve(new Response(JSON.stringify({ ...quote, addresses: [], pay_methods: waysTw, delivery: body['delivery'] ?? 'home', pay_method: body['pay_method'] ?? 'ecpay_card' })));
    }
    const got = answers.get(path);
    return Promise.resolve(new Response(JSON.stringify(got ?? { code: 'not_found' }), { status: got ? 200 : 404 }));
  });
});
afterEach(() => vi.unstubAllGlobals());

const fresh = (): CheckoutCtrl => new CheckoutCtrl({ shop: 'xiaomei', market: 'TW' });
const store = { chain: 'family', store_id: '017263', store_name: '永康店', store_address: '台北市永康街 1 號' };

describe('a checkout that went to the map', () => {
  it('comes back as it was, with the store', async () => {
    const before = fresh();
    await before.ask();
    before.set({ name: '陳怡君', phone: '0912345678', exempt: [2], invoice: 'mobile', carrier: '/ABC1234', note: '謝謝' });
    await before.choose({ delivery: 'cvs', pay: 'ecpay_atm', coupon: 'cpn_1' });
    before.keepAll();
    answers.set('/cvs/picks/key', store);
    const after = fresh();
    await Promise.all([after.ask(), after.takePick('key')]);
    expect(after.form.value).toMatchObject({
      name: '陳怡君', phone: '0912345678', exempt: [2], invoice: 'mobile', carrier: '/ABC1234', note: '謝謝', coupon: 'cpn_1', pay: 'ecpay_atm', delivery: 'cvs', ...store,
    });
    expect([after.quote.value?.pay_method, after.storeTrouble.value]).toEqual(['ecpay_atm', null]);
  });

  it('says when the store did not come back, and keeps the rest', async () => {
    const before = fresh();
    before.set({ name: '陳怡君' });
    before.keepAll();
    const after = fresh();
    await after.takePick('lost');
    expect([after.storeTrouble.value, after.form.value.name, after.form.value.delivery]).toEqual(['lost', '陳怡君', 'cvs']);
  });

  it('has the store of the last time until another is chosen', () => {
    const c = fresh();
    c.takeLast(store);
    expect([c.form.value.store_id, c.storeIsLast.value]).toEqual(['017263', true]);
    c.takeLast({ ...store, store_id: '999999' });
    expect(c.form.value.store_id).toBe('017263');
  });
});

describe('the way that was used last', () => {
  it('is chosen at once where it can be had', async () => {
    rememberWay('TW', 'ecpay_atm');
    const c = fresh();
    await c.ask();
    await vi.waitFor(() => expect(c.quote.value?.pay_method).toBe('ecpay_atm'));
    expect(asked.at(-1)).toMatchObject({ pay_method: 'ecpay_atm' });
  });

  it('is forgotten where it cannot', async () => {
    rememberWay('TW', 'ecpay_cvs');
    const c = fresh();
    await c.ask();
    expect([c.form.value.pay, asked.length]).toEqual(['ecpay_card', 1]);
  });
});
