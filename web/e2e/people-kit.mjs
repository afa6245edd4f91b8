// What the journeys of people share: a push service that a browser could have, and a zip that is read.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:http';

/** RFC 8291 as the receiver does it: the payload, from the body that came and the subscription's keys. */
export function openPush(body, { ecdh, auth }) {
  const salt = body.subarray(0, 16);
  const idLen = body[20];
  const sender = body.subarray(21, 21 + idLen);
  const sealed = body.subarray(21 + idLen);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender]);
  const ikm = hkdfSync('sha256', ecdh.computeSecret(sender), auth, info, 32);
  const key = hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16);
  const nonce = hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12);
  const d = createDecipheriv('aes-128-gcm', Buffer.from(key), Buffer.from(nonce));
  d.setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([d.update(sealed.subarray(0, -16)), d.final()]);
  const end = plain.lastIndexOf(2); // the delimiter of the last record, then padding
  return JSON.parse(plain.subarray(0, end).toString());
}

/** RFC 8292: who sends, signed with the key that the page subscribed with. */
export function checkVapid(header, audience) {
  const { t, k } = Object.fromEntries(header.replace(/^vapid /, '').split(/,\s*/).map((p) => [p.slice(0, 1), p.slice(2)]));
  const raw = Buffer.from(k, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: raw.subarray(1, 33).toString('base64url'), y: raw.subarray(33).toString('base64url') };
  const [head, claims, mac] = t.split('.');
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  assert.ok(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(mac, 'base64url')), 'the signature of VAPID');
  const said = JSON.parse(Buffer.from(claims, 'base64url'));
  assert.equal(said.aud, audience);
  assert.ok(said.exp > Date.now() / 1000 && said.exp <= Date.now() / 1000 + 86_400);
  assert.match(said.sub, /^(mailto:|https?:)/);
  return { key: k, claims: said };
}

/** A push service on loopback: keeps what comes. `subscription()` is what a browser would give the page. */
export async function startPushSink() {
  const got = [];
  const server = createServer((req, res) => {
    const parts = [];
    req.on('data', (p) => parts.push(p));
    req.on('end', () => {
      got.push({ path: req.url, headers: req.headers, body: Buffer.concat(parts) });
      res.writeHead(201).end();
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url, got,
    subscription() {
      const ecdh = createECDH('prime256v1');
      ecdh.generateKeys();
      const auth = randomBytes(16);
      return {
        ecdh, auth,
        json: { endpoint: `${url}/push/${randomBytes(8).toString('hex')}`, expirationTime: null, keys: { p256dh: ecdh.getPublicKey('base64url'), auth: auth.toString('base64url') } },
      };
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Offline, Chromium's own push service cannot be reached: the page gets this subscription instead. */
export async function givePush(context, base, json) {
  await context.grantPermissions(['notifications'], { origin: base });
  await context.addInitScript((sub) => {
    let now = null;
    const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)).buffer;
    const make = (options) => ({
      endpoint: sub.endpoint, expirationTime: null, options,
      toJSON: () => sub, getKey: (name) => bytes(sub.keys[name]),
      unsubscribe: () => { now = null; return Promise.resolve(true); },
    });
    PushManager.prototype.subscribe = function subscribe(options) {
      window.nmPushKey = options?.applicationServerKey;
      now = make(options);
      return Promise.resolve(now);
    };
    PushManager.prototype.getSubscription = () => Promise.resolve(now);
    PushManager.prototype.permissionState = () => Promise.resolve('granted');
  }, json);
}

/** Types a name at the provider's page, as a person does. */
export async function typeAtProvider(page, name) {
  await page.locator('input[name="login"]').fill(name);
  await page.locator('input[name="password"]').fill('any');
  await page.locator('button[type="submit"]').click();
}

/** The files of a zip: name to text. */
export function unzip(file) {
  const script = 'import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({n: z.read(n).decode("utf-8-sig") for n in z.namelist()}))';
  const r = spawnSync('python3', ['-c', script, file], { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (r.status !== 0) throw new Error(r.stderr);
  return JSON.parse(r.stdout);
}

export const agents = {
  line: 'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 Line/14.9.1/IAB',
  lineIphone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.9.0',
  facebook: 'Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.0.0.40.84;]',
};
