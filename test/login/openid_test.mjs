// Signing in with OpenID providers against a running shop: whole logins with npm's oidc-provider in
// the three algorithms, and every lie a provider, a stranger or the network may tell.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { signInAt, startIssuer } from "./issuer.mjs";
import { startLiar } from "./liar.mjs";
import { Visitor, freePort, startShop } from "./shop.mjs";

const secret = (name) => `${name}-secret-of-more-than-32-bytes-for-hs256`;
const LINE_SECRET = "0123456789abcdef0123456789abcdef";
let shop, issuer, liar;

const backOf = (base, name) => `${base}/api/v1/auth/${name}/callback`;
const startOf = (name, next = "/me") => `${shop.url}/api/v1/auth/${name}/start?next=${encodeURIComponent(next)}`;

before(async () => {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const algs = { rs: "RS256", es: "ES256", hs: "HS256" };
  issuer = await startIssuer([
    ...Object.entries(algs).map(([name, alg]) => ({ id: `shop-${name}`, secret: secret(name), alg, back: backOf(base, name) })),
    { id: "1234567890", secret: LINE_SECRET, alg: "HS256", back: backOf(base, "line"), post: true },
  ]);
  liar = await startLiar("shop-liar");
  const env = Object.fromEntries(Object.entries(algs).flatMap(([name, alg]) => {
    const n = name.toUpperCase();
    return [[`OIDC_${n}_ISSUER`, issuer.url], [`OIDC_${n}_CLIENT_ID`, `shop-${name}`], [`OIDC_${n}_CLIENT_SECRET`, secret(name)], [`OIDC_${n}_ALG`, alg]];
  }));
  shop = await startShop(port, {
    ...env,
    LINE_CHANNEL_ID: "1234567890", LINE_CHANNEL_SECRET: LINE_SECRET, LINE_ISSUER: issuer.url,
    OIDC_LIAR_ISSUER: liar.url, OIDC_LIAR_CLIENT_ID: "shop-liar", OIDC_LIAR_CLIENT_SECRET: secret("liar"),
  });
});

after(async () => {
  issuer?.stop();
  liar?.stop();
  assert.equal(await shop?.stop(), 0);
});

/** Where the provider would send the browser back to. */
const wayBack = (walker, name, login, next) => signInAt(walker, startOf(name, next), login, backOf(shop.url, name));

async function comeIn(walker, name, login, next) {
  const back = await wayBack(walker, name, login, next);
  return walker.go(back);
}

/** A refusal: back at the sign-in page with a code, and nobody is signed in. */
async function assertRefused(walker, res, codes, name) {
  assert.equal(res.status, 303, `${res.status} ${res.text}`);
  const to = new URL(res.to);
  assert.equal(to.origin + to.pathname, `${shop.url}/signin`, `${name}: it led to ${res.to}`);
  assert.ok(codes.includes(to.searchParams.get("error")), `${name}: ${to.search}`);
  assert.equal(await walker.me(), null, name);
}

describe("a whole login", () => {
  for (const name of ["rs", "es", "hs", "line"])
    test(`by ${name}`, async () => {
      const walker = new Visitor(shop);
      const res = await comeIn(walker, name, `amy-${name}`, "/s/shw_demo?x=1");
      assert.equal(res.status, 303, `${res.text} ${issuer.errors}`);
      assert.equal(res.to, `${shop.url}/s/shw_demo?x=1`);
      assert.match(res.headers.get("cache-control"), /no-store/);
      assert.equal(res.headers.get("referrer-policy"), "no-referrer");
      const who = await walker.me();
      assert.equal(who.name, `amy-${name} 的名字`);
      const again = new Visitor(shop); // another phone: the same person
      await comeIn(again, name, `amy-${name}`);
      assert.equal((await again.me()).id, who.id);
      const agreed = shop.sql("SELECT kind, source FROM consent WHERE viewer_id = (SELECT id FROM viewer WHERE public_id = ?) ORDER BY kind", who.id);
      assert.deepEqual(agreed, [["privacy", "signup"], ["terms", "signup"]]);
    });

  test("the providers are told, and nothing secret", async () => {
    const { text } = await new Visitor(shop).go(`${shop.url}/api/v1/auth/providers`);
    assert.deepEqual(JSON.parse(text).items.map((p) => p.name).toSorted(), ["es", "hs", "liar", "line", "rs"]);
    assert.equal(JSON.parse(text).items[0].name, "line"); // LINE comes first
    assert.ok(!/secret/i.test(text), text);
  });

  test("two tabs at once both end well", async () => {
    const walker = new Visitor(shop);
    const [one, two] = [await walker.go(startOf("liar", "/one")), await walker.go(startOf("liar", "/two"))];
    const backs = [];
    for (const start of [one, two]) backs.push((await walker.go(start.to)).to);
    assert.equal((await walker.go(backs[1])).to, `${shop.url}/two`);
    assert.equal((await walker.go(backs[0])).to, `${shop.url}/one`);
  });

  test("what is sent to the provider is what the rules ask for", async () => {
    const walker = new Visitor(shop);
    const seen = [];
    for (let i = 0; i < 3; i++) {
      const { to, status } = await walker.go(startOf("liar"));
      assert.equal(status, 303);
      const q = Object.fromEntries(new URL(to).searchParams);
      assert.equal(q.response_type, "code");
      assert.equal(q.redirect_uri, backOf(shop.url, "liar"));
      assert.equal(q.code_challenge_method, "S256");
      assert.match(q.code_challenge, /^[\w-]{43}$/);
      assert.deepEqual(q.scope.split(" ").toSorted(), ["email", "openid", "profile"]);
      assert.ok(q.state.length >= 22 && q.nonce.length >= 22, "128 bits or more");
      seen.push(q.state, q.nonce, q.code_challenge);
    }
    assert.equal(new Set(seen).size, 9);
    await walker.go((await walker.go((await walker.go(startOf("liar"))).to)).to);
    assert.ok(liar.lastToken.form.code_verifier.length >= 43);
    assert.ok(!("client_secret" in liar.lastToken.form), "the discovery announces basic alone");
    assert.match(liar.lastToken.authorization, /^Basic /);
  });

  test("a fresh session: one that was planted before is worth nothing", async () => {
    const walker = new Visitor(shop);
    await walker.send("POST", "/sessions/guest", { name: "Guest" });
    const planted = new Map(walker.jar(shop.url));
    await comeIn(walker, "liar");
    assert.ok(await walker.me());
    const thief = new Visitor(shop);
    for (const [k, v] of planted) thief.jar(shop.url).set(k, v);
    assert.equal(await thief.me(), null);
  });

  test("nobody is led to another site afterwards", async () => {
    for (const next of ["//evil.test", "https://evil.test/", "/\\evil.test", "\\\\evil.test", "/%0d%0aLocation:x", "javascript:alert(1)", "/\t/evil.test", ""]) {
      const walker = new Visitor(shop);
      const start = await walker.go(startOf("liar", next));
      if (start.status === 400) continue; // refusing it is as good
      const res = await walker.go((await walker.go(start.to)).to);
      assert.equal(new URL(res.to).origin, shop.url, `${next} led to ${res.to}`);
      assert.ok(!res.to.includes("evil"), `${next} led to ${res.to}`);
    }
  });
});

describe("what a provider may lie about", () => {
  beforeEach(() => {
    liar.lie = {};
    liar.sub = "liar-1";
  });

  const claims = (change) => ({ claims: (c) => ({ ...c, ...change }) });
  const without = (name) => ({ claims: ({ [name]: _gone, ...rest }) => rest });
  const now = () => Math.floor(Date.now() / 1000);
  const cut = (i, change) => ({ token: (t) => t.split(".").map((p, n) => (n === i ? change(p) : p)).join(".") });
  const b64 = (text) => Buffer.from(text).toString("base64url");
  const lies = {
    "a wrong nonce": claims({ nonce: "another" }),
    "no nonce": without("nonce"),
    "another audience": claims({ aud: "someone-else" }),
    "a second audience without azp": claims({ aud: ["shop-liar", "someone-else"] }),
    "a second audience, made for the other": claims({ aud: ["shop-liar", "someone-else"], azp: "someone-else" }),
    "one audience, another azp": claims({ azp: "someone-else" }),
    "an audience that is a number": claims({ aud: 7 }),
    "no audience": without("aud"),
    "another issuer": claims({ iss: "https://accounts.google.com" }),
    "an issuer with a slash more": { claims: (c) => ({ ...c, iss: `${c.iss}/` }) },
    "no issuer": without("iss"),
    "an expired token": { claims: (c) => ({ ...c, iat: now() - 7200, exp: now() - 3600 }) },
    "no end": without("exp"),
    "an end that is text": { claims: (c) => ({ ...c, exp: String(c.exp) }) },
    "an end beyond all numbers": claims({ exp: 1e300 }),
    "issued in the future": { claims: (c) => ({ ...c, iat: now() + 3600 }) },
    "no time of issue": without("iat"),
    "no subject": without("sub"),
    "an empty subject": claims({ sub: "" }),
    "a subject of 256 characters": claims({ sub: "x".repeat(256) }),
    "a subject that is a number": claims({ sub: 42 }),
    "a wrong at_hash": claims({ at_hash: "AAAAAAAAAAAAAAAAAAAAAA" }),
    "alg none": { header: () => ({ alg: "none", typ: "JWT" }), sign: () => Buffer.alloc(0) },
    "alg None with the signature kept": { header: (h) => ({ ...h, alg: "None" }) },
    "HS256 with the public key": { header: (h) => ({ ...h, alg: "HS256" }), sign: (text) => liar.hs256(liar.pem())(text) },
    "HS256 with the client's secret": { header: (h) => ({ ...h, alg: "HS256" }), sign: (text) => liar.hs256(secret("liar"))(text) },
    "RS512": { header: (h) => ({ ...h, alg: "RS512" }), sign: (text, key) => liar.rs512(text, key) },
    "no algorithm": { header: ({ alg: _gone, ...h }) => h },
    "an unknown critical header": { header: (h) => ({ ...h, crit: ["x"], x: 1 }) },
    "another's key under a known name": { sign: (text) => forged().sign(text) },
    "a key of its own in the header": { header: (h) => ({ ...h, jwk: forged().jwk, kid: undefined }), sign: (text) => forged().sign(text) },
    "a key's address in the header": { header: (h) => ({ ...h, jku: `${liar.url}/mine`, kid: "mine" }), sign: (text) => forged().sign(text) },
    "a changed claim under an old signature": cut(1, (p) => b64(Buffer.from(p, "base64url").toString().replace("liar-1", "liar-2"))),
    "no signature": cut(2, () => ""),
    "a signature cut short": cut(2, (p) => p.slice(0, -8)),
    "four parts": { token: (t) => `${t}.x` },
    "two parts": { token: (t) => t.split(".").slice(0, 2).join(".") },
    "padded base64": cut(2, (p) => `${p}==`),
    "the same member twice": {
      token(t) {
        const [h, p] = t.split(".");
        const twice = `${h}.${b64(Buffer.from(p, "base64url").toString().replace("{", '{"sub":"victim",'))}`;
        return `${twice}.${b64(liar.rs256(twice))}`;
      },
    },
    "claims that are a list": {
      token(t) {
        const text = `${t.split(".")[0]}.${b64("[]")}`;
        return `${text}.${b64(liar.rs256(text))}`;
      },
    },
    "a token of one megabyte": claims({ name: "x".repeat(1 << 20) }),
    "no id_token": { answer: (res) => res.writeHead(200, { "content-type": "application/json" }).end('{"access_token":"x","token_type":"Bearer"}') },
    "an answer that is no JSON": { answer: (res) => res.writeHead(200, { "content-type": "application/json" }).end("<html>") },
    "an error for a code": { answer: (res) => res.writeHead(400, { "content-type": "application/json" }).end('{"error":"invalid_grant"}') },
    "a redirect for an answer": { answer: (res) => res.writeHead(302, { location: `${liar.url}/token` }).end() },
    "a broken server": { answer: (res) => res.writeHead(500).end("oops") },
    "another issuer in the redirect": { back: (p) => ({ ...p, iss: "https://access.line.me" }) },
    "another state": { back: (p) => ({ ...p, state: `${p.state.slice(0, -2)}AA` }) },
    "no state": { back: ({ code }) => ({ code }) },
    "no code": { back: ({ state }) => ({ state }) },
    "a refusal": { back: ({ state }) => ({ state, error: "access_denied", error_description: "<script>no</script>" }) },
  };
  const other = {};
  function forged() {
    other.key ??= liar.makeKey("first");
    other.jwk ??= other.key.publicKey.export({ format: "jwk" });
    other.sign ??= (text) => liar.rs256(text, other.key);
    return other;
  }

  for (const [name, lie] of Object.entries(lies))
    test(name, async () => {
      liar.lie = lie;
      const walker = new Visitor(shop);
      const start = await walker.go(startOf("liar"));
      const res = await walker.go((await walker.go(start.to)).to);
      await assertRefused(walker, res, ["denied", "expired", "mismatch", "provider_down", "failed"], name);
      liar.lie = {}; // and the next one who is honest gets in
      const honest = new Visitor(shop);
      assert.equal((await comeIn(honest, "liar")).to, `${shop.url}/me`);
    });

  test("a time that is a little off is no lie", async () => {
    for (const skew of [-30, 30]) {
      liar.lie = { claims: (c) => ({ ...c, iat: c.iat + skew, exp: skew < 0 ? now() + skew : c.exp }) };
      assert.equal((await comeIn(new Visitor(shop), "liar")).to, `${shop.url}/me`);
    }
  });

  test("a good at_hash, and an audience in a list, are taken", async () => {
    liar.lie = { claims: (c) => ({ ...c, aud: ["shop-liar"], azp: "shop-liar" }) };
    assert.equal((await comeIn(new Visitor(shop), "liar")).to, `${shop.url}/me`);
  });

  test("new keys are fetched once; unknown ones do not make it ask without end", async () => {
    const before = liar.asked.jwks;
    liar.key = liar.makeKey("second");
    liar.keys = [...liar.keys, liar.key];
    assert.equal((await comeIn(new Visitor(shop), "liar")).to, `${shop.url}/me`);
    assert.equal(liar.asked.jwks, before + 1);
    liar.lie = { header: (h) => ({ ...h, kid: `unknown-${Math.random()}` }) };
    for (let i = 0; i < 6; i++) await comeIn(new Visitor(shop), "liar");
    assert.ok(liar.asked.jwks <= before + 3, `${liar.asked.jwks - before} fetches`);
  });

  test("keys that are known serve while the provider's list is down", async () => {
    liar.lie = { jwks: (res) => res.writeHead(503).end() };
    assert.equal((await comeIn(new Visitor(shop), "liar")).to, `${shop.url}/me`);
  });
});

describe("what strangers may try", () => {
  beforeEach(() => {
    liar.lie = {};
    liar.sub = "victim";
  });
  const anyCode = ["expired", "mismatch", "failed", "denied"];

  test("the same return a second time", async () => {
    const walker = new Visitor(shop);
    const back = await wayBack(walker, "rs", "twice");
    await walker.go(back);
    const who = await walker.me();
    const res = await walker.go(back);
    assert.equal(new URL(res.to).pathname, "/signin");
    assert.equal((await walker.me())?.id, who.id, "a failed return does not end the session one had");
    const stranger = new Visitor(shop);
    await assertRefused(stranger, await stranger.go(back), anyCode, "replayed by a stranger");
  });

  test("a code that somebody else has used, with a state of one's own", async () => {
    const walker = new Visitor(shop);
    const code = new URL(await wayBack(walker, "rs", "owner-of-code")).searchParams.get("code");
    const thief = new Visitor(shop);
    const state = new URL((await thief.go(startOf("rs"))).to).searchParams.get("state");
    const res = await thief.go(`${backOf(shop.url, "rs")}?${new URLSearchParams({ code, state, iss: issuer.url })}`);
    await assertRefused(thief, res, ["failed"], "code injection");
  });

  test("a return that began in another browser", async () => {
    const back = await wayBack(new Visitor(shop), "liar");
    const victim = new Visitor(shop);
    await assertRefused(victim, await victim.go(back), ["mismatch", "expired"], "login CSRF");
    const other = new Visitor(shop); // with a login of its own under way
    await other.go(startOf("liar"));
    await assertRefused(other, await other.go(back), ["mismatch", "expired"], "with another's cookie");
  });

  test("a state of one provider at the return of another", async () => {
    const walker = new Visitor(shop);
    const back = new URL(await wayBack(walker, "liar"));
    await assertRefused(walker, await walker.go(backOf(shop.url, "rs") + back.search), ["mismatch", "expired", "failed"], "mixed up");
  });

  test("a login that went on for too long, a state that never was", async () => {
    const walker = new Visitor(shop);
    await walker.go(startOf("liar"));
    for (const state of ["", "x", "A".repeat(43), "A".repeat(4000)])
      await assertRefused(walker, await walker.go(`${backOf(shop.url, "liar")}?${new URLSearchParams({ code: "c", state })}`), anyCode, state.slice(0, 50));
  });

  test("a provider that there is none of, a method that is not for it", async () => {
    const walker = new Visitor(shop);
    await assertRefused(walker, await walker.go(startOf("nobody")), ["unsupported"], "start");
    await assertRefused(walker, await walker.go(`${shop.url}/api/v1/auth/nobody/callback?state=x&code=y`), ["unsupported"], "callback");
    assert.ok([404, 405].includes((await walker.go(backOf(shop.url, "rs"), { method: "POST", body: new URLSearchParams({ code: "x", state: "y" }) })).status));
  });

  test("neither codes nor tokens nor secrets are in the log", () => {
    for (const token of liar.tokens.slice(-5)) assert.ok(!shop.log.includes(token.slice(0, 40)), "an id_token");
    assert.ok(!/code=[\w-]{10}/.test(shop.log), "a code");
    assert.ok(!shop.log.includes(LINE_SECRET) && !/-secret-of-more/.test(shop.log), "a secret");
  });
});
