"""Our client of Omise against sandboxd's Omise: the cards of its documentation, every method, and
answers that are lost."""
import base64
import json
import os
import random
import re
import subprocess
import time
import unittest
import urllib.error
import urllib.request

BUILD = os.path.abspath(os.environ.get("NM_BUILD", "build/dev"))
BACK = "https://shop.example.com/back?t=1"

# docs.omise.co/api-testing: what becomes of a charge on them.
CARDS = {
    "4242424242424242": None, "4111111111111111": None, "5555555555554444": None,
    "3530111333300000": None,
    "4111111111140011": "no_funds", "5555551111110011": "no_funds", "3530111111190011": "no_funds",
    "4111111111130012": "lost_card", "5555551111100012": "lost_card", "3530111111180012": "lost_card",
    "4111111111120013": "declined", "5555551111190013": "declined", "3530111111170013": "declined",
    "4111111111110014": "declined", "5555551111180014": "declined", "3530111111160014": "declined",
    "4111111111190016": "fraud", "5555551111160016": "fraud", "3530111111140016": "fraud",
    "4111111111180017": "bad_card", "5555551111150017": "bad_card", "3530111111130017": "bad_card",
}
REDIRECTS = ["omise_truemoney", "omise_mobile_kbank", "omise_mobile_scb", "omise_mobile_bbl",
             "omise_mobile_bay", "omise_mobile_ktb", "omise_shopeepay", "omise_linepay"]


def ref():
    return "".join(random.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(20))


class Gateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("OMISE_", "ECPAY_", "SANDBOXD_"))}
        cls.sandbox = subprocess.Popen([os.path.join(BUILD, "sandboxd"), "--listen", "127.0.0.1:0"],
                                       stderr=subprocess.PIPE, text=True, env=env)
        for line in cls.sandbox.stderr:
            found = re.search(r"http=(127\.0\.0\.1:\d+)", line)
            if found:
                break
        cls.url = "http://" + found.group(1)
        cls.ours = subprocess.Popen([os.path.join(BUILD, "tests", "omise"), cls.url + "/omise", "3000"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True)

    @classmethod
    def tearDownClass(cls):
        cls.ours.stdin.close()
        cls.ours.wait(10)
        cls.ours.stdout.close()
        cls.sandbox.terminate()
        cls.sandbox.wait(10)
        cls.sandbox.stderr.close()

    def tearDown(self):
        self.post("/control/faults", None, method="DELETE")

    def post(self, path, body, key=None, method="POST"):
        ask = urllib.request.Request(self.url + path, method=method,
                                     data=None if body is None else json.dumps(body).encode())
        ask.add_header("Content-Type", "application/json")
        if key:
            ask.add_header("Authorization", "Basic " + base64.b64encode(f"{key}:".encode()).decode())
        with urllib.request.urlopen(ask, timeout=10) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def do(self, what, **members):
        self.ours.stdin.write(json.dumps({"do": what, **members}) + "\n")
        self.ours.stdin.flush()
        return json.loads(self.ours.stdout.readline())

    def token(self, number="4242424242424242"):
        card = {"name": "Somchai", "number": number, "expiration_month": 12, "expiration_year": 2030,
                "security_code": "123"}
        return self.post("/omise/tokens", {"card": card}, key="pkey_test_5shop")["id"]

    def start(self, method, **more):
        ask = {"ref": ref(), "method": method, "amount": 12000, "minutes": 15, "return_url": BACK,
               "phone": "0812345678", "platform": "WEB"}
        ask.update(more)
        return ask["ref"], self.do("start", **ask)

    def charges(self, attempt):
        page = self.post("/omise/charges?limit=100&order=reverse_chronological", None,
                         key="skey_test_5shop", method="GET")
        return [c for c in page["data"] if c["metadata"].get("attempt") == attempt]

    def fault(self, **members):
        self.post("/control/faults", {"on": "omise.api", **members})

    def pay(self, charge, how="paid"):
        self.post("/control/pay", {"ref": charge, "as": how})

    def test_every_card_of_the_documentation(self):
        for number, fail in CARDS.items():
            attempt, got = self.start("omise_card", token=self.token(number), return_url=None)
            self.assertEqual((got["says"], got["fail"]), ("failed" if fail else "paid", fail), number)
            self.assertEqual((got["ref"], got["amount"], got["currency"]), (attempt, 12000, "THB"))
            self.assertEqual(got["details"]["last4"], number[-4:])

    def test_a_card_with_3d_secure(self):
        for how, says in (("paid", "paid"), ("failed", "failed"), ("expired", "expired")):
            attempt, got = self.start("omise_card", token=self.token())
            self.assertEqual((got["says"], got["next"]), ("pending", "redirect"))
            self.assertTrue(got["url"].startswith(self.url))
            self.pay(got["charge"], how)
            after = self.do("ask", ref=attempt, charge=got["charge"], method="omise_card", amount=12000)
            self.assertEqual(after["says"], says)

    def test_cards_that_fail_by_their_checks(self):
        for number in ("4111111111150002", "5555551111120002", "3530111111100002"):
            _, got = self.start("omise_card", token=self.token(number))
            self.assertEqual((got["says"], got["fail"]), ("failed", "three_d"), number)
        for number in ("4111111111140003", "5555551111110003", "3530111111190003"):
            attempt, got = self.start("omise_card", token=self.token(number))
            self.assertEqual((got["says"], got["next"]), ("pending", "redirect"), number)
            self.pay(attempt)
            after = self.do("fetch", charge=got["charge"])
            self.assertEqual((after["says"], after["fail"]), ("failed", "three_d"), number)
        _, got = self.start("omise_card", token=self.token("4111111111160001"), return_url=None)
        self.assertEqual((got["says"], got["fail"]), ("failed", "bad_code"))

    def test_a_token_is_good_once(self):
        token = self.token()
        self.assertEqual(self.start("omise_card", token=token)[1]["says"], "pending")
        again = self.start("omise_card", token=token)[1]
        self.assertEqual(again["says"], "failed")
        self.assertIn(again["details"]["failure"], ("used_token", "invalid_card_token"))

    def test_promptpay_shows_a_qr_and_is_paid(self):
        attempt, got = self.start("omise_promptpay", amount=2500)
        self.assertEqual((got["says"], got["next"]), ("code", "qr"))
        self.assertLess(abs(got["details"]["expires_at"] / 1000 - time.time() - 900), 5)
        with urllib.request.urlopen(got["url"], timeout=10) as image:
            self.assertIn(b"<svg", image.read())
        self.pay(attempt)
        after = self.do("fetch", charge=got["charge"])
        self.assertEqual((after["says"], after["ref"], after["amount"]), ("paid", attempt, 2500))

    def test_every_method_with_a_page_of_its_own(self):
        for method in REDIRECTS:
            attempt, got = self.start(method)
            self.assertEqual((got.get("says"), got.get("next")), ("pending", "redirect"), (method, got))
            self.pay(attempt)
            after = self.do("ask", ref=attempt, charge=None, method=method, amount=12000)
            self.assertEqual((after["says"], after["charge"]), ("paid", got["charge"]))

    def test_what_the_account_has(self):
        got = self.do("offers", method="omise_promptpay")
        self.assertEqual((got["offers"], got["min"]), (True, 2000))
        self.assertFalse(self.do("offers", method="omise_alipay")["offers"])

    def test_a_lost_answer_makes_one_charge(self):
        self.fault(lose_answer=True, count=1, match="POST /omise/charges")
        attempt, got = self.start("omise_promptpay")
        self.assertEqual((got.get("says"), got.get("next")), ("code", "qr"), got)
        self.assertEqual(len(self.charges(attempt)), 1)
        self.fault(lose_answer=True, count=1, match="POST /omise/charges")
        attempt, got = self.start("omise_card", token=self.token(), return_url=None)
        self.assertEqual(got["says"], "paid")
        self.assertEqual(len(self.charges(attempt)), 1)

    def test_omise_away(self):
        self.fault(down=True)
        attempt, got = self.start("omise_promptpay")
        self.assertIn(got["error"], ("upstream", "timeout", "busy"))
        self.post("/control/faults", None, method="DELETE")
        after = self.do("ask", ref=attempt, charge=None, method="omise_promptpay", amount=12000)
        self.assertEqual(after["says"], "unknown")

    def test_ending_a_payment(self):
        attempt, got = self.start("omise_promptpay")
        members = {"ref": attempt, "charge": got["charge"], "method": "omise_promptpay", "amount": 12000}
        self.assertEqual(self.do("close", **members)["says"], "expired")
        attempt, got = self.start("omise_promptpay")
        self.pay(attempt)
        members.update(ref=attempt, charge=None)
        self.assertEqual(self.do("close", **members)["says"], "paid")
        attempt, got = self.start("omise_shopeepay")
        members.update(ref=attempt, charge=got["charge"])
        self.fault(lose_answer=True, count=1, match="/expire")
        self.assertEqual(self.do("close", **members)["says"], "expired")

    def test_paying_back(self):
        attempt, got = self.start("omise_card", token=self.token(), return_url=None)
        members = {"ref": attempt, "charge": got["charge"], "method": "omise_card", "amount": 5000}
        self.assertEqual(self.do("refund", refund_ref="r1", **members)["says"], "done")
        self.assertEqual(self.do("refund", refund_ref="r1", **members)["says"], "done")
        self.assertEqual(self.charges(attempt)[0]["refunded_amount"], 5000)
        self.fault(lose_answer=True, count=1, match="POST /omise/charges")
        self.assertEqual(self.do("refund", refund_ref="r2", **members)["says"], "done")
        self.assertEqual(self.charges(attempt)[0]["refunded_amount"], 10000)
        self.assertEqual(self.do("refund_ask", refund_ref="r2", **members)["says"], "done")
        self.assertEqual(self.do("refund_ask", refund_ref="r3", **members)["says"], "later")
        over = self.do("refund", refund_ref="r3", **members)
        self.assertEqual(over["says"], "failed")
        self.assertTrue(over["why"])
        members["method"] = "omise_promptpay"
        self.assertEqual(self.do("refund", refund_ref="r4", **members)["says"], "manual")

    def test_events_tell_what_no_webhook_told(self):
        since = int(time.time() * 1000) - 1000
        attempt, got = self.start("omise_promptpay")
        self.pay(attempt)
        events = self.do("events", since=since)["events"]
        self.assertIn(["charge.complete", got["charge"]], events)


if __name__ == "__main__":
    unittest.main()
