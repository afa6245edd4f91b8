// Bars 1, 2, 5, 11 to 14 and 17 of the design, on the screens a buyer sees, in a real browser.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { overhang, smallTargets } from './audit.mjs';
import { countTransfers, crowded, cutWords, faint, flatPicture, moving, poorFields, textSize } from './bars.mjs';
import { list, makeGoods } from './shop-kit.mjs';
import { journey, moves, phone, shotFolder, until } from './world.mjs';

const thai = { ...phone, locale: 'th-TH', timezoneId: 'Asia/Bangkok' };
const none = (found) => assert.deepEqual([...new Set(found)], []);

journey('the bars', async (w, part) => {
  let show, goods, listed, cast, slug;
  const room = () => `/s/${show}`;

  await part('a show on air, with goods and talk', async () => {
    goods = await makeGoods(w);
    show = (await w.makeShow()).id;
    listed = await list(w, show, { A12: goods.bag, A13: goods.mug, A14: goods.tea });
    cast = await w.onAir(show, { fps: 15, bitrate: 400 });
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A12.id });
    await w.staff.call('PUT', `/shows/${show}/pinned-message`, { text: '滿千免運，今晚限定' });
    for (const text of ['歡迎大家，今晚有三款新品', 'กระเป๋าใบนี้มีสีดำไหมคะ', '這件有 L 嗎？']) {
      await w.staff.say(show, text);
      await new Promise((done) => setTimeout(done, 1100));
    }
    slug = (await w.staff.call('GET', `/shows/${show}`)).shop?.slug;
  });

  await part('bar 2: all that stands over the picture can be read, be it white or black', async () => {
    const page = await w.visit(room(), phone);
    const scratch = await w.browser.newPage();
    await moves(page);
    await page.getByTestId('pinned-card').waitFor();
    const found = [];
    for (const colour of ['white', 'black']) {
      await flatPicture(page, colour);
      await page.getByTestId('room').dispatchEvent('pointerdown'); // what fades when nothing happens is there
      const { looked, faults } = await faint(page, scratch);
      assert.ok(looked > 12, `only ${looked} texts and icons were looked at`);
      found.push(...faults.map((f) => `${colour}: ${f}`));
      await page.screenshot({ path: join(shotFolder(), `bars-${colour}.png`) });
    }
    none(found);
    await scratch.close();
    await page.context().close();
  });

  const screens = () => ({
    home: ['/', '[data-testid="live-card"]'], room: [room(), '[data-testid="pinned-card"]'],
    signin: ['/signin?next=/me', '[data-testid="signin"], [data-testid="login-email"]'], product: [`/p/${goods.bag.id}`, '[data-testid="add"], [data-testid="product"]'],
    me: ['/me', '[data-testid="me"]'], legal: ['/legal/privacy', 'h1'],
  });

  await part('bar 1: fingers hit one thing, on phones of 360 and 390', async () => {
    const page = await w.visit('/', phone);
    const found = [];
    for (const [name, [path, ready]] of Object.entries(screens())) {
      await page.goto(w.base + path);
      await page.locator(ready).first().waitFor();
      for (const width of [390, 360]) {
        await page.setViewportSize({ width, height: 760 });
        found.push(...[...(await smallTargets(page)), ...(await crowded(page))].map((f) => `${name} at ${width}: ${f}`));
      }
    }
    none(found);
    await page.context().close();
  });

  await part('bar 13: text at twice its size, and a screen of 320: nothing is lost, nothing slides sideways', async () => {
    const page = await w.visit('/', thai);
    const found = [];
    for (const [name, [path, ready]] of Object.entries(screens())) {
      await page.goto(w.base + path);
      await page.locator(ready).first().waitFor();
      for (const [width, percent] of [[390, 200], [320, 100], [320, 200]]) {
        await page.setViewportSize({ width, height: 740 });
        await textSize(page, percent);
        const over = await overhang(page);
        if (over > 0) found.push(`${name} at ${width} and ${percent} %: ${over} px too wide`);
        found.push(...(await cutWords(page)).map((f) => `${name} at ${width} and ${percent} %: ${f}`));
        if (percent === 200) await page.screenshot({ path: join(shotFolder(), `bars-${name}-${width}-200.png`) });
        await textSize(page, 100);
      }
    }
    none(found);
    await page.context().close();
  });

  await part('bar 12: who wants no motion has none', async () => {
    const page = await w.visit(room(), { ...phone, reducedMotion: 'reduce' });
    await moves(page);
    const seen = [];
    for (const press of [() => page.getByTestId('like').click(), () => page.getByTestId('menu').click(), () => page.keyboard.press('Escape'), () => page.locator('[data-testid="claim"]').first().click()]) {
      await press();
      for (let i = 0; i < 4; i++) seen.push(...(await moving(page)));
    }
    none(seen);
    await page.context().close();
  });

  await part('bar 14: fields neither zoom the page nor leave the phone guessing', async () => {
    const page = await w.visit(`/p/${goods.tea.id}`, phone);
    const found = [];
    await page.goto(`${w.base}/signin?next=/me`);
    await page.locator(screens().signin[1]).first().waitFor();
    found.push(...(await poorFields(page)));
    const cart = await page.evaluate(async (variant) => {
      const s = await fetch('/api/v1/sessions/current').then((r) => r.json());
      const r = await fetch('/api/v1/cart/lines', { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': s.csrf, 'idempotency-key': 'bars-1' }, body: JSON.stringify({ variant_id: variant, qty: 1, market: 'TW' }) });
      return r.status;
    }, goods.tea.variants[0].id);
    assert.equal(cart, 201);
    await page.goto(`${w.base}/checkout${slug ? `?shop=${slug}` : ''}`);
    await page.getByTestId('co-name').waitFor();
    found.push(...(await poorFields(page)));
    none(found);
    await page.context().close();
  });

  await part('bar 11: what is said aloud, and what is not until one asks for it', async () => {
    const page = await w.visit(room(), phone);
    const log = page.locator('[role="log"]');
    await log.waitFor();
    assert.equal(await log.getAttribute('aria-live'), 'off');
    assert.ok(await page.locator('[aria-live="polite"]').count() > 0, 'results of claims are said');
    await page.context().close();
  });

  await part('bar 17: the phone is turned: nothing typed is lost, the card can still be reached', async () => {
    const page = await w.visit(room(), phone);
    await moves(page);
    await page.getByTestId('chat-input').fill('寫到一半');
    await page.setViewportSize({ width: 844, height: 390 });
    await page.getByTestId('claim').first().waitFor();
    for (const id of ['chat-input', 'claim']) {
      const box = await page.getByTestId(id).first().boundingBox();
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 844 && box.y + box.height <= 390, `${id}: ${JSON.stringify(box)}`);
    }
    assert.equal(await page.getByTestId('chat-input').inputValue(), '寫到一半');
    await moves(page);
    await page.screenshot({ path: join(shotFolder(), 'bars-landscape.png') });
    await page.setViewportSize(phone.viewport);
    assert.equal(await page.getByTestId('chat-input').inputValue(), '寫到一半');
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  await part('bar 5: the first visit is 150 kB', async (t) => {
    const context = await w.browser.newContext({ ...thai });
    const page = await context.newPage();
    const count = countTransfers(page);
    await page.goto(w.base + room());
    await until('it plays', 10_000, () => page.evaluate(() => document.querySelector('video')?.currentTime > 0));
    const { sum, all } = await count();
    t?.diagnostic?.(JSON.stringify(sum));
    console.log('first visit of the room, bytes:', JSON.stringify(sum));
    const detail = JSON.stringify(all.filter((x) => !['video', 'api'].includes(x.kind)));
    assert.ok(sum.page <= 30_000, `HTML and CSS ${sum.page} ${detail}`);
    assert.ok(sum.js <= 60_000, `scripts ${sum.js} ${detail}`);
    assert.ok((sum.icons ?? 0) <= 20_000 && (sum.font ?? 0) <= 20_500, `icons and numerals ${detail}`);
    assert.ok((sum.pictures ?? 0) <= 40_000, `poster ${sum.pictures} ${detail}`);
    assert.ok(sum.page + sum.js + (sum.icons ?? 0) + (sum.font ?? 0) + (sum.pictures ?? 0) <= 150_000, JSON.stringify(sum));
    await context.close();
  });

  await part('and it was on air all the time', async () => {
    assert.equal(await w.stateOf(show), 'live');
    await cast.stop();
  });
}, { apart: true });
