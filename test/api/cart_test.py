"""Carts and waiting lists over HTTP: guests without a name, repeats, offers, and signing up."""
import threading
import unittest
import uuid

import shop


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


class Cart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop()
        cls.owner = cls.shop.hire("owner@example.org", "owner")

    @classmethod
    def tearDownClass(cls):
        code = cls.shop.end()
        assert code == 0, f"serve ended with {code}:\n{cls.shop.log()}"

    def tearDown(self):
        done = self.shop.command("reconcile")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, "0 differences"),
                         done.stdout + done.stderr)

    def product(self, quantity, price=590):
        answer = self.owner.api("POST", "/products", {"title": {"zh-TW": "帆布包"},
                                                      "price": {"TW": price},
                                                      "quantity": quantity})
        assert answer.status == 201, answer.body
        return answer.json["variants"][0]["id"]

    def buyer(self):
        b = shop.Browser(self.shop).arrive()
        b.lang = {"Accept-Language": "zh-TW"}
        return b

    def add(self, buyer, variant, qty=1, headers=None):
        answer = buyer.api("POST", "/cart/lines", {"variant_id": variant, "qty": qty, "market": "TW"},
                           headers={**key(), **(headers or {})})
        buyer.csrf = answer.headers.get("X-CSRF-Token") or buyer.csrf
        return answer

    def cart(self, buyer):
        return buyer.api("GET", "/cart?market=TW").json

    def wait_for(self, buyer, variant, qty=1):
        answer = buyer.api("POST", "/cart/waitlist",
                           {"variant_id": variant, "qty": qty, "market": "TW"}, headers=key())
        buyer.csrf = answer.headers.get("X-CSRF-Token") or buyer.csrf
        self.assertIn(answer.status, (200, 201), answer.body)
        return answer.json

    def test_a_browser_without_a_name_becomes_a_guest(self):
        bag, buyer = self.product(5), self.buyer()
        self.assertEqual(self.cart(buyer)["lines"], [])
        answer = self.add(buyer, bag, 2, {"Accept-Language": "zh-TW"})
        self.assertEqual(answer.status, 201, answer.body)
        added = answer.json
        self.assertEqual((added["asked"], added["qty"], added["short"]), (2, 2, None))
        line = added["cart"]["lines"][0]
        self.assertEqual((line["state"], line["qty"], line["unit"], line["amount"], line["left"]),
                         ("held", 2, {"amount": 590, "currency": "TWD"},
                          {"amount": 1180, "currency": "TWD"}, 3))
        self.assertEqual(line["title"], {"zh-TW": "帆布包"})
        session = buyer.api("GET", "/sessions/current").json
        self.assertEqual((session["kind"], session["viewer"]["name"]), ("guest", "訪客"))
        self.assertEqual(session["csrf"], buyer.csrf)

    def test_a_repeat_answers_what_the_first_made(self):
        bag, buyer, once = self.product(5), self.buyer(), key()
        first = self.add(buyer, bag, 2, once)
        again = self.add(buyer, bag, 2, once)
        self.assertEqual((first.status, again.status), (201, 200))
        self.assertEqual(first.json["line_id"], again.json["line_id"])
        self.assertEqual(self.cart(buyer)["count"], 2)
        answer = buyer.api("POST", "/cart/lines", {"variant_id": bag, "qty": 1})
        self.assertEqual((answer.status, answer.code), (400, "input"))
        answer = self.add(buyer, bag, 1, {"Idempotency-Key": "not a key"})
        self.assertEqual(answer.status, 400)

    def test_as_many_as_are_left(self):
        bag, one, two = self.product(3), self.buyer(), self.buyer()
        self.assertEqual(self.add(one, bag, 2).status, 201)
        added = self.add(two, bag, 5)
        self.assertEqual((added.status, added.json["qty"], added.json["short"]),
                         (201, 1, "sold_out"))
        refused = self.add(two, bag, 1)
        self.assertEqual((refused.status, refused.code), (409, "sold_out"))
        line = one.api("GET", "/cart?market=TW").json["lines"][0]["id"]
        refused = one.api("PATCH", f"/cart/lines/{line}", {"qty": 3})
        self.assertEqual((refused.status, refused.code), (409, "sold_out"))
        fewer = one.api("PATCH", f"/cart/lines/{line}", {"qty": 1})
        self.assertEqual((fewer.status, fewer.json["count"]), (200, 1))
        self.assertEqual(two.api("DELETE", f"/cart/lines/{line}").status, 404)  # not theirs

    def test_what_one_gives_back_is_offered_to_the_next(self):
        bag, one, two, three = self.product(1), self.buyer(), self.buyer(), self.buyer()
        line = self.add(one, bag).json["line_id"]
        second, third = self.wait_for(two, bag), self.wait_for(three, bag)
        self.assertEqual((second["place"], third["place"], second["state"]), (1, 2, "waiting"))
        self.assertEqual(self.wait_for(two, bag)["place"], 1)
        self.assertEqual(one.api("DELETE", f"/cart/lines/{line}").json["lines"], [])
        self.assertEqual(self.add(one, bag).code, "sold_out")  # it is not in the open market
        mine = two.api("GET", "/me/waitlist").json["items"][0]
        self.assertEqual(mine["state"], "offered")
        self.assertGreater(mine["offer_until"], mine["at"])
        path = f"/waitlist/{mine['id']}/accept"
        self.assertEqual(three.api("POST", path, {}, headers=key()).status, 404)
        once = key()
        taken = two.api("POST", path, {}, headers=once)
        self.assertEqual((taken.status, taken.json["qty"]), (200, 1), taken.body)
        again = two.api("POST", path, {}, headers=once)
        self.assertEqual(again.json["line_id"], taken.json["line_id"])
        self.assertEqual(two.api("POST", path, {}, headers=key()).status, 409)
        two.api("DELETE", f"/cart/lines/{taken.json['line_id']}")
        mine = three.api("GET", "/me/waitlist").json["items"][0]
        self.assertEqual(mine["state"], "offered")
        self.assertEqual(three.api("DELETE", f"/waitlist/{mine['id']}").status, 204)
        self.assertEqual(self.add(one, bag).status, 201)

    def test_what_a_guest_gathered_is_the_accounts(self):
        bag, cap, buyer = self.product(5), self.product(1), self.buyer()
        self.add(self.buyer(), cap)
        self.add(buyer, bag, 2)
        self.wait_for(buyer, cap)
        email = f"{uuid.uuid4().hex[:8]}@example.org"
        answer = buyer.api("POST", "/accounts", {"email": email, "password": shop.PASSWORD,
                                                 "name": "小美"})
        self.assertEqual(answer.status, 201, answer.body)
        buyer.take(answer)
        cart = self.cart(buyer)
        self.assertEqual((cart["count"], len(cart["waiting"])), (2, 1))
        # Once more from another browser: the two carts become one.
        other = self.buyer()
        self.add(other, bag, 1)
        other.sign_in(email)
        self.assertEqual(self.cart(other)["count"], 3)
        self.assertEqual(len(self.cart(buyer)["lines"]), 2)

    def test_a_crowd_gets_exactly_what_there_is(self):
        bag, got = self.product(10), []
        buyers = [self.buyer() for _ in range(30)]

        def rush(buyer):
            answer = self.add(buyer, bag)
            got.append(answer.json["qty"] if answer.status == 201 else 0)
        threads = [threading.Thread(target=rush, args=(b,)) for b in buyers]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(sum(got), 10)

    def test_only_its_owner_reconciles_a_shop(self):
        answer = self.owner.api("POST", "/admin/reconcile", {})
        self.assertEqual((answer.status, answer.json["differences"]), (200, 0))
        self.assertGreater(answer.json["checks"], 10)
        self.assertEqual(self.buyer().api("POST", "/admin/reconcile", {}).status, 401)
        self.assertEqual(self.owner.api("POST", "/admin/reconcile?shop=other", {}).status, 404)


if __name__ == "__main__":
    unittest.main()
