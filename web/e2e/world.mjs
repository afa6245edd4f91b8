// A whole shop for one test file: streamd and `nightmarket serve` on free ports with a data folder
// of their own, an owner, a browser. Nothing is mocked. Programs come from $NM_BUILD (build/release).
import { spawn, spawnSync } from 'node:child_process';
import { createECDH, randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { makeReader } from '../../test/camera/read.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const build = resolve(root, process.env.NM_BUILD ?? 'build/release');
export const shots = join(root, 'build/shots');
export const owner = { email: 'owner@e2e.test', password: 'lantern-in-the-dark' };
export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
export const desk = { viewport: { width: 1280, height: 800 } };

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Asks until the answer is truthy and gives it back; an error says what was waited for. */
export async function until(what, ms, ask, every = 50) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      const got = await ask();
      if (got) return got;
      last = undefined;
    } catch (e) {
      last = e;
    }
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}${last ? ` (${last.message})` : ''}`);
    await sleep(every);
  }
}

async function freePorts(n) {
  const servers = await Promise.all(Array.from({ length: n }, () => new Promise((done) => {
    const s = createServer().listen(0, '127.0.0.1', () => done(s));
  })));
  const ports = servers.map((s) => s.address().port);
  await Promise.all(servers.map((s) => new Promise((done) => s.close(done))));
  return ports;
}

const answers = (url) => fetch(url).then((r) => r.ok, () => false);

/** One who speaks to the API: keeps cookies, sends the token. */
export class Person {
  constructor(base) {
    this.base = base;
    this.jar = new Map();
    this.csrf = '';
  }

  async call(method, path, body, headers = {}) {
    const res = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        origin: this.base,
        'x-csrf-token': this.csrf,
        cookie: [...this.jar].map(([k, v]) => `${k}=${v}`).join('; '),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const c of res.headers.getSetCookie()) {
      const [pair] = c.split(';');
      const at = pair.indexOf('=');
      this.jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const text = await res.text();
    const out = text ? JSON.parse(text) : null;
    if (!res.ok) throw Object.assign(new Error(`${method} ${path}: ${res.status} ${text}`), { status: res.status, problem: out });
    if (out?.csrf) this.csrf = out.csrf;
    return out;
  }

  signIn(who) {
    return this.call('POST', '/sessions', who);
  }

  async come(name) {
    await this.call('GET', '/sessions/current');
    return this.call('POST', '/sessions/guest', { name });
  }

  say(show, text) {
    return this.call('POST', `/shows/${show}/messages`, { text });
  }
}

/** The keys that both gateways' sandboxes know: ECPay's published ones, and any test key of Omise. */
function gatewayKeys(sandbox) {
  const omise = `${sandbox}/omise`;
  const ecpay = `${sandbox}/ecpay`;
  return {
    OMISE_PUBLIC_KEY: 'pkey_test_e2e', OMISE_SECRET_KEY: 'skey_test_e2e', OMISE_WEBHOOK_SECRET: randomBytes(24).toString('base64'),
    OMISE_API_URL: omise, OMISE_VAULT_URL: omise,
    ECPAY_MERCHANT_ID: '3002607', ECPAY_HASH_KEY: 'pwFHCqoQZGmho4w6', ECPAY_HASH_IV: 'EkRm7iFT261dpevs', ECPAY_BASE_URL: ecpay,
    ECPAY_LOGISTICS_MERCHANT_ID: '2000132', ECPAY_LOGISTICS_HASH_KEY: '5294y06JbISpM5x9', ECPAY_LOGISTICS_HASH_IV: 'v77hoKGq4kWxNNIS', ECPAY_LOGISTICS_BASE_URL: ecpay,
    ECPAY_INVOICE_MERCHANT_ID: '2000132', ECPAY_INVOICE_HASH_KEY: 'ejCk326UnaZWKisg', ECPAY_INVOICE_HASH_IV: 'q9jcZX8Ib9LM8wYk', ECPAY_INVOICE_BASE_URL: ecpay,
  };
}

export class World {
  /** `money`: with the sandboxes of both gateways. `people`: one may sign in as with LINE and Google, push and mail go out. */
  static async open({ money = false, people = false } = {}) {
    const w = new World();
    w.money = money;
    w.people = people;
    try {
      await w.start();
    } catch (e) {
      w.showLogs();
      await w.close();
      throw e;
    }
    return w;
  }

  async start() {
    this.dir = mkdtempSync(join(tmpdir(), 'nm-e2e-'));
    this.children = [];
    const [http, stream, rtmp, rtmps, gateways] = await freePorts(5);
    const account = randomBytes(16).toString('hex');
    const token = randomBytes(24).toString('hex');
    this.base = `http://127.0.0.1:${http}`;
    this.stream = `http://127.0.0.1:${stream}`;
    this.env = {
      PATH: process.env.PATH,
      TZ: 'Asia/Taipei',
      NM_LISTEN: `127.0.0.1:${http}`,
      NM_PUBLIC_URL: this.base,
      NM_DATA_DIR: join(this.dir, 'shop'),
      NM_WEB_DIR: process.env.NM_WEB_DIR ?? join(root, 'web/dist'),
      CLOUDFLARE_ACCOUNT_ID: account,
      CLOUDFLARE_STREAM_API_TOKEN: token,
      CLOUDFLARE_API_BASE_URL: `${this.stream}/client/v4`,
    };
    if (this.money) await this.startGateways(gateways);
    if (this.people) await this.startIssuer();
    this.run('streamd', ['--listen', `127.0.0.1:${stream}`, '--rtmp', `127.0.0.1:${rtmp}`, '--rtmps', `127.0.0.1:${rtmps}`,
      '--data', join(this.dir, 'stream'), '--account', account, '--token', token]);
    this.server = this.run('nightmarket', ['serve']);
    await until('streamd answers', 10_000, () => answers(`${this.stream}/healthz`));
    await until('the server answers', 10_000, () => answers(`${this.base}/readyz`));
    this.once(['user', 'add', '--email', owner.email, '--role', 'owner', '--name', '小舖老闆', '--password-stdin'], `${owner.password}\n`);
    this.once(['cloudflare-setup']);
    this.staff = new Person(this.base);
    await this.staff.signIn(owner);
    this.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
  }

  async startGateways(port) {
    this.sandbox = `http://127.0.0.1:${port}`;
    Object.assign(this.env, gatewayKeys(this.sandbox), { OMISE_WEBHOOK_URL: `${this.base}/api/v1/webhooks/omise` });
    this.run('sandboxd', ['--listen', `127.0.0.1:${port}`]);
    await until('the gateways answer', 10_000, () => answers(`${this.sandbox}/control/state`));
  }

  /** npm's oidc-provider stands for LINE and Google; nobody reads the mail. */
  async startIssuer() {
    const { startIssuer } = await import('../../test/login/issuer.mjs');
    const secret = randomBytes(16).toString('hex');
    const client = (id, name, alg) => ({ id, secret, alg, post: name === 'line', back: `${this.base}/api/v1/auth/${name}/callback` });
    this.issuer = await startIssuer([client('1234567890', 'line', 'HS256'), client('google.test', 'google', 'RS256')]);
    const vapid = createECDH('prime256v1');
    vapid.generateKeys();
    Object.assign(this.env, {
      LINE_CHANNEL_ID: '1234567890', LINE_CHANNEL_SECRET: secret, LINE_ISSUER: this.issuer.url,
      GOOGLE_CLIENT_ID: 'google.test', GOOGLE_CLIENT_SECRET: secret, GOOGLE_ISSUER: this.issuer.url,
      NM_VAPID_PRIVATE_KEY: vapid.getPrivateKey('base64url').padStart(43, 'A'),
    });
  }

  /** To the sandbox's switches: faults, what is paid by hand, what has been delivered. */
  async gateway(method, path, body) {
    const res = await fetch(`${this.sandbox}/control${path}`, {
      method, headers: { 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await res.text();
    if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** The server dies at once, as when the power goes, and comes back. */
  async crash() {
    const gone = new Promise((done) => this.server.once('exit', done));
    this.server.kill('SIGKILL');
    await gone;
  }

  async comeBack() {
    this.server = this.run('nightmarket', ['serve']);
    await until('the server answers again', 10_000, () => answers(`${this.base}/readyz`));
  }

  /** Moves a clock that a test cannot wait for: one statement on the shop's own database. */
  sql(statement, ...values) {
    const script = 'import json,sqlite3,sys\nd=sqlite3.connect(sys.argv[1],timeout=10)\nr=d.execute(sys.argv[2],json.loads(sys.argv[3])).fetchall()\nd.commit()\nprint(json.dumps(r))';
    const r = spawnSync('python3', ['-c', script, join(this.dir, 'shop/nightmarket.db'), statement, JSON.stringify(values)], { encoding: 'utf8', timeout: 20_000 });
    if (r.status !== 0) throw new Error(`${statement}: ${r.stderr}`);
    return JSON.parse(r.stdout);
  }

  run(program, args) {
    const log = createWriteStream(join(this.dir, `${basename(program)}.log`), { flags: 'a' });
    const child = spawn(join(build, program), args, { cwd: this.dir, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.on('error', (e) => log.write(`${e}\n`));
    child.on('exit', (code, signal) => { if (code || signal === 'SIGSEGV' || signal === 'SIGABRT') log.write(`it ended: ${signal ?? code}\n`); });
    this.children.push(child);
    return child;
  }

  once(args, input = '') {
    const r = spawnSync(join(build, 'nightmarket'), args, { cwd: this.dir, env: this.env, input, encoding: 'utf8', timeout: 20_000 });
    if (r.status !== 0) throw new Error(`nightmarket ${args[0]}: ${r.stderr || r.error}`);
  }

  showLogs() {
    for (const p of ['streamd', 'sandboxd', 'nightmarket']) {
      try {
        const text = readFileSync(join(this.dir, `${p}.log`), 'utf8').split('\n').slice(-25).join('\n');
        process.stderr.write(`---- ${p}\n${text}\n`);
      } catch {
        // it never began
      }
    }
  }

  async close() {
    await this.browser?.close();
    this.issuer?.stop();
    const alive = this.children.filter((c) => c.exitCode === null && c.signalCode === null);
    const gone = alive.map((c) => new Promise((done) => c.once('exit', done)));
    alive.forEach((c) => c.kill('SIGTERM'));
    const late = setTimeout(() => alive.forEach((c) => c.kill('SIGKILL')), 8000);
    await Promise.all(gone);
    clearTimeout(late);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }

  makeShow(more = {}) {
    return this.staff.call('POST', '/shows', {
      title: { 'zh-TW': '燈下開賣', th: 'ไลฟ์ใต้แสงโคม', en: 'Under the lanterns' },
      cover: 'tw-bag',
      host_name: '阿月',
      starts_at: Date.now() + 20 * 60_000,
      ...more,
    });
  }

  async ingestOf(show) {
    const { rtmps } = await this.staff.call('GET', `/shows/${show}/ingest`);
    return rtmps.url + rtmps.key;
  }

  /** Broadcasts to a show over RTMPS until `stop()`; `cut()` is a cable pulled out. */
  async publish(show, opts = {}) {
    const { size = '360x640', fps = 30, gop = 1, bitrate = 700 } = opts;
    const url = await this.ingestOf(show);
    const child = this.run('tests/camera', ['--size', size, '--fps', `${fps}`, '--gop', `${gop}`, '--bitrate', `${bitrate}`, '--preset', 'ultrafast', url]);
    const ended = new Promise((done) => child.once('exit', done));
    const kill = (signal) => {
      child.kill(signal);
      return ended;
    };
    return { stop: () => kill('SIGTERM'), cut: () => kill('SIGKILL') };
  }

  stateOf(show) {
    return this.staff.call('GET', `/shows/${show}`).then((s) => s.state);
  }

  /** Publishes and goes live; gives the broadcast. */
  async onAir(show, opts) {
    const cast = await this.publish(show, opts);
    await until('the show is backstage', 10_000, async () => (await this.stateOf(show)) === 'backstage');
    await this.staff.call('POST', `/shows/${show}/go-live`, {});
    return cast;
  }

  /** A page in a browser of its own, as a new visitor has it; `errors` collects what goes wrong. */
  async visit(path, options = phone) {
    const context = await this.browser.newContext({ locale: 'zh-TW', timezoneId: 'Asia/Taipei', ...options });
    context.setDefaultTimeout(10_000);
    await context.addInitScript(`window.nmRead = (${makeReader})();`);
    const page = await context.newPage();
    page.errors = [];
    page.on('pageerror', (e) => page.errors.push(e.message));
    page.on('console', (m) => {
      if (m.type() === 'error' && /Content Security Policy|Uncaught/i.test(m.text())) page.errors.push(m.text());
    });
    await page.goto(this.base + path);
    await page.evaluate(() => {
      window.nmSamePage = true;
    });
    return page;
  }

  async visitAsOwner(path, options = desk) {
    const page = await this.visit('/signin', options);
    await page.getByTestId('email').fill(owner.email);
    await page.getByTestId('password').fill(owner.password);
    await page.getByTestId('signin').click();
    await page.waitForURL('**/studio');
    if (path !== '/studio') await page.goto(this.base + path);
    return page;
  }
}

export const stage = (page) => page.getByTestId('room').getAttribute('data-stage');
export const samePage = (page) => page.evaluate(() => window.nmSamePage === true);

/** What the picture on the screen says: the camera's clock (null: unreadable) and the position. */
export function look(page, selector = '[data-testid="video"]') {
  return page.evaluate((sel) => {
    const v = document.querySelector(sel);
    if (!v || !v.videoWidth) return null;
    const c = document.createElement('canvas');
    c.width = 160;
    c.height = 40;
    const g = c.getContext('2d', { willReadFrequently: true });
    g.drawImage(v, 0, 0, v.videoWidth, v.videoHeight / 8, 0, 0, 160, 40);
    const rgba = g.getImageData(0, 0, 160, 40).data;
    const grey = new Uint8Array(160 * 40);
    for (let i = 0; i < grey.length; i++) grey[i] = rgba[4 * i + 1];
    return { clock: window.nmRead(grey, 160, 40, true), at: v.currentTime, muted: v.muted, now: Date.now() };
  }, selector);
}

/** Until the picture moves: the position grows, and so does the clock in the picture. */
export async function moves(page, ms = 8000, selector) {
  const first = await until('a picture with a clock', ms, async () => {
    const l = await look(page, selector);
    return l?.clock ? l : null;
  });
  return until('the picture moves', ms, async () => {
    const l = await look(page, selector);
    return l?.clock && l.at > first.at + 0.3 && l.clock > first.clock ? l : null;
  });
}

export function shotFolder() {
  mkdirSync(shots, { recursive: true });
  return shots;
}

/**
 * A journey: parts that build on each other, in a world of its own. After a part that fails the
 * rest is left out; `apart`: they only share the world, and all are told.
 */
export function journey(name, tell, opts) {
  void test(name, async (t) => {
    const w = await World.open(opts);
    let broken = false;
    const part = (title, f) =>
      t.test(title, { timeout: 90_000 }, async (inner) => {
        if (broken) return inner.skip('an earlier part failed');
        try {
          return await f();
        } catch (e) {
          broken = !opts?.apart;
          if (broken) w.showLogs();
          throw e;
        }
      });
    try {
      await tell(w, part);
    } finally {
      await w.close();
    }
  });
}
