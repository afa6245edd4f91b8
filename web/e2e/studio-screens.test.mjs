// Every screen a seller works with, on a desk and on a phone, in five languages: axe, fingers, nothing
// cut or over the side, no string missing; and a picture of each for people to look at.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { audit, smallTargets, stillness } from './audit.mjs';
import { Person, desk, journey, phone, shotFolder, until } from './world.mjs';
import { claimAs, key, list, makeGoods, newcomers } from './shop-kit.mjs';
import { inState, orderOf, startPayment } from './pay-kit.mjs';
import { inEveryTongue, openCatalogues } from './tongues.mjs';

/** What people wrote here in Latin letters. */
const theirs = ['Old Street canvas bag', 'Wave mug', 'Mountain oolong', 'Under the lanterns', 'black|white', 'owner@e2e\\.test', 'AI2', 'charge (?:create|complete)', 'paid'];

const looks = [
  { lang: 'zh-TW', name: '1280', options: desk },
  { lang: 'th', name: '390', options: { ...phone, locale: 'th-TH' } },
];
const address = { kind: 'home', name: '陳怡君', phone: '0912345678', postcode: '106', city: '台北市', district: '大安區', line: '永康街 14 號' };
const consents = { terms: true, privacy: true, withdrawal_notice: true, exempt: [], marketing: false };

journey('every screen of the studio', async (w, part) => {
  const world = {};

  async function order(buyer, slug) {
    const q = await buyer.call('POST', '/cart/quote', { shop: slug, market: 'TW' });
    return buyer.call('POST', '/orders', {
      cart: q.cart, quote_hash: q.quote_hash, delivery: q.delivery, pay_method: q.pay_method, invoice: { kind: 'member' }, address, consents,
    }, { 'idempotency-key': key() });
  }

  await part('a shop at work', async () => {
    const slug = (await w.staff.call('GET', '/sessions/current')).staff[0].shop.slug;
    const goods = await makeGoods(w);
    const cloth = await w.staff.call('POST', '/products', {
      title: { 'zh-TW': '手織格紋羊毛圍巾加長加厚禮盒版', th: 'ผ้าพันคอขนสัตว์ทอมือลายตารางรุ่นยาวพิเศษพร้อมกล่องของขวัญ' }, price: { TW: 12_800 }, quantity: 36, media: [],
    });
    await w.staff.call('POST', '/coupons', { code: 'LIVE100', market: 'TW', kind: 'amount', value: 100, quota: 50, ends_at: Date.now() + 3_600_000 });
    await w.staff.call('POST', '/coupons', { code: 'NOPAISONG', market: 'TH', kind: 'percent', value: 1500, quota: 5, ends_at: Date.now() + 86_400_000 });
    const ready = (await w.makeShow()).id;
    await list(w, ready, { B1: goods.bag, B2: goods.mug, B3: cloth });
    const live = (await w.makeShow({ starts_at: Date.now() + 60_000 })).id;
    const listed = await list(w, live, { A12: goods.bag, A13: goods.mug, A14: goods.tea, A15: cloth });
    world.cast = await w.onAir(live, { size: '180x320', fps: 10, bitrate: 200 });
    const [ming, pim] = await newcomers(w, 2, 'สมหญิง ใจดี');
    await w.staff.call('PUT', `/shows/${live}/pin`, { listing_id: listed.A14.id });
    await claimAs(ming, listed.A14.id, { qty: 1 });
    await w.staff.call('PUT', `/shows/${live}/pin`, { listing_id: listed.A12.id });
    await claimAs(ming, listed.A12.id, { variant_id: goods.bag.variants[0].id, qty: 2 });
    world.order = await order(ming, slug);
    await claimAs(pim, listed.A12.id, { variant_id: goods.bag.variants[1].id, qty: 1 });
    await pim.say(live, 'A12 +1 要黑的');
    await pim.say(live, 'ส่งไทยได้ไหมคะ กระเป๋าใบนี้ซักเครื่องได้หรือเปล่า');
    await ming.say(live, 'AI2+1');
    await w.staff.call('PUT', `/shows/${live}/pinned-message`, { text: '滿 1,500 免運' }).catch(() => undefined);
    Object.assign(world, { slug, goods, ready, live, listed });
  });

  await part('money that came, and money that goes back', async () => {
    for (const refunded of [false, true]) {
      const o = await orderOf(w, world.slug, world.goods.bag.variants[3].id, { market: 'TH', method: 'omise_promptpay' });
      await startPayment(o, 'omise_promptpay');
      const [p] = (await w.staff.call('GET', `/staff/payments?q=${o.no}`)).items;
      await w.gateway('POST', '/pay', { ref: p.our_ref, as: 'paid' });
      await inState(o, 'confirmed');
      if (refunded) await w.staff.call('POST', `/staff/orders/${o.no}/refunds`, { amount: { amount: 10_000, currency: 'THB' }, reason: '少一個吊牌', note: '' }, { 'idempotency-key': key() });
      world.payment = p.id;
    }
  });

  const screens = () => [
    { name: 'shows', path: '/studio', ready: 'show-row' },
    { name: 'new', path: '/studio/new', ready: 'cover-tw-bag' },
    { name: 'more', path: '/studio', press: ['nav-more'], ready: 'more-sheet', only: '390' },
    { name: 'products', path: '/studio/products', ready: 'product-row' },
    { name: 'import', path: '/studio/products', press: ['import-open'], ready: 'import-template' },
    { name: 'product', path: `/studio/products/${world.goods.bag.id}`, ready: 'variant-row' },
    { name: 'stock', path: `/studio/products/${world.goods.bag.id}`, press: ['v0-stock'], ready: 'moves' },
    { name: 'product-new', path: '/studio/products/new', press: ['option-add', 'product-save'], ready: 'product-save' },
    { name: 'setup', path: `/studio/shows/${world.ready}`, ready: 'run-order' },
    { name: 'setup-edit', path: `/studio/shows/${world.ready}`, press: ['edit-show'], ready: 'cover-tw-bag' },
    { name: 'console', path: `/studio/shows/${world.live}`, ready: 'review' },
    { name: 'console-run', path: `/studio/shows/${world.live}`, press: ['tab-run'], ready: 'run-row', only: '390' },
    { name: 'console-picture', path: `/studio/shows/${world.live}`, press: ['tab-picture'], ready: 'figures', only: '390' },
    { name: 'console-signal', path: `/studio/shows/${world.live}`, press: ['tab-signal'], ready: 'health', only: '390' },
    { name: 'console-rules', path: `/studio/shows/${world.live}`, press: ['tab-rules'], ready: 'rules', only: '390' },
    { name: 'deal', path: `/studio/shows/${world.live}`, press: ['deal-open'], ready: 'deal-start' },
    { name: 'gift', path: `/studio/shows/${world.live}`, press: ['gift-open'], ready: 'coupon-drop' },
    { name: 'announce', path: `/studio/shows/${world.live}`, press: ['announce'], ready: 'announce-save' },
    { name: 'assist', path: `/studio/shows/${world.live}`, press: ['tab-chat', 'mod-more', 'mod-assist'], ready: 'assist-listing' },
    { name: 'listing', path: `/studio/shows/${world.live}`, press: ['tab-run', 'listing-edit'], ready: 'listing-save' },
    { name: 'end', path: `/studio/shows/${world.live}`, press: ['tab-picture', 'end-show'], ready: 'end-confirm' },
    { name: 'orders', path: '/studio/orders', ready: 'order-row' },
    { name: 'order', path: `/studio/orders/${world.order.no}`, ready: 'order-total' },
    { name: 'order-cancel', path: `/studio/orders/${world.order.no}`, press: ['cancel-order'], ready: 'cancel-order-yes' },
    { name: 'packing', path: '/studio/packing', ready: 'pack-order' },
    { name: 'report', path: `/studio/shows/${world.live}/report`, ready: 'kpis' },
    { name: 'coupons', path: '/studio/coupons', ready: 'coupon-row' },
    { name: 'coupon-new', path: '/studio/coupons', press: ['coupon-new'], ready: 'coupon-save' },
    { name: 'money', path: '/studio/money', ready: 'payment-row' },
    { name: 'money-one', path: `/studio/money/payments/${world.payment}`, ready: 'refund-row' },
    { name: 'money-refunds', path: '/studio/money/refunds', ready: 'refund-row' },
    { name: 'money-done', path: '/studio/money/refunds', press: ['refund-done'], ready: 'done-save' },
    { name: 'money-orphans', path: '/studio/money/orphans', ready: 'empty' },
    { name: 'money-ledger', path: '/studio/money/ledger', ready: 'movement' },
    { name: 'money-settings', path: '/studio/money/settings', ready: 'gateway' },
    { name: 'money-limits', path: '/studio/money/settings', press: ['method-limits'], ready: 'method-max' },
    { name: 'markets', path: '/studio/settings', ready: 'market-TW' },
    { name: 'staff', path: '/studio/settings', press: ['set-staff'], ready: 'staff-row' },
    { name: 'audit', path: '/studio/settings', press: ['set-audit'], ready: 'audit-row' },
  ];

  /** A third of the screens, in one size: axe in one language, words in all; a desk has room for the others where the longest fits. */
  async function lookThrough({ lang, name, options }, third) {
    const page = await w.visitAsOwner(`/studio?lang=${lang}`, { ...options, serviceWorkers: 'block' });
    await openCatalogues(page.context());
    const faults = [];
    let at = null;
    for (const s of screens().filter((x) => (x.only ?? name) === name).filter((_, i, all) => Math.floor((i * 3) / all.length) === third)) {
      try {
        if (s.path === at) await page.keyboard.press('Escape');
        else await page.goto(w.base + s.path);
        at = s.path;
        for (const id of (s.press ?? []).filter((x) => name === '390' || !x.startsWith('tab-'))) await page.getByTestId(id).first().click({ timeout: 4000 });
        await page.getByTestId(s.ready).first().waitFor({ timeout: 6000 });
      } catch (e) {
        faults.push(`${s.name}: ${e.message.split('\n')[0]}`);
        continue;
      } finally {
        await page.evaluate(() => document.fonts.ready);
        await page.evaluate(stillness);
      }
      const found = await audit(page);
      found.push(...(await inEveryTongue(page, {
        theirs, narrow: false, home: lang, ...(name === '390' ? {} : { only: [lang] }),
        shot: (l) => (name === '390' || l === lang ? join(shotFolder(), `studio-${s.name}.${l}.${name}.png`) : null),
        also: async (l) => (l === lang ? (await smallTargets(page)).map((x) => `small target ${x}`) : []),
      })));
      faults.push(...found.map((f) => `${s.name} ${f}`));
    }
    assert.deepEqual(page.errors, []);
    assert.deepEqual(faults, []);
    await page.context().close();
  }

  for (const look of looks)
    for (const third of [0, 1, 2]) await part(`screens at ${look.name}, ${third + 1} of 3`, () => lookThrough(look, third));

  await part('a cover of its own', async () => {
    const page = await w.visitAsOwner('/studio/new', desk);
    await page.getByTestId('show-title-zh').fill('自己的封面');
    await page.getByTestId('cover-upload').locator('input').setInputFiles(join(import.meta.dirname, '../public/img/tw-bag.jpg'));
    await page.getByTestId('cover-own').waitFor({ state: 'attached' });
    assert.ok(await page.getByTestId('cover-own').isChecked());
    await page.getByTestId('save').click();
    await page.waitForURL('**/studio/shows/shw_*');
    const { cover } = await w.staff.call('GET', `/shows/${new URL(page.url()).pathname.split('/').at(-1)}`);
    assert.match(cover.id, /^fil_/);
    assert.equal((await fetch(new URL(cover.url, w.base))).status, 200);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  await part('the show goes off the air', () => world.cast.stop());
}, { money: true });
