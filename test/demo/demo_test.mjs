// `nightmarket demo`, started as a newcomer would: on air by itself, quick the second time, and
// nothing left running however it ends.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

const bin = resolve(process.env.NM_BUILD ?? 'build/release', 'nightmarket');
const dir = mkdtempSync(join(tmpdir(), 'nm-demo-'));
const running = new Set();

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

after(async () => {
  for (const child of running) child.kill('SIGKILL');
  await sleep(500);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

async function until(what, ms, ask) {
  for (const end = Date.now() + ms; ; await sleep(100)) {
    const got = await ask();
    if (got) return got;
    assert.ok(Date.now() < end, `not within ${ms} ms: ${what}`);
  }
}

/** Processes whose environment names our data folder, zombies left out. */
function ours() {
  return readdirSync('/proc')
    .filter((p) => /^\d+$/.test(p))
    .filter((p) => {
      try {
        return readFileSync(`/proc/${p}/environ`, 'utf8').split('\0').includes(`NM_DATA_DIR=${dir}`);
      } catch {
        return false; // gone, or another's
      }
    })
    .map((p) => Number(p));
}

/** Starts the demo; gives its output so far, and how it ended. */
function demo() {
  const child = spawn(bin, ['demo'], { env: { ...process.env, NM_DATA_DIR: dir }, stdio: ['ignore', 'pipe', 'pipe'] });
  const d = { child, text: '', ended: new Promise((done) => child.once('exit', (code, signal) => done({ code, signal }))) };
  running.add(child);
  void d.ended.then(() => running.delete(child));
  for (const s of [child.stdout, child.stderr]) s.on('data', (b) => (d.text += b));
  return d;
}

async function onAir(d, ms) {
  await until(`on air:\n${d.text}`, ms, () => /on air: \S+\/s\/shw_demo\n/.test(d.text) || d.child.exitCode !== null);
  assert.equal(d.child.exitCode, null, d.text);
  const home = /Home +(\S+)\//.exec(d.text)[1];
  const show = await (await fetch(`${home}/api/v1/shows/shw_demo`)).json();
  assert.equal(show.state, 'live');
  const playlist = await fetch(show.playback.hls);
  assert.equal(playlist.status, 200);
  assert.match(await playlist.text(), /RESOLUTION=720x1280/);
  return home;
}

/** A buyer in Thailand, without a browser: one mug, paid by a PromptPay code of the sandbox. */
async function buyByPromptPay(home, payments) {
  let cookie = '';
  let csrf = '';
  const call = async (method, path, body) => {
    const res = await fetch(`${home}/api/v1${path}`, {
      method,
      headers: {
        ...(cookie ? { cookie } : {}),
        ...(body ? { 'content-type': 'application/json', origin: home, 'x-csrf-token': csrf, 'idempotency-key': randomUUID() } : {}),
      },
      body: body && JSON.stringify(body),
    });
    const json = await res.json();
    assert.ok(res.ok, `${method} ${path}: ${JSON.stringify(json)}`);
    cookie = res.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ') || cookie;
    csrf = json.csrf ?? res.headers.get('x-csrf-token') ?? csrf;
    return json;
  };
  const pay_method = 'omise_promptpay';
  await call('GET', '/sessions/current');
  const mug = await call('GET', '/products/prd_demo_mug');
  await call('POST', '/cart/lines', { variant_id: mug.variants[0].id, qty: 1, market: 'TH' });
  const { cart, quote_hash, delivery } = await call('POST', '/cart/quote', { market: 'TH', pay_method });
  const address = { name: 'สมชาย ใจดี', phone: '0812345678', line: '99/1 ถนนสุขุมวิท', subdistrict: 'คลองตัน', district: 'คลองเตย', city: 'กรุงเทพมหานคร', postcode: '10110' };
  const consents = { terms: true, privacy: true, withdrawal_notice: true };
  const order = await call('POST', '/orders', { cart, quote_hash, delivery, pay_method, address, consents });
  const of = `secret=${order.secret}`;
  const { payment, next } = await call('POST', `/orders/${order.no}/payments?${of}`, { method: pay_method });
  assert.equal(next.kind, 'qr');
  assert.match(await (await fetch(next.image)).text(), /^<svg/);
  const waiting = await (await fetch(`${payments}/omise/pay`)).text();
  const page = /href="(\/omise\/payments\/[^"]+)"/.exec(waiting)[1];
  assert.ok((await fetch(payments + page, { method: 'POST', body: new URLSearchParams({ as: 'success' }) })).ok);
  const paid = async () => (await call('GET', `/payments/${payment.id}?${of}`)).state === 'paid';
  await until('the money came', 15_000, paid);
}

test("a real shop's folder is left alone", () => {
  const shop = mkdtempSync(join(tmpdir(), 'nm-shop-'));
  writeFileSync(join(shop, 'nightmarket.db'), 'of a real shop');
  const r = spawnSync(bin, ['demo'], { env: { ...process.env, NM_DATA_DIR: shop }, encoding: 'utf8', timeout: 10_000 });
  assert.notEqual(r.status, 0);
  assert.match(r.stderr, /NM_DATA_DIR/);
  assert.equal(readFileSync(join(shop, 'nightmarket.db'), 'utf8'), 'of a real shop');
  assert.ok(!existsSync(join(shop, 'demo.json')));
  rmSync(shop, { recursive: true });
});

test('the first start makes a film and goes on air; Ctrl-C ends all of it', { timeout: 150_000 }, async () => {
  const d = demo();
  const home = await onAir(d, 120_000);
  const { items } = await (await fetch(`${home}/api/v1/shows`)).json();
  assert.ok(items.filter((s) => s.state === 'scheduled').length >= 2);
  const [, password] = /password (\S+)/.exec(d.text);
  const session = await fetch(`${home}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: home },
    body: JSON.stringify({ email: 'owner@demo.local', password }),
  });
  assert.equal(session.status, 201);
  await buyByPromptPay(home, /Payments +(\S+)\//.exec(d.text)[1]);
  d.child.kill('SIGINT');
  assert.deepEqual(await d.ended, { code: 0, signal: null });
  assert.deepEqual(ours(), []);
});

test('the second start is quick, and killing it leaves nobody behind', { timeout: 60_000 }, async () => {
  const d = demo();
  const began = Date.now();
  await onAir(d, 20_000);
  assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
  assert.ok(ours().length >= 4, 'demo, engine, server and encoder run');
  d.child.kill('SIGKILL');
  await d.ended;
  await until('all are gone', 15_000, () => ours().length === 0);
});

test('the engine that dies is started again, and the show goes on', { timeout: 60_000 }, async () => {
  const d = demo();
  const home = await onAir(d, 20_000);
  const engine = ours().find((p) => readFileSync(`/proc/${p}/comm`, 'utf8').trim() === 'streamd');
  process.kill(engine, 'SIGKILL');
  const state = async () => (await (await fetch(`${home}/api/v1/shows/shw_demo`)).json()).state;
  await until('the break', 15_000, async () => (await state()) === 'interrupted');
  await until('on air again', 25_000, async () => (await state()) === 'live');
  d.child.kill('SIGTERM');
  assert.deepEqual(await d.ended, { code: 0, signal: null });
});
