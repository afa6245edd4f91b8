import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bag, claim, deal, earring, fullCart, mug } from '../../gallery/shop-data.ts';
import { session } from '../api/http.ts';
import type { RoomEvent, Session, Snapshot } from '../api/types.ts';
import { cart } from '../shop/cart.ts';
import { SaleCtrl, stubOf } from './sale.ts';

const guest: Session = { kind: 'guest', viewer: { id: 'viw_1', name: 'Fish', lang: 'en' }, staff: [], csrf: 'c' };
const nobody: Session = { kind: 'anonymous', viewer: null, staff: [], csrf: 'c' };
const sent: { path: string; key: string | undefined; body: unknown }[] = [];
let answers: Record<string, () => Response>;
let asked: string[];

const json = (status: number, body: unknown) => () => new Response(JSON.stringify(body), { status });
const event = (type: string, data: unknown): RoomEvent => ({ seq: 1, type, at: 1, data }) as RoomEvent;

function room(): SaleCtrl {
  const sale = new SaleCtrl({
    show: 'shw_1', shop: () => 'xiaomei', needName: () => asked.push('name'), needLogin: () => asked.push('login'), tick: () => asked.push('tick'),
  });
  sale.snapshot({
    listings: [bag, mug, earring], pinned: { listing_id: 'lst_mug', code: 'A13', segment_start: 0 }, sale: { claim_rule: 'guest', hold_s: 600, cancel_ok: true },
    me: { name: null, role: null, sanction: null, cart: { count: 2, held_until: 5, offers: 0 } },
  } as unknown as Snapshot);
  return sale;
}

beforeEach(() => {
  session.value = guest;
  cart.value = null;
  sent.length = 0;
  answers = {};
  asked = [];
  vi.useFakeTimers();
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const path = url.replace('/api/v1', '');
    if (init.method !== 'GET') sent.push({ path, key: (init.headers as Record<string, string>)['Idempotency-Key'], body: JSON.parse(String(init.body ?? 'null')) });
    return Promise.resolve(answers[`${init.method} ${path.split('?')[0]}`]?.() ?? new Response('{}', { status: 500 }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what a room sells', () => {
  it('comes with the snapshot and follows the events', () => {
    const sale = room();
    expect([sale.pinned.value?.code, sale.count.value]).toEqual(['A13', 2]);
    sale.take(event('stock.changed', { variant_id: 'var_mug', left: 0 }));
    expect(stubOf(sale.find('lst_mug') ?? mug)).toBe('wait');
    sale.take(event('price.changed', { listing_id: 'lst_mug', variant_id: 'var_mug', prices: { TW: { amount: 300, currency: 'TWD' } } }));
    expect(sale.find('lst_mug')?.variants[0]?.prices.TW?.amount).toBe(300);
    sale.take(event('claim.window', { listing_id: 'lst_bag', open: false, per_buyer_max: 5, hold_s: 600 }));
    expect(stubOf(sale.find('lst_bag') ?? bag)).toBe('closed');
    sale.take(event('listing.order', { ids: ['lst_ear', 'lst_mug', 'lst_bag'] }));
    expect(sale.listings.value.map((l) => l.code)).toEqual(['A09', 'A13', 'A12']);
    sale.take(event('listing.removed', { id: 'lst_ear' }));
    expect(sale.listings.value).toHaveLength(2);
    sale.close();
  });

  it('walks through a deal: shut, open, all taken, over', () => {
    const sale = room();
    const stubs: string[] = [];
    for (const state of ['countdown', 'open', 'sold_out', 'closed'] as const) {
      const { id: deal_id, ...d } = deal({ state });
      sale.take(event(state === 'sold_out' ? 'deal.progress' : `deal.${state}`, { deal_id, ...d }));
      stubs.push(stubOf(sale.find('lst_mug') ?? mug));
    }
    expect(stubs).toEqual(['soon', 'claim', 'wait', 'claim']);
    expect(sale.find('lst_mug')?.deal).toBeNull();
    sale.close();
  });

  it('keeps the new pin when the old one is said to be gone after it', () => {
    const sale = room();
    sale.pin('lst_bag');
    sale.unpin('lst_mug');
    expect(sale.pinned.value?.code).toBe('A12');
    sale.unpin('lst_bag');
    expect(sale.pinned.value).toBeNull();
    sale.close();
  });

  it('reminds who asked for it when the listing is shown', () => {
    const sale = room();
    sale.remind(bag, true);
    sale.pin('lst_bag');
    expect(sale.notice.value).toMatchObject({ is: 'shown' });
    sale.close();
  });
});

describe('claiming', () => {
  it('takes one tap where there is nothing to choose', async () => {
    answers['POST /listings/lst_mug/claims'] = json(201, claim({ listing_id: 'lst_mug', code: 'A13' }));
    const sale = room();
    sale.tap(mug);
    await vi.waitFor(() => expect(sale.notice.value).toMatchObject({ is: 'claim', claim: { code: 'A13' } }));
    expect(sent[0]).toMatchObject({ path: '/listings/lst_mug/claims', body: { variant_id: 'var_mug', qty: 1 } });
    expect(sent[0]?.key).toMatch(/^[0-9a-f]{32}$/);
    sale.tap(bag);
    expect(sale.opened.value?.code).toBe('A12');
    sale.close();
  });

  it('says the same claim once, whether it comes as answer or as event, and again when it changes', async () => {
    answers['POST /listings/lst_mug/claims'] = json(201, claim({}));
    const sale = room();
    await sale.claim(mug, 'var_mug', 1);
    sale.hush();
    sale.take(event('claim.result', claim({})));
    expect(sale.notice.value).toBeNull();
    sale.take(event('claim.result', claim({ state: 'expired' })));
    expect(sale.notice.value).toMatchObject({ is: 'expired', code: 'A12' });
    sale.close();
  });

  it('asks for a name or an account first where one is needed', async () => {
    answers['POST /listings/lst_mug/claims'] = json(401, { code: 'need_login' });
    const sale = room();
    session.value = nobody;
    await sale.claim(mug, 'var_mug', 1);
    session.value = guest;
    await sale.claim(mug, 'var_mug', 1);
    expect(asked).toEqual(['name', 'login']);
    sale.close();
  });

  it('tries a claim that nobody answered as the same claim, and one that was refused as another', async () => {
    const sale = room();
    for (const status of [502, 409, 409]) {
      answers['POST /listings/lst_mug/claims'] = json(status, { code: status === 502 ? 'upstream' : 'closed' });
      await sale.claim(mug, 'var_mug', 1);
    }
    expect(sent[1]?.key).toBe(sent[0]?.key);
    expect(sent[2]?.key).not.toBe(sent[1]?.key);
    sale.close();
  });

  it.each([['closed', { opens_at: 9 }], ['limit', {}], ['sold_out', {}]])('says why nothing was taken: %s', async (code, more) => {
    answers['POST /listings/lst_mug/claims'] = json(409, { code, ...more });
    const sale = room();
    expect(await sale.claim(mug, 'var_mug', 1)).toBe(false);
    expect(sale.notice.value).toMatchObject({ is: 'refused', reason: code, code: 'A13' });
    sale.close();
  });

  it('opens the sheet for a typed claim that leaves the choice open', () => {
    const sale = room();
    sale.take(event('claim.result', { id: null, listing_id: 'lst_bag', code: 'A12', asked: 2, state: 'rejected', reason: 'need_option' }));
    expect([sale.opened.value?.code, sale.typed.value, sale.notice.value]).toEqual(['A12', { code: 'A12', qty: 2 }, null]);
    sale.close();
  });

  it.each([['A99+1', 'A99'], ['ａ９９ ＋２', 'A99'], ['A12+1', null], ['A99 is nice', null], ['hello', null]])('answers an order for what is not here: %s', (text, code) => {
    const sale = room();
    sale.saidInChat(text);
    expect(sale.notice.value).toEqual(code && { is: 'refused', reason: 'unknown_code', code });
    sale.close();
  });

  it('can be undone', async () => {
    answers['DELETE /claims/clm_1'] = json(200, claim({ state: 'cancelled', given: 0 }));
    const sale = room();
    await sale.undo(claim({}));
    expect(sale.notice.value).toMatchObject({ is: 'claim', claim: { state: 'cancelled' } });
    sale.close();
  });
});

describe('the cart of the room', () => {
  it('is looked at once for a wave of events', async () => {
    let looks = 0;
    answers['GET /cart'] = () => {
      looks += 1;
      return json(200, fullCart)();
    };
    const sale = room();
    for (let i = 0; i < 5; i += 1) sale.take(event('cart.changed', { reason: 'changed', line_id: 'cln_1', variant_id: 'var_1', listing_id: null, qty: 1 }));
    await vi.advanceTimersByTimeAsync(400);
    expect([looks, sale.count.value, sale.until.value]).toEqual([1, fullCart.count, fullCart.held_until]);
    sale.close();
  });

  it('tells of an offer, and takes it', async () => {
    answers['POST /waitlist/wai_1/accept'] = json(200, { line_id: 'cln_9', asked: 1, qty: 1, short: null, hold_until: 1, cart: fullCart });
    const sale = room();
    sale.take(event('waitlist.offer', { waiting_id: 'wai_1', listing_id: 'lst_ear', variant_id: 'var_ear', qty: 1, until: 9 }));
    expect(sale.notice.value).toMatchObject({ is: 'offer', listing: { code: 'A09' } });
    expect(await sale.accept('wai_1')).toBe(true);
    expect([sale.notice.value, cart.value?.count]).toEqual([null, fullCart.count]);
    sale.close();
  });
});
