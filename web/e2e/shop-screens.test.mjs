// Every screen of buying in five languages, on a phone and on a desk: axe, fingers, a small phone, no
// string missing or cut; and a picture of each for people to look at.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { audit, smallTargets, stillness } from './audit.mjs';
import { key, list, makeGoods } from './shop-kit.mjs';
import { inEveryTongue, openCatalogues } from './tongues.mjs';
import { desk, journey, phone, shotFolder } from './world.mjs';

/** What sellers wrote here in Latin letters. */
const theirs = ['Old Street canvas bag', 'Wave mug', 'Mountain oolong', 'Under the lanterns', 'black|white', 'Terms of sale and use', '^Privacy$'];

journey('every screen of buying', async (w, part) => {
  let show, goods, listed, cast;
  const slug = () => w.staff.call('GET', '/sessions/current').then((s) => s.staff[0].shop.slug);

  const api = (page, method, path, body) =>
    page.evaluate(async ([m, p, b, idem]) => {
      const { csrf } = await fetch('/api/v1/sessions/current').then((r) => r.json());
      const res = await fetch(`/api/v1${p}`, {
        method: m, headers: { 'content-type': 'application/json', 'x-csrf-token': csrf, 'idempotency-key': idem }, body: JSON.stringify(b),
      });
      if (!res.ok) throw new Error(`${m} ${p}: ${res.status} ${await res.text()}`);
      return res.json();
    }, [method, path, body, key()]);

  async function ordered(page, shop) {
    await api(page, 'POST', `/listings/${listed.A12.id}/claims`, { variant_id: goods.bag.variants[0].id, qty: 1 });
    const q = await api(page, 'POST', '/cart/quote', { shop, market: 'TW' });
    const o = await api(page, 'POST', '/orders', {
      cart: q.cart, quote_hash: q.quote_hash, delivery: q.delivery, pay_method: q.pay_method, invoice: { kind: 'member' },
      address: { kind: 'home', name: '陳怡君', phone: '0912345678', postcode: '106', city: '台北市', district: '大安區', line: '永康街 14 號' },
      consents: { terms: true, privacy: true, withdrawal_notice: true, exempt: [], marketing: false },
    });
    return `/o/${o.no}?s=${o.secret}`;
  }

  /** A third of the screens in one size, as a visitor with something in the cart, something waited for, and an order. */
  async function lookThrough(size, options, third) {
    const shop = await slug();
    const page = await w.visit(`/s/${show}`, { ...options, serviceWorkers: 'block' });
    await openCatalogues(page.context());
    await page.getByTestId('pinned-card').waitFor({ timeout: 15_000 });
    const order = await ordered(page, shop);
    await api(page, 'POST', `/listings/${listed.A13.id}/claims`, { qty: 1 });
    await api(page, 'POST', `/listings/${listed.A12.id}/claims`, { variant_id: goods.bag.variants[1].id, qty: 1 });
    const screens = [
      { main: true, name: 'room-sells', path: `/s/${show}`, ready: 'pinned-card', desk: true },
      { name: 'room-tray', path: `/s/${show}`, press: ['tray-button'], ready: 'tray-sheet' },
      { name: 'room-sheet', path: `/s/${show}`, press: ['pinned-open'], ready: 'product-sheet', desk: true },
      { name: 'room-choose', path: `/s/${show}`, press: ['pinned-open', 'add'], ready: 'missing' },
      { name: 'room-claimed', path: `/s/${show}`, press: ['claim', 'option', 'option@M', 'add'], ready: 'receipt', desk: true },
      { name: 'cart', path: `/cart?shop=${shop}`, ready: 'cart-line', desk: true },
      { main: true, name: 'checkout', path: `/checkout?shop=${shop}`, ready: 'place', desk: true },
      { name: 'checkout-faults', path: `/checkout?shop=${shop}`, press: ['inv-mobile', 'place'], ready: 'place' },
      { name: 'order', path: order, ready: 'order-no', desk: true },
      { name: 'me', path: '/me', ready: 'order-row' },
      { main: true, name: 'product', path: `/p/${goods.bag.id}`, ready: 'add', desk: true },
      { name: 'shop', path: `/shop/${shop}`, ready: 'product-card' },
      { name: 'home', path: '/', ready: 'product-card', desk: true },
      { name: 'signup', path: '/signin?next=/me', press: ['to-up'], ready: 'signup' },
      { name: 'terms', path: '/legal/terms', ready: 'legal' },
      { name: 'privacy', path: '/legal/privacy', ready: 'legal' },
    ];
    const faults = [];
    for (const s of screens.filter((x) => options === phone || x.desk).filter((_, i) => i % 3 === third)) {
      await page.goto(`${w.base}${s.path}${s.path.includes('?') ? '&' : '?'}lang=zh-TW`);
      for (const id of s.press ?? []) {
        const [what, value] = id.split('@');
        await page.locator(`[data-testid="${what}"]${value ? `[data-value="${value}"]` : ''}`).first().click();
      }
      await page.getByTestId(s.ready).first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      await page.evaluate(stillness);
      const found = await audit(page);
      found.push(...(await inEveryTongue(page, {
        theirs, narrow: options === phone, ...(options === desk ? { only: ['zh-TW', 'th'] } : {}), // a desk has room: the longest there will do
        shot: (lang) => (options === phone || lang === 'zh-TW' ? join(shotFolder(), `shop-${s.name}.${lang}.${size}.png`) : null),
        also: async (lang) => [
          ...(s.main && options === phone && lang !== 'zh-TW' ? await audit(page) : []),
          ...(options === phone && (lang === 'th' || lang === 'zh-TW') ? (await smallTargets(page)).map((x) => `small target ${x}`) : []),
        ],
      })));
      faults.push(...found.map((f) => `${s.name} ${f}`));
    }
    faults.push(...page.errors);
    await page.context().close();
    return faults;
  }

  await part('a show that sells', async () => {
    goods = await makeGoods(w);
    show = (await w.makeShow()).id;
    listed = await list(w, show, { A12: goods.bag, A13: goods.mug, A14: goods.tea });
    cast = await w.onAir(show, { fps: 15, bitrate: 300 });
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A13.id });
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A12.id });
  });

  for (const [size, options] of Object.entries({ '390x844': phone, '1280x800': desk }))
    for (const third of [0, 1, 2])
      await part(`screens at ${size}, ${third + 1} of 3`, async () => assert.deepEqual([...new Set(await lookThrough(size, options, third))], []));

  await part('the show goes off the air', () => cast.stop());
});
