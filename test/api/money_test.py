"""The shop's money as staff see it: refunds that go by themselves, those by hand, orphans, the ledger."""
# postgres: too
import contextlib
import json
import os
import sqlite3
import unittest

import pay_test
import shop
from pay_test import key


class Money(pay_test.Pay):
    """Its shop and its sandbox, with tests of our own."""

    def staff(self, path, who=None):
        a = (who or self.owner).api("GET", "/staff/" + path)
        self.assertEqual(a.status, 200, a.body)
        return a.json

    def refunds_of(self, order):
        return [r for r in self.staff("refunds")["items"] if r["order"] == order["no"]]

    def until_refund(self, order, state):
        got = shop.until(lambda: any(r["state"] == state for r in self.refunds_of(order)), 15)
        self.assertTrue(got, self.refunds_of(order))
        return next(r for r in self.refunds_of(order) if r["state"] == state)

    def paid_at_omise(self):
        b, order = self.ordered("omise_card", "TH")
        started = self.start(b, order, "omise_card", token=self.sandbox.token())
        if started["next"]["kind"] == "redirect":
            self.sandbox.pay(self.attempt(started))
        self.until_state(b, order, "confirmed")
        return b, order, started

    def refund(self, order, amount, headers=None, status=201, who=None):
        a = (who or self.owner).api("POST", f"/staff/orders/{order['no']}/refunds",
                                    {"amount": amount, "reason": "broken"}, headers=headers or key())
        self.assertEqual(a.status, status, a.body)
        return a

    def charge(self, order):
        charges = json.loads(self.sandbox.call("GET", "/omise/charges?limit=100", auth="skey_test_1"))
        return next(c for c in charges["data"] if c["metadata"].get("order") == order["no"])

    # ---- through the gateway ----

    def test_a_refund_is_paid_back_by_its_gateway_and_the_buyer_sees_it(self):
        b, order, started = self.paid_at_omise()
        mine = key()
        self.refund(order, 10000, mine)
        self.refund(order, 10000, mine, status=200)  # the same key: the same refund
        self.refund(order, 100000000, status=409)
        self.refund(order, {"amount": 100, "currency": "TWD"}, status=400)
        self.refund(order, 10000, who=self.rival, status=404)
        self.refund(order, 10000, who=self.packer, status=403)
        refund = self.until_refund(order, "done")
        self.assertEqual((refund["manual"], refund["tries"], refund["amount"]["currency"]), (False, 1, "THB"))
        self.assertEqual(self.charge(order)["refunded_amount"], 10000)
        seen = self.read(b, order)
        self.assertEqual(seen["refunded"]["amount"], 10000)
        self.assertIn("refund_done", [s["what"] for s in seen["timeline"]])
        one = self.staff(f"payments/{started['payment']['id']}")
        self.assertEqual([m["kind"] for m in one["entries"]], ["refund_done", "refund_queued", "paid"])
        self.assertEqual(one["state"], "part_refunded")

    def test_a_lost_answer_is_not_a_second_refund(self):
        _, order, _ = self.paid_at_omise()
        self.sandbox.fault("omise.api", lose_answer=True, count=1, match="POST /omise/charges")
        self.refund(order, 20000)
        self.until_refund(order, "done")
        charge = self.charge(order)
        self.assertEqual((charge["refunded_amount"], len(charge["refunds"]["data"])), (20000, 1))

    def test_money_that_comes_twice_goes_back_by_itself(self):
        b, order = self.ordered("omise_truemoney", "TH")
        first = self.start(b, order, "omise_truemoney", phone="0812345678")
        second = self.start(b, order, "omise_linepay")
        refs = [self.attempt(first), self.attempt(second)]
        self.sandbox.fault("omise.webhook", delay_ms=700)  # both are paid before we hear of either
        for ref in refs:
            self.sandbox.pay(ref)
        self.until_state(b, order, "confirmed")
        self.until_refund(order, "done")
        orphan = next(o for o in self.staff("orphans")["items"] if o["order"] == order["no"])
        self.assertEqual((orphan["why"], orphan["state"]), ("double", "refunded"))
        self.assertEqual(orphan["refunded"], orphan["amount"])
        self.assertEqual(self.read(b, order)["state"], "confirmed")
        self.assertEqual([o for o in self.staff("orphans?open=1")["items"] if o["order"] == order["no"]], [])

    # ---- by hand ----

    def test_what_no_gateway_can_pay_back_is_a_list_for_people(self):
        b, order = self.ordered("ecpay_atm")
        started = self.start(b, order, "ecpay_atm")
        action = pay_test.Forms(self.at_ecpay(started)).forms[0][0]
        self.press(f"http://127.0.0.1:{pay_test.Sandbox.wanted}{action}", "where", "CHINATRUST")
        self.assertTrue(shop.until(lambda: "account" in self.payment(b, started)["details"]))
        self.sandbox.pay(self.ref(started))
        self.until_state(b, order, "confirmed")
        self.refund(order, 90)
        waits = shop.until(lambda: [r for r in self.staff("refunds?state=queued&manual=1")["items"]
                                    if r["order"] == order["no"]])
        self.assertTrue(waits)
        self.assertTrue(waits[0]["can"]["done"])
        path = f"/refunds/{waits[0]['id']}"
        self.assertEqual(self.rival.api("PATCH", path, {"state": "done"}).status, 404)
        self.assertEqual(self.packer.api("PATCH", path, {"state": "done"}).status, 403)
        a = self.owner.api("PATCH", path, {"state": "done", "note": "bank transfer 1234"})
        self.assertEqual(a.status, 200, a.body)
        self.assertEqual(self.owner.api("PATCH", path, {"state": "done"}).code, "invalid_transition")
        ledger = self.staff("ledger")["items"]
        back = next(m for m in ledger if m["order"] == order["no"] and m["kind"] == "refund_done")
        self.assertEqual((back["into"], back["out_of"], back["amount"]["amount"]), ("refunds_due", "bank", 90))
        self.assertIn("refund.set", [r["action"] for r in self.owner.api("GET", "/audit").json["items"]])

    # ---- the books ----

    def test_the_books_are_the_shops_alone_and_add_up(self):
        self.paid_at_omise()
        theirs = self.rival
        for path in ("payments", "refunds", "orphans", "ledger"):
            self.assertEqual(self.staff(path, theirs)["items"], [], path)
        mine = self.staff("payments?state=paid")["items"][0]
        self.assertEqual(theirs.api("GET", f"/staff/payments/{mine['id']}").status, 404)
        self.assertEqual([p["id"] for p in self.staff(f"payments?q={mine['our_ref']}")["items"]], [mine["id"]])
        self.assertEqual(self.packer.api("GET", "/staff/ledger").status, 403)
        self.assertEqual(self.owner.api("GET", "/staff/payments?state=rich").status, 400)
        self.assertEqual(self.owner.api("GET", "/staff/ledger?from=soon").status, 400)
        for currency in ("THB", "TWD"):
            self.assertEqual(sum(b["amount"]["amount"] for b in self.staff("ledger")["balances"]
                                 if b["amount"]["currency"] == currency), 0)
        figures = self.staff("money")
        self.assertGreaterEqual(figures["payments"]["paid_today"], 1)
        csv = self.owner.send("GET", "/api/v1/staff/ledger.csv").body.decode("utf-8-sig").splitlines()
        self.assertEqual(csv[0].replace('"', ""), "no,at,kind,into,out_of,amount,currency,order,payment,refund,chain")
        self.assertEqual(csv[-1].rsplit('"', 2)[1], self.staff("ledger")["head"]["chain"])
        self.assertGreaterEqual(self.metric("nightmarket_refunds_queued"), 0)

    def write(self, text):
        """As somebody would who has the database and not the program."""
        if self.shop.database:
            shop.sql(self.shop.database, text)
            return
        with contextlib.closing(sqlite3.connect(os.path.join(self.shop.folder, "data", "nightmarket.db"))) as db:
            db.execute("PRAGMA busy_timeout = 5000")
            db.execute(text)
            db.commit()

    def test_what_was_changed_in_the_books_is_found(self):
        self.paid_at_omise()
        done = self.shop.command("reconcile")
        self.assertEqual(done.stdout.splitlines()[-1], "0 differences", done.stdout)
        change = "UPDATE money_entry SET at = at {} 1 WHERE no = 1"
        self.write(change.format("+"))
        done = self.shop.command("reconcile")
        self.assertIn("money.chain: movement 1", done.stdout)
        self.assertEqual(done.returncode, 1)
        self.write(change.format("-"))


for inherited in [name for name in dir(pay_test.Pay) if name.startswith("test_")]:
    setattr(Money, inherited, None)

if __name__ == "__main__":
    unittest.main()
