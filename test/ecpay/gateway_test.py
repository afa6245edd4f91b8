"""Our client of ECPay against sandboxd's ECPay: every method to its end, refunds by the card's state,
answers that are lost."""
import json
import os
import random
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sandbox"))
from ecpay_peer import BUILD, Sandbox, Shop

NOON_MS = 1795406400000  # 2026-11-23 12:00 in Taipei: no capture runs


def ref():
    return "".join(random.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(20))


class Gateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox()
        cls.ours = subprocess.Popen([os.path.join(os.path.abspath(BUILD), "tests", "ecpay"),
                                     f"http://127.0.0.1:{cls.box.port}/ecpay", "3000"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @classmethod
    def tearDownClass(cls):
        cls.ours.stdin.close()
        cls.ours.wait(10)
        log = cls.ours.stderr.read()
        assert "pwFHCqoQZGmho4w6" not in log and "EkRm7iFT261dpevs" not in log
        cls.ours.stdout.close()
        cls.ours.stderr.close()
        cls.box.close()

    def setUp(self):
        self.shop = Shop()
        self.addCleanup(self.shop.close)
        self.addCleanup(self.box.ask, "DELETE", "/control/faults")

    def do(self, what, **members):
        self.ours.stdin.write(json.dumps({"do": what, **members}) + "\n")
        self.ours.stdin.flush()
        return json.loads(self.ours.stdout.readline())

    def start(self, method, **more):
        """The payment as our row has it, and ECPay's page."""
        at = self.shop.url
        self.shop.got.clear()
        p = {"ref": ref(), "method": method, "amount": 590, "trade": None, "details": None}
        form = self.do("start", **{**p, "minutes": 1440, "items": ["帆布 Tom's \"bag\" x 1", "<b>#1 & 50%</b> python"],
                                   "notify": at + "/paid", "info": at + "/info", "back_in": at + "/back",
                                   "code": at + "/code", "back": at + "/order", **more})
        self.assertTrue(form["action"].endswith("/ecpay/Cashier/AioCheckOut/V5"), form)
        page = self.box.post("/ecpay/Cashier/AioCheckOut/V5", form["fields"])
        self.assertTrue(page.forms, page.text)
        return p, page

    def heard(self, path="/paid", how="paid"):
        return self.do(how, body=self.shop.notices(path)[0])

    def card(self, state=None, method="ecpay_card", **more):
        """A card payment, paid and in this state there."""
        p, page = self.start(method)
        page.click("do", "pay", **more).click("do", "sms")
        news = self.heard()
        if state:
            self.box.control("/ecpay/credit", ref=p["ref"], state=state)
        return {**p, "trade": news["trade"], "details": news["details"]}

    def refund(self, p, amount, refunded=0, what="refund"):
        return self.do(what, **p, pay_back=amount, refunded=refunded, now=NOON_MS)["says"]

    def there(self, p):
        t = next(t for t in self.box.state()["trades"] if t["ref"] == p["ref"])
        return t["refunded"], t["credit"]

    def test_what_is_paid_at_once(self):
        for method, kind in (("ecpay_card", "Credit_CreditCard"), ("ecpay_webatm", "WebATM_CHINATRUST"),
                             ("ecpay_twqr", "TWQR_OPAY"), ("ecpay_applepay", "ApplePay")):
            p, page = self.start(method)
            self.assertEqual(self.do("ask", **p)["says"], "pending")
            if method == "ecpay_card":
                page = page.click("do", "pay").click("do", "sms")
            else:
                page = page.click("do", "now")
            back = page.to_shop(self.shop.url + "/back")
            news = self.heard()
            self.assertEqual((news["says"], news["ref"], news["amount"], news["currency"], news["simulated"]),
                             ("paid", p["ref"], 590, "TWD", False))
            self.assertEqual(news["details"]["type"], kind)
            self.assertEqual("gwsr" in news["details"], method in ("ecpay_card", "ecpay_applepay"))
            self.assertLess(abs(news["paid_at"] - time.time() * 1000), 60000)
            returned = self.do("return", body=urllib.parse.urlencode(back["fields"]))
            self.assertEqual(returned["ref"], p["ref"])
            asked = self.do("ask", **p)
            self.assertEqual((asked["says"], asked["trade"], asked["amount"]), ("paid", news["trade"], 590))

    def test_what_fails_or_never_came_there(self):
        p, page = self.start("ecpay_card")
        page.click("do", "fail")
        self.assertEqual((self.heard()["says"], self.heard()["fail"]), ("failed", "declined"))
        self.assertEqual(self.do("ask", **p)["says"], "failed")  # its time is over
        later = int(time.time() * 1000) + 600000
        self.assertEqual(self.do("ask", **p, expires=later)["says"], "pending")
        self.assertEqual(self.do("ask", **{**p, "ref": ref()})["says"], "unknown")

    def test_codes_are_told_and_found_again(self):
        for method, where, names in (("ecpay_atm", "BOT", ("account", "bank_code")), ("ecpay_cvs", "IBON", ("code",)),
                                     ("ecpay_barcode", "BARCODE", ("barcodes",))):
            p, page = self.start(method)
            page.click("where", where)
            news = self.heard("/info", "info")
            self.assertEqual((news["says"], news["amount"]), ("code", 590))
            self.assertTrue(set(names) <= set(news["details"]), news)
            self.assertLess(abs(news["details"]["expires_at"] - time.time() * 1000 - 86400000), 86400000)
            asked = self.do("ask", **p)
            self.assertEqual((asked["says"], asked["details"]), ("code", news["details"]))
            self.assertEqual(self.do("close", **{**p, "details": news["details"]})["says"], "code")
            self.box.control("/pay", ref=p["ref"])
            self.assertEqual(self.heard()["says"], "paid")
            self.assertEqual(self.do("ask", **p)["says"], "paid")
            self.assertEqual(self.refund({**p, "trade": news["trade"]}, 590), "manual")

    def test_what_is_simulated_is_marked_and_not_paid(self):
        p, page = self.start("ecpay_cvs")
        page = page.click("where", "CVS")
        self.box.get(page.links[0]).click("do", "simulate")
        news = self.heard()
        self.assertEqual((news["says"], news["simulated"]), ("paid", True))
        self.assertEqual(self.do("ask", **p)["says"], "code")

    def test_spoiled_notices(self):
        for tamper, error in (("signature", "forbidden"), ("amount", None)):
            self.box.control("/faults", on="ecpay.payment", tamper=tamper, count=1)
            self.start("ecpay_card")[1].click("do", "pay").click("do", "sms")
            news = self.heard()
            self.assertEqual(news.get("error"), error)
            if not error:
                self.assertEqual(news["amount"], 591)  # rightly signed: for the till to see

    def test_refunds_take_the_step_of_the_state(self):
        for state in ("authorised", "to_capture", "captured"):
            p = self.card(None if state == "authorised" else state)
            self.assertEqual(self.refund(p, 590), "done", state)
            self.assertEqual(self.refund(p, 590, what="refund_ask"), "done", state)
            self.assertEqual(self.refund(p, 590), "done", state)  # once more asks, and does nothing
            p = self.card(None if state == "authorised" else state)
            self.assertEqual(self.refund(p, 90), "done", state)
            self.assertEqual(self.refund(p, 500, 90, "refund_ask"), "later", state)
            self.assertEqual(self.refund(p, 500, 90), "done", state)
            self.assertEqual(self.there(p)[0], 590)
            self.assertEqual(self.refund(p, 1, 590), "failed", state)

    def test_instalments_go_back_as_a_whole(self):
        p = self.card("captured", "ecpay_installment", terms="6")
        self.assertEqual(p["details"]["terms"], 6)
        self.assertEqual(self.refund(p, 100), "manual")
        self.assertEqual(self.refund(p, 590), "done")

    def test_a_refund_whose_answer_is_lost_is_done_once(self):
        p = self.card("captured")
        self.box.control("/faults", on="ecpay.api", lose_answer=True, count=1, match="DoAction")
        self.assertEqual(self.refund(p, 90), "done")  # it looked
        self.assertEqual(self.there(p)[0], 90)
        self.box.control("/faults", on="ecpay.api", lose_answer=True)
        self.assertEqual(self.refund(p, 100, 90), "later")  # not even the state was heard
        self.assertEqual(self.refund(p, 100, 90, "refund_ask"), "unclear")
        self.box.ask("DELETE", "/control/faults")
        self.assertEqual(self.there(p)[0], 90)
        self.box.control("/faults", on="ecpay.api", down=True, count=1, match="DoAction")
        self.assertEqual(self.refund(p, 100, 90), "unclear")
        self.assertEqual(self.refund(p, 100, 90, "refund_ask"), "later")
        self.assertEqual(self.refund(p, 100, 90), "done")
        self.assertEqual(self.there(p)[0], 190)

    def test_refunds_that_ecpay_refuses(self):
        p = self.card("captured")
        self.box.control("/ecpay", balance_short=True)
        self.assertEqual(self.refund(p, 90), "failed")
        self.box.control("/ecpay", balance_short=False, pipe_answers=True)
        self.assertEqual(self.refund(p, 90), "done")
        self.box.control("/ecpay", pipe_answers=False)
        # a card whose number nobody knows: the steps are tried, and what does not fit is refused there
        for state in ("authorised", "to_capture", "captured"):
            p = {**self.card(None if state == "authorised" else state), "details": {"gwsr": "99999999"}}
            self.assertEqual(self.refund(p, 590), "done", state)
            self.assertEqual(self.refund(p, 590, what="refund_ask"), "unclear", state)


if __name__ == "__main__":
    unittest.main()
