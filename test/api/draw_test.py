"""Draws and coupons over HTTP: twenty viewers enter, and the proof is drawn again here."""
import csv
import hashlib
import hmac
import io
import json
import time
import unittest
import uuid

import shop
from order_test import CONSENTS, HOME


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


def draw_again(proof):
    """Ranks by the recipe of the API's description, with nothing of ours."""
    seed = bytes.fromhex(proof["seed"])
    assert hashlib.sha256(seed).hexdigest() == proof["commit"]
    ids = sorted(e["id"] for e in proof["entries"])
    assert [e["id"] for e in proof["entries"]] == ids
    text = "".join(i + "\n" for i in ids)
    assert hashlib.sha256(text.encode()).hexdigest() == proof["entries_hash"]
    assert proof["opened_at"] <= proof["first_entry_at"] <= proof["frozen_at"] <= proof["drawn_at"]
    said = (proof["entropy"] or "") + proof["giveaway"]
    return sorted(ids, key=lambda i: (hmac.new(seed, (said + i).encode(), "sha256").digest(), i))


class Draw(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop()
        cls.owner = cls.shop.hire("owner@example.org", "owner")
        cls.host = cls.shop.hire("host@example.org", "host")
        cls.mod = cls.shop.hire("mod@example.org", "moderator")
        cls.rival = cls.shop.rival()

    @classmethod
    def tearDownClass(cls):
        cls.shop.end_well()

    # ---- words of the tests ----

    def product(self, quantity, **price):
        a = self.owner.api("POST", "/products", {"title": {"zh-TW": "帆布包"}, "quantity": quantity,
                                                 "price": price or {"TW": 590, "TH": 65000}})
        self.assertEqual(a.status, 201, a.body)
        return a.json["variants"][0]["id"]

    def draft(self, show, variant, **more):
        body = {"market": "TW", "rule": {"zh-TW": "留言就抽", "th": "ลุ้นรับ"}, "variant_id": variant}
        a = self.host.api("POST", f"/shows/{show}/giveaways", {**body, **more})
        self.assertEqual(a.status, 201, a.body)
        return a.json["id"]

    def step(self, who, draw, what, status=200, body=None):
        a = who.api("POST", f"/giveaways/{draw}/{what}", body or {})
        self.assertEqual(a.status, status, a.body)
        return a

    def viewers(self, n):
        return [shop.Browser(self.shop).guest(f"王小{'甲乙丙丁戊己庚辛壬癸'[i % 10]}{i}") for i in range(n)]

    # ---- draws ----

    def test_twenty_enter_and_anybody_can_draw_again(self):
        show, bag = self.host.show()["id"], self.product(2)
        draw = self.draft(show, bag, winners_n=2, claim_hours=1)
        room = shop.Events(shop.Browser(self.shop).arrive(), show)
        self.assertEqual(shop.Browser(self.shop).api("GET", f"/giveaways/{draw}").status, 404)
        self.assertEqual(self.rival.api("GET", f"/giveaways/{draw}").status, 404)
        for what in ("open", "freeze", "draw", "cancel"):
            self.step(self.rival, draw, what, 404)
            self.step(self.mod, draw, what, 403)
        opened = self.step(self.host, draw, "open").json
        self.assertIsNone(opened["seed"])
        self.assertEqual(room.find("giveaway.open")["commit"], opened["commit"])

        viewers = self.viewers(20)
        entries = [self.step(v, draw, "enter", 201).json["entry"] for v in viewers]
        again = self.step(viewers[0], draw, "enter", 200).json
        self.assertEqual((again["entry"], again["n"]), (entries[0], 20))
        self.step(self.mod, draw, "enter", 403)
        self.muted_is_refused(show, draw)
        self.assertEqual(room.find("giveaway.entries", test=lambda d: d["n"] == 20)["entries_hash"], None)

        before = self.host.api("GET", f"/giveaways/{draw}/proof").json
        self.assertEqual((before["seed"], before["entries"]), (None, []))
        frozen = self.step(self.host, draw, "freeze").json
        self.step(self.viewers(1)[0], draw, "enter", 409)
        drawn = self.step(self.host, draw, "draw", body={"entropy": "統一發票 30854117"}).json
        self.step(self.host, draw, "draw", 409)

        proof = shop.Browser(self.shop).api("GET", f"/giveaways/{draw}/proof").json
        self.assertEqual(proof["commit"], opened["commit"])
        self.assertEqual(proof["entries_hash"], frozen["entries_hash"])
        ranks = draw_again(proof)
        self.assertEqual(sorted(entries), sorted(ranks))
        self.assertEqual([w["entry"] for w in proof["winners"]], ranks[:2])
        self.assertEqual([w["entry"] for w in drawn["winners"]], ranks[:2])
        told = room.find("giveaway.drawn")
        self.assertEqual((told["seed"], [w["entry"] for w in told["winners"]]), (proof["seed"], ranks[:2]))
        self.assertTrue(all("*" in e["name_masked"] for e in proof["entries"]))
        sheet = self.host.api("GET", f"/giveaways/{draw}/entries.csv").body.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(sheet)))
        self.assertEqual([r["entry"] for r in rows], ranks)
        self.assertNotIn("王小甲", sheet)
        room.close()

        winner = viewers[entries.index(ranks[0])]
        self.the_winner_orders_for_nothing(draw, winner)
        second = viewers[entries.index(ranks[1])]
        self.a_prize_let_go_passes_on(draw, second, viewers[entries.index(ranks[2])])

    def muted_is_refused(self, show, draw):
        troll = shop.Browser(self.shop).guest("Troll")
        m = troll.api("POST", f"/shows/{show}/messages", {"text": "buy gold"}).json
        a = self.mod.api("POST", f"/shows/{show}/sanctions", {"message": m["id"], "kind": "mute"})
        self.assertEqual(a.status, 201, a.body)
        self.assertEqual(self.step(troll, draw, "enter", 403).code, "muted")

    def the_winner_orders_for_nothing(self, draw, winner):
        line = winner.api("GET", "/cart?market=TW").json["lines"][0]
        self.assertEqual((line["source"], line["unit"]["amount"], line["qty"]), ("prize", 0, 1))
        a = winner.api("PATCH", f"/cart/lines/{line['id']}", {"qty": 2})
        self.assertEqual(a.status, 409, a.body)
        q = winner.api("POST", "/cart/quote", {"market": "TW"}).json
        self.assertEqual((q["shipping"]["amount"], q["total"]["amount"]), (0, 0))
        a = winner.api("POST", "/orders", {"cart": q["cart"], "quote_hash": q["quote_hash"],
                                           "delivery": q["delivery"], "pay_method": q["pay_method"],
                                           "address": HOME, "consents": CONSENTS,
                                           "invoice": {"kind": "member"}}, headers=key())
        self.assertEqual((a.status, a.json.get("state")), (201, "confirmed"), a.body)
        self.assertTrue(shop.until(lambda: winner.api("GET", f"/giveaways/{draw}").json["me"]["state"]
                                   == "ordered", 5))

    def a_prize_let_go_passes_on(self, draw, second, third):
        line = second.api("GET", "/cart?market=TW").json["lines"][0]
        self.assertEqual(second.api("DELETE", f"/cart/lines/{line['id']}").status, 200)
        lines = shop.until(lambda: third.api("GET", "/cart?market=TW").json["lines"], 5)
        self.assertEqual([x["source"] for x in lines], ["prize"])
        seen = third.api("GET", f"/giveaways/{draw}").json
        self.assertEqual([w["state"] for w in seen["winners"]], ["ordered", "passed", "won"])
        self.assertEqual((seen["me"]["rank"], seen["state"]), (3, "drawn"))

    def test_thailand_needs_a_permit_and_prizes_must_be_there(self):
        show = self.host.show()["id"]
        draw = self.draft(show, self.product(1), market="TH")
        a = self.step(self.host, draw, "open", 409)
        self.assertIn("permit", a.json["detail"])
        self.step(self.host, draw, "open", body={"permit_no": "งข. 42/2569"})
        self.step(self.host, draw, "freeze", 409)  # nobody entered
        self.step(self.host, draw, "cancel")
        none = self.draft(show, self.product(1), winners_n=2)
        self.assertEqual(self.step(self.host, none, "open", 409).code, "sold_out")
        abroad = self.draft(show, self.product(1, TW=590), market="TH", permit_no="1")
        self.step(self.host, abroad, "open", 409)
        members = self.draft(show, self.product(1), login=True)
        self.step(self.host, members, "open")
        self.step(self.viewers(1)[0], members, "enter", 401)
        for body in ({}, {"market": "TW"}, {"market": "TW", "rule": "x", "variant_id": "var_none"},
                     {"market": "TW", "rule": "", "variant_id": self.product(1)},
                     {"market": "TW", "rule": "x", "variant_id": self.product(1), "winners_n": 21}):
            self.assertEqual(self.host.api("POST", f"/shows/{show}/giveaways", body).status, 400, body)

    # ---- coupons ----

    def coupon(self, code, **more):
        body = {"code": code, "market": "TW", "kind": "amount", "value": 100, "min_spend": 500, "quota": 2,
                "ends_at": int(time.time() * 1000) + 3600_000, **more}
        a = self.host.api("POST", "/coupons", body)
        self.assertEqual(a.status, 201, a.body)
        return a.json

    def test_a_coupon_is_dropped_taken_used_and_given_back(self):
        show, bag = self.host.show()["id"], self.product(5)
        c = self.coupon("LIVE100", show_id=show)
        one, two, three = self.viewers(3)
        self.assertEqual(one.api("POST", f"/coupons/{c['id']}/take", {}).status, 409)  # not dropped yet
        room = shop.Events(shop.Browser(self.shop).arrive(), show)
        self.assertIsNone(room.find("room.snapshot")["coupon"])
        for who, status in ((self.rival, 404), (self.mod, 403), (self.host, 200)):
            a = who.api("POST", f"/coupons/{c['id']}/drop", {"show_id": show})
            self.assertEqual(a.status, status, a.body)
        seen = room.find("coupon.drop")
        self.assertEqual((seen["coupon_id"], seen["left"], seen["value"]),
                         (c["id"], 2, {"amount": 100, "currency": "TWD"}))
        self.assertEqual(one.api("POST", f"/coupons/{c['id']}/take", {}).status, 201)
        self.assertEqual(one.api("POST", f"/coupons/{c['id']}/take", {}).status, 200)
        self.assertEqual(two.api("POST", "/coupons/take", {"code": "live100"}).status, 201)
        self.assertEqual(three.api("POST", f"/coupons/{c['id']}/take", {}).code, "sold_out")
        self.assertEqual(room.find("coupon.gone")["reason"], "sold_out")
        room.close()

        one.api("POST", "/cart/lines", {"variant_id": bag, "qty": 1, "market": "TW"}, headers=key())
        q = one.api("POST", "/cart/quote", {"market": "TW", "coupon_id": c["id"]}).json
        self.assertEqual((q["discount"]["amount"], q["coupon"]["code"]), (100, "LIVE100"))
        a = one.api("POST", "/orders", {"cart": q["cart"], "quote_hash": q["quote_hash"],
                                        "delivery": q["delivery"], "pay_method": q["pay_method"],
                                        "coupon_id": c["id"], "address": HOME, "consents": CONSENTS,
                                        "invoice": {"kind": "member"}}, headers=key())
        self.assertEqual(a.status, 201, a.body)
        mine = one.api("GET", "/me/coupons").json["items"]
        self.assertEqual([(m["state"], m["order_no"]) for m in mine], [("used", a.json["no"])])
        self.assertEqual(one.api("POST", f"/orders/{a.json['no']}/cancel", {}).status, 200)
        mine = one.api("GET", "/me/coupons?market=TW").json["items"]
        self.assertEqual([(m["state"], m["order_no"]) for m in mine], [("ready", None)])

    def test_the_shops_list_and_changes(self):
        c = self.coupon("PCT10", kind="percent", value=1000)
        items = self.mod.api("GET", "/coupons").json["items"]
        self.assertIn(c["id"], [i["id"] for i in items])
        self.assertEqual(self.rival.api("GET", "/coupons").json["items"], [])
        self.assertEqual(shop.Browser(self.shop).api("GET", "/coupons").status, 401)
        body = {"code": "PCT10", "market": "TW", "kind": "percent", "value": 1, "quota": 1,
                "ends_at": int(time.time() * 1000) + 3600_000}
        self.assertEqual(self.host.api("POST", "/coupons", body).code, "exists")
        self.assertEqual(self.mod.api("POST", "/coupons", body).status, 403)
        a = self.host.api("PATCH", f"/coupons/{c['id']}", {"quota": 9}, headers={"If-Match": '"1"'})
        self.assertEqual((a.status, a.json["quota"], a.json["version"]), (200, 9, 2), a.body)
        for who, version, status in ((self.host, 1, 412), (self.rival, 2, 404), (self.mod, 2, 403)):
            a = who.api("PATCH", f"/coupons/{c['id']}", {"quota": 8}, headers={"If-Match": f'"{version}"'})
            self.assertEqual(a.status, status, a.body)
        audit = json.dumps(self.owner.api("GET", "/audit").json)
        self.assertIn("coupon.create", audit)
        self.assertIn("coupon.edit", audit)


if __name__ == "__main__":
    unittest.main()
