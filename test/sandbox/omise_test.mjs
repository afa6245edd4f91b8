// The official Omise library against a real sandboxd, and what a buyer's browser would do.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import { createRequire } from "node:module";
import { after, before, beforeEach, test } from "node:test";

import { startSandbox, startShop } from "./sandbox.mjs";

const require = createRequire(import.meta.url);
const jsQR = require("jsqr");
const SECRET = Buffer.from("a webhook secret for tests").toString("base64");

let sandbox, shop, omise;

// The library knows a host, no port and no path: both are put in here.
const request = http.request;
http.request = (options, ...rest) =>
  options?.host === "sandbox"
    ? request({ ...options, host: "127.0.0.1", port: sandbox.port, path: `/omise${options.path}` }, ...rest)
    : request(options, ...rest);

function library(secretKey = "skey_test_shop", publicKey = "pkey_test_shop") {
  const options = { secretKey, publicKey, host: "sandbox", vaultHost: "sandbox", scheme: "http" };
  return require("omise")({ ...options, omiseVersion: "2019-05-29" });
}

before(async () => {
  shop = await startShop();
  sandbox = await startSandbox({ OMISE_WEBHOOK_URL: `${shop.url}/hook`, OMISE_WEBHOOK_SECRET: SECRET });
  omise = library();
});

beforeEach(async () => {
  await sandbox.control("DELETE", "faults");
});

after(async () => {
  shop.stop();
  assert.equal(await sandbox.stop(), 0, sandbox.log);
});

const GOOD = "4242424242424242";
const card = (number, more = {}) => ({
  name: "Somchai Prasert",
  number,
  expiration_month: 12,
  expiration_year: 2030,
  security_code: "123",
  ...more,
});
const token = async (number = GOOD) => (await omise.tokens.create({ card: card(number) })).id;
const charge = async (more) => omise.charges.create({ amount: 59000, currency: "thb", ...more });
const promptpay = (more) => charge({ source: { type: "promptpay" }, ...more });
const refusal = (code) => (error) => {
  assert.equal(error.object, "error");
  assert.equal(error.code, code);
  assert.match(error.location, /^https:\/\/www\.omise\.co\/api-errors#[a-z-]+$/);
  assert.ok(error.message);
  return true;
};

/** As curl would: a raw call with any key, method and body. */
async function call(method, path, { key = "skey_test_shop", body, type = "application/json" } = {}) {
  const authorization = `Basic ${Buffer.from(`${key}:`).toString("base64")}`;
  const answer = await fetch(`${sandbox.url}/omise${path}`, {
    method,
    headers: { ...(key ? { authorization } : {}), ...(body ? { "content-type": type } : {}) },
    body,
  });
  return { status: answer.status, json: await answer.json() };
}

const press = async (page, as) =>
  fetch(page, { method: "POST", body: new URLSearchParams({ as }), redirect: "manual" });

/** The event of this key about this object, its signature checked. */
async function event(key, id) {
  const hit = await shop.message(({ body }) => {
    const e = JSON.parse(body);
    return e.key === key && (e.data.id === id || e.data.charge === id);
  });
  const time = hit.headers["omise-signature-timestamp"];
  const mac = createHmac("sha256", Buffer.from(SECRET, "base64")).update(`${time}.`).update(hit.body);
  assert.equal(hit.headers["omise-signature"], mac.digest("hex"));
  assert.ok(Math.abs(Date.now() / 1000 - Number(time)) < 60);
  return JSON.parse(hit.body);
}

test("a card pays at once; fee, VAT and net make the amount", async () => {
  const t = await omise.tokens.create({ card: card(GOOD) });
  assert.match(t.id, /^tokn_test_[0-9a-z]+$/);
  assert.equal(t.used, false);
  assert.equal(t.card.last_digits, "4242");
  assert.equal(t.card.brand, "Visa");

  const c = await charge({ card: t.id, metadata: { order: "O1", attempt: "A1" }, description: "tea" });
  assert.equal(c.status, "successful");
  assert.equal(c.paid && c.authorized && c.refundable, true);
  assert.equal(c.currency, "THB");
  assert.equal(c.captured_amount, 59000);
  assert.equal(c.net + c.fee + c.fee_vat, 59000);
  assert.equal(c.card.last_digits, "4242");
  assert.deepEqual(c.metadata, { order: "O1", attempt: "A1" });
  assert.deepEqual(await omise.charges.retrieve(c.id), c);
  assert.equal((await omise.tokens.retrieve(t.id)).used, true);
  await assert.rejects(charge({ card: t.id }), refusal("used_token"));

  const twice = await promptpay({ webhook_endpoints: [`${shop.url}/extra`] });
  for (const path of ["/hook", "/extra"])
    await shop.message((m) => m.path === path && JSON.parse(m.body).data.id === twice.id);

  const e = await event("charge.create", c.id);
  assert.equal(e.object, "event");
  assert.match(e.id, /^evnt_test_[0-9a-z]+$/);
  assert.equal(e.data.status, "successful");
  assert.equal((await omise.events.retrieve(e.id)).key, "charge.create");
});

test("each test card fails as the documentation says, and the charge is there", async () => {
  const table = {
    insufficient_fund: ["4111111111140011", "5555551111110011", "3530111111190011"],
    stolen_or_lost_card: ["4111111111130012", "5555551111100012", "3530111111180012"],
    failed_processing: ["4111111111120013", "5555551111190013", "3530111111170013"],
    payment_rejected: ["4111111111110014", "5555551111180014", "3530111111160014"],
    failed_fraud_check: ["4111111111190016", "5555551111160016", "3530111111140016"],
    invalid_account_number: ["4111111111180017", "5555551111150017", "3530111111130017"],
    invalid_security_code: ["4111111111160001"],
  };
  for (const [code, numbers] of Object.entries(table))
    for (const number of numbers) {
      const c = await charge({ card: await token(number) });
      assert.deepEqual([c.status, c.failure_code, c.paid], ["failed", code, false], number);
      assert.ok(c.failure_message);
    }
  for (const number of ["4111111111111111", "5555555555554444", "3530111333300000"])
    assert.equal((await charge({ card: await token(number) })).status, "successful");
});

test("3-D Secure: the buyer is sent away, decides, and comes back", async () => {
  const return_uri = "https://shop.example/back?order=1";
  const begin = async (number) => charge({ card: await token(number), return_uri });

  const good = await begin(GOOD);
  assert.equal(good.status, "pending");
  assert.equal(good.authorized, false);
  const page = await fetch(good.authorize_uri, { headers: { "accept-language": "th" } });
  const html = await page.text();
  assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
  assert.match(html, /3-D Secure/);
  assert.match(html, /฿590\.00/);
  assert.match(html, /SANDBOX/);
  const back = await press(good.authorize_uri, "success");
  assert.equal(back.status, 303);
  assert.equal(back.headers.get("location"), return_uri);
  const paid = await omise.charges.retrieve(good.id);
  assert.deepEqual([paid.status, paid.authenticated_by], ["successful", "3DS"]);
  assert.equal((await event("charge.complete", good.id)).data.status, "successful");
  await press(good.authorize_uri, "fail"); // too late: nothing changes
  assert.equal((await omise.charges.retrieve(good.id)).status, "successful");

  for (const [number, as, code] of [
    [GOOD, "cancel", "payment_cancelled"],
    [GOOD, "fail", "3ds_validation_failed"],
    ["4111111111140011", "success", "insufficient_fund"],
    ["4111111111140003", "success", "3ds_validation_failed"],
  ]) {
    const c = await begin(number);
    await press(c.authorize_uri, as);
    const ended = await omise.charges.retrieve(c.id);
    assert.deepEqual([ended.status, ended.failure_code], ["failed", code]);
  }
  const refused = await begin("4111111111150002");
  assert.deepEqual([refused.status, refused.authorize_uri], ["failed", null]);
  assert.equal((await fetch(`${sandbox.url}/omise/payments/pay2_test_x/authorize`)).status, 404);
});

test("captured later, in part, or given back", async () => {
  const hold = async (more) => charge({ card: await token(), capture: false, ...more });
  const one = await hold();
  assert.deepEqual([one.status, one.authorized, one.capturable, one.paid], ["pending", true, true, false]);
  const taken = await omise.charges.capture(one.id);
  assert.deepEqual([taken.status, taken.captured_amount], ["successful", 59000]);
  await assert.rejects(omise.charges.capture(one.id), refusal("failed_capture"));

  const part = await hold({ authorization_type: "pre_auth" });
  assert.equal((await omise.charges.capture(part.id, { capture_amount: 20000 })).captured_amount, 20000);
  const whole = await hold();
  await assert.rejects(omise.charges.capture(whole.id, { capture_amount: 20000 }), refusal("failed_capture"));
  assert.equal((await omise.charges.reverse(whole.id)).status, "reversed");
  await assert.rejects(omise.charges.reverse(whole.id), refusal("failed_reverse"));
});

/** The dark squares of our SVG as a camera would see them. */
function read(svg) {
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)[1]);
  const scale = 4;
  const width = size * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dy = 0; dy < scale; dy++)
      for (let dx = 0; dx < scale; dx++)
        pixels.fill(0, ((y * scale + dy) * width + x * scale + dx) * 4, ((y * scale + dy) * width + x * scale + dx) * 4 + 3);
  return jsQR(pixels, width, width).data;
}

function tags(text) {
  const found = {};
  for (let at = 0; at < text.length; ) {
    const length = Number(text.slice(at + 2, at + 4));
    found[text.slice(at, at + 2)] = text.slice(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return found;
}

function crc16(text) {
  let crc = 0xffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}

test("PromptPay: a QR that can be read and paid", async () => {
  const c = await promptpay({ metadata: { attempt: "pp1" } });
  assert.deepEqual([c.status, c.source.flow, c.authorize_uri], ["pending", "offline", null]);
  assert.ok(Date.parse(c.expires_at) > Date.now());
  const image = c.source.scannable_code.image;
  const picture = await fetch(image.download_uri);
  assert.equal(picture.headers.get("content-type"), "image/svg+xml");
  const text = read(await picture.text());
  const emv = tags(text);
  assert.deepEqual([emv["00"], emv["53"], emv["54"], emv["58"]], ["01", "764", "590.00", "TH"]);
  assert.equal(tags(emv["30"])["00"], "A000000677010112");
  assert.equal(emv["63"], crc16(text.slice(0, -4)));
  assert.equal((await fetch(image.download_uri.slice(0, -1))).status, 404);

  const list = await (await fetch(`${sandbox.url}/omise/pay`)).text();
  const page = /href="(\/omise\/payments\/[^"]+)"/.exec(list)[1];
  assert.match(await (await press(sandbox.url + page, "success")).text(), /successful/);
  const paid = await omise.charges.retrieve(c.id);
  assert.deepEqual([paid.status, paid.source.charge_status], ["successful", "successful"]);
  assert.equal((await event("charge.complete", c.id)).data.paid, true);
  await assert.rejects(omise.charges.createRefund(c.id, { amount: 59000 }), refusal("failed_refund"));
});

test("a charge that waits: paid or failed by hand, ended, lapsed, paid late", async () => {
  const by = (id, as) => call("POST", `/charges/${id}/${as}`);
  const one = await promptpay();
  assert.equal((await by(one.id, "mark_as_paid")).json.status, "successful");
  assert.equal((await by(one.id, "mark_as_failed")).status, 400);
  const two = await promptpay();
  assert.equal((await by(two.id, "mark_as_failed")).json.failure_code, "payment_rejected");
  const three = await promptpay({ metadata: { attempt: "attempt3" } });
  assert.deepEqual(
    await omise.charges.expire(three.id).then((c) => [c.status, c.expired]),
    ["expired", true],
  );
  await assert.rejects(omise.charges.expire(three.id), refusal("failed_expire"));
  await assert.rejects(omise.charges.expire(one.id), refusal("failed_expire"));
  assert.equal((await by(three.id, "mark_as_paid")).json.code, "expired_charge");
  assert.equal((await sandbox.control("POST", "pay", { ref: "attempt3", as: "paid" })).status, 204);
  assert.equal((await omise.charges.retrieve(three.id)).status, "successful");
  assert.equal((await sandbox.control("POST", "pay", { ref: three.id, as: "paid" })).status, 409);
  assert.equal((await sandbox.control("POST", "pay", { ref: "nobody" })).status, 404);

  const short = await promptpay({ expires_at: new Date(Date.now() + 1500).toISOString() });
  assert.equal((await event("charge.expire", short.id)).data.status, "expired");
  assert.equal((await omise.charges.retrieve(short.id)).status, "expired");
});

test("sources: made by the buyer's key, once for one charge of the same amount", async () => {
  const source = (more) => omise.sources.create({ amount: 59000, currency: "THB", ...more });
  const s = await source({ type: "truemoney", phone_number: "0812345678" });
  assert.deepEqual([s.flow, s.charge_status, s.phone_number], ["redirect", "unknown", "0812345678"]);
  const return_uri = "http://127.0.0.1/back";
  await assert.rejects(charge({ source: s.id }), refusal("invalid_charge")); // no return_uri
  await assert.rejects(charge({ source: s.id, amount: 60000, return_uri }), refusal("invalid_charge"));
  const c = await charge({ source: s.id, return_uri });
  assert.equal(c.status, "pending");
  await assert.rejects(charge({ source: s.id, return_uri }), refusal("invalid_charge"));
  assert.equal((await press(c.authorize_uri, "success")).headers.get("location"), return_uri);
  assert.equal((await omise.sources.retrieve(s.id)).charge_status, "successful");
  const back = await omise.charges.createRefund(c.id, { amount: 59000 });
  assert.equal(back.amount, 59000);

  for (const type of ["mobile_banking_kbank", "mobile_banking_scb", "shopeepay", "rabbit_linepay"]) {
    const one = await charge({ source: { type, platform_type: "ANDROID" }, return_uri });
    assert.match(await (await fetch(one.authorize_uri)).text(), /590\.00/);
  }
  await assert.rejects(source({ type: "truemoney", phone_number: "12" }), refusal("bad_request"));
  await assert.rejects(source({ type: "internet_banking_scb" }), refusal("bad_request"));
  await assert.rejects(source({ type: "promptpay", amount: 1999 }), refusal("invalid_amount"));
  await assert.rejects(source({ type: "promptpay", amount: 15000001 }), refusal("invalid_amount"));
});

test("refunds: in parts, never more than came; the first whole one is a void", async () => {
  const c = await charge({ card: await token() });
  const one = await omise.charges.createRefund(c.id, { amount: 9000, metadata: { refund: "R1" } });
  assert.match(one.id, /^rfnd_test_[0-9a-z]+$/);
  assert.deepEqual([one.voided, one.charge, one.metadata], [false, c.id, { refund: "R1" }]);
  await assert.rejects(omise.charges.createRefund(c.id, { amount: 50001 }), refusal("failed_refund"));
  await omise.charges.createRefund(c.id, { amount: 50000 });
  const after = await omise.charges.retrieve(c.id);
  assert.deepEqual([after.status, after.refunded_amount, after.refundable], ["successful", 59000, false]);
  assert.equal(after.refunds.total, 2);
  const list = await omise.charges.listRefunds(c.id);
  assert.deepEqual(list.data.map((r) => r.amount), [9000, 50000]);
  assert.deepEqual(await omise.charges.retrieveRefund(c.id, one.id), one);
  assert.equal((await event("refund.create", c.id)).data.amount, 9000);

  const whole = await charge({ card: await token() });
  assert.equal((await omise.charges.createRefund(whole.id, { amount: 59000 })).voided, true);
  const many = await charge({ card: await token() });
  for (let i = 0; i < 15; i++) await omise.charges.createRefund(many.id, { amount: 100 });
  await assert.rejects(omise.charges.createRefund(many.id, { amount: 100 }), refusal("failed_refund"));
});

test("customers keep cards and pay with them", async () => {
  const made = await omise.customers.create({ email: "a@example.com", card: await token(), metadata: { no: 7 } });
  assert.match(made.id, /^cust_test_/);
  assert.equal(made.cards.total, 1);
  assert.equal(made.default_card, made.cards.data[0].id);
  assert.equal((await charge({ customer: made.id })).status, "successful");
  const more = await omise.customers.update(made.id, { card: await token("4111111111140011"), description: "two" });
  assert.equal(more.cards.total, 2);
  const poor = more.cards.data[1].id;
  assert.equal((await charge({ customer: made.id, card: poor })).failure_code, "insufficient_fund");
  assert.equal((await omise.customers.retrieveCard(made.id, poor)).id, poor);
  assert.equal((await omise.customers.updateCard(made.id, poor, { name: "Ann" })).name, "Ann");
  assert.equal((await omise.customers.listCards(made.id)).data.length, 2);
  assert.equal((await omise.customers.destroyCard(made.id, poor)).deleted, true);
  assert.equal((await omise.customers.list({ limit: 1 })).data[0].cards.total, 1);
  assert.ok(!JSON.stringify(await omise.customers.retrieve(made.id)).includes("fate"));
  assert.equal((await omise.customers.destroy(made.id)).deleted, true);
  await assert.rejects(omise.customers.retrieve(made.id), refusal("not_found"));
  const bare = await omise.customers.create({ description: "no card" });
  await assert.rejects(charge({ customer: bare.id }), refusal("missing_card"));
});

test("lists have pages, orders and times; charges can be searched", async () => {
  const from = new Date().toISOString();
  for (const attempt of ["page-a", "page-b", "page-c"]) await promptpay({ metadata: { attempt } });
  const newest = await omise.charges.list({ limit: 2, order: "reverse_chronological" });
  assert.deepEqual(newest.data.map((c) => c.metadata.attempt), ["page-c", "page-b"]);
  assert.deepEqual([newest.object, newest.limit, newest.offset], ["list", 2, 0]);
  const next = await omise.charges.list({ limit: 1, offset: 2, order: "reverse_chronological" });
  assert.equal(next.data[0].metadata.attempt, "page-a");
  assert.equal(next.total, newest.total);
  const late = await omise.charges.list({ from: new Date(Date.now() + 60000).toISOString() });
  assert.equal(late.data.length, 0);
  assert.ok((await omise.events.list({ from, limit: 100 })).data.length >= 2);
  assert.equal((await call("GET", "/charges?limit=101")).json.code, "invalid_page");
  const found = await omise.search.list({ scope: "charge", query: "page-b" });
  assert.deepEqual([found.object, found.total], ["search", 1]);
  assert.equal(found.data[0].metadata.attempt, "page-b");
  const failed = await call("GET", "/search?scope=charge&query=page&filters[status]=failed");
  assert.equal(failed.json.total, 0);
  const changed = await omise.charges.update(found.data[0].id, { description: "new", metadata: { attempt: "x" } });
  assert.deepEqual([changed.description, changed.metadata.attempt], ["new", "x"]);
});

test("capability, account and balance", async () => {
  const c = await omise.capability.retrieve();
  assert.equal(c.limits.charge_amount.min, 2000);
  const names = c.payment_methods.map((m) => m.name);
  for (const name of ["card", "promptpay", "truemoney", "mobile_banking_kbank", "rabbit_linepay"])
    assert.ok(names.includes(name), name);
  assert.equal((await omise.account.retrieve()).country, "TH");
  assert.ok((await omise.balance.retrieve()).total > 0);
  assert.deepEqual((await omise.disputes.list()).data, []);
});

test("keys: none, a stranger's, and the public one for tokens and sources alone", async () => {
  for (const key of ["", "skey_live_x", "skey_test_", "pkey_test_", "skey_test_a b"]) {
    const { status, json } = await call("GET", "/charges", { key });
    assert.deepEqual([status, json.code], [401, "authentication_failure"]);
  }
  for (const [method, path] of [
    ["GET", "/charges"],
    ["POST", "/charges"],
    ["GET", "/customers"],
    ["GET", "/events"],
    ["GET", "/account"],
    ["GET", "/search?scope=charge"],
  ])
    assert.equal((await call(method, path, { key: "pkey_test_shop" })).status, 401, path);
  const form = new URLSearchParams({ type: "promptpay", amount: "2000", currency: "thb" });
  const made = await call("POST", "/sources", { key: "pkey_test_any1", body: form, type: "application/x-www-form-urlencoded" });
  assert.equal(made.status, 200);
  await assert.rejects(library("skey_live_no").charges.list(), refusal("authentication_failure"));
});

test("bodies may be forms; what makes no sense is refused in Omise's words", async () => {
  const form = (fields) => ({ body: new URLSearchParams(fields), type: "application/x-www-form-urlencoded" });
  const t = await call("POST", "/tokens", {
    key: "pkey_test_shop",
    ...form(Object.fromEntries(Object.entries(card(GOOD)).map(([k, v]) => [`card[${k}]`, v]))),
  });
  assert.equal(t.status, 200);
  const c = await call("POST", "/charges", form({ amount: "2000", currency: "THB", card: t.json.id, "metadata[order]": "7" }));
  assert.deepEqual([c.json.status, c.json.metadata], ["successful", { order: "7" }]);

  for (const [body, status, code] of [
    [{ amount: 1999, currency: "thb" }, 400, "invalid_amount"],
    [{ amount: 15000001, currency: "thb" }, 400, "invalid_amount"],
    [{ amount: "x", currency: "thb" }, 400, "invalid_charge"],
    [{ currency: "thb" }, 400, "invalid_charge"],
    [{ amount: 2000, currency: "twd" }, 400, "invalid_charge"],
    [{ amount: 2000, currency: "thb" }, 400, "missing_card"],
    [{ amount: 2000, currency: "thb", card: "tokn_test_none" }, 404, "not_found"],
    [{ amount: 2000, currency: "thb", source: "src_test_none" }, 404, "not_found"],
    [{ amount: 2000, currency: "thb", customer: "cust_test_none" }, 404, "not_found"],
    [{ amount: 2000, currency: "thb", source: { type: "promptpay" }, webhook_endpoints: ["ftp://x"] }, 400, "bad_request"],
  ]) {
    const { status: got, json } = await call("POST", "/charges", { body: JSON.stringify(body) });
    assert.deepEqual([got, json.code, json.object], [status, code, "error"], JSON.stringify(body));
  }
  for (const bad of [{ number: "4242424242424241" }, { expiration_year: 2020 }, { expiration_month: 13 }, { name: "" }])
    await assert.rejects(omise.tokens.create({ card: card(GOOD, bad) }), refusal("invalid_card"));
  assert.equal((await call("POST", "/charges", { body: "{" })).json.code, "bad_request");
  assert.deepEqual((({ status, json }) => [status, json.code])(await call("GET", "/charges/chrg_test_none")), [404, "not_found"]);
  assert.equal((await call("GET", "/nothing")).json.object, "error");
});

test("faults: lost, repeated, reordered, false messages; an API that is down or forgets to answer", async () => {
  const about = (id) => shop.got.filter(({ body }) => body.includes(id)).map(({ body }) => JSON.parse(body).key);
  await sandbox.fault({ on: "omise.webhook", drop: -1, count: 1 });
  const lost = await promptpay();
  await sandbox.fault({ on: "omise.webhook", repeat: 3, count: 1 });
  const thrice = await promptpay();
  await event("charge.create", thrice.id);
  const [delivery] = await sandbox.deliveries(lost.id);
  assert.deepEqual([delivery.state, delivery.what, delivery.tries], ["dropped", "charge.create", 1]);
  assert.deepEqual(about(lost.id), []);

  await sandbox.fault({ on: "omise.webhook", reorder: true, count: 1 });
  const turned = await promptpay();
  await call("POST", `/charges/${turned.id}/mark_as_paid`);
  await event("charge.create", turned.id);
  assert.deepEqual(about(turned.id), ["charge.complete", "charge.create"]);
  assert.equal(about(thrice.id).length, 3);

  await sandbox.fault({ on: "omise.webhook", tamper: "amount", count: 1 });
  const lied = await promptpay();
  assert.equal((await event("charge.create", lied.id)).data.amount, 59100);
  await sandbox.fault({ on: "omise.webhook", tamper: "signature", count: 1 });
  const forged = await promptpay();
  await assert.rejects(event("charge.create", forged.id), { code: "ERR_ASSERTION" });

  shop.status = 500; // Omise does not try again
  const refused = await promptpay();
  await event("charge.create", refused.id);
  shop.status = 200;
  while ((await sandbox.deliveries(refused.id))[0].state !== "refused");

  await sandbox.fault({ on: "omise.api", down: true, count: 1 });
  await assert.rejects(promptpay(), { code: "ECONNRESET" });
  await sandbox.fault({ on: "omise.api", down: true, status: 429, count: 1 });
  const busy = await fetch(`${sandbox.url}/omise/charges`);
  assert.equal(busy.status, 429);
  await sandbox.fault({ on: "omise.api", lose_answer: true, match: "POST /omise/charges", count: 1 });
  await assert.rejects(promptpay({ metadata: { attempt: "forgotten" } }), { code: "ECONNRESET" });
  assert.equal((await omise.search.list({ scope: "charge", query: "forgotten" })).total, 1);
});

test("the state is there to see, for this machine; a fault that is none is refused", async () => {
  const { json } = await sandbox.control("GET", "state");
  assert.ok(json.omise.charges.length > 10);
  assert.ok(json.deliveries.some((d) => d.state === "taken" && d.status === 200));
  assert.equal((await sandbox.control("POST", "faults", { on: "omise.nothing" })).status, 400);
  const plain = await fetch(`${sandbox.url}/control/faults`, { method: "POST", body: "{}" });
  assert.equal(plain.status, 415);
});

test("Omise.js and its card form: no field has a name, nothing is inline", async () => {
  const js = await fetch(`${sandbox.url}/omise/omise.js`);
  const text = await js.text();
  new Function(text); // it parses
  for (const word of ["setPublicKey", "createToken", "createSource", "OmiseCard", "configureButton", "onCreateTokenSuccess", "onFormClosed"])
    assert.ok(text.includes(word), word);
  const form = await fetch(`${sandbox.url}/omise/card-form?key=pkey_test_1&amount=59000&currency=THB&label=%3Cb%3E`);
  const html = await form.text();
  assert.match(html, /฿590\.00/);
  assert.match(html, /&lt;b&gt;/);
  assert.doesNotMatch(html, /<input[^>]* name=/);
  assert.doesNotMatch(html, /<script>|style=|onclick=/);
});
