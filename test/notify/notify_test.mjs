// What a shop sends, read by others' programs: push messages by http_ece and WebCrypto, mails by
// smtp-server and mailparser, calendars by ical.js.
import assert from "node:assert/strict";
import { ECDH, createECDH, randomBytes, webcrypto } from "node:crypto";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";

import ece from "http_ece";
import ICAL from "ical.js";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

import { Visitor, freePort, startShop } from "../login/shop.mjs";

const FROM = "夜市, the shop <shop@example.com>";
const OWNER = "owner@example.com", PASSWORD = "a long enough pass phrase";
const MINUTE = 60_000;
const mails = [], pushes = [];
let shop, mail, push, status = 201, vapidKey;

async function until(what, look) {
  const end = Date.now() + 15_000;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} never came\n${shop.log}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Takes mail as a server does; one address does not exist. */
function startMail() {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onRcptTo: (to, session, done) => done(to.address.startsWith("nobody@") ? Object.assign(new Error("no such mailbox"), { responseCode: 550 }) : null),
    onData(stream, session, done) {
      const parts = [];
      stream.on("data", (part) => parts.push(part));
      stream.on("end", async () => {
        const raw = Buffer.concat(parts);
        mails.push({ rcpt: session.envelope.rcptTo.map((r) => r.address), raw: raw.toString("latin1"), ...(await simpleParser(raw)) });
        done();
      });
    },
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

function startPush() {
  const server = createServer((req, res) => {
    const parts = [];
    req.on("data", (part) => parts.push(part));
    req.on("end", () => {
      pushes.push({ path: req.url, headers: req.headers, body: Buffer.concat(parts) });
      res.writeHead(status).end();
    });
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

/** A browser's subscription, whose private half stays here. */
function browser(path) {
  const keys = createECDH("prime256v1");
  keys.generateKeys();
  const auth = randomBytes(16);
  const origin = `http://127.0.0.1:${push.address().port}`;
  return {
    keys, auth, origin, path,
    json: { endpoint: origin + path, keys: { p256dh: keys.getPublicKey("base64url"), auth: auth.toString("base64url") } },
    read: (body) => JSON.parse(ece.decrypt(body, { version: "aes128gcm", privateKey: keys, authSecret: auth.toString("base64url") }).toString()),
  };
}

const unpack = (part) => JSON.parse(Buffer.from(part, "base64url").toString());

/** RFC 8292: who sent it, signed for this push service alone, and not for long. */
async function assertVapid(header, audience) {
  const [, token, key] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header);
  assert.equal(key, vapidKey);
  const point = Buffer.from(key, "base64url");
  const pub = await webcrypto.subtle.importKey("raw", point, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const [head, claims, signature] = token.split(".");
  assert.deepEqual(unpack(head), { typ: "JWT", alg: "ES256" });
  const good = await webcrypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, pub, Buffer.from(signature, "base64url"), Buffer.from(`${head}.${claims}`));
  assert.ok(good, "the signature");
  const { aud, exp, sub } = unpack(claims);
  assert.equal(aud, audience);
  assert.equal(sub, "mailto:shop@example.com");
  assert.ok(exp > Date.now() / 1000 && exp <= Date.now() / 1000 + 86_400);
}

async function makeShow(owner, title) {
  const res = await owner.send("POST", "/shows", { title, starts_at: Date.now() + 60 * MINUTE });
  assert.equal(res.status, 201, res.text);
  return res.json.id;
}

const put = (id, kind, lang, to, args) =>
  shop.sql("INSERT INTO outbox (id, kind, channel, email, lang, args, state, next_at, until_at, created_at, changed_at) VALUES (?, ?, 'email', ?, ?, ?, 'queued', 1, 9999999999999, 1, 1)",
    id, kind, to, lang, JSON.stringify(args));

before(async () => {
  [mail, push] = await Promise.all([startMail(), startPush()]);
  const secret = createECDH("prime256v1");
  secret.generateKeys();
  vapidKey = secret.getPublicKey("base64url");
  shop = await startShop(await freePort(), {
    NM_SMTP_URL: `smtp://127.0.0.1:${mail.server.address().port}`, NM_MAIL_FROM: FROM,
    NM_VAPID_PRIVATE_KEY: Buffer.concat([Buffer.alloc(32), secret.getPrivateKey()]).subarray(-32).toString("base64url"),
  });
  shop.once(["user", "add", "--email", OWNER, "--role", "owner", "--password-stdin"], `${PASSWORD}\n`);
});

after(async () => {
  assert.equal(await shop?.stop(), 0);
  push?.close();
  await new Promise((done) => mail.close(done));
});

describe("push", () => {
  let owner, guest, show, mine;

  test("a guest subscribes and is reminded", async () => {
    owner = new Visitor(shop);
    assert.equal((await owner.send("POST", "/sessions", { email: OWNER, password: PASSWORD })).status, 201);
    show = await makeShow(owner, { "zh-TW": "夜市，小巷 & Co", th: "ตลาดนัด" });
    guest = new Visitor(shop);
    const key = (await guest.get("/push/key")).json;
    assert.deepEqual(key, { key: vapidKey, email: true });
    assert.equal(ECDH.convertKey(key.key, "prime256v1", "base64url", "hex", "uncompressed").length, 130);
    mine = browser("/p/one");
    assert.equal((await guest.send("PUT", "/me/push", mine.json)).status, 204);
    const res = await guest.send("POST", `/shows/${show}/reminders`, { push: true });
    assert.deepEqual(res.json, { push: true, email: false, can_push: true, can_email: false });
    assert.equal((await owner.get(`/shows/${show}/reminders`)).json.count, 1);
    assert.equal("count" in (await guest.get(`/shows/${show}/reminders`)).json, false);
  });

  test("what strangers' URLs may be is bounded", async () => {
    for (const endpoint of ["http://10.0.0.1/x", "https://169.254.169.254/x", "file:///etc/passwd", "https://db.internal/x"]) {
      const res = await guest.send("PUT", "/me/push", { ...mine.json, endpoint });
      assert.equal(res.status, 400, endpoint);
    }
    const bad = { ...mine.json, keys: { ...mine.json.keys, p256dh: Buffer.alloc(65, 4).toString("base64url") } };
    assert.equal((await guest.send("PUT", "/me/push", bad)).status, 400);
  });

  test("whoever made a link that moves a guest hears no more of that guest", async () => {
    const maker = new Visitor(shop), taker = new Visitor(shop);
    assert.equal((await maker.send("PUT", "/me/push", browser("/p/maker").json)).status, 204);
    const { url } = (await maker.send("POST", "/sessions/handover", { path: "/" })).json;
    const count = () => shop.sql("SELECT count(*) FROM push_subscription WHERE endpoint LIKE '%/p/maker'")[0][0];
    assert.equal(count(), 1);
    const taken = await taker.send("POST", "/sessions/handover/take", { token: new URL(url).hash.slice(1), would: "become" });
    assert.equal(taken.status, 201, taken.text);
    assert.equal(count(), 0);
  });

  test("ten minutes before, the browser can read it and knows who sent it", async () => {
    shop.sql("UPDATE show SET starts_at = ? WHERE public_id = ?", Date.now() + 9 * MINUTE, show);
    const got = await until("the push", () => pushes.find((p) => p.path === "/p/one"));
    const said = mine.read(got.body);
    assert.equal(said.url, `/s/${show}`);
    assert.equal(said.tag, `show:${show}`);
    assert.match(said.title, /夜市，小巷 & Co|ตลาดนัด/);
    assert.equal(got.headers["content-encoding"], "aes128gcm");
    assert.equal(got.headers.urgency, "high");
    assert.match(got.headers.topic, /^[\w-]{32}$/);
    const ttl = Number(got.headers.ttl);
    assert.ok(ttl > 0 && ttl <= 540, `${ttl}`);
    await assertVapid(got.headers.authorization, mine.origin);
  });

  test("going live is told once; a browser that is gone is forgotten", async () => {
    pushes.length = 0;
    status = 410;
    shop.sql("UPDATE show SET state = 'live', live_started_at = ? WHERE public_id = ?", Date.now(), show);
    await until("the push", () => pushes.length);
    await until("the end of the subscription", () => shop.sql("SELECT count(*) FROM push_subscription")[0][0] === 0);
    status = 201;
    assert.equal(pushes.length, 1);
    assert.equal((await guest.send("POST", `/shows/${show}/reminders`, {})).status, 409);
  });
});

describe("mail", () => {
  test("a code by mail is what other programs read", async () => {
    const stranger = new Visitor(shop);
    const res = await stranger.send("POST", "/accounts/password/forgot", { email: OWNER });
    assert.equal(res.status, 202, res.text);
    const got = await until("the mail", () => mails.find((m) => m.rcpt.includes(OWNER)));
    assert.equal(got.from.value[0].address, "shop@example.com");
    assert.equal(got.from.value[0].name, "夜市, the shop");
    const [code] = /\b\d{8}\b/.exec(got.subject);
    assert.ok(got.text.includes(code) && got.html.includes(code));
    assert.equal(got.headers.get("auto-submitted"), "auto-generated");
    assert.equal(got.headers.has("list"), false);
    assert.equal(shop.log.includes(code), false);
    assert.deepEqual(shop.sql("SELECT args, email FROM outbox WHERE kind = 'password_code'"), [["{}", null]]);
  });

  test("a receipt in five languages, with lines that every server takes", async () => {
    const langs = ["zh-TW", "th", "en", "zh-CN", "ja"];
    const args = {
      no: "T261123-0001", shop: "小巷 <b>&", currency: "TWD", lines: [{ title: "帆布包 \"大\" & กระเป๋า".repeat(4), options: "黑 / L", qty: 2, amount: 1180 }],
      subtotal: 1180, discount: 0, shipping: 60, total: 1240, paid: true, address: "王小明, 台北市 中正區", url: "/o/T261123-0001?s=abc", withdrawal_days: 7,
    };
    langs.forEach((lang, i) => put(1000 + i, "order_receipt", lang, `${lang}@example.org`, args));
    for (const lang of langs) {
      const got = await until(lang, () => mails.find((m) => m.rcpt.includes(`${lang}@example.org`)));
      assert.ok(got.subject.includes("T261123-0001"), got.subject);
      assert.equal(got.headers.get("content-language"), lang);
      for (const text of ["NT$1,240", `${shop.url}/o/T261123-0001?s=abc`, args.lines[0].title, args.address]) assert.ok(got.text.includes(text), `${lang}: ${text}`);
      assert.equal(got.html.includes("<b>&"), false);
      for (const line of got.raw.split("\r\n")) assert.ok(line.length <= 78 && !/[^\x20-\x7e]/.test(line), line);
    }
  });

  test("a reminder can be stopped at one click, and looking stops nothing", async () => {
    const owner = new Visitor(shop);
    await owner.send("POST", "/sessions", { email: OWNER, password: PASSWORD });
    shop.sql("UPDATE identity SET email_verified = 1");
    const show = await makeShow(owner, { en: "Late night" });
    const set = await owner.send("POST", `/shows/${show}/reminders`, { email: true });
    assert.deepEqual(set.json, { push: false, email: true, can_push: true, can_email: true, count: 1 });
    mails.length = 0;
    shop.sql("UPDATE show SET starts_at = ? WHERE public_id = ?", Date.now() + 9 * MINUTE, show);
    const got = await until("the reminder", () => mails.find((m) => m.subject?.includes("Late night")));
    const list = got.headers.get("list");
    const { url } = list.unsubscribe;
    assert.match(got.raw, /List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n/);
    const wanted = () => shop.sql("SELECT r.email FROM reminder r JOIN show s ON s.id = r.show_id WHERE s.public_id = ?", show)[0][0];
    const look = await fetch(url);
    assert.equal(look.status, 200);
    assert.match(await look.text(), /Late night/);
    assert.equal(wanted(), 1);
    const form = new FormData(); // RFC 8058 lets mail programs choose either type of form
    form.set("List-Unsubscribe", "One-Click");
    assert.equal((await fetch(`${url}x`, { method: "POST", body: form })).status, 404);
    const stop = await fetch(url, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "List-Unsubscribe=One-Click" });
    assert.equal(stop.status, 200);
    assert.equal(wanted(), 0);
  });

  test("a mailbox that does not exist is given up, and staff can see it", async () => {
    put(2000, "order_shipped", "en", "nobody@example.org", { no: "T9", shop: "s", url: "/o/T9" });
    shop.sql("UPDATE outbox SET shop_id = (SELECT id FROM shop) WHERE id = 2000");
    await until("the end", () => shop.sql("SELECT state FROM outbox WHERE id = 2000")[0][0] === "dead");
    const owner = new Visitor(shop);
    await owner.send("POST", "/sessions", { email: OWNER, password: PASSWORD });
    const [item] = (await owner.get("/staff/notices/dead")).json.items;
    assert.equal(item.kind, "order_shipped");
    assert.match(item.result, /550/);
    assert.equal(JSON.stringify(item).includes("nobody"), false);
    assert.equal((await new Visitor(shop).get("/staff/notices/dead")).status, 401);
  });
});

describe("calendar", () => {
  test("other programs read the show, its place in time, and that it moved", async () => {
    const owner = new Visitor(shop);
    await owner.send("POST", "/sessions", { email: OWNER, password: PASSWORD });
    const title = "ตลาดนัด; ของดี, ราคาถูก \\ คืนนี้ ไลฟ์สดทุกวันศุกร์ ตั้งแต่สองทุ่ม";
    const show = await makeShow(owner, { th: title });
    const read = async () => {
      const res = await fetch(`${shop.url}/api/v1/shows/${show}/calendar.ics?lang=th`);
      assert.match(res.headers.get("content-type"), /^text\/calendar/);
      const text = await res.text();
      for (const line of text.split("\r\n")) assert.ok(Buffer.byteLength(line) <= 75, line);
      const event = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent");
      return { event: new ICAL.Event(event), alarm: event.getFirstSubcomponent("valarm"), sequence: event.getFirstPropertyValue("sequence") };
    };
    const first = await read();
    assert.equal(first.event.summary, title);
    assert.equal(first.event.startDate.zone.tzid, "UTC");
    assert.equal(first.alarm.getFirstPropertyValue("trigger").toString(), "-PT10M");
    assert.ok(first.event.description.includes(`${shop.url}/s/${show}`));
    const { version } = (await owner.get(`/shows/${show}`)).json;
    const starts_at = Math.floor(Date.now() / 1000) * 1000 + 120 * MINUTE;
    assert.equal((await owner.send("PATCH", `/shows/${show}`, { starts_at }, { "if-match": `"${version}"` })).status, 200);
    const moved = await read();
    assert.equal(moved.event.uid, first.event.uid);
    assert.ok(moved.sequence > first.sequence);
    assert.equal(moved.event.startDate.toJSDate().getTime(), starts_at);
  });
});
