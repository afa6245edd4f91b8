"""What people ask about their data: consents, a copy, to be forgotten; legal texts; and that events for
everybody name nobody."""
# postgres: too
import io
import itertools
import json
import unittest
import uuid
import zipfile

import order_test
import sell_test
import shop

REAL = order_test.HOME["name"]  # of the order, never of the room
SECRETS = (REAL, "0912 345 678", "0912345678", "永康街", "mei@example.org", "ABC1234")


class Privacy(unittest.TestCase):
    fresh_input, on_air = sell_test.Sell.fresh_input, sell_test.Sell.on_air
    product, listing, pin = sell_test.Sell.product, sell_test.Sell.listing, sell_test.Sell.pin
    claim, say = sell_test.Sell.claim, sell_test.Sell.say
    quote, order_body = order_test.Order.quote, order_test.Order.order_body

    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop(with_engine=True, CLOUDFLARE_NOTIFY_SECRET=sell_test.NOTIFY)
        cls.owner = cls.shop.hire("owner@example.org", "owner")
        cls.host = cls.shop.hire("host@example.org", "host")
        cls.rival = cls.shop.rival()
        cls.keys = (f"key-{n}" for n in itertools.count())
        cls.uids = set()

    @classmethod
    def tearDownClass(cls):
        cls.shop.end_well()

    def account(self, email, name):
        b = shop.Browser(self.shop).arrive()
        a = b.api("POST", "/accounts", {"email": email, "password": shop.PASSWORD, "name": name,
                                        "lang": "en", "consents": {"terms": True, "privacy": True}})
        self.assertEqual(a.status, 201, a.body)
        b.take(a)
        b.patient = True
        return b

    def buy(self, b, show):
        a = b.api("POST", "/orders", self.order_body(self.quote(b)),
                  headers={"Idempotency-Key": uuid.uuid4().hex})
        self.assertEqual(a.status, 201, a.body)
        return a.json

    def done(self, path, b):
        """Ask until it is no more "running"."""
        return shop.until(lambda: (a := b.api("GET", path).json)["state"] != "running" and a)

    # ---- one person's whole way ----

    def test_a_person_takes_a_copy_and_is_forgotten(self):
        show = self.on_air()
        bag = self.listing(show, stock=2, code="A1")
        self.pin(show, bag)
        room = shop.Events(shop.Browser(self.shop).arrive(), show, last_event_id=0)
        mei, ann = self.account("mei@example.org", "小美"), shop.Browser(self.shop).arrive().guest("Ann")
        self.say(mei, show, "這個包好看 unforgettable words")
        self.assertEqual(self.claim(mei, bag, qty=1).status, 201)
        order = self.buy(mei, show)
        self.assertEqual(self.claim(mei, bag, qty=1).status, 201)  # lies in the cart
        self.assertEqual(self.claim(ann, bag, qty=1).json["state"], "waitlisted")
        before = self.host.api("GET", f"/shows/{show}/claims.csv").body.decode()

        # consents: of the sign-up, and of the order with the shop's version
        kinds = [(c["kind"], c["source"], c["version"]) for c in
                 mei.api("GET", "/me/consents").json["items"]]
        self.assertIn(("privacy", "signup", "2026-11"), kinds)
        self.assertIn(("withdrawal_notice", "checkout", "2026-11"), kinds)
        self.assertNotIn("marketing", [k for k, _, _ in kinds])

        # a copy: theirs alone
        a = mei.api("POST", "/me/export", {})
        self.assertEqual(a.status, 202, a.body)
        self.assertIn(mei.api("POST", "/me/export", {}).status, (202, 409))
        copy = f"/me/exports/{a.json['id']}"
        self.assertEqual(self.done(copy, mei)["state"], "ready")
        a = mei.api("GET", copy + "/file")
        self.assertEqual((a.status, a.headers["Content-Type"], a.headers["Cache-Control"]),
                         (200, "application/zip", "no-store"))
        self.assertIn("attachment", a.headers["Content-Disposition"])
        z = zipfile.ZipFile(io.BytesIO(a.body))
        self.assertIsNone(z.testzip())
        files = {n: z.read(n).decode("utf-8-sig") for n in z.namelist()}
        self.assertEqual(json.loads(files["orders.json"])[0]["address"]["name"], REAL)
        self.assertEqual(json.loads(files["orders.json"])[0]["order"], order["no"])
        self.assertIn("unforgettable words", files["messages.csv"])
        self.assertIn("mei@example.org", files["identities.json"])
        self.assertEqual(len(json.loads(files["claims.json"])), 2)
        self.assertNotIn(mei.cookies["nm_session"], "".join(files.values()))
        self.assertNotIn(order["secret"], "".join(files.values()))
        for other in (ann, self.owner, shop.Browser(self.shop).arrive()):
            self.assertIn(other.api("GET", copy + "/file").status, (401, 404))

        # what would go and what would stay
        p = mei.api("GET", "/me/deletion").json
        self.assertEqual((p["kind"], p["blocked"]), ("account", []))
        self.assertEqual([o["no"] for o in p["open_orders"]], [order["no"]])
        self.assertIn("orders", [s["what"] for s in p["stays"]])
        self.assertIn("messages", [g["what"] for g in p["goes"]])

        # forgotten
        self.assertEqual(mei.api("DELETE", "/me", {"confirm": "yes"}).status, 400)
        mine = shop.Events(mei, show)
        mine.find("room.snapshot")
        was = dict(mei.cookies)
        a = mei.api("DELETE", "/me", {"confirm": "delete"})
        self.assertEqual(a.status, 202, a.body)
        self.assertNotIn("nm_session", mei.cookies)
        self.assertTrue(shop.until(lambda: mine.ended))  # the open stream is over
        old = shop.Browser(self.shop)
        old.cookies = was
        self.assertEqual(old.api("GET", "/me").status, 401)
        code = f"/privacy/requests/{a.json['code']}"
        stranger = shop.Browser(self.shop).arrive()
        state = self.done(code, stranger)
        self.assertEqual(state["state"], "done")
        self.assertFalse([s for s in SECRETS if s in json.dumps(state, ensure_ascii=False)])
        self.assertEqual(stranger.api("GET", "/privacy/requests/req_0000000000000000").status, 404)

        # gone from the room; the unit in the cart went to who waits; the order goes on by its link
        gone = room.find("chat.removed")["ids"]
        self.assertEqual(len(gone), 1)
        self.assertEqual(stranger.api("GET", f"/shows/{show}/messages").json["items"], [])
        self.assertTrue(shop.until(lambda: [w for w in ann.api("GET", "/me/waitlist").json["items"]
                                            if w["state"] == "offered"]))
        a = stranger.api("GET", f"/orders/{order['no']}?secret={order['secret']}")
        self.assertEqual((a.status, a.json["address"]["name"]), (200, REAL))
        seen = self.owner.api("GET", f"/staff/orders/{order['no']}").json
        self.assertNotIn("小美", json.dumps({k: v for k, v in seen.items() if k != "address"},
                                          ensure_ascii=False))
        # the ledger still says the same, and its chain holds
        after = self.host.api("GET", f"/shows/{show}/claims.csv").body.decode()
        head, said = sell_test.ledger_head(after)
        self.assertIn(said and said[1], (None, head))
        rows = [line for line in before.splitlines()[1:] if not line.startswith("head")]
        self.assertEqual([line for line in after.splitlines()[1:] if not line.startswith("head")][:len(rows)], rows)
        # signing in makes a new person
        self.assertEqual(shop.Browser(self.shop).arrive().api(
            "POST", "/sessions", {"email": "mei@example.org", "password": shop.PASSWORD}).status, 401)
        self.assertEqual(self.account("mei@example.org", "小美").api("GET", "/orders").json["items"], [])
        # staff of this shop see the request, those of another nothing
        items = self.owner.api("GET", "/staff/privacy/requests").json["items"]
        self.assertTrue([r for r in items if r["kind"] == "erase" and r["viewer"]["name"].startswith("#")])
        self.assertEqual(self.rival.api("GET", "/staff/privacy/requests").json["items"], [])
        self.assertEqual(self.rival.api("GET", "/staff/privacy/consents").json["items"], [])
        self.assertEqual(self.host.api("GET", "/staff/privacy/requests").status, 403)

        # I16: everything that everybody was told, from the show's first event on
        self.assertEqual(self.host.api("POST", f"/shows/{show}/end").status, 200)
        room.find("show.state", test=lambda d: d["state"] == "ended")
        kinds = {t for _, t, _ in room.got}
        self.assertGreaterEqual(kinds, {"chat.message", "claim.ticker", "listing.pinned", "chat.removed"})
        told = json.dumps([e for _, _, e in room.got], ensure_ascii=False)
        self.assertFalse([s for s in SECRETS if s in told])
        for _, t, e in room.got:
            if t == "claim.ticker":  # names in the ledger are masked
                self.assertIn("*", e["data"]["name_masked"])
        room.close()

    # ---- others ----

    def test_a_guest_can_be_forgotten_too(self):
        b = shop.Browser(self.shop).arrive().guest("客人")
        self.assertEqual(b.api("GET", "/me/deletion").json["kind"], "guest")
        a = b.api("DELETE", "/me", {"confirm": "delete"})
        self.assertEqual(a.status, 202, a.body)
        self.assertEqual(shop.Browser(self.shop).arrive().api("GET", "/me/deletion").status, 401)
        self.assertEqual(self.done(f"/privacy/requests/{a.json['code']}", b)["state"], "done")

    def test_the_only_owner_of_a_shop_is_told_the_way_out(self):
        p = self.rival.api("GET", "/me/deletion").json
        self.assertEqual([s["shop"] for s in p["blocked"]], ["other"])
        a = self.rival.api("DELETE", "/me", {"confirm": "delete"})
        self.assertEqual((a.status, a.code), (409, "conflict"), a.body)
        self.assertEqual(self.rival.api("GET", "/me").status, 200)

    def test_consents_are_given_and_taken_back(self):
        b = shop.Browser(self.shop).arrive().guest("客人")
        b.patient = True
        self.assertEqual(b.api("GET", "/me/consents").json["items"], [])
        self.assertEqual(b.api("POST", "/me/consents", {"kind": "marketing", "granted": True}).status, 200)
        a = b.api("POST", "/me/consents", {"kind": "marketing", "granted": False})
        self.assertEqual([(c["granted"], c["current"]) for c in a.json["items"]],
                         [(False, True), (True, False)])
        for body, status in (({"kind": "terms", "granted": False}, 409),
                             ({"kind": "x", "granted": True}, 400),
                             ({"kind": "terms", "granted": "yes"}, 400), ({}, 400)):
            self.assertEqual(b.api("POST", "/me/consents", body).status, status, body)

    # ---- legal texts ----

    def test_a_shop_writes_its_own_texts_and_old_ones_stay(self):
        b = shop.Browser(self.shop).arrive()
        a = b.api("GET", "/legal/terms?lang=th").json
        self.assertEqual((a["lang"], a["own"], a["version"]), ("th", False, "2026-11"))
        self.assertEqual(b.api("GET", "/legal/nothing").status, 404)
        self.assertEqual(b.api("GET", "/legal/terms?shop=nowhere").status, 404)
        self.assertEqual(self.host.api("PUT", "/staff/legal/terms", {}).status, 403)
        bad = {"lang": "th", "title": "x", "body_md": "[x](javascript:alert(1))", "publish": True}
        a = self.owner.api("PUT", "/staff/legal/terms", bad)
        self.assertEqual((a.status, a.code), (400, "input"))
        self.assertTrue(a.json["detail"].startswith("'body_md'"), a.body)
        good = {"lang": "th", "title": "ข้อตกลง", "body_md": "ของ {shop} <b>", "publish": True}
        self.assertEqual(self.owner.api("PUT", "/staff/legal/terms", good).status, 200)
        self.assertEqual(self.owner.api("PUT", "/staff/legal/terms",
                                        {**good, "body_md": "ใหม่"}).status, 200)
        a = b.api("GET", "/legal/terms?lang=th").json
        self.assertEqual((a["body_md"], a["version"], a["own"]), ("ใหม่", "2", True))
        a = b.api("GET", "/legal/terms?lang=th&version=1").json
        self.assertRegex(a["body_md"], "^ของ .+ <b>$")
        self.assertEqual(b.api("GET", "/legal/terms?version=3").status, 404)
        self.assertEqual(b.api("GET", "/legal/terms?shop=other&lang=th").json["own"], False)
        a = self.owner.api("PUT", "/staff/privacy/contact", {"contact": "privacy@example.org"})
        self.assertEqual((a.status, a.json["contact"]), (200, "privacy@example.org"))
        self.assertIn("privacy@example.org", b.api("GET", "/legal/privacy?lang=ja").json["body_md"])
        drafts = {d["doc"]: d for d in self.owner.api("GET", "/staff/legal").json["items"]}
        self.assertEqual((drafts["terms"]["langs"], drafts["terms"]["version"]), (["th"], "2"))
        acts = [x["action"] for x in self.owner.api("GET", "/audit").json["items"]]
        self.assertIn("legal.publish", acts)

    def test_incidents_are_noted_for_the_shop_alone(self):
        a = self.owner.api("POST", "/staff/privacy/breaches", {"what": "a lost phone", "people": 3})
        self.assertEqual(a.status, 201, a.body)
        note = f"/staff/privacy/breaches/{a.json['id']}"
        a = self.owner.api("PATCH", note, {"told_at": 1795330000123}, headers={"If-Match": '"1"'})
        self.assertEqual((a.status, a.json["told_at"], a.json["people"]), (200, 1795330000123, 3))
        stale = self.owner.api("PATCH", note, {"people": None}, headers={"If-Match": '"1"'})
        self.assertEqual(stale.status, 412)
        self.assertEqual(self.rival.api("PATCH", note, {"people": 1}, headers={"If-Match": '"2"'}).status, 404)
        self.assertEqual(self.rival.api("GET", "/staff/privacy/breaches").json["items"], [])


if __name__ == "__main__":
    unittest.main()
