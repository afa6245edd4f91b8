// The app on the phone: it opens without a network and says so, a sale outlives an update, reminders
// reach a browser that allows them and are said to be impossible in one that does not.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { journey, moves, phone, samePage, until } from './world.mjs';
import { list, makeGoods, receipt, text } from './shop-kit.mjs';

const controlled = (page) => until('the worker is in charge', 25_000, () => page.evaluate(() => navigator.serviceWorker.controller !== null));
const kept = (page) => page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (n) => (await (await caches.open(n)).keys()).map((r) => new URL(r.url).pathname)))).flat());
const scriptOf = (page) => page.evaluate(async () => (await (await fetch('/sw.js', { cache: 'no-store' })).text()).length);

/** A subscription as a push service would give it: offline, the browser cannot get one. */
function fakeSubscription(endpoint) {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  const keys = { p256dh: ecdh.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') };
  return `(() => {
    const sub = { endpoint: ${JSON.stringify(endpoint)}, toJSON: () => ({ endpoint: ${JSON.stringify(endpoint)}, keys: ${JSON.stringify(keys)} }), unsubscribe: async () => true };
    let on = null;
    PushManager.prototype.subscribe = async (o) => { window.nmAsked = o; on = sub; return sub; };
    PushManager.prototype.getSubscription = async () => on;
  })()`;
}

journey('the app on the phone', async (w, part) => {
  const web = join(w.dir, 'web');
  let goods, show, soon, listed, cast, page, slug;
  /** Another version is put on the server: the same app, and a worker whose bytes differ. */
  async function deploy(change) {
    change(join(web, 'sw.js'));
    for (const end of ['.br', '.gz']) rmSync(join(web, `sw.js${end}`), { force: true });
    await w.crash();
    await w.comeBack();
  }

  await part('a show on air, another tomorrow, a server with a key for messages', async () => {
    const vapid = createECDH('prime256v1');
    vapid.generateKeys();
    cpSync(w.env.NM_WEB_DIR, web, { recursive: true });
    Object.assign(w.env, { NM_WEB_DIR: web, NM_VAPID_PRIVATE_KEY: vapid.getPrivateKey().toString('base64url').padStart(43, 'A') });
    await w.crash();
    await w.comeBack();
    slug = (await w.staff.call('GET', '/sessions/current')).staff[0].shop.slug;
    goods = await makeGoods(w);
    show = (await w.makeShow()).id;
    soon = (await w.makeShow({ starts_at: Date.now() + 26 * 3_600_000 })).id;
    await w.staff.call('PATCH', `/shows/${soon}`, { state: 'scheduled' }, { 'if-match': `"${(await w.staff.call('GET', `/shows/${soon}`)).version}"` }).catch(() => undefined);
    listed = await list(w, show, { A12: goods.bag, A13: goods.mug });
    cast = await w.onAir(show, { fps: 15, bitrate: 300 });
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A13.id });
  });

  await part('the worker takes charge and keeps the shell and what was used, never the API', async () => {
    page = await w.visit(`/s/${show}`, phone);
    await moves(page, 15_000);
    await controlled(page);
    const files = await until('the used parts are kept', 15_000, async () => {
      const all = await kept(page);
      return all.some((p) => p.includes('hls')) && all;
    });
    assert.ok(files.includes('/shell.html') && files.includes('/icon.svg'));
    assert.deepEqual(files.filter((p) => p.startsWith('/api/') || p.startsWith('/files/') || p.endsWith('.m3u8')), []);
    assert.ok(await samePage(page));
  });

  await part('a claim without a network is refused, and not made up for later', async () => {
    await page.getByTestId('claim').click();
    await receipt(page, 'granted');
    const held = async () => (await w.staff.call('GET', `/products/${goods.bag.id}`)).variants.reduce((n, v) => n + v.stock_held, 0);
    await w.staff.call('PUT', `/shows/${show}/pin`, { listing_id: listed.A12.id });
    await page.locator('[data-testid="pinned-card"]', { hasText: 'A12' }).waitFor({ timeout: 8000 });
    await page.getByTestId('claim').click();
    await page.getByTestId('product-sheet').waitFor();
    await page.locator('[data-testid="option"][data-value="黑"]').click();
    await page.locator('[data-testid="option"][data-value="L"]').click();
    await page.context().setOffline(true);
    await page.getByTestId('offline').waitFor();
    await page.getByTestId('add').click();
    await page.waitForTimeout(600);
    await page.context().setOffline(false);
    await page.getByTestId('offline').waitFor({ state: 'detached' });
    await page.waitForTimeout(1200);
    assert.equal(await held(), 0);
    await page.keyboard.press('Escape');
  });

  await part('without the server the shell opens, with the unsent word and the cart last seen, and comes back by itself', async () => {
    await page.getByTestId('cart-button').click();
    await page.getByTestId('cart-line').waitFor();
    await page.goto(`${w.base}/s/${show}`);
    await page.getByTestId('chat-input').fill('還有黑色嗎');
    await w.crash();
    await page.reload();
    await page.getByTestId('away').waitFor();
    assert.equal(await page.getByTestId('away-draft').inputValue(), '還有黑色嗎');
    assert.match(await text(page, 'away-cart'), /A13[\s\S]*NT\$320/);
    assert.match(await text(page, 'away-show'), /燈下開賣/);
    await page.getByTestId('away-draft').fill('還有黑色 L 嗎');
    await w.comeBack();
    await page.getByTestId('room').waitFor({ timeout: 20_000 });
    assert.equal(await page.getByTestId('chat-input').inputValue(), '還有黑色 L 嗎');
  });

  await part('a new version waits while a checkout is open, and takes over at the next page', async () => {
    await page.goto(`${w.base}/checkout?shop=${slug}`);
    await page.getByTestId('co-total').first().waitFor();
    await until('updates are looked after', 20_000, () => page.evaluate(() => document.querySelector('link[rel="manifest"]').href.includes('zh-TW')));
    await page.evaluate(() => { window.nmSamePage = true; });
    const before = await scriptOf(page);
    await deploy((sw) => writeFileSync(sw, `${readFileSync(sw, 'utf8').replace(/"?version"?:\s*["'\`]\w+["'\`]/, 'version:"another"')}\n//`));
    assert.notEqual(await scriptOf(page), before);
    await page.evaluate(() => navigator.serviceWorker.ready.then((r) => r.update()));
    await until('it waits', 15_000, () => page.evaluate(() => navigator.serviceWorker.ready.then((r) => r.waiting !== null)));
    await page.waitForTimeout(700);
    assert.ok(await samePage(page));
    await page.getByTestId('back').click();
    await until('the page has begun anew', 15_000, async () => !(await samePage(page).catch(() => true)));
    assert.equal(await page.evaluate(() => navigator.serviceWorker.ready.then((r) => r.waiting)), null);
    assert.ok((await page.evaluate(() => caches.keys())).includes('nm-shell-another'));
  });

  await part('reminded by a message, which the worker shows', async () => {
    const context = await w.browser.newContext({ locale: 'th-TH', timezoneId: 'Asia/Bangkok', ...phone });
    await context.grantPermissions(['notifications'], { origin: w.base });
    await context.addInitScript(fakeSubscription(`${w.base}/push/nobody`));
    const thai = await context.newPage();
    await thai.goto(`${w.base}/s/${soon}`);
    await thai.getByTestId('remind').click();
    await thai.locator('[data-testid="remind"][data-on]').waitFor({ timeout: 15_000 });
    assert.equal((await thai.evaluate(() => window.nmAsked)).userVisibleOnly, true);
    assert.match(await text(thai, 'zones'), /\d\d:\d\d/);
    const ics = await thai.evaluate((href) => fetch(href).then((r) => r.text()), await thai.getByTestId('remind-ics').getAttribute('href'));
    assert.match(ics, /BEGIN:VEVENT/);
    await controlled(thai);
    const cdp = await context.newCDPSession(thai);
    const found = new Promise((done) => cdp.on('ServiceWorker.workerRegistrationUpdated', (e) => e.registrations[0] && done(e.registrations[0].registrationId)));
    await cdp.send('ServiceWorker.enable');
    const data = JSON.stringify({ title: 'ไลฟ์กำลังจะเริ่ม', body: 'อีก 10 นาที', url: 'https://evil.example/', tag: 't1', lang: 'th' });
    await cdp.send('ServiceWorker.deliverPushMessage', { origin: w.base, registrationId: await found, data });
    const shown = await until('the message is shown', 5000, () => thai.evaluate(() => navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.map((n) => ({ title: n.title, body: n.body, url: n.data.url }))[0])));
    assert.deepEqual(shown, { title: 'ไลฟ์กำลังจะเริ่ม', body: 'อีก 10 นาที', url: '/' });
    await context.close();
  });

  await part('messages refused, storage and pop-ups blocked, no picture without a tap: all works, and says so', async () => {
    const context = await w.browser.newContext({ locale: 'zh-TW', timezoneId: 'Asia/Taipei', ...phone });
    await context.addInitScript(`(() => {
      for (const s of ['localStorage', 'sessionStorage', 'caches']) Object.defineProperty(window, s, { get() { throw new DOMException('no', 'SecurityError'); } });
      Object.defineProperty(Navigator.prototype, 'serviceWorker', { get() { throw new DOMException('no', 'SecurityError'); } });
      window.open = () => null;
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () { return navigator.userActivation.isActive ? play.call(this) : Promise.reject(new DOMException('no', 'NotAllowedError')); };
      Object.defineProperty(Notification, 'permission', { get: () => 'denied' });
    })()`);
    const shut = await context.newPage();
    const errors = [];
    shut.on('pageerror', (e) => errors.push(e.message));
    await shut.goto(`${w.base}/s/${soon}`);
    await shut.getByTestId('remind').click();
    await until('why not is said', 5000, async () => /^(?:denied|unsupported)$/.test((await shut.getByTestId('remind-says').getAttribute('data-why')) ?? ''));
    await shut.goto(`${w.base}/s/${show}`);
    await shut.getByTestId('play-pill').click();
    await until('the picture moves', 10_000, () => shut.evaluate(() => document.querySelector('[data-testid="video"]').currentTime > 0));
    await shut.getByTestId('claim').click();
    await shut.locator('[data-testid="option"][data-value="白"]').click();
    await shut.locator('[data-testid="option"][data-value="M"]').click();
    await shut.getByTestId('add').click();
    await receipt(shut, 'granted');
    await shut.getByTestId('cart-button').click();
    await shut.getByTestId('cart-line').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  await part('a worker that the server has no more is gone at the next visit', async () => {
    await deploy((sw) => rmSync(sw));
    await page.goto(w.base);
    await until('nothing of it is left', 25_000, () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length === 0 && (await caches.keys()).length === 0));
    await cast.stop();
  });
});
