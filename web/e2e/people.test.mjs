// J1 and the privacy part of J10: reminded, there when it begins, signed in without losing a word;
// then everything that is kept of a person given to them, and taken away. The provider is npm's
// oidc-provider as LINE; the push service is a sink that decrypts.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { agents, checkVapid, givePush, openPush, startPushSink, typeAtProvider, unzip } from './people-kit.mjs';
import { claimAs, key, list, makeGoods } from './shop-kit.mjs';
import { journey, look, moves, phone, samePage, stage, until } from './world.mjs';

const thai = { ...phone, locale: 'th-TH', timezoneId: 'Asia/Bangkok' };

journey('reminded, there, signed in', async (w, part) => {
  const sink = await startPushSink();
  const sub = sink.subscription();
  const starts = Date.now() + 20 * 60_000;
  let show, fah, mei, cast;
  try {
    await part('J1: twenty minutes early, in Thai and in Bangkok time', async () => {
      ({ id: show } = await w.makeShow({ starts_at: starts }));
      fah = await w.visit('/', thai);
      await givePush(fah.context(), w.base, sub.json);
      await fah.goto(`${w.base}/s/${show}`);
      await fah.getByTestId('countdown').waitFor();
      assert.equal(await fah.evaluate(() => document.documentElement.lang), 'th');
      const said = await fah.getByTestId('state-countdown').innerText();
      assert.ok(said.includes('ไลฟ์ใต้แสงโคม'), said);
      const bangkok = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Bangkok', hour: '2-digit', minute: '2-digit' }).format(starts);
      assert.ok(said.includes(bangkok), `${bangkok} in: ${said}`);
    });

    await part('J1: she asks to be reminded, and has it in her calendar', async () => {
      await fah.getByTestId('remind').click();
      await until('one subscription', 5000, () => w.sql('SELECT count(*) FROM push_subscription')[0][0] === 1);
      await until('the reminder', 5000, () => w.sql('SELECT count(*) FROM reminder')[0][0] === 1);
      const ics = await fah.evaluate((id) => fetch(`/api/v1/shows/${id}/calendar.ics`).then(async (r) => ({ type: r.headers.get('content-type'), text: await r.text() })), show);
      assert.match(ics.type, /text\/calendar/);
      const stamp = new Date(Math.floor(starts / 1000) * 1000).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
      assert.ok(ics.text.includes(`DTSTART:${stamp}`), `${stamp} in ${ics.text}`);
      await fah.evaluate(() => {
        window.nmSamePage = true;
      });
    });

    await part('J1: the show begins: the push comes, the page turns', async () => {
      cast = await w.publish(show, { fps: 15, bitrate: 400 });
      await until('backstage', 10_000, async () => (await w.stateOf(show)) === 'backstage');
      await w.staff.call('POST', `/shows/${show}/go-live`, {});
      await until('live', 3000, async () => (await stage(fah)) === 'live');
      const push = await until('a push', 10_000, () => sink.got.find((p) => p.path === new URL(sub.json.endpoint).pathname));
      assert.equal(push.headers['content-encoding'], 'aes128gcm');
      assert.ok(Number(push.headers.ttl) > 0);
      checkVapid(push.headers.authorization, sink.url);
      const said = openPush(push.body, sub);
      assert.ok(said.url.endsWith(`/s/${show}`), said.url);
      assert.equal(said.lang, 'th');
      assert.ok(said.title && said.body);
      await moves(fah);
      assert.equal((await look(fah)).muted, true);
      assert.equal(await samePage(fah), true);
    });

    await part('J1: sound with a tap', async () => {
      await fah.getByTestId('sound-pill').click();
      await until('sound', 2000, async () => (await look(fah)).muted === false);
    });

    await part('J1: what she typed outlives signing in, and is sent', async () => {
      mei = await w.visit(`/s/${show}`);
      await fah.getByTestId('chat-input').fill('สวัสดีค่ะ');
      await fah.getByTestId('chat-input').press('Enter');
      await fah.getByTestId('signin-sheet').waitFor();
      const before = await look(fah);
      await until('the picture goes on under the sheet', 5000, async () => (await look(fah)).at > before.at + 0.3);
      await fah.getByTestId('login-line').click();
      await fah.waitForURL(/interaction/);
      await typeAtProvider(fah, 'fah');
      await fah.waitForURL(`**/s/${show}*`);
      await fah.getByTestId('room').waitFor();
      await mei.getByText('สวัสดีค่ะ').waitFor({ timeout: 5000 });
      assert.equal(await mei.getByText('สวัสดีค่ะ').count(), 1, 'once');
      assert.equal(await fah.getByTestId('chat-input').inputValue(), '');
      await moves(fah);
    });

    for (const [name, agent] of Object.entries(agents))
      await part(`J1: in the browser of ${name}, what fails there is not offered`, async () => {
        const page = await w.visit(`/s/${show}`, { ...phone, userAgent: agent });
        await moves(page);
        await page.getByTestId('chat-input').fill('在這裡');
        await page.getByTestId('chat-input').press('Enter');
        await page.getByTestId('signin-sheet').waitFor();
        assert.equal(await page.getByTestId('login-google').count(), 0);
        await page.getByTestId('open-in-browser').first().waitFor();
        if (name !== 'lineIphone') await page.getByTestId('login-line').waitFor();
        assert.deepEqual(page.errors, []);
        await page.context().close();
      });

    assert.deepEqual(fah?.errors, []);
  } finally {
    sink.stop();
    await cast?.stop();
  }
}, { people: true });

journey('all that is kept of a person', async (w, part) => {
  let show, listed, page, order;
  const cookies = async () => (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
  const ask = async (method, path, body, headers = {}) => {
    const { csrf } = await fetch(`${w.base}/api/v1/sessions/current`, { headers: { cookie: await cookies() } }).then((r) => r.json());
    const r = await fetch(`${w.base}/api/v1${path}`, {
      method, body: body && JSON.stringify(body),
      headers: { 'content-type': 'application/json', origin: w.base, 'x-csrf-token': csrf, cookie: await cookies(), ...headers },
    });
    const text = await r.text();
    assert.ok(r.ok, `${method} ${path}: ${r.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  const signIn = async () => {
    await page.goto(`${w.base}/signin?next=/me`);
    await page.getByTestId('login-line').click();
    if (await page.locator('input[name="login"]').waitFor({ timeout: 2000 }).then(() => true, () => false)) await typeAtProvider(page, 'privat');
    await page.waitForURL(`${w.base}/me`);
  };
  let first;

  await part('J10: she buys, talks and claims', async () => {
    const goods = await makeGoods(w);
    show = (await w.makeShow()).id;
    listed = await list(w, show, { A12: goods.bag, A13: goods.mug });
    const cast = await w.onAir(show, { fps: 15, bitrate: 400 });
    await w.staff.call('PUT', `/listings/${listed.A13.id}/claim-window`, { open: true });
    page = await w.visit('/');
    await signIn();
    first = (await ask('GET', '/me')).id;
    await ask('PATCH', '/me', { name: '林秀蘭' });
    await ask('POST', `/shows/${show}/messages`, { text: '這個杯子我要了，謝謝' });
    await claimAs({ call: ask }, listed.A13.id, { variant_id: goods.mug.variants[0].id, qty: 1 });
    const { id: cart } = await ask('GET', '/cart?market=TW');
    const q = await ask('POST', '/cart/quote', { cart, market: 'TW', delivery: 'home', pay_method: 'cod' });
    order = await ask('POST', '/orders', {
      cart, quote_hash: q.quote_hash, delivery: 'home', pay_method: 'cod', invoice: { kind: 'member' },
      address: { kind: 'home', name: '林秀蘭', phone: '0912345678', postcode: '106', city: '台北市', district: '大安區', line: '永康街 14 號' },
      consents: { terms: true, privacy: true, withdrawal_notice: true, exempt: [], marketing: false },
    }, { 'idempotency-key': key() });
    await cast.stop();
  });

  await part('J10: everything of hers in one file', async () => {
    await page.goto(`${w.base}/me/data`);
    await page.getByTestId('export-start').click();
    const [got] = await Promise.all([page.waitForEvent('download', { timeout: 20_000 }), page.getByTestId('export-file').click({ timeout: 20_000 })]);
    const file = join(w.dir, 'export.zip');
    await got.saveAs(file);
    const files = unzip(file);
    const all = Object.values(files).join('\n');
    for (const what of ['order', 'claim', 'message', 'consent', 'session', 'identit']) assert.ok(Object.keys(files).some((n) => n.includes(what)), `${what} in ${Object.keys(files)}`);
    assert.ok(all.includes(order.no) && all.includes('這個杯子我要了') && all.includes('A13'), 'what she did');
    assert.ok(!/token_hash|password|argon2|nm_session/.test(all), 'no secrets');
  });

  await part('J10: she deletes herself: the name goes from the chat, the order stays for the tax', async () => {
    await page.getByTestId('delete-start').click();
    await page.getByTestId('delete-confirm').waitFor();
    const box = page.getByTestId('delete-confirm');
    if (await box.evaluate((el) => el.tagName === 'INPUT' && el.type !== 'checkbox')) await box.fill(await box.getAttribute('data-word'));
    else await box.check();
    await page.getByTestId('delete-go').click();
    await until('she is signed out', 10_000, async () => (await fetch(`${w.base}/api/v1/me`, { headers: { cookie: await cookies() } })).status === 401);
    const chat = JSON.stringify(await w.staff.call('GET', `/shows/${show}/messages`));
    assert.ok(!chat.includes('林秀蘭') && !chat.includes('這個杯子我要了'), chat);
    const kept = await w.staff.call('GET', `/staff/orders/${order.no}`);
    assert.equal(kept.no, order.no);
    assert.equal(kept.total.amount, order.total.amount);
    await until('name and number are in no table of the chat', 10_000, () => w.sql("SELECT count(*) FROM event WHERE data LIKE '%林秀蘭%' OR data LIKE '%這個杯子我要了%'")[0][0] === 0);
    assert.equal(w.sql("SELECT count(*) FROM viewer WHERE display_name = '林秀蘭'")[0][0], 0);
    assert.equal(w.sql("SELECT count(*) FROM identity WHERE subject = 'privat'")[0][0], 0);
  });

  await part('J10: signing in again makes a new person', async () => {
    await signIn();
    assert.notEqual((await ask('GET', '/me')).id, first);
    assert.deepEqual((await ask('GET', '/orders')).items, []);
    assert.deepEqual(page.errors, []);
  });
}, { people: true });
