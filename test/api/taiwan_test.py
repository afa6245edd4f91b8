"""Stores on the map, pick-up orders and e-invoices: the real server against sandboxd's ECPay."""
# postgres: too
import html.parser
import http.client
import json
import os
import unittest
import urllib.parse
import urllib.request
import uuid

import shop

CONSENTS = {"terms": True, "privacy": True, "withdrawal_notice": True}
ACCOUNTS = {"ECPAY": ("3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"),
            "ECPAY_LOGISTICS": ("2000933", "XBERn1YOvpM9nfZc", "h1ONHk4P4yqbl5LK"),
            "ECPAY_INVOICE": ("2000132", "ejCk326UnaZWKisg", "q9jcZX8Ib9LM8wYk")}
HOME = {"name": "陳怡君", "phone": "0912345678", "postcode": "106", "city": "台北市", "district": "大安區",
        "line": "永康街 14 號"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


def settings(base):
    named = {f"{prefix}_{what}": value for prefix, values in ACCOUNTS.items()
             for what, value in zip(("MERCHANT_ID", "HASH_KEY", "HASH_IV"), values)}
    return {**named, **{f"{prefix}_BASE_URL": base + "/ecpay" for prefix in ACCOUNTS}}


class Stores(html.parser.HTMLParser):
    """The forms of the map: what each store would post."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.forms.append((a.get("action", ""), {}))
        elif self.forms and tag in ("input", "button") and a.get("name"):
            self.forms[-1][1][a["name"]] = a.get("value", "")


class Sandbox(shop.Program):
    def __init__(self, folder):
        self.port = shop.free_port()
        binary = os.path.join(os.path.abspath(shop.BUILD), "sandboxd")
        super().__init__([binary, "--listen", f"127.0.0.1:{self.port}"], shop.clean_env(), folder)
        self.said(r"listening")

    def call(self, method, url, body=None, form=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else \
            json.dumps(body).encode() if body is not None else None
        at = url if url.startswith("http") else f"http://127.0.0.1:{self.port}{url}"
        ask = urllib.request.Request(at, method=method, data=data)
        ask.add_header("Content-Type", FORM["Content-Type"] if form is not None else "application/json")
        with urllib.request.urlopen(ask, timeout=20) as answer:
            return answer.read().decode()

    def fault(self, on, **how):
        self.call("POST", "/control/faults", {"on": on, **how})

    def tell(self, provider_id, code):
        self.call("POST", "/control/logistics", {"id": provider_id, "code": code})

    def closed(self, *stores):
        self.call("POST", "/control/ecpay", {"closed_stores": list(stores)})


class Taiwan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox("/")
        cls.shop = shop.Shop(**settings(f"http://127.0.0.1:{cls.sandbox.port}"))
        cls.owner = cls.shop.hire("owner@example.org", "owner")
        cls.packer = cls.shop.hire("packer@example.org", "packer")
        cls.rival = cls.shop.rival()
        a = cls.owner.api("POST", "/products", {"title": {"zh-TW": "老街帆布包"}, "price": {"TW": 590}, "quantity": 200})
        cls.variant = a.json["variants"][0]["id"]
        a = cls.owner.api("PUT", "/staff/shipping", {"kind": "c2c", "sender_name": "夜市小舖",
                                                     "sender_phone": "0911 222 333"})
        assert (a.status, a.json["ready"]) == (200, True), a.body

    @classmethod
    def tearDownClass(cls):
        cls.shop.end_well()
        cls.sandbox.stop()

    def setUp(self):
        self.sandbox.call("DELETE", "/control/faults")
        self.sandbox.closed()

    # ---- words ----

    def buyer(self, qty=1):
        b = shop.Browser(self.shop).arrive()
        b.patient = True
        a = b.api("POST", "/cart/lines", {"variant_id": self.variant, "qty": qty, "market": "TW"}, headers=key())
        self.assertEqual(a.status, 201, a.body)
        b.csrf = a.headers.get("X-CSRF-Token") or b.csrf
        return b

    def order(self, b, method, address, delivery, invoice=None):
        ask = {"market": "TW", "pay_method": method, "delivery": delivery}
        q = b.api("POST", "/cart/quote", ask)
        self.assertEqual(q.status, 200, q.body)
        a = b.api("POST", "/orders", {"cart": q.json["cart"], "quote_hash": q.json["quote_hash"], "pay_method": method,
                                      "delivery": delivery, "address": address,
                                      "invoice": invoice or {"kind": "member"}, "consents": CONSENTS}, headers=key())
        self.assertEqual(a.status, 201, a.body)
        return a.json

    def post_back(self, action, fields):
        """As the map does: cross-site, no cookie."""
        c = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=20)
        c.request("POST", urllib.parse.urlparse(action).path, urllib.parse.urlencode(fields),
                  {**FORM, "Origin": "https://logistics.ecpay.com.tw", "Sec-Fetch-Site": "cross-site"})
        r = c.getresponse()
        got = shop.Answer(r.status, r.headers, r.read())
        c.close()
        return got

    def choose(self, b, store, query):
        """Through ECPay's map and back; where the browser is sent, and the fields that came."""
        a = b.api("GET", "/cvs/map?" + query)
        self.assertEqual(a.status, 200, a.body)
        page = self.sandbox.call("POST", a.json["action"], form=a.json["fields"])
        action, fields = next(f for f in Stores(page).forms if f[1].get("CVSStoreID") == store)
        back = self.post_back(action, fields)
        self.assertEqual(back.status, 303, back.body)
        return back.headers["Location"], (action, fields)

    def at_store(self, method="cod", qty=1):
        b = self.buyer(qty)
        where, _ = self.choose(b, "131386", "chain=unimart&device=1&market=TW")
        pick = urllib.parse.parse_qs(urllib.parse.urlparse(where).query)["pick"][0]
        a = b.api("GET", f"/cvs/picks/{pick}")
        self.assertEqual(a.status, 200, a.body)
        store = {k: a.json[k] for k in ("chain", "store_id", "store_name", "store_address")}
        self.assertEqual((store["chain"], store["store_id"]), ("711", "131386"))
        return b, self.order(b, method, {"name": "陳怡君", "phone": "0912345678", **store}, "cvs")

    def parcel(self, order):
        a = self.packer.api("POST", "/staff/parcels", {"order": order["no"]})
        self.assertEqual(a.status, 201, a.body)
        return a.json["id"]

    def read(self, b, order):
        return b.api("GET", f"/orders/{order['no']}").json

    def until_invoice(self, b, order, state):
        got = shop.until(lambda: (self.read(b, order)["invoice_state"] or {}).get("state") == state)
        self.assertTrue(got, self.read(b, order)["invoice_state"])
        return self.read(b, order)["invoice_state"]

    def until_parcel(self, b, order, state):
        got = shop.until(lambda: self.read(b, order)["parcels"][0]["state"] == state)
        self.assertTrue(got, self.read(b, order)["parcels"])

    def pay(self, b, order):
        a = b.api("POST", f"/orders/{order['no']}/payments", {"method": "ecpay_card"}, headers=key())
        self.assertEqual(a.status, 201, a.body)
        form = a.json["next"]
        self.sandbox.call("POST", form["action"], form=form["fields"])
        self.sandbox.call("POST", "/control/pay", {"ref": form["fields"]["MerchantTradeNo"], "as": "paid"})

    # ---- stores ----

    def test_a_store_comes_back_from_the_map_once(self):
        b = self.buyer()
        self.assertEqual(b.api("GET", "/cvs/setup").json,
                         {"map": True, "chains": ["711", "family", "hilife", "ok"]})
        where, (action, fields) = self.choose(b, "006598", "chain=fami&market=TW")
        self.assertTrue(where.startswith(f"{self.shop.url}/checkout?"), where)
        for spoiled in ({}, {"ExtraData": "k" * 20}, {"CVSStoreID": "<script>"}, {"CVSStoreName": "x" * 500}):
            again = self.post_back(action, {**fields, **spoiled})
            self.assertEqual(again.headers["Location"], self.shop.url + "/checkout?pick=lost")
        stranger = shop.Browser(self.shop).arrive()
        pick = urllib.parse.parse_qs(urllib.parse.urlparse(where).query)["pick"][0]
        self.assertEqual(stranger.api("GET", f"/cvs/picks/{pick}").status, 404)
        self.assertEqual(b.api("GET", f"/cvs/picks/{pick}").json["store_id"], "006598")
        self.assertEqual(b.api("GET", "/cvs/map?chain=seven").status, 400)
        csp = b.send("GET", "/checkout").headers["Content-Security-Policy"]
        self.assertIn(f"http://127.0.0.1:{self.sandbox.port}", csp.split("form-action", 1)[1].split(";")[0])

    def test_cash_at_the_store_from_the_map_to_the_buyers_hands(self):
        b, order = self.at_store()
        self.assertEqual(order["invoice_state"]["state"], "none")
        self.assertEqual(b.api("GET", "/cvs/last").json["store"]["store_id"], "131386")
        pcl = self.parcel(order)
        self.assertEqual(self.rival.api("POST", f"/parcels/{pcl}/ship", {}).status, 404)
        self.assertEqual(self.packer.api("GET", f"/parcels/{pcl}/label").status, 409)
        a = self.packer.api("POST", f"/parcels/{pcl}/ship", {})
        self.assertEqual((a.status, a.json["shipment"]["state"]), (200, "made"), a.body)
        made = a.json["shipment"]
        self.assertEqual(a.json["tracking"], made["payment_no"])
        again = self.packer.api("POST", f"/parcels/{pcl}/ship", {}).json["shipment"]
        self.assertEqual(again["provider_id"], made["provider_id"])
        label = self.packer.api("GET", f"/parcels/{pcl}/label").json
        page = self.sandbox.call("POST", label["action"], form=label["fields"])
        self.assertIn(made["payment_no"], page)
        self.sandbox.fault("ecpay.logistics", repeat=3)
        for code, state in ((2068, "shipped"), (2073, "at_store"), (2067, "collected")):
            self.sandbox.tell(made["provider_id"], code)
            self.until_parcel(b, order, state)
        seen = self.read(b, order)
        steps = [s["what"] for s in seen["timeline"]]
        self.assertEqual([steps.count(s) for s in ("shipped", "at_store", "collected", "paid")], [1, 1, 1, 1])
        self.assertEqual(seen["payment"]["state"], "collected")
        self.assertNotIn("provider_id", seen["parcels"][0]["shipment"])
        self.assertRegex(self.until_invoice(b, order, "issued")["number"], r"^[A-Z]{2}\d{8}$")

    def test_a_pick_up_order_whose_answer_is_lost_is_not_made_twice(self):
        b, order = self.at_store()
        pcl = self.parcel(order)
        self.sandbox.fault("ecpay.api", lose_answer=True, count=1, match="Express/Create")
        a = self.packer.api("POST", f"/parcels/{pcl}/ship", {})
        self.assertEqual((a.status, a.json["shipment"]["state"]), (200, "sent"), a.body)
        def made():
            return self.read(b, order)["parcels"][0]["shipment"]["state"] == "made"
        self.assertTrue(shop.until(made, 20))
        parcels = json.loads(self.sandbox.call("GET", "/control/state"))["ecpay"]["parcels"]
        self.assertEqual(len([p for p in parcels if p.get("payment_no") == self.read(b, order)["parcels"][0]["tracking"]
                              or p.get("CVSPaymentNo") == self.read(b, order)["parcels"][0]["tracking"]]), 1, parcels)

    def test_a_store_that_closed_is_replaced_by_the_buyer(self):
        b, order = self.at_store()
        pcl = self.parcel(order)
        self.sandbox.closed("131386")
        a = self.packer.api("POST", f"/parcels/{pcl}/ship", {})
        self.assertEqual((a.status, a.code), (409, "conflict"), a.body)
        self.assertIn("門市", a.json["detail"])
        seen = self.read(b, order)
        self.assertTrue(seen["can"]["store"])
        self.assertEqual(seen["timeline"][-1]["what"], "store_closed")
        where, _ = self.choose(b, "991182", f"chain=711&order={order['no']}")
        self.assertEqual(where, f"{self.shop.url}/o/{order['no']}?s={order['secret']}&store=changed")
        self.assertEqual(self.read(b, order)["address"]["store_id"], "991182")
        self.assertTrue(shop.until(lambda: self.read(b, order)["parcels"][0]["shipment"]["state"] == "made", 20))

    def test_forged_notices_are_refused(self):
        for path in ("", "/shop", "/nowhere"):
            a = self.post_back(f"{self.shop.url}/api/v1/webhooks/ecpay/logistics{path}",
                               {"MerchantID": "2000933", "AllPayLogisticsID": "1", "RtnCode": "2067",
                                "CheckMacValue": "0" * 32})
            self.assertEqual(a.status, 200)
            self.assertTrue(a.body.startswith(b"0|"), a.body)

    # ---- e-invoices ----

    def test_an_invoice_is_issued_though_its_answer_is_lost(self):
        b = self.buyer(2)
        order = self.order(b, "ecpay_card", HOME, "home", {"kind": "mobile", "carrier": "/ABC1234"})
        self.assertIsNone(order["invoice_state"])
        self.sandbox.fault("ecpay.api", lose_answer=True, count=1, match="B2CInvoice/Issue")
        self.pay(b, order)
        got = shop.until(lambda: (self.read(b, order)["invoice_state"] or {}).get("state") == "issued", 25)
        self.assertTrue(got, self.read(b, order)["invoice_state"])
        issued = json.loads(self.sandbox.call("GET", "/control/state"))["ecpay"]["invoices"]
        number = self.read(b, order)["invoice_state"]["number"]
        self.assertEqual(len([i for i in issued if number in i.values()]), 1, issued)
        no = self.read(b, order)["lines"][0]["no"]
        a = self.owner.api("POST", f"/staff/orders/{order['no']}/refunds",
                           {"lines": [{"no": no, "qty": 1}], "reason": "return"}, headers=key())
        self.assertIn(a.status, (200, 201), a.body)
        got = self.until_invoice(b, order, "allowance")
        self.assertEqual(got["allowed"], {"amount": 590, "currency": "TWD"})

    def refused(self, invoice):
        b = self.buyer()
        q = b.api("POST", "/cart/quote", {"market": "TW", "pay_method": "ecpay_card", "delivery": "home"}).json
        ask = {"cart": q["cart"], "quote_hash": q["quote_hash"], "pay_method": "ecpay_card", "delivery": "home",
               "address": HOME, "invoice": invoice, "consents": CONSENTS}
        a = b.api("POST", "/orders", ask, headers=key())
        return a.status, a.json.get("fields")

    def test_a_carrier_or_charity_code_that_does_not_exist_is_refused_before_the_order(self):
        self.assertEqual(self.refused({"kind": "mobile", "carrier": "/ABC1000"}), (400, ["invoice.carrier"]))
        self.assertEqual(self.refused({"kind": "donate", "love_code": "168000"}), (400, ["invoice.love_code"]))
        self.order(self.buyer(), "ecpay_card", HOME, "home", {"kind": "mobile", "carrier": "/ABC1234"})
        self.sandbox.call("POST", "/control/ecpay", {"invoice_down": True})
        try:  # nobody can say: the sale is not stopped
            self.order(self.buyer(), "ecpay_card", HOME, "home", {"kind": "mobile", "carrier": "/ABD1000"})
        finally:
            self.sandbox.call("POST", "/control/ecpay", {"invoice_down": False})

    def test_a_cancelled_order_has_its_invoice_voided(self):
        b = self.buyer()
        order = self.order(b, "ecpay_card", HOME, "home",
                           {"kind": "company", "tax_id": "04595257", "title": "好公司"})
        self.pay(b, order)
        self.until_invoice(b, order, "issued")
        a = self.owner.api("POST", f"/staff/orders/{order['no']}/cancel", {"reason": "sold out"})
        self.assertEqual(a.status, 200, a.body)
        self.until_invoice(b, order, "void")

    def test_an_invoice_that_is_refused_waits_for_staff(self):
        self.sandbox.call("POST", "/control/ecpay", {"invoice_down": True})
        b = self.buyer()
        order = self.order(b, "ecpay_card", HOME, "home", {"kind": "donate", "love_code": "168001"})
        self.pay(b, order)
        def staff():
            return self.owner.api("GET", f"/staff/orders/{order['no']}").json["invoice_state"]
        self.assertTrue(shop.until(lambda: (staff() or {}).get("problem")))
        self.sandbox.call("POST", "/control/ecpay", {"invoice_down": False})
        path = f"/invoices/{staff()['id']}/retry"
        self.assertEqual(self.rival.api("POST", path, {}).status, 404)
        self.assertEqual(self.packer.api("POST", path, {}).status, 403)
        a = self.owner.api("POST", path, {})
        self.assertEqual(a.status, 200, a.body)
        self.until_invoice(b, order, "issued")
        self.assertEqual(self.owner.api("POST", path, {}).code, "invalid_transition")


if __name__ == "__main__":
    unittest.main()
