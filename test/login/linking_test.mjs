// Attacks on accounts that have several ways in, against a running shop: the provider says whatever
// the attacker wants, and each attempt is refused or ends in an account of its own.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { startLiar } from "./liar.mjs";
import { Visitor, freePort, startShop } from "./shop.mjs";

let shop, one, two, n = 0;

before(async () => {
  const port = await freePort();
  [one, two] = [await startLiar("shop-one"), await startLiar("shop-two")];
  shop = await startShop(port, {
    OIDC_ONE_ISSUER: one.url, OIDC_ONE_CLIENT_ID: "shop-one", OIDC_ONE_CLIENT_SECRET: "one-secret",
    OIDC_TWO_ISSUER: two.url, OIDC_TWO_CLIENT_ID: "shop-two", OIDC_TWO_CLIENT_SECRET: "two-secret",
  });
});
after(async () => {
  one?.stop();
  two?.stop();
  assert.equal(await shop?.stop(), 0);
});
beforeEach(() => {
  one.lie = {};
  two.lie = {};
});

const liars = () => ({ one, two });
const password = "lantern-in-the-dark";
const someone = () => `person-${n++}`;

/** Signs in at a provider as `sub`, who claims what is given. */
async function comeIn(visitor, name, sub, claims = {}) {
  const liar = liars()[name];
  liar.sub = sub;
  liar.lie = { claims: (c) => ({ ...c, email: `${sub}@people.test`, ...claims }) };
  const start = await visitor.go(`${shop.url}/api/v1/auth/${name}/start?next=/me`);
  return visitor.go((await visitor.go(start.to)).to);
}

/** Begins a link or a proof; gives where the browser is sent back to. */
async function begin(visitor, name, sub, purpose) {
  liars()[name].sub = sub;
  const start = await visitor.send("POST", `/auth/${name}/start`, { purpose, next: "/me" });
  assert.equal(start.status, 200, start.text);
  return (await visitor.go(start.json.url)).to;
}

const errorOf = (res) => new URL(res.to).searchParams.get("error");
const ways = async (visitor) => (await visitor.get("/me/identities")).json.items.map((i) => i.provider).toSorted();

async function newcomer(name = "one", claims = {}) {
  const visitor = new Visitor(shop);
  visitor.sub = someone();
  await comeIn(visitor, name, visitor.sub, claims);
  visitor.id = (await visitor.me()).id;
  return visitor;
}

async function withPassword(email) {
  const visitor = new Visitor(shop);
  await visitor.get("/sessions/current");
  const res = await visitor.send("POST", "/accounts", { email, password, name: "先到的人" });
  assert.equal(res.status, 201, res.text);
  visitor.id = (await visitor.me()).id;
  return visitor;
}

describe("an e-mail opens nobody else's account", () => {
  test("taken beforehand: the attacker signed up with the victim's address", async () => {
    const attacker = await withPassword("victim-1@people.test");
    const victim = new Visitor(shop);
    await comeIn(victim, "one", "victim-1", { email: "victim-1@people.test", email_verified: true });
    assert.notEqual((await victim.me()).id, attacker.id);
    assert.deepEqual(await ways(victim), ["one"]);
  });

  for (const [what, claims] of Object.entries({
    "not verified": { email_verified: false }, "no word of it": { email_verified: undefined }, "verified, as it says": { email_verified: true },
    "of a hosted domain, as it says": { email_verified: true, hd: "people.test" }, "in capitals": { email: "OWNER@PEOPLE.TEST", email_verified: true },
    "a relay address": { email: "owner@privaterelay.appleid.com", email_verified: true, is_private_email: true },
  }))
    test(`a provider claims another's address: ${what}`, async () => {
      const email = `owner-${n++}@people.test`;
      const owner = await withPassword(email);
      const attacker = new Visitor(shop);
      await comeIn(attacker, "two", someone(), { email, ...claims });
      assert.notEqual((await attacker.me()).id, owner.id);
    });

  test("the same subject at another provider is another person", async () => {
    const first = await newcomer("one");
    const second = new Visitor(shop);
    await comeIn(second, "two", first.sub);
    assert.notEqual((await second.me()).id, first.id);
  });

  test("an address that changes at the provider changes nothing here", async () => {
    const person = await newcomer("one", { email: "before@people.test" });
    const before = (await person.me()).email;
    const again = new Visitor(shop);
    await comeIn(again, "one", person.sub, { email: "after@people.test", email_verified: true });
    assert.equal((await again.me()).id, person.id);
    assert.equal((await again.me()).email, before);
  });
});

describe("linking", () => {
  test("links, signs in either way, unlinks", async () => {
    const person = await newcomer();
    const sub = someone();
    const back = await person.go(await begin(person, "two", sub, "link"));
    assert.equal(back.to.replace(/#$/, ""), `${shop.url}/me`);
    assert.deepEqual(await ways(person), ["one", "two"]);
    const other = new Visitor(shop);
    await comeIn(other, "two", sub);
    assert.equal((await other.me()).id, person.id);
    const { items } = (await person.get("/me/identities")).json;
    const gone = await person.send("DELETE", `/me/identities/${items.find((i) => i.provider === "two").id}`);
    assert.equal(gone.status, 204, gone.text);
    assert.equal(await other.me(), null, "who came in that way is out");
    await comeIn(other, "two", sub);
    assert.notEqual((await other.me()).id, person.id);
  });

  test("another's identity is not taken over", async () => {
    const victim = await newcomer("two");
    const attacker = await newcomer("one");
    const res = await attacker.go(await begin(attacker, "two", victim.sub, "link"));
    assert.equal(errorOf(res), "taken");
    assert.deepEqual(await ways(attacker), ["one"]);
    assert.equal((await attacker.me()).id, attacker.id);
    assert.equal((await victim.me()).id, victim.id);
  });

  test("begun as one, finished as another: nobody gets it", async () => {
    const person = await newcomer("one");
    const back = await begin(person, "two", someone(), "link");
    const second = someone();
    await comeIn(person, "one", second); // the same browser, another account
    const now = await person.me();
    const res = await person.go(back);
    assert.ok(["wrong_account", "mismatch", "expired", "failed"].includes(errorOf(res)), res.to);
    assert.deepEqual(await ways(person), ["one"]);
    assert.equal((await person.me()).id, now.id);
  });

  test("begun by the attacker, finished in the victim's browser: refused", async () => {
    const attacker = await newcomer("one");
    const back = await begin(attacker, "two", someone(), "link");
    const victim = await newcomer("one");
    const res = await victim.go(back);
    assert.ok(["mismatch", "expired"].includes(errorOf(res)), res.to);
    assert.deepEqual(await ways(victim), ["one"]);
  });

  test("signed out in between: refused", async () => {
    const person = await newcomer("one");
    const back = await begin(person, "two", someone(), "link");
    await person.send("DELETE", "/sessions/current");
    const res = await person.go(back);
    assert.ok(["wrong_account", "mismatch", "expired", "failed"].includes(errorOf(res)), res.to);
    assert.equal(await person.me(), null);
  });

  test("another site cannot begin it, nor can a plain address", async () => {
    const victim = await newcomer("one");
    for (const headers of [{ "x-csrf-token": "" }, { "x-csrf-token": "x".repeat(43) }, { origin: "https://evil.test" }]) {
      const res = await victim.send("POST", "/auth/two/start", { purpose: "link", next: "/me" }, headers);
      assert.equal(res.status, 403, res.text);
    }
    two.sub = someone();
    const start = await victim.go(`${shop.url}/api/v1/auth/two/start?next=/me&purpose=link`);
    await victim.go((await victim.go(start.to)).to);
    assert.notEqual((await victim.me())?.id, victim.id, "that was a login, not a link");
    const back = new Visitor(shop);
    await comeIn(back, "one", victim.sub);
    assert.deepEqual(await ways(back), ["one"]);
  });

  test("neither guests nor strangers link", async () => {
    const guest = new Visitor(shop);
    await guest.send("POST", "/sessions/guest", { name: "Guest" });
    assert.equal((await guest.send("POST", "/auth/two/start", { purpose: "link", next: "/" })).status, 401);
    assert.equal((await new Visitor(shop).send("POST", "/auth/two/start", { purpose: "link", next: "/" })).status, 401);
  });

  test("the last way in stays", async () => {
    const person = await newcomer("one");
    const [only] = (await person.get("/me/identities")).json.items;
    assert.equal((await person.send("DELETE", `/me/identities/${only.id}`)).status, 409);
    assert.deepEqual(await ways(person), ["one"]);
  });

  test("somebody else's way in is not there to be unlinked", async () => {
    const [victim, attacker] = [await newcomer("one"), await newcomer("two")];
    const [theirs] = (await victim.get("/me/identities")).json.items;
    assert.equal((await attacker.send("DELETE", `/me/identities/${theirs.id}`)).status, 404);
    assert.deepEqual(await ways(victim), ["one"]);
  });
});

describe("fresh proof", () => {
  /** The person signed in an hour ago, everywhere. */
  const age = (visitor) => shop.sql("UPDATE session SET auth_at = auth_at - 3600000 WHERE viewer_id = (SELECT id FROM viewer WHERE public_id = ?)", visitor.id);

  test("what changes ways in is refused without it, and done with it", async () => {
    const person = await newcomer("one");
    age(person);
    for (const [method, path, body] of [
      ["POST", "/auth/two/start", { purpose: "link", next: "/me" }], ["POST", "/me/email", { email: "new@people.test" }],
      ["DELETE", "/me", { confirm: "delete" }], ["POST", "/me/export", {}],
    ]) {
      const res = await person.send(method, path, body);
      assert.equal(res.status, 403, `${method} ${path}: ${res.text}`);
      assert.equal(res.json.code, "need_proof");
    }
    const old = person.jar(shop.url).get("nm_session");
    const back = await person.go(await begin(person, "one", person.sub, "proof"));
    assert.equal(errorOf(back), null, back.to);
    assert.equal((await person.me()).id, person.id);
    assert.equal((await person.send("POST", "/auth/two/start", { purpose: "link", next: "/me" })).status, 200);
    const thief = new Visitor(shop);
    thief.jar(shop.url).set("nm_session", old);
    assert.equal(await thief.me(), null, "the token from before the proof is worth nothing");
  });

  test("another account's identity proves nothing", async () => {
    const [victim, attacker] = [await newcomer("one"), await newcomer("two")];
    age(victim);
    const res = await victim.go(await begin(victim, "two", attacker.sub, "proof"));
    assert.equal(errorOf(res), "wrong_account");
    assert.equal((await victim.send("POST", "/auth/two/start", { purpose: "link", next: "/me" })).status, 403);
    assert.equal((await victim.me()).id, victim.id);
  });

  test("a sign-in of an hour ago at the provider proves nothing", async () => {
    const person = await newcomer("one");
    age(person);
    const back = await begin(person, "one", person.sub, "proof");
    assert.match(one.last.max_age ?? "", /^\d+$/, "the provider is asked for a fresh one");
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    for (const auth_time of [hourAgo, undefined]) {
      one.lie = { claims: (c) => ({ ...c, auth_time }) };
      const res = await person.go(auth_time ? back : await begin(person, "one", person.sub, "proof"));
      assert.equal(errorOf(res), "failed", res.to);
    }
    assert.equal((await person.send("POST", "/me/export", {})).status, 403);
  });

  test("an identity nobody has proves nothing, and becomes nobody's", async () => {
    const victim = await newcomer("one");
    age(victim);
    const sub = someone();
    assert.equal(errorOf(await victim.go(await begin(victim, "two", sub, "proof"))), "wrong_account");
    assert.equal(shop.sql("SELECT count(*) FROM identity WHERE provider = 'two' AND subject = ?", sub)[0][0], 0);
  });

  test("the wrong password proves nothing", async () => {
    const person = await withPassword(`${someone()}@people.test`);
    age(person);
    assert.equal((await person.send("POST", "/sessions/proof", { password: "not-the-password" })).status, 401);
    assert.equal((await person.send("POST", "/me/export", {})).status, 403);
    assert.equal((await person.send("POST", "/sessions/proof", { password })).status, 200);
    assert.equal((await person.send("POST", "/me/export", {})).status, 202);
  });
});

describe("sessions", () => {
  test("are listed, and end where one says so", async () => {
    const here = await newcomer("one");
    const there = new Visitor(shop);
    await comeIn(there, "one", here.sub);
    const { items } = (await here.get("/me/sessions")).json;
    assert.equal(items.length, 2);
    assert.equal(items.filter((s) => s.current).length, 1);
    const other = items.find((s) => !s.current);
    const stranger = await newcomer("two");
    assert.equal((await stranger.send("DELETE", `/me/sessions/${other.id}`)).status, 404);
    assert.ok(await there.me());
    assert.equal((await here.send("DELETE", `/me/sessions/${other.id}`)).status, 204);
    assert.equal(await there.me(), null);
    assert.equal((await here.me()).id, here.id);
  });

  test("the link out of an in-app browser carries no account", async () => {
    const person = await newcomer("one");
    const made = await person.send("POST", "/sessions/handover", { path: "/cart", draft: "寫到一半" });
    assert.equal(made.status, 201, made.text);
    const url = new URL(made.json.url);
    const token = url.hash.slice(1);
    assert.ok(token.length >= 22 && !url.search.includes(token), "the token is no part of what a server is asked for");
    const other = new Visitor(shop);
    const seen = await other.send("POST", "/sessions/handover/look", { token });
    assert.equal(seen.json.path, "/cart");
    const taken = await other.send("POST", "/sessions/handover/take", { token, would: seen.json.would });
    assert.equal(taken.status, 201, taken.text);
    assert.equal(taken.json.draft, "寫到一半");
    assert.equal(await other.me(), null);
    assert.equal((await new Visitor(shop).send("POST", "/sessions/handover/take", { token, would: seen.json.would })).status, 404, "once");
  });
});
