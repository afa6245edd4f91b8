"""Paying through both gateways: the real server against sandboxd, notices late, twice, forged and lost."""
# postgres: too
import base64
import html.parser
import http.client
import json
import os
import re
import unittest
import urllib.parse
import urllib.request
import uuid

import shop

SECRET = base64.b64encode(b"omise-webhook-secret-for-tests!!").decode()
TAIPEI = {"name": "陳怡君", "phone": "0912345678", "postcode": "106", "city": "台北市", "district": "大安區",
          "line": "永康街 14 號"}
BANGKOK = {"name": "กัญญา ผู้ดี", "phone": "0812345678", "postcode": "10400", "city": "กรุงเทพมหานคร",
           "district": "พญาไท", "subdistrict": "สามเสนใน", "line": "88/12 ซ.อารีย์ 4"}
CONSENTS = {"terms": True, "privacy": True, "withdrawal_notice": True}
STAGE = {"ECPAY_MERCHANT_ID": "3002607", "ECPAY_HASH_KEY": "pwFHCqoQZGmho4w6",
         "ECPAY_HASH_IV": "EkRm7iFT261dpevs"}


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


class Forms(html.parser.HTMLParser):
    """The forms of a page: [(action, {name: value}, [(name, value) of buttons])]."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.forms.append((a.get("action", ""), {}, []))
        elif self.forms and tag == "input" and a.get("name"):
            self.forms[-1][1][a["name"]] = a.get("value", "")
        elif self.forms and tag == "button" and a.get("name"):
            self.forms[-1][2].append((a["name"], a.get("value", "")))


class Sandbox(shop.Program):
    def __init__(self, folder, hook):
        binary = os.path.join(os.path.abspath(shop.BUILD), "sandboxd")
        self.port = None
        env = shop.clean_env(OMISE_WEBHOOK_URL=hook, OMISE_WEBHOOK_SECRET=SECRET, **STAGE)
        super().__init__([binary, "--listen", f"127.0.0.1:{self.wanted}"], env, folder)
        self.said(r"listening")

    wanted = 0

    def call(self, method, path, body=None, form=None, auth=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else \
            json.dumps(body).encode() if body is not None else None
        ask = urllib.request.Request(f"http://127.0.0.1:{self.wanted}{path}", method=method, data=data)
        ask.add_header("Content-Type", "application/json" if form is None
                       else "application/x-www-form-urlencoded")
        if auth:
            ask.add_header("Authorization", "Basic " + base64.b64encode(f"{auth}:".encode()).decode())
        with urllib.request.urlopen(ask, timeout=20) as answer:
            return answer.read().decode()

    def fault(self, on, **how):
        self.call("POST", "/control/faults", {"on": on, **how})

    def pay(self, ref, how="paid"):
        self.call("POST", "/control/pay", {"ref": ref, "as": how})

    def token(self, number="4242424242424242"):
        card = {"name": "Somchai", "number": number, "expiration_month": 12, "expiration_year": 2030,
                "security_code": "123"}
        return json.loads(self.call("POST", "/omise/tokens", {"card": card}, auth="pkey_test_1"))["id"]

    def state(self, ref):
        return json.loads(self.call("GET", f"/control/state?ref={ref}"))


class Pay(unittest.TestCase):
    slug = None  # the first shop

    @classmethod
    def setUpClass(cls):
        Sandbox.wanted = shop.free_port()
        at = f"http://127.0.0.1:{Sandbox.wanted}"
        cls.shop = shop.Shop(ECPAY_BASE_URL=at + "/ecpay", OMISE_PUBLIC_KEY="pkey_test_1",
                             OMISE_SECRET_KEY="skey_test_1", OMISE_WEBHOOK_SECRET=SECRET,
                             OMISE_API_URL=at + "/omise", OMISE_VAULT_URL=at + "/omise", **STAGE)
        cls.sandbox = Sandbox(cls.shop.folder, cls.shop.url + "/api/v1/webhooks/omise")
        cls.owner = cls.shop.hire("owner@example.org", "owner")
        cls.packer = cls.shop.hire("packer@example.org", "packer")
        cls.rival = cls.shop.rival()
        a = cls.owner.api("POST", "/products", {"title": {"zh-TW": "老街帆布包", "th": "กระเป๋าผ้า"},
                                                "price": {"TW": 590, "TH": 65000}, "quantity": 200})
        cls.variant = a.json["variants"][0]["id"]

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.stop()
        cls.shop.end_well()

    def setUp(self):
        self.sandbox.call("DELETE", "/control/faults")

    def buyer(self):
        b = shop.Browser(self.shop).arrive()
        b.patient = True
        return b

    def quote(self, b, method, market):
        a = b.api("POST", "/cart/quote", {"market": market, "pay_method": method,
                                            **({"shop": self.slug} if self.slug else {})})
        self.assertEqual(a.status, 200, a.body)
        return a.json

    def filled(self, market):
        b = self.buyer()
        a = b.api("POST", "/cart/lines", {"variant_id": self.variant, "qty": 1, "market": market}, headers=key())
        self.assertEqual(a.status, 201, a.body)
        b.csrf = a.headers.get("X-CSRF-Token") or b.csrf
        return b

    def ordered(self, method, market="TW"):
        b = self.filled(market)
        q = self.quote(b, method, market)
        a = b.api("POST", "/orders", {"cart": q["cart"], "quote_hash": q["quote_hash"], "pay_method": method,
                                      "address": TAIPEI if market == "TW" else BANGKOK,
                                      "invoice": {"kind": "member"} if market == "TW" else None,
                                      "consents": CONSENTS}, headers=key())
        self.assertEqual(a.status, 201, a.body)
        self.assertEqual(a.json["state"], "awaiting_payment")
        self.assertEqual(a.json["payments"], [])
        return b, a.json

    def start(self, b, order, method, status=201, headers=None, **more):
        a = b.api("POST", f"/orders/{order['no']}/payments", {"method": method, **more}, headers=headers or key())
        self.assertEqual(a.status, status, a.body)
        return a.json

    def at_ecpay(self, started):
        """Post the form that our page posts; the page that ECPay answers with."""
        n = started["next"]
        self.assertEqual(n["kind"], "form")
        path = n["action"].split(f":{Sandbox.wanted}", 1)[1]
        return self.sandbox.call("POST", path, form=n["fields"])

    def press(self, url, name, value):
        """A button of a page without fields; where it leads to is not followed."""
        at = urllib.parse.urlparse(url)
        c = http.client.HTTPConnection("127.0.0.1", Sandbox.wanted, timeout=20)
        c.request("POST", at.path + ("?" + at.query if at.query else ""), urllib.parse.urlencode({name: value}),
                  {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertLess(c.getresponse().status, 400)
        c.close()

    def ref(self, started):
        return started["next"]["fields"]["MerchantTradeNo"]

    def read(self, b, order):
        return b.api("GET", f"/orders/{order['no']}").json

    def until_state(self, b, order, state):
        got = shop.until(lambda: self.read(b, order)["state"] == state)
        self.assertTrue(got, self.read(b, order))
        return self.read(b, order)

    def payment(self, b, started):
        return b.api("GET", f"/payments/{started['payment']['id']}").json

    def until_payment(self, b, started, state, seconds=10):
        got = shop.until(lambda: self.payment(b, started)["state"] == state, seconds)
        self.assertTrue(got, self.payment(b, started))
        return self.payment(b, started)

    def metric(self, name):
        text = self.owner.send("GET", "/metrics").body.decode()
        return int(re.search(rf"^{name} (\d+)$", text, re.M).group(1))

    # ---- ECPay ----

    def test_a_card_at_ecpay_confirms_once_however_often_it_is_told(self):
        b, order = self.ordered("ecpay_card")
        started = self.start(b, order, "ecpay_card")
        self.assertEqual(started["payment"]["state"], "pending")
        self.assertEqual(len(self.ref(started)), 20)
        self.at_ecpay(started)
        self.sandbox.fault("ecpay.payment", repeat=3)
        repeated = self.metric("nightmarket_pay_messages_repeated_total")
        self.sandbox.pay(self.ref(started))
        seen = self.until_state(b, order, "confirmed")
        self.assertEqual([p["state"] for p in seen["payments"]], ["paid"])
        self.assertTrue(seen["payments"][0]["counts"])
        self.assertFalse(seen["can_pay"])
        self.assertTrue(shop.until(lambda: self.metric("nightmarket_pay_messages_repeated_total") > repeated))
        a = b.api("POST", f"/orders/{order['no']}/payments", {"method": "ecpay_card"}, headers=key())
        self.assertEqual((a.status, a.code), (409, "invalid_transition"))

    def test_a_person_pays_on_ecpays_pages_and_comes_back_without_a_cookie(self):
        b, order = self.ordered("ecpay_card")
        started = self.start(b, order, "ecpay_card")
        page = self.at_ecpay(started)
        for press in ("pay", "sms"):
            action, fields, buttons = next(f for f in Forms(page).forms if ("do", press) in f[2])
            at = urllib.parse.urljoin(f"http://127.0.0.1:{Sandbox.wanted}", action)
            path = at.split(f":{Sandbox.wanted}", 1)[1]
            page = self.sandbox.call("POST", path, form={**fields, "do": press})
        action, fields, _ = next(f for f in Forms(page).forms if f[0].startswith(self.shop.url))
        self.assertIn("/api/v1/pay/ecpay/return", action)
        a = self.come_back(action, fields)
        self.assertEqual(a.status, 303)
        where = a.headers["Location"]
        self.assertTrue(where.startswith(f"{self.shop.url}/o/{order['no']}?s={order['secret']}"), where)
        fields["RtnMsg"] = "forged"
        a = self.come_back(action, fields)
        self.assertEqual((a.status, a.headers["Location"]), (303, self.shop.url))
        self.until_state(b, order, "confirmed")

    def come_back(self, action, fields):
        """As a browser that was on another site: cross-site, no cookie, no token."""
        c = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=20)
        c.request("POST", urllib.parse.urlparse(action).path, urllib.parse.urlencode(fields),
                  {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site",
                   "Origin": "https://payment.ecpay.com.tw"})
        r = c.getresponse()
        got = shop.Answer(r.status, r.headers, r.read())
        c.close()
        return got

    def hook(self, path, body, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=20)
        c.request("POST", "/api/v1" + path, body, headers or {"Content-Type": "application/x-www-form-urlencoded"})
        r = c.getresponse()
        got = shop.Answer(r.status, r.headers, r.read())
        c.close()
        return got

    def test_forged_notices_are_refused_and_nothing_is_kept(self):
        b, order = self.ordered("ecpay_card")
        started = self.start(b, order, "ecpay_card")
        forged, taken = (self.metric(f"nightmarket_{n}_total") for n in ("webhooks_forged", "pay_messages"))
        form = urllib.parse.urlencode({"MerchantID": "3002607", "MerchantTradeNo": self.ref(started), "RtnCode": "1",
                                       "TradeAmt": "690", "SimulatePaid": "0", "CheckMacValue": "0" * 64})
        for path in ("/webhooks/ecpay/payment", "/webhooks/ecpay/payment/main", "/webhooks/ecpay/info"):
            a = self.hook(path, form)
            self.assertEqual(a.status, 200)
            self.assertTrue(a.body.startswith(b"0|"), a.body)
        a = self.hook("/webhooks/omise", json.dumps({"object": "event", "id": "evnt_test_1", "key": "charge.complete"}),
                      {"Content-Type": "application/json", "Omise-Signature": "00" * 32,
                       "Omise-Signature-Timestamp": "1795305600"})
        self.assertIn(a.status, (401, 403))
        self.assertGreater(self.metric("nightmarket_webhooks_forged_total"), forged)
        self.assertEqual(self.metric("nightmarket_pay_messages_total"), taken)
        self.assertEqual(self.read(b, order)["state"], "awaiting_payment")

    def test_a_notice_of_another_amount_is_not_believed(self):
        b, order = self.ordered("ecpay_card")
        started = self.start(b, order, "ecpay_card")
        self.at_ecpay(started)
        self.sandbox.fault("ecpay.payment", tamper="amount")
        self.sandbox.pay(self.ref(started))
        seen = self.until_state(b, order, "confirmed")  # ECPay was asked, and knows better
        self.assertEqual(seen["payments"][0]["amount"], order["total"])
        found = self.owner.api("GET", f"/staff/payments/{started['payment']['id']}").json
        self.assertIn("other money: asked", [m["result"] for m in found["inbox"]])

    def test_a_code_is_kept_and_paid_later_or_only_pretended_to_be(self):
        b, order = self.ordered("ecpay_atm")
        started = self.start(b, order, "ecpay_atm")
        action = Forms(self.at_ecpay(started)).forms[0][0]
        self.press(f"http://127.0.0.1:{Sandbox.wanted}{action}", "where", "CHINATRUST")
        self.assertTrue(shop.until(lambda: "account" in self.payment(b, started)["details"]), self.payment(b, started))
        seen = self.payment(b, started)
        self.assertRegex(seen["details"]["bank_code"], r"^\d{3}$")
        self.assertNotIn("gwsr", seen["details"])
        self.assertEqual(seen["state"], "pending")
        self.sandbox.pay(self.ref(started), "simulated")
        self.assertTrue(shop.until(lambda: self.payment(b, started)["simulated"]))
        self.assertEqual(self.read(b, order)["state"], "awaiting_payment")

    def test_a_notice_that_never_comes_is_asked_for_by_staff(self):
        b, order = self.ordered("ecpay_card")
        started = self.start(b, order, "ecpay_card")
        self.at_ecpay(started)
        self.sandbox.fault("ecpay.payment", drop=-1)
        self.sandbox.pay(self.ref(started))
        path = f"/staff/payments/{started['payment']['id']}/ask"
        self.assertEqual(self.rival.api("POST", path, {}).status, 404)
        self.assertEqual(self.packer.api("POST", path, {}).status, 403)
        a = self.owner.api("POST", path, {})
        self.assertEqual((a.status, a.json["state"]), (200, "paid"), a.body)
        self.assertEqual(self.read(b, order)["state"], "confirmed")

    # ---- Omise ----

    def test_a_card_at_omise_is_paid_or_declined_in_words(self):
        b, order = self.ordered("omise_card", "TH")
        started = self.start(b, order, "omise_card", token=self.sandbox.token("4111111111140011"))
        self.press(started["next"]["url"], "as", "success")  # 3-D Secure says yes, the bank no
        seen = self.until_payment(b, started, "failed")
        self.assertEqual(seen["fail_code"], "no_funds")
        self.assertTrue(self.read(b, order)["can_pay"])
        started = self.start(b, order, "omise_card", token=self.sandbox.token())
        self.press(started["next"]["url"], "as", "success")
        seen = self.until_state(b, order, "confirmed")
        self.assertEqual([p["state"] for p in seen["payments"]], ["paid", "failed"])

    def attempt(self, started):
        """What the gateway knows it by: our own number, out of its list of what is open."""
        found = shop.until(lambda: self.owner.api("GET", f"/staff/payments/{started['payment']['id']}").json)
        return found.get("provider_ref") or found.get("our_ref")

    def test_promptpay_shows_a_code_and_is_told_by_a_signed_notice(self):
        b, order = self.ordered("omise_promptpay", "TH")
        started = self.start(b, order, "omise_promptpay")
        self.assertEqual(started["next"]["kind"], "qr", started)
        self.assertTrue(started["next"]["image"])
        again = self.start(b, order, "omise_promptpay")  # another key: another code
        self.assertNotEqual(again["payment"]["id"], started["payment"]["id"])
        self.sandbox.fault("omise.webhook", repeat=2)
        self.sandbox.pay(self.attempt(started))
        seen = self.until_state(b, order, "confirmed")
        self.assertEqual(sum(p["counts"] for p in seen["payments"]), 1)
        self.until_payment(b, again, "expired")  # ended there, so that nobody pays twice

    def test_a_gateway_that_is_down_loses_nothing(self):
        b, order = self.ordered("omise_promptpay", "TH")
        mine = key()
        self.sandbox.fault("omise.api", down=True)
        a = b.api("POST", f"/orders/{order['no']}/payments", {"method": "omise_promptpay"}, headers=mine)
        self.assertEqual((a.status, a.code), (503, "pay_down"), a.body)
        self.assertGreater(int(a.headers["Retry-After"]), 0)
        self.assertEqual(self.read(b, order)["state"], "awaiting_payment")
        self.sandbox.call("DELETE", "/control/faults")
        started = self.start(b, order, "omise_promptpay")
        self.assertEqual(started["next"]["kind"], "qr")
        self.sandbox.pay(self.attempt(started))
        self.until_state(b, order, "confirmed")

    def test_an_answer_that_is_lost_is_not_a_second_charge(self):
        b, order = self.ordered("omise_promptpay", "TH")
        self.sandbox.fault("omise.api", lose_answer=True, count=1, match="POST /omise/charges")
        started = self.start(b, order, "omise_promptpay")
        self.assertEqual(started["next"]["kind"], "qr", started)
        charges = json.loads(self.sandbox.call("GET", "/omise/charges?limit=100", auth="skey_test_1"))
        ours = [c for c in charges["data"] if c["metadata"].get("order") == order["no"]]
        self.assertEqual(len(ours), 1)

    def test_a_return_from_omise_needs_its_token(self):
        b, order = self.ordered("omise_truemoney", "TH")
        started = self.start(b, order, "omise_truemoney", phone="0812345678")
        self.assertEqual(started["next"]["kind"], "redirect", started)
        a = b.send("GET", f"/api/v1/pay/omise/return?p={started['payment']['id']}&t={'0' * 32}")
        self.assertEqual((a.status, a.headers["Location"]), (303, self.shop.url))
        self.assertEqual(self.payment(shop.Browser(self.shop).arrive(), started)["code"], "not_found")

    # ---- what a shop sets ----

    def test_methods_are_the_shops(self):
        listed = self.owner.api("GET", "/staff/pay-methods").json["items"]
        self.assertIn("ecpay_card", [m["id"] for m in listed])
        self.assertEqual(self.packer.api("PUT", "/staff/pay-methods/ecpay_cvs?market=TW", {"active": False}).status, 403)
        a = self.owner.api("PUT", "/staff/pay-methods/ecpay_cvs?market=TW", {"min": 100000})
        self.assertEqual(a.status, 400, a.body)  # above its most
        a = self.owner.api("PUT", "/staff/pay-methods/ecpay_cvs?market=TW", {"active": False})
        self.assertEqual(a.status, 200, a.body)
        b = self.filled("TW")
        reasons = {m["id"]: m["reason"] for m in self.quote(b, "ecpay_card", "TW")["pay_methods"]}
        self.assertEqual(reasons["ecpay_cvs"], "off")
        self.assertIsNone(reasons["ecpay_card"])
        self.owner.api("PUT", "/staff/pay-methods/ecpay_cvs?market=TW", {"active": None})

    def test_keys_are_written_and_never_read(self):
        items = {g["provider"]: g for g in self.owner.api("GET", "/staff/gateways").json["items"]}
        self.assertEqual((items["ecpay"]["from"], items["ecpay"]["name"]), ("env", "3002607"))
        theirs = {g["provider"]: g for g in self.rival.api("GET", "/staff/gateways").json["items"]}
        self.assertFalse(theirs["ecpay"]["set"])
        self.assertEqual(self.rival.api("PUT", "/staff/gateways/omise", {"public_key": "x", "secret_key": "y"}).status, 400)
        secret = "skey_test_5wonderfulsecret"
        a = self.rival.api("PUT", "/staff/gateways/omise", {"public_key": "pkey_test_5abc", "secret_key": secret})
        self.assertEqual(a.status, 200, a.body)
        self.assertNotIn(secret, a.body.decode() + self.shop.log())
        theirs = {g["provider"]: g for g in a.json["items"]}
        self.assertEqual((theirs["omise"]["from"], theirs["omise"]["name"]), ("shop", "pkey_test_5abc"))
        setup = self.buyer().api("GET", "/pay/setup?shop=other").json
        self.assertEqual(setup["omise"]["public_key"], "pkey_test_5abc")
        self.assertEqual(self.rival.api("DELETE", "/staff/gateways/omise").status, 204)
        self.assertEqual(self.packer.api("PUT", "/staff/gateways/omise", {"public_key": "pkey_test_5abc",
                                                                         "secret_key": secret}).status, 403)

    def test_keys_are_not_changed_under_money_that_is_under_way(self):
        keys = {"merchant_id": "3002607", "hash_key": "pwFHCqoQZGmho4w6", "hash_iv": "EkRm7iFT261dpevs"}
        put = lambda **more: self.rival.api("PUT", "/staff/gateways/ecpay", {**keys, **more})
        self.addCleanup(self.rival.api, "DELETE", "/staff/gateways/ecpay?force=true")
        self.assertEqual(put(check_code="12x").status, 400)
        self.assertEqual(put().status, 200)
        a = self.rival.api("POST", "/products", {"title": {"zh-TW": "杯子"}, "price": {"TW": 590}, "quantity": 200})
        self.variant, self.slug = a.json["variants"][0]["id"], "other"
        offers = lambda b=self.filled("TW"): {m["id"]: m["reason"] for m in self.quote(b, "cod", "TW")["pay_methods"]}
        self.assertTrue(shop.until(lambda: offers().get("ecpay_card", "") is None))
        b, order = self.ordered("ecpay_card")
        self.start(b, order, "ecpay_card")
        self.assertEqual(put(check_code="62861749").status, 200)  # the same account
        a = put(merchant_id="2000132")
        self.assertEqual((a.status, a.code), (409, "conflict"), a.body)
        self.assertIn("under way", a.body.decode())
        self.assertEqual(self.rival.api("DELETE", "/staff/gateways/ecpay").status, 409)
        self.assertEqual(put(merchant_id="2000132", force=True).status, 200)
        self.assertEqual(self.rival.api("DELETE", "/staff/gateways/ecpay?force=true").status, 204)

    def test_pages_may_reach_the_gateways_and_nothing_else(self):
        policy = self.buyer().send("GET", "/").headers["Content-Security-Policy"]
        at = f"http://127.0.0.1:{Sandbox.wanted}"
        for part in ("script-src", "connect-src", "frame-src", "form-action", "img-src"):
            self.assertIn(at, next(p for p in policy.split(";") if part in p), part)


if __name__ == "__main__":
    unittest.main()
