// A seller's evening: from a product in four fields to the report, with a cable that falls out; then
// the whole of it again without a mouse.
import assert from 'node:assert/strict';
import { Person, desk, journey, moves, phone, stage, until } from './world.mjs';

const inAnHour = () => {
  const d = new Date(Date.now() + 3_600_000 + 8 * 3_600_000); // the browser's zone is Taipei's
  return d.toISOString().slice(0, 16);
};

/** The one press of a key that does one act. */
const press = (page, key) => page.locator('body').press(key);

async function quickAdd(page, title, price, quantity) {
  await page.getByTestId('quick-title').fill(title);
  await page.getByTestId('quick-price').fill(price);
  await page.getByTestId('quick-quantity').fill(quantity);
  await page.getByTestId('quick-save').click();
  await page.getByTestId('product-row').filter({ hasText: title }).waitFor();
}

const rows = (page) => page.getByTestId('run-row').evaluateAll((all) => all.map((x) => ({ id: x.dataset.listing, state: x.dataset.state })));

journey("a seller's evening", async (w, part) => {
  let page, viewer, cast, id, listings;
  const buyer = new Person(w.base);

  await part('a product is on sale after four fields', async () => {
    page = await w.visitAsOwner('/studio/products');
    await page.getByTestId('empty').waitFor();
    await page.getByTestId('quick-save').click();
    await page.getByTestId('quick-title').and(page.locator(':focus')).waitFor(); // what is missing has the focus
    await quickAdd(page, '老街帆布包', '590', '12');
    await quickAdd(page, '海浪馬克杯', '320', '5');
    await quickAdd(page, '高山烏龍', '480', '10');
    await page.getByTestId('product-search').fill('帆布');
    await until('search finds two characters', 5000, async () => (await page.getByTestId('product-row').count()) === 1);
  });

  await part('a show has its run order, and its list of checks', async () => {
    await page.goto(`${w.base}/studio/new`);
    await page.getByTestId('show-title-zh').fill('秋冬帆布包開箱');
    await page.getByTestId('show-starts').fill(inAnHour());
    await page.getByTestId('save').click();
    await page.waitForURL('**/studio/shows/shw_*');
    id = new URL(page.url()).pathname.split('/').at(-1);
    for (const name of ['帆布包', '馬克杯', '烏龍']) {
      const before = await page.getByTestId('order-row').count();
      await page.getByTestId('run-add').fill(name);
      await page.getByTestId('run-hit').first().waitFor();
      await page.getByTestId('run-add').press('Enter');
      await until(`${name} is in`, 5000, async () => (await page.getByTestId('order-row').count()) === before + 1);
    }
    await page.getByTestId('move-up').nth(2).click();
    await until('the order has changed', 5000, async () => {
      const { items } = await w.staff.call('GET', `/shows/${id}/listings`);
      listings = items.toSorted((a, b) => a.position - b.position);
      return listings.map((l) => l.title['zh-TW']).join() === '老街帆布包,高山烏龍,海浪馬克杯';
    });
    assert.equal(await page.getByTestId('check-goods').getAttribute('data-ok'), 'true');
    assert.equal(await page.getByTestId('check-prices').getAttribute('data-ok'), 'true');
  });

  await part('the key shows only when asked for; the preview is private', async () => {
    assert.ok(!(await page.getByTestId('ingest-key').inputValue()).match(/[0-9a-f]{16}/));
    await page.getByTestId('ingest-reveal').click();
    await until('the key', 5000, async () => /\w{16}/.test(await page.getByTestId('ingest-key').inputValue()));
    viewer = await w.visit(`/s/${id}`, phone);
    cast = await w.publish(id, { fps: 15, bitrate: 400 });
    await moves(page, 15_000, '[data-testid="preview"] video');
    assert.equal(await stage(viewer), 'countdown');
  });

  await part('on air, what is pinned is what viewers see', async () => {
    await until('it may go live', 10_000, async () => (await page.getByTestId('go-live').getAttribute('aria-disabled')) === 'false');
    await page.getByTestId('go-live').click();
    await page.getByTestId('console').waitFor();
    await page.getByTestId('pin-next').click();
    await viewer.getByTestId('pinned-card').filter({ hasText: listings[0].code }).waitFor({ timeout: 8000 });
    await page.getByTestId('pin-next').click();
    await until('the second is up', 5000, async () => (await rows(page)).find((r) => r.state === 'pinned')?.id === listings[1].id);
    await page.getByTestId('run-row').filter({ hasText: listings[0].code }).getByTestId('run-pin').click();
    await until('the first is up again', 5000, async () => (await rows(page)).find((r) => r.state === 'pinned')?.id === listings[0].id);
    await page.getByTestId('price-TW').fill('550');
    await page.getByTestId('price-TW').press('Enter');
    await viewer.getByTestId('pinned-card').filter({ hasText: '550' }).waitFor({ timeout: 5000 });
  });

  await part('a deal is two acts', async () => {
    await page.getByTestId('deal-open').click();
    await page.getByTestId('deal-twd').fill('299');
    await page.getByTestId('deal-start').click();
    await page.getByTestId('deal-mark').first().waitFor({ timeout: 5000 });
    const { items } = await w.staff.call('GET', `/shows/${id}/deals`);
    assert.equal(items[0].state, 'countdown');
    await w.staff.call('POST', `/deals/${items[0].id}/cancel`, {});
  });

  await part('without a picture the room still sells', async () => {
    await cast.cut();
    await until('viewers are told', 15_000, async () => (await stage(viewer)) === 'break');
    await buyer.come('王小明');
    await buyer.say(id, `${listings[0].code}+1`);
    await until('the claim is held', 3000, async () => (await buyer.call('GET', '/cart')).count === 1);
    await page.getByTestId('claim-line').filter({ hasText: listings[0].code }).waitFor({ timeout: 5000 });
    cast = await w.publish(id, { fps: 15, bitrate: 400 });
    await until('it is back', 20_000, async () => (await stage(viewer)) === 'live');
  });

  await part('after the end the report says what the database says', async () => {
    await page.getByTestId('end-show').click();
    await page.getByTestId('end-confirm').click();
    await page.getByTestId('over').waitFor();
    await page.getByTestId('report-open').click();
    await page.getByTestId('report').waitFor();
    const r = await w.staff.call('GET', `/shows/${id}/report`);
    assert.equal(r.claims, 1);
    assert.equal(r.gmv.TWD.claimed.amount, 550);
    assert.match(await page.getByTestId('claimed-TWD').textContent(), /550/);
    await page.getByTestId('bills-make').click();
    await page.getByTestId('bill').waitFor();
    await page.getByTestId('remind').click();
    await until('it is on record', 3000, async () => (await w.staff.call('GET', `/shows/${id}/bills`)).items[0].reminded === 1);
  });

  await part('the replay has a chapter for each time something was held up', async () => {
    await until('the replay', 40_000, async () => (await w.stateOf(id)) === 'replay_ready', 250);
    const { items } = await w.staff.call('GET', `/shows/${id}/chapters`);
    assert.deepEqual(items.map((c) => c.code), [listings[0].code, listings[1].code, listings[0].code]);
    assert.ok(items.every((c, i) => c.start_ms >= 0 && (i === 0 || c.start_ms >= items[i - 1].start_ms)));
    assert.deepEqual(page.errors, []);
  });

  await part('all of it by keyboard', async () => {
    const next = await w.makeShow();
    for (const l of listings) await w.staff.call('POST', `/shows/${next.id}/listings`, { product_id: l.product_id, code: l.code });
    const live = await w.onAir(next.id, { fps: 15, bitrate: 400 });
    const keys = await w.visitAsOwner(`/studio/shows/${next.id}`, desk);
    await keys.getByTestId('console').waitFor();
    await until('the run order', 5000, async () => (await rows(keys)).length === 3);
    const up = async () => (await w.staff.call('GET', `/shows/${next.id}/listings`)).pinned?.code ?? null;
    await press(keys, 'n');
    await until('N pins', 5000, async () => (await up()) === listings[0].code);
    await until('claims are open', 5000, async () => (await keys.getByTestId('claim-window').getAttribute('aria-pressed')) === 'true');
    await press(keys, 'o');
    await until('O closes claims', 5000, async () => (await keys.getByTestId('claim-window').getAttribute('aria-pressed')) === 'false');
    await press(keys, 'd');
    await keys.getByTestId('deal-twd').and(keys.locator(':focus')).waitFor();
    await keys.keyboard.type('199');
    await keys.keyboard.press('Enter');
    await until('the deal counts down', 5000, async () => (await w.staff.call('GET', `/shows/${next.id}/deals`)).items[0]?.state === 'countdown');
    await until('the sheet is gone', 5000, async () => (await keys.getByTestId('deal-sheet').count()) === 0);
    await press(keys, ' ');
    await until('space unpins', 5000, async () => (await up()) === null);
    await press(keys, '/');
    await keys.getByTestId('host-input').and(keys.locator(':focus')).waitFor();
    await keys.keyboard.press('Escape');
    await press(keys, '?');
    await keys.getByTestId('keys-sheet').waitFor();
    await keys.keyboard.press('Escape');
    await until('the list of keys is gone', 5000, async () => (await keys.getByTestId('keys-sheet').count()) === 0);
    await press(keys, 'e');
    await keys.getByTestId('end-sheet').waitFor();
    await keys.keyboard.press('Tab');
    await keys.keyboard.press('Enter');
    await keys.getByTestId('over').waitFor();
    await live.stop();
    assert.deepEqual(keys.errors, []);
  });
});
