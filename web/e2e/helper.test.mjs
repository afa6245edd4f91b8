// The second phone: a moderator who may keep order and help buyers, and nothing that costs money.
import assert from 'node:assert/strict';
import { Person, journey, phone, sleep, until } from './world.mjs';

const small = { viewport: { width: 360, height: 640 }, hasTouch: true };
const moderator = { email: 'helper@e2e.test', password: 'second-phone-saves' };

journey('the second phone', async (w, part) => {
  w.once(['user', 'add', '--email', moderator.email, '--role', 'moderator', '--name', '小幫手', '--password-stdin'], `${moderator.password}\n`);
  const { id } = await w.makeShow();
  const product = await w.staff.call('POST', '/products', { title: { 'zh-TW': '老街帆布包', th: 'กระเป๋าผ้าใบ' }, media: ['bag'], price: { TW: 590, TH: 65000 }, quantity: 9 });
  const listing = await w.staff.call('POST', `/shows/${id}/listings`, { product_id: product.id, code: 'A12' });
  const loud = new Person(w.base);
  const kind = new Person(w.base);
  let page, viewer, order;
  const lineOf = (text) => page.getByTestId('mod-line').filter({ hasText: text });
  const inRoom = (text) => viewer.getByTestId('chat-line').filter({ hasText: text });

  await part('one hand: what is pinned, the talk, what waits for a word', async () => {
    await w.onAir(id, { fps: 15, bitrate: 400 });
    await w.staff.call('PUT', `/shows/${id}/pin`, { listing_id: listing.id });
    page = await w.visit('/signin', small);
    await page.getByTestId('email').fill(moderator.email);
    await page.getByTestId('password').fill(moderator.password);
    await page.getByTestId('signin').click();
    await page.waitForURL('**/studio');
    await page.goto(`${w.base}/studio/shows/${id}`);
    await page.getByTestId('console').waitFor();
    assert.equal(await page.getByTestId('pin-next').count(), 0, 'a moderator does not run the show');
    viewer = await w.visit(`/s/${id}`, { ...phone, locale: 'th-TH' });
    await loud.come('賣假貨');
    await kind.come('阿明');
    await loud.say(id, '這家都騙人');
    await inRoom('這家都騙人').waitFor();
  });

  await part('a rude line leaves the room within a second; its writer is silent for ten minutes', async () => {
    await lineOf('這家都騙人').getByTestId('mod-more').click();
    await page.getByTestId('message-sheet').getByTestId('mod-mute').click();
    await until('muted', 3000, async () => (await w.staff.call('GET', `/shows/${id}/sanctions`)).items.length === 1);
    await lineOf('這家都騙人').getByTestId('mod-more').click();
    await page.getByTestId('message-sheet').getByTestId('mod-hide').click();
    await inRoom('這家都騙人').waitFor({ state: 'detached', timeout: 1500 });
    await sleep(1100);
    const refused = await loud.say(id, '還要說').catch((e) => e);
    assert.equal(refused.status, 403);
    assert.ok(refused.problem.until > Date.now() + 9 * 60_000);
  });

  await part('an unsure comment waits; accepted, its buyer holds the goods', async () => {
    await kind.say(id, 'AI2+1');
    const row = page.getByTestId('review').filter({ hasText: 'AI2' });
    await row.waitFor({ timeout: 3000 });
    assert.match(await row.textContent(), /A12/);
    assert.equal((await kind.call('GET', '/cart')).count, 0, 'nothing happens by itself');
    await row.getByTestId('review-accept').click();
    await until('the goods are held', 3000, async () => (await kind.call('GET', '/cart')).count === 1);
    await row.waitFor({ state: 'detached', timeout: 3000 });
  });

  await part('a claim for a buyer is two taps from their comment', async () => {
    await sleep(1100);
    await kind.say(id, '我想要那個包包');
    await lineOf('我想要那個包包').getByTestId('mod-more').click();
    await page.getByTestId('mod-assist').click(); // one
    await page.getByTestId('assist-give').first().click(); // two: what is pinned is chosen already
    await until('held for them', 3000, async () => (await kind.call('GET', '/cart')).count === 2);
    const { items } = await kind.call('GET', `/me/claims?show=${id}`);
    assert.ok(items.some((c) => c.via === 'staff'));
  });

  await part('an announcement stands in the room', async () => {
    await page.getByTestId('announce').click();
    await page.getByTestId('announce-text').fill('滿千免運');
    await page.getByTestId('announce-save').click();
    await viewer.getByTestId('announcement').filter({ hasText: '滿千免運' }).waitFor({ timeout: 3000 });
  });

  await part('money is not theirs to give back, and the try is on record', async () => {
    const { id: cart } = await kind.call('GET', '/cart');
    const quote = await kind.call('POST', '/cart/quote', { cart, market: 'TW', delivery: 'home', pay_method: 'cod' });
    order = await kind.call('POST', '/orders', {
      cart, quote_hash: quote.quote_hash, delivery: 'home', pay_method: 'cod', invoice: { kind: 'member' },
      address: { kind: 'home', name: '陳大明', phone: '0912345678', postcode: '106', city: '臺北市', district: '大安區', line: '和平東路一段 1 號' },
      consents: { terms: true, privacy: true, withdrawal_notice: true, exempt: [] },
    }, { 'idempotency-key': 'e2e-1' });
    const him = new Person(w.base);
    await him.signIn(moderator);
    const refused = await him.call('POST', `/staff/orders/${order.no}/refunds`, { amount: { amount: 100, currency: 'TWD' }, reason: 'x', note: '' }, { 'idempotency-key': 'e2e-2' }).catch((e) => e);
    assert.equal(refused.status, 403);
    const seen = await him.call('GET', `/staff/orders/${order.no}`).catch((e) => e);
    if (!seen.status || seen.no) assert.equal(seen.address, null, 'no phone, no address');
    const { items } = await w.staff.call('GET', '/audit');
    assert.ok(items.some((a) => a.actor?.name === '小幫手' && `${a.action} ${a.object}`.includes('refund')), JSON.stringify(items.slice(0, 3)));
    assert.deepEqual(page.errors, []);
  });

  await part('the order is packed, labelled and sent from the studio', async () => {
    const desk = await w.visitAsOwner('/studio/packing');
    await desk.getByTestId('pack-order').waitFor();
    for (const tick of await desk.getByTestId('pack-tick').all()) await tick.click();
    await desk.getByTestId('pack-parcel').click();
    await until('a parcel', 5000, async () => (await w.staff.call('GET', `/staff/orders/${order.no}`)).parcels.length === 1);
    await desk.goto(`${w.base}/studio/orders/${order.no}`);
    await desk.getByTestId('parcel').waitFor();
    const label = await desk.request.get(w.base + (await desk.getByTestId('label').getAttribute('href')));
    assert.equal(label.status(), 200);
    await desk.getByTestId('parcel-packed').click();
    await desk.getByTestId('tracking').fill('907512345678');
    await desk.getByTestId('parcel-shipped').click();
    await until('sent', 5000, async () => (await kind.call('GET', `/orders/${order.no}`)).status === 'shipped');
    assert.equal((await kind.call('GET', `/orders/${order.no}`)).parcels[0].tracking, '907512345678');
    assert.deepEqual(desk.errors, []);
  });
});
