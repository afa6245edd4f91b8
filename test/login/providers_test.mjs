// Signing in with what is not plain OpenID, against a running shop: Facebook's Graph, Apple's form and client
// secret, LIFF, what they tell us by themselves, and what they are told when somebody leaves.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";

import { startApple, startGraph, startSandbox } from "./peers.mjs";
import { Visitor, freePort, startShop } from "./shop.mjs";

const FACEBOOK = { id: "184712345678", secret: "fedcba9876543210fedcba9876543210" };
const APPLE = { id: "test.people.shop", team: "TEAM123456", key: "KEY1234567" };
const LINE = { id: "1656000000", secret: "0123456789abcdef0123456789abcdef" };
let shop, graph, apple, line;

before(async () => {
  const port = await freePort();
  [graph, apple, line] = await Promise.all([
    startGraph(FACEBOOK),
    startApple(APPLE),
    startSandbox(await freePort(), { SANDBOXD_LINE_CHANNEL_ID: LINE.id, SANDBOXD_LINE_CHANNEL_SECRET: LINE.secret }),
  ]);
  const people = {
    FACEBOOK_APP_ID: FACEBOOK.id, FACEBOOK_APP_SECRET: FACEBOOK.secret, FACEBOOK_GRAPH_URL: graph.url,
    APPLE_CLIENT_ID: APPLE.id, APPLE_TEAM_ID: APPLE.team, APPLE_KEY_ID: APPLE.key, APPLE_ISSUER: apple.url,
    APPLE_PRIVATE_KEY: apple.privateKey.replaceAll("\n", "\\n"), // as an env file has it
    LINE_CHANNEL_ID: LINE.id, LINE_CHANNEL_SECRET: LINE.secret, LINE_ISSUER: `${line.url}/line`, LINE_LIFF_ID: `${LINE.id}-AbcdEfgh`,
  };
  shop = await startShop(port, people);
  shop.people = people;
  graph.back = `${shop.url}/api/v1/auth/facebook/callback`;
  apple.back = `${shop.url}/api/v1/auth/apple/callback`;
});

after(async () => {
  graph?.stop();
  apple?.stop();
  await line?.stop();
  assert.equal(await shop?.stop(), 0);
  for (const secret of [FACEBOOK.secret, LINE.secret, "EAAB-", "r-00", "eyJ"]) assert.ok(!shop.log.includes(secret), `the log has ${secret}`);
});

afterEach(() => {
  graph.lie = {};
  apple.lie = {};
  apple.refuseSecrets = false;
});

async function until(what, message) {
  for (let i = 0; i < 300; i++) {
    const got = await what();
    if (got) return got;
    await new Promise((done) => setTimeout(done, 30));
  }
  assert.fail(message);
}

const startOf = (name, next = "/me") => `${shop.url}/api/v1/auth/${name}/start?next=${encodeURIComponent(next)}`;

async function assertRefused(walker, res, code, name) {
  assert.equal(res.status, 303, `${name}: ${res.status} ${res.text}`);
  const to = new URL(res.to);
  assert.equal(to.pathname, "/signin", `${name}: it led to ${res.to}`);
  assert.equal(to.searchParams.get("error"), code, name);
  assert.equal(await walker.me(), null, name);
}

// ---- each provider's way there and back

/** Facebook's dialog is passed: the browser comes back with a code for this person. */
async function byFacebook(walker, who, authorize) {
  const to = new URL(authorize ?? (await walker.go(startOf("facebook", "/s/shw_demo"))).to);
  return walker.go(`${graph.back}?code=${graph.code(who)}&state=${encodeURIComponent(to.searchParams.get("state"))}`);
}

const post = (walker, url, fields) => walker.go(url, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(fields) });

/** Apple's page is passed: it posts a form from its own site. */
async function byApple(walker, claims, fields = {}, authorize) {
  const q = new URL(authorize ?? (await walker.go(startOf("apple"))).to).searchParams;
  return post(walker, apple.back, { state: q.get("state"), code: apple.code({ nonce: q.get("nonce"), ...claims }), ...fields });
}

async function byLine(walker, name, as = "signin", authorize) {
  const at = authorize ?? (await walker.go(startOf("line", "/s/shw_demo"))).to;
  const page = await walker.go(at);
  const fields = Object.fromEntries([...page.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2].replaceAll("&amp;", "&")]));
  const sent = await post(walker, at, { ...fields, name, as });
  return walker.go(sent.to);
}

/** One more way into the account of who is signed in. */
async function link(walker, name) {
  const res = await walker.send("POST", `/auth/${name}/start`, { purpose: "link", next: "/me" });
  assert.equal(res.status, 200, res.text);
  return res.json.url;
}

const ways = async (walker) => (await walker.get("/me/identities")).json.items;

// ---- Facebook

describe("Facebook", () => {
  test("a whole login, and the same person again", async () => {
    const walker = new Visitor(shop);
    const start = await walker.go(startOf("facebook", "/s/shw_demo"));
    const q = new URL(start.to).searchParams;
    assert.ok(start.to.startsWith(`${graph.url}/v25.0/dialog/oauth?`), start.to);
    assert.equal(q.get("client_id"), FACEBOOK.id);
    assert.equal(q.get("redirect_uri"), graph.back);
    assert.equal(q.get("scope"), "public_profile,email");
    const res = await byFacebook(walker, { id: "1001", name: "王小明", email: "ming@people.test" }, start.to);
    assert.equal(res.status, 303, res.text);
    assert.equal(res.to, `${shop.url}/s/shw_demo#`); // else the browser keeps Facebook's `#_=_`
    const me = await walker.me();
    assert.equal(me.name, "王小明");
    assert.notEqual(me.email_verified, true); // Facebook does not say that it asked the mailbox
    const [way] = await ways(walker);
    assert.deepEqual([way.provider, way.email, way.email_verified], ["facebook", "ming@people.test", false]);
    const again = new Visitor(shop);
    await byFacebook(again, { id: "1001", name: "王小明" });
    assert.equal((await again.me()).id, me.id);
    assert.ok(graph.calls.every((c) => c.path === "/debug_token" || !c.query.includes(FACEBOOK.secret)), "the secret is in no URL but the one that wants it");
  });

  test("a token that is not a person's for us is refused", async () => {
    const lies = [
      { debug: { app_id: "999" } }, { debug: { is_valid: false } }, { debug: { type: "PAGE" } }, { debug: { user_id: "1002" } },
      { debug: { user_id: undefined } }, { debug: { expires_at: 1 } }, { me: { id: "1002" } },
    ];
    for (const lie of lies) {
      graph.lie = lie;
      const walker = new Visitor(shop);
      await assertRefused(walker, await byFacebook(walker, { id: "1003", name: "Mei" }), "failed", JSON.stringify(lie));
    }
  });

  test("no, outage and a used code each have their word", async () => {
    const walker = new Visitor(shop);
    const state = async () => new URL((await walker.go(startOf("facebook"))).to).searchParams.get("state");
    await assertRefused(walker, await walker.go(`${graph.back}?error=access_denied&error_reason=user_denied&state=${await state()}`), "denied", "no");
    await assertRefused(walker, await walker.go(`${graph.back}?code=never&state=${await state()}`), "failed", "code");
    graph.lie = { status: 503 };
    await assertRefused(walker, await byFacebook(walker, { id: "1004", name: "Mei" }), "provider_down", "outage");
  });

  test("the e-mail that was refused is asked for again when somebody wants that", async () => {
    const { to } = await new Visitor(shop).go(`${startOf("facebook")}&ask=email`);
    assert.equal(new URL(to).searchParams.get("auth_type"), "rerequest");
  });

  test("deauthorization ends the sessions that rest on it", async () => {
    const walker = new Visitor(shop);
    await byFacebook(walker, { id: "1005", name: "Mei" });
    const me = await walker.me();
    const url = `${shop.url}/api/v1/webhooks/facebook/deauthorize`;
    const forged = [
      {}, { signed_request: "x" }, { signed_request: graph.signed({ user_id: "1005" }, { secret: "another" }) },
      { signed_request: graph.signed({ user_id: "1005" }, { algorithm: "none" }) },
      { signed_request: graph.signed({ user_id: "1005", issued_at: 1 }) },
      { signed_request: graph.signed({ user_id: "1005" }).replace(".", "A.") },
    ];
    for (const fields of forged) assert.ok([400, 403].includes((await post(new Visitor(shop), url, fields)).status), JSON.stringify(fields));
    assert.equal((await walker.me()).id, me.id);
    assert.equal((await post(new Visitor(shop), url, { signed_request: graph.signed({ user_id: "1005" }) })).status, 200);
    assert.equal(await walker.me(), null);
    await byFacebook(walker, { id: "1005", name: "Mei" }); // who comes back is the same person
    assert.equal((await walker.me()).id, me.id);
  });

  test("deletion: the person is forgotten, and Facebook gets a page that says so", async () => {
    const url = `${shop.url}/api/v1/webhooks/facebook/deletion`;
    const walker = new Visitor(shop);
    await byFacebook(walker, { id: "1006", name: "Mei", email: "mei@people.test" });
    const { id } = await walker.me();
    assert.equal((await post(new Visitor(shop), url, { signed_request: graph.signed({ user_id: "1006" }, { secret: "another" }) })).status, 403);
    assert.ok(await walker.me());
    const res = await post(new Visitor(shop), url, { signed_request: graph.signed({ user_id: "1006" }) });
    assert.equal(res.status, 200, res.text);
    const said = JSON.parse(res.text);
    assert.equal(said.url, `${shop.url}/deletion/${said.confirmation_code}`);
    assert.equal(await walker.me(), null);
    const state = await new Visitor(shop).get(`/privacy/requests/${said.confirmation_code}`);
    assert.ok(["running", "done"].includes(state.json.state), state.text);
    assert.equal((await new Visitor(shop).go(said.url)).status, 200);
    await byFacebook(walker, { id: "1006", name: "Mei" });
    const anew = (await walker.me()).id;
    assert.notEqual(anew, id); // somebody new
    const late = graph.signed({ user_id: "1006", issued_at: Math.floor(Date.now() / 1000) - 300 }); // the same request again
    assert.equal((await post(new Visitor(shop), url, { signed_request: late })).status, 200);
    assert.equal((await walker.me()).id, anew);
    const nobody = JSON.parse((await post(new Visitor(shop), url, { signed_request: graph.signed({ user_id: "77" }) })).text);
    assert.equal((await new Visitor(shop).get(`/privacy/requests/${nobody.confirmation_code}`)).json.state, "done");
  });
});

// ---- Apple

describe("Apple", () => {
  const user = (first, last, email) => JSON.stringify({ name: { firstName: first, lastName: last }, email });

  test("a whole login by form, with the name that comes once", async () => {
    const walker = new Visitor(shop);
    const start = await walker.go(startOf("apple", "/me"));
    const q = new URL(start.to).searchParams;
    assert.equal(q.get("response_mode"), "form_post");
    assert.equal(q.get("redirect_uri"), apple.back);
    assert.deepEqual(q.get("scope").split(" ").filter((s) => s !== "openid").toSorted(), ["email", "name"]);
    const claims = { sub: "001.aa", email: "x@privaterelay.appleid.com", email_verified: "true", is_private_email: "true" };
    const res = await byApple(walker, claims, { user: user("小美", "林", "victim@people.test") }, start.to);
    assert.equal(res.status, 303, res.text);
    const me = await walker.me();
    assert.equal(me.name, "林小美");
    const [way] = await ways(walker);
    assert.deepEqual([way.provider, way.email, way.email_verified], ["apple", "x@privaterelay.appleid.com", true]); // never the form's
    const again = new Visitor(shop);
    await byApple(again, claims);
    assert.equal((await again.me()).name, "林小美");
    const third = new Visitor(shop); // a form that says another name later renames nobody
    await byApple(third, claims, { user: user("Mallory", "M", "m@people.test") });
    assert.deepEqual([(await third.me()).id, (await third.me()).name], [me.id, "林小美"]);
  });

  test("the client secret is ours, short-lived and made anew", async () => {
    apple.secrets.length = 0;
    for (let i = 0; i < 2; i++) await byApple(new Visitor(shop), { sub: "001.bb" });
    const [one, two] = apple.secrets;
    assert.notEqual(one.text, two.text);
    for (const s of [one, two]) {
      assert.deepEqual([s.header.alg, s.header.kid], ["ES256", APPLE.key]);
      assert.ok(s.claims.exp - s.claims.iat <= 3600 && Math.abs(s.claims.iat - Date.now() / 1000) < 60);
    }
    apple.refuseSecrets = true; // expired, or of a key that was withdrawn
    const walker = new Visitor(shop);
    await assertRefused(walker, await byApple(walker, { sub: "001.bb" }), "failed", "secret");
  });

  test("a form from elsewhere signs nobody in", async () => {
    const victim = new Visitor(shop), mallory = new Visitor(shop);
    const q = new URL((await mallory.go(startOf("apple"))).to).searchParams;
    const fields = () => ({ state: q.get("state"), code: apple.code({ sub: "001.mm", nonce: q.get("nonce") }) });
    await assertRefused(victim, await post(victim, apple.back, fields()), "mismatch", "another browser");
    await assertRefused(mallory, await post(mallory, apple.back, fields()), "expired", "used up");
    await assertRefused(victim, await post(victim, apple.back, {}), "expired", "empty");
    await assertRefused(victim, await post(victim, apple.back, { error: "user_cancelled_authorize", state: new URL((await victim.go(startOf("apple"))).to).searchParams.get("state") }), "denied", "no");
    const p = new URL((await victim.go(startOf("apple"))).to).searchParams;
    await assertRefused(victim, await victim.go(`${apple.back}?state=${p.get("state")}&code=${apple.code({ sub: "001.mm", nonce: p.get("nonce") })}`), "failed", "by GET");
  });

  test("over https the form comes with the one cookie that is let across, and the guest comes along", async () => {
    const port = await freePort();
    const https = await startShop(port, { ...shop.people, NM_PUBLIC_URL: "https://shop.test" });
    const back = apple.back;
    try {
      apple.back = "https://shop.test/api/v1/auth/apple/callback";
      const walker = new Visitor(https);
      const guest = (await walker.send("POST", "/sessions/guest", { name: "Guest" }, { origin: "https://shop.test" })).json;
      assert.equal(guest.kind, "guest");
      const start = await walker.go(`${https.url}/api/v1/auth/apple/start?next=/me`);
      const cookie = start.headers.getSetCookie().find((c) => c.startsWith("__Host-lta="));
      assert.match(cookie, /; SameSite=None/);
      assert.match(cookie, /; Secure/);
      assert.match(cookie, /; HttpOnly/);
      const q = new URL(start.to).searchParams;
      const across = new Visitor(https); // what a browser sends with a form from another site
      across.jar(https.url).set("__Host-lta", walker.jar(https.url).get("__Host-lta"));
      const res = await post(across, `${https.url}/api/v1/auth/apple/callback`, { state: q.get("state"), code: apple.code({ sub: "001.gg", nonce: q.get("nonce") }) });
      assert.equal(new URL(res.to).pathname, "/me", res.to);
      assert.ok(across.jar(https.url).has("__Host-nm_session"));
      assert.equal((await across.get("/sessions/current")).json.kind, "account");
      assert.notEqual((await walker.get("/sessions/current")).json.kind, "guest"); // what it was before has ended
    } finally {
      apple.back = back;
      assert.equal(await https.stop(), 0);
    }
  });

  test("claims that are not right are refused", async () => {
    for (const lie of [{ nonce: "another" }, { aud: "another" }, { iss: "https://appleid.apple.com" }, { exp: 1 }, { sub: "" }]) {
      apple.lie = lie;
      const walker = new Visitor(shop);
      await assertRefused(walker, await byApple(walker, { sub: "001.cc" }), "failed", JSON.stringify(lie));
    }
  });

  const hear = (body) => fetch(`${shop.url}/api/v1/webhooks/apple`, { method: "POST", headers: { "content-type": "application/json" }, body });

  test("consent-revoked ends the sessions; a notice counts once, and only Apple's", async () => {
    const walker = new Visitor(shop);
    await byApple(walker, { sub: "001.dd" });
    const { id } = await walker.me();
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    for (const bad of [
      await apple.notice("consent-revoked", "001.dd", { as: { key: stranger } }), await apple.notice("consent-revoked", "001.dd", { aud: "another" }),
      await apple.notice("consent-revoked", "001.dd", { iss: "https://appleid.apple.com" }), '{"payload":"x"}', "{}", "",
    ]) assert.ok([400, 403].includes((await hear(bad)).status), bad);
    assert.ok(await walker.me());
    const notice = await apple.notice("consent-revoked", "001.dd", { jti: "once" });
    assert.equal((await hear(notice)).status, 200);
    assert.equal(await walker.me(), null);
    await byApple(walker, { sub: "001.dd" });
    assert.equal((await walker.me()).id, id);
    assert.equal((await hear(notice)).status, 200); // again: heard already
    assert.ok(await walker.me());
    assert.equal((await hear(await apple.notice("email-disabled", "001.dd"))).status, 200);
    assert.ok(await walker.me());
  });

  test("account-deleted takes this way in, and the person if there is no other", async () => {
    const alone = new Visitor(shop);
    await byApple(alone, { sub: "001.ee" });
    const { id } = await alone.me();
    assert.equal((await hear(await apple.notice("account-deleted", "001.ee"))).status, 200);
    assert.equal(await alone.me(), null);
    await byApple(alone, { sub: "001.ee" });
    assert.notEqual((await alone.me()).id, id);

    const both = new Visitor(shop);
    await byLine(both, "both ways");
    await byApple(both, { sub: "001.ff" }, {}, await link(both, "apple"));
    assert.deepEqual((await ways(both)).map((w) => w.provider), ["line", "apple"]);
    assert.equal((await hear(await apple.notice("account-deleted", "001.ff"))).status, 200);
    assert.deepEqual((await ways(both)).map((w) => w.provider), ["line"]);
  });
});

// ---- LINE, and LIFF

describe("LINE", () => {
  test("a whole login at the sandbox's page; Cancel is a no", async () => {
    const walker = new Visitor(shop);
    const res = await byLine(walker, "小美 ♡");
    assert.equal(res.to, `${shop.url}/s/shw_demo`);
    const me = await walker.me();
    assert.equal(me.name, "小美 ♡");
    const again = new Visitor(shop);
    await byLine(again, "小美 ♡");
    assert.equal((await again.me()).id, me.id);
    const no = new Visitor(shop);
    await assertRefused(no, await byLine(no, "小美 ♡", "cancel"), "denied", "cancel");
  });

  test("spoiled tokens are refused", async () => {
    for (const tamper of ["signature", "nonce", "audience", "issuer", "expired", "alg"]) {
      await line.control("POST", "faults", { on: "line.token", tamper, count: 1 });
      const walker = new Visitor(shop);
      await assertRefused(walker, await byLine(walker, "Mei"), "failed", tamper);
    }
    await line.control("POST", "faults", { on: "line.api", down: true, status: 503, match: "token", count: 1 });
    const walker = new Visitor(shop);
    await assertRefused(walker, await byLine(walker, "Mei"), "provider_down", "down");
  });

  test("LIFF: a token of LINE's app is good once, from our own page", async () => {
    const { id_token } = await line.control("POST", "line/liff", { name: "in the app" });
    const enter = (walker, token, headers = {}) => walker.go(`${shop.url}/api/v1/auth/line/liff`, { method: "POST", headers: { "content-type": "application/json", origin: shop.url, ...headers }, body: JSON.stringify({ id_token: token }) });
    const walker = new Visitor(shop);
    assert.equal((await enter(walker, id_token, { origin: "https://evil.test" })).status, 403);
    const res = await enter(walker, id_token);
    assert.equal(res.status, 201, res.text);
    assert.equal((await walker.me()).name, "in the app");
    const web = new Visitor(shop); // the same person as by the web
    await byLine(web, "in the app");
    assert.equal((await web.me()).id, (await walker.me()).id);
    assert.equal((await enter(new Visitor(shop), id_token)).status, 401);
    await line.control("POST", "faults", { on: "line.token", tamper: "signature", count: 1 });
    const spoiled = await line.control("POST", "line/liff", { name: "in the app" });
    assert.equal((await enter(new Visitor(shop), spoiled.id_token)).status, 401);
    assert.equal((await walker.get("/auth/providers")).json.liff_id, `${LINE.id}-AbcdEfgh`);
  });
});

// ---- they are told

describe("whoever leaves", () => {
  test("unlinked: each provider is told, and the other way in stays", async () => {
    const walker = new Visitor(shop);
    await byFacebook(walker, { id: "2001", name: "Leaving" });
    await byLine(walker, "leaving", "signin", await link(walker, "line"));
    await byApple(walker, { sub: "002.aa" }, {}, await link(walker, "apple"));
    for (const name of ["line", "facebook"]) {
      const way = (await ways(walker)).find((w) => w.provider === name);
      assert.ok(way, `no ${name}`);
      assert.equal((await walker.send("DELETE", `/me/identities/${way.id}`)).status, 204, name);
      if (name === "facebook") await byApple(walker, { sub: "002.aa" }); // that session rested on it
    }
    const last = (await ways(walker))[0];
    assert.equal((await walker.send("DELETE", `/me/identities/${last.id}`)).status, 409);
    await until(() => graph.removed.includes("2001"), "Facebook was not told");
    await until(async () => (await line.control("GET", "state")).line.tokens.some((t) => t.name === "leaving" && t.state === "deauthorized"), "LINE was not told");
    await until(() => shop.sql("SELECT count(*) FROM login_revoke")[0][0] === 0, "a row is left");
  });

  test("deleted: Apple is told with a fresh secret, after an outage too", async () => {
    const walker = new Visitor(shop);
    await byApple(walker, { sub: "002.bb" });
    apple.refuseSecrets = true;
    assert.equal((await walker.send("DELETE", "/me", { confirm: "delete" })).status, 202);
    assert.equal(await walker.me(), null);
    await until(() => shop.sql("SELECT count(*) FROM login_revoke WHERE tries = 1 AND lease_until = 0")[0][0] === 1, "it was not tried");
    apple.refuseSecrets = false;
    shop.sql("UPDATE login_revoke SET next_at = 0"); // half a minute is over
    await until(() => apple.revoked.includes("r-002.bb"), "Apple was not told");
    await until(() => shop.sql("SELECT count(*) FROM login_revoke")[0][0] === 0, "the token is left");
  });
});
