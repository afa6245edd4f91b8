"""Buying over HTTP, from the confirm page to the parcel and back; and who may do what with it."""
import csv
import io
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import uuid

import shop

HOME = {"name": "陳怡君", "phone": "0912 345 678", "postcode": "106", "city": "台北市", "district": "大安區",
        "line": "永康街 14 號"}
CVS = {"name": "陳怡君", "phone": "0912345678", "chain": "711", "store_id": "123456", "store_name": "永康門市"}
INVOICE = {"kind": "mobile", "carrier": "/ABC1234"}
CONSENTS = {"terms": True, "privacy": True, "withdrawal_notice": True}


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


def twd(amount):
    return {"amount": amount, "currency": "TWD"}


class Order(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop()
        cls.owner = cls.shop.hire("owner@example.org", "owner")
        cls.manager = cls.shop.hire("manager@example.org", "manager")
        cls.moderator = cls.shop.hire("moderator@example.org", "moderator")
        cls.packer = cls.shop.hire("packer@example.org", "packer")
        cls.rival = cls.shop.rival()

    @classmethod
    def tearDownClass(cls):
        cls.shop.end_well()

    def product(self, quantity=10, price=590, **more):
        a = self.owner.api("POST", "/products", {"title": {"zh-TW": "老街帆布包"}, "price": {"TW": price},
                                                 "quantity": quantity, **more})
        self.assertEqual(a.status, 201, a.body)
        return a.json

    def buyer(self):
        b = shop.Browser(self.shop).arrive()
        b.patient = True
        return b

    def fill(self, buyer, product, qty=1, **more):
        a = buyer.api("POST", "/cart/lines", {"variant_id": product["variants"][0]["id"], "qty": qty,
                                              "market": "TW", **more}, headers=key())
        self.assertEqual(a.status, 201, a.body)
        buyer.csrf = a.headers.get("X-CSRF-Token") or buyer.csrf

    def quote(self, buyer, **ask):
        a = buyer.api("POST", "/cart/quote", {"market": "TW", **ask})
        self.assertEqual(a.status, 200, a.body)
        return a.json

    def order_body(self, quote, **more):
        return {"cart": quote["cart"], "quote_hash": quote["quote_hash"],
                "delivery": quote["delivery"], "pay_method": quote["pay_method"],
                "address": HOME if quote["delivery"] == "home" else CVS, "invoice": INVOICE,
                "consents": CONSENTS, **more}

    def buy(self, buyer, product, qty=1, delivery="home", **more):
        self.fill(buyer, product, qty, **more)
        a = buyer.api("POST", "/orders", self.order_body(self.quote(buyer, delivery=delivery)),
                      headers=key())
        self.assertEqual(a.status, 201, a.body)
        return a.json

    def parcel(self, order, *states):
        a = self.packer.api("POST", "/staff/parcels", {"order": order["no"]})
        self.assertEqual(a.status, 201, a.body)
        p = a.json
        for state in states:
            a = self.packer.api("PATCH", f"/parcels/{p['id']}", {"state": state})
            self.assertEqual(a.status, 200, a.body)
        return a.json

    # ---- buying ----

    def test_a_purchase_paid_at_the_store_from_start_to_end(self):
        bag, buyer = self.product(), self.buyer()
        self.fill(buyer, bag, 2)
        q = self.quote(buyer, delivery="cvs")
        self.assertEqual((q["subtotal"], q["shipping"], q["total"], q["tax"]),
                         (twd(1180), twd(60), twd(1240), twd(59)))
        self.assertEqual(q["free_remaining"], twd(320))
        self.assertEqual([m["id"] for m in q["pay_methods"] if m["available"]], ["cod"])
        a = buyer.api("POST", "/orders", self.order_body(q), headers=key())
        self.assertEqual(a.status, 201, a.body)
        order = a.json
        self.assertRegex(order["no"], r"^T\d{6}-\d{4}$")
        self.assertEqual((order["state"], order["status"], order["address"]["store_name"]),
                         ("confirmed", "preparing", "永康門市"))
        self.assertEqual(buyer.api("GET", "/cart?market=TW").json["lines"], [])
        p = self.parcel(order, "packed", "shipped")
        a = self.packer.api("PATCH", f"/parcels/{p['id']}", {"tracking": "F0987654321"})
        self.assertEqual((a.json["tracking"], a.json["cod"], a.json["carrier"]),
                         ("F0987654321", twd(1240), "711"))
        for state in ("at_store", "collected"):
            a = self.packer.api("PATCH", f"/parcels/{p['id']}", {"state": state})
            seen = buyer.api("GET", f"/orders/{order['no']}").json
            self.assertEqual(seen["status"], state)
        self.assertEqual(seen["payment"]["state"], "collected")
        self.assertTrue(seen["can"]["return"])
        self.assertEqual([t["what"] for t in seen["timeline"]],
                         ["ordered", "confirmed", "packed", "shipped", "at_store", "paid", "collected"])
        mine = buyer.api("GET", "/orders").json["items"]
        self.assertEqual([(o["no"], o["status"]) for o in mine], [(order["no"], "collected")])
        self.assertEqual(self.quote_address(buyer, bag), [dict(CVS, kind="cvs")])

    def quote_address(self, buyer, product):
        self.fill(buyer, product)
        return self.quote(buyer)["addresses"]

    def test_pressing_twice_buys_once(self):
        buyer, once = self.buyer(), key()
        self.fill(buyer, self.product(5), 2)
        body = self.order_body(self.quote(buyer))
        first = buyer.api("POST", "/orders", body, headers=once)
        again = buyer.api("POST", "/orders", body, headers=once)
        other = buyer.api("POST", "/orders", body, headers=key())
        self.assertEqual((first.status, again.status, other.status), (201, 200, 200))
        self.assertEqual({first.json["no"]}, {again.json["no"], other.json["no"]})
        self.assertEqual(buyer.api("POST", "/orders", body).status, 400)

    def test_a_change_of_price_comes_back_as_a_quote(self):
        bag, buyer = self.product(price=590), self.buyer()
        self.fill(buyer, bag)
        body = self.order_body(self.quote(buyer))
        a = self.owner.api("PUT", f"/variants/{bag['variants'][0]['id']}/prices", {"prices": {"TW": 650}})
        self.assertEqual(a.status, 200, a.body)
        a = buyer.api("POST", "/orders", body, headers=key())
        self.assertEqual((a.status, a.code, a.json["quote"]["subtotal"]), (409, "price_changed", twd(650)))
        body["quote_hash"] = a.json["quote"]["quote_hash"]
        a = buyer.api("POST", "/orders", body, headers=key())
        self.assertEqual((a.status, a.json["subtotal"]), (201, twd(650)))

    def test_what_is_wrong_is_named_and_not_repeated(self):
        buyer = self.buyer()
        self.fill(buyer, self.product())
        body = self.order_body(self.quote(buyer))
        for change, field in (({"address": dict(HOME, phone="12345")}, "address.phone"),
                              ({"address": None}, "address"),
                              ({"invoice": {"kind": "mobile", "carrier": "/ABC123"}}, "invoice.carrier"),
                              ({"invoice": {"kind": "company", "tax_id": "12345678"}}, "invoice.tax_id"),
                              ({"consents": dict(CONSENTS, terms=False)}, "consents.terms"),
                              ({"pay_method": "card"}, "pay_method"),
                              ({"note": "x" * 201}, "note")):
            a = buyer.api("POST", "/orders", {**body, **change}, headers=key())
            self.assertEqual((a.status, a.code, a.json.get("fields")), (400, "input", [field]), a.body)
            self.assertNotIn("12345678", a.json["detail"])

    def test_a_coupon_takes_off_is_used_once_and_comes_back(self):
        now = int(time.time() * 1000)
        a = self.owner.api("POST", "/coupons", {"code": uuid.uuid4().hex[:8].upper(), "market": "TW",
                                                "kind": "amount", "value": 100, "min_spend": 1000,
                                                "quota": 5, "per_buyer_max": 1,
                                                "ends_at": now + 3600_000})
        self.assertEqual(a.status, 201, a.body)
        coupon, bag, buyer = a.json["id"], self.product(price=600), self.buyer()
        self.fill(buyer, bag)
        self.assertEqual(self.quote(buyer, coupon_id=coupon)["coupon_problem"], "not_yours")
        self.assertEqual(buyer.api("POST", f"/coupons/{coupon}/take", {}).status, 201)
        self.assertEqual(self.quote(buyer, coupon_id=coupon)["coupon_problem"], "min_spend")
        self.fill(buyer, bag)
        q = self.quote(buyer, coupon_id=coupon)
        self.assertEqual((q["discount"], q["total"], q["coupon"]["discount"]), (twd(100), twd(1200), twd(100)))
        self.assertEqual([line["discount"] for line in q["lines"]], [twd(50), twd(50)])
        a = buyer.api("POST", "/orders", self.order_body(q, coupon_id=coupon), headers=key())
        self.assertEqual((a.status, a.json["total"]), (201, twd(1200)), a.body)
        self.fill(buyer, bag, 2)
        self.assertEqual(self.quote(buyer, coupon_id=coupon)["coupon_problem"], "used")
        self.assertEqual(buyer.api("POST", f"/orders/{a.json['no']}/cancel", {}).status, 200)
        self.assertEqual(self.quote(buyer, coupon_id=coupon)["discount"], twd(100))

    def test_a_link_opens_an_order_without_signing_in(self):
        order, stranger = self.buy(self.buyer(), self.product()), self.buyer()
        path = f"/orders/{order['no']}"
        self.assertEqual(stranger.api("GET", path).status, 404)
        self.assertEqual(stranger.api("GET", path + "?secret=guess").status, 404)
        a = stranger.api("GET", f"{path}?secret={order['secret']}")
        self.assertEqual((a.status, a.json["no"]), (200, order["no"]))
        self.assertNotIn("secret", a.json)
        a = stranger.api("POST", f"{path}/cancel?secret={order['secret']}", {})
        self.assertEqual((a.status, a.json["status"]), (200, "cancelled"))

    def test_what_a_guest_bought_is_the_accounts_after_signing_up(self):
        buyer = self.buyer()
        order = self.buy(buyer, self.product())
        a = buyer.api("POST", "/accounts", {"email": f"{uuid.uuid4().hex[:8]}@example.org",
                                            "password": shop.PASSWORD, "name": "怡君"})
        self.assertEqual(a.status, 201, a.body)
        buyer.csrf = a.json["csrf"]
        self.assertEqual([o["no"] for o in buyer.api("GET", "/orders").json["items"]], [order["no"]])

    # ---- returns and refunds ----

    def backdate(self, parcel, days):
        if shop.POSTGRES:
            self.skipTest("the clock is moved in the file")
        import sqlite3
        db = sqlite3.connect(os.path.join(self.shop.folder, "data", "nightmarket.db"), timeout=10)
        with db:
            n = db.execute("UPDATE parcel SET arrived_at = arrived_at - ? WHERE public_id = ?",
                           (days * 86400_000, parcel["id"])).rowcount
        db.close()
        self.assertEqual(n, 1)

    def test_day_6_may_be_sent_back_and_day_8_not(self):
        buyer, bag = self.buyer(), self.product()
        ask = {"lines": [{"no": 1, "qty": 1}], "reason": "太小"}
        order = self.buy(buyer, bag, 2)
        path = f"/orders/{order['no']}/returns"
        a = buyer.api("POST", path, ask, headers=key())
        self.assertEqual((a.status, a.code, a.json["reason"]), (409, "return_refused", "not_delivered"))
        self.backdate(self.parcel(order, "packed", "shipped", "delivered"), 6)
        a = buyer.api("POST", path, ask, headers=key())
        self.assertEqual(a.status, 201, a.body)
        back = a.json["returns"][0]
        self.assertEqual((back["state"], back["withdrawal"]), ("asked", True))
        for state in ("approved", "received", "refunded"):
            a = self.manager.api("PATCH", f"/returns/{back['id']}", {"state": state, "restock": True})
            self.assertEqual((a.status, a.json["state"]), (200, state))
        seen = buyer.api("GET", f"/orders/{order['no']}").json
        self.assertEqual((seen["status"], seen["refunding"], seen["lines"][0]["qty_refunded"]),
                         ("refunding", twd(590), 1))
        late = self.buy(buyer, bag)
        self.backdate(self.parcel(late, "packed", "shipped", "delivered"), 8)
        a = buyer.api("POST", f"/orders/{late['no']}/returns", ask, headers=key())
        self.assertEqual((a.status, a.code, a.json["reason"]), (409, "return_refused", "too_late"))
        self.assertRegex(a.json["last_day"], r"^\d{4}-\d\d-\d\d$")

    def test_a_moderator_refunds_nothing_and_a_manager_leaves_a_trace(self):
        order = self.buy(self.buyer(), self.product())
        self.parcel(order, "packed", "shipped", "delivered")
        path, body = f"/staff/orders/{order['no']}/refunds", {"amount": 90, "reason": "scratch"}
        for who in (self.moderator, self.packer):
            a = who.api("POST", path, body, headers=key())
            self.assertEqual((a.status, a.code), (403, "forbidden"))
        self.assertEqual(self.rival.api("POST", path, body, headers=key()).status, 404)
        once = key()
        a, b = (self.manager.api("POST", path, body, headers=once) for _ in range(2))
        self.assertEqual((a.status, b.status, len(b.json["refunds"])), (201, 200, 1), b.body)
        a = self.manager.api("POST", path, {"amount": twd(10000), "reason": "x"}, headers=key())
        self.assertEqual((a.status, a.code), (409, "conflict"))
        refund = b.json["refunds"][0]
        a = self.manager.api("PATCH", f"/refunds/{refund['id']}", {"state": "done", "note": "匯款"})
        self.assertEqual((a.status, a.json["refunded"]), (200, twd(90)))
        rows = self.owner.api("GET", "/audit").json["items"]
        self.assertIn(("order.refund", order["no"]), [(r["action"], r["object"]) for r in rows])

    # ---- other shops ----

    def test_another_shops_staff_find_nothing_on_any_route(self):
        buyer = self.buyer()
        order = self.buy(buyer, self.product())
        parcel = self.parcel(order, "packed", "shipped", "delivered")
        a = buyer.api("POST", f"/orders/{order['no']}/returns", {"lines": [{"no": 1, "qty": 1}]},
                      headers=key())
        back, show = a.json["returns"][0]["id"], self.owner.show()["id"]
        a = self.manager.api("POST", f"/staff/orders/{order['no']}/refunds",
                             {"amount": 1, "reason": "x"}, headers=key())
        refund, no = a.json["refunds"][0]["id"], order["no"]
        self.fill(buyer, self.product())
        cart = self.quote(buyer)["cart"]
        for method, path, body in (
                ("GET", f"/staff/orders/{no}", None),
                ("PATCH", f"/staff/orders/{no}", {"staff_note": "x"}),
                ("POST", f"/staff/orders/{no}/cancel", {}),
                ("POST", f"/staff/orders/{no}/refunds", {"amount": 1, "reason": "x"}),
                ("PATCH", f"/refunds/{refund}", {"state": "done"}),
                ("POST", "/staff/orders", {"cart": cart, "pay_method": "cod", "address": HOME,
                                           "invoice": INVOICE}),
                ("POST", "/staff/parcels", {"order": no}),
                ("PATCH", f"/parcels/{parcel['id']}", {"settled": True}),
                ("PUT", "/staff/packing/tick", {"order": no, "no": 1, "packed": 1}),
                ("GET", f"/staff/labels?ids={parcel['id']}", None),
                ("GET", f"/staff/packing?show={show}", None),
                ("GET", f"/staff/orders?show={show}", None),
                ("PATCH", f"/returns/{back}", {"state": "approved"}),
                ("POST", f"/shows/{show}/bills", {}),
                ("GET", f"/shows/{show}/bills", None),
                ("POST", f"/shows/{show}/remind-unpaid", {}),
                ("GET", f"/shows/{show}/report", None),
                ("GET", f"/shows/{show}/report.csv", None),
                ("GET", "/staff/orders?shop=shop", None)):
            a = self.rival.api(method, path, body, headers=key() if method == "POST" else None)
            self.assertEqual((a.status, a.code), (404, "not_found"), (method, path, a.body))
        self.assertEqual(self.rival.api("GET", "/staff/orders").json["items"], [])
        self.assertEqual(self.rival.api("GET", "/staff/packing").json, {"pick": [], "orders": []})

    # ---- the shop's side ----

    def test_staff_see_masked_lists_order_for_buyers_and_pack(self):
        buyer, bag, mug = self.buyer(), self.product(), self.product(price=320)
        order = self.buy(buyer, bag, 2)
        row = [o for o in self.packer.api("GET", "/staff/orders?status=to_pack").json["items"]
               if o["no"] == order["no"]][0]
        self.assertNotIn("0912345678", str(row))
        self.assertTrue(row["to_pack"])
        seen = self.packer.api("GET", f"/staff/orders/{order['no']}").json
        self.assertEqual(seen["address"]["phone"], "0912345678")
        self.assertEqual(self.moderator.api("GET", "/staff/orders").status, 403)
        pick = {p["variant_id"]: p["qty"] for p in self.packer.api("GET", "/staff/packing").json["pick"]}
        self.assertEqual(pick[bag["variants"][0]["id"]], 2)
        a = self.packer.api("PUT", "/staff/packing/tick", {"order": order["no"], "no": 1, "packed": 2})
        self.assertEqual(a.status, 204, a.body)
        text = self.packer.api("GET", "/staff/packing?format=csv").body.decode()
        self.assertTrue(text.startswith("\ufeff"))
        self.assertIn(["老街帆布包"], [[r[1]] for r in csv.reader(io.StringIO(text[1:])) if len(r) == 5])
        self.fill(buyer, mug)
        a = self.owner.api("POST", "/staff/orders",
                           {"cart": self.quote(buyer)["cart"], "pay_method": "cod", "address": HOME,
                            "invoice": INVOICE, "note": "by phone"}, headers=key())
        self.assertEqual((a.status, a.json["buyer"]["name"] != ""), (201, True), a.body)
        self.assertEqual(len(buyer.api("GET", "/orders").json["items"]), 2)

    def test_bills_are_opened_anywhere_and_paid_there(self):
        show, bag = self.owner.show(), self.product(price=700)
        a = self.owner.api("POST", f"/shows/{show['id']}/listings", {"product_id": bag["id"]})
        self.assertEqual(a.status, 201, a.body)
        buyers = [self.buyer() for _ in range(3)]
        for b in buyers:
            self.fill(b, bag, listing_id=a.json["id"])
        a = self.owner.api("POST", f"/shows/{show['id']}/bills", {})
        self.assertEqual((a.status, a.json["made"], a.json["open"]), (200, 3, 3), a.body)
        a = self.owner.api("POST", f"/shows/{show['id']}/bills", {})
        self.assertEqual((a.json["made"], a.json["open"]), (0, 3))
        a = self.owner.api("POST", f"/shows/{show['id']}/remind-unpaid", {})
        self.assertEqual(a.json, {"unpaid": 3, "reminded": 3, "skipped": 0})
        a = self.owner.api("POST", f"/shows/{show['id']}/remind-unpaid", {})
        self.assertEqual(a.json, {"unpaid": 3, "reminded": 0, "skipped": 3})
        url = self.owner.api("GET", f"/shows/{show['id']}/bills").json["items"][0]["url"]
        bill, secret = re.fullmatch(r"/b/(bil_\w+)\?s=(\S+)", url).groups()
        phone = self.buyer()
        self.assertEqual(phone.api("GET", f"/bills/{bill}?secret=x").status, 404)
        page = phone.api("GET", f"/bills/{bill}?secret={secret}").json
        self.assertEqual((page["state"], page["quote"]["total"]), ("open", twd(800)))
        self.assertEqual(page["quote"]["addresses"], [])
        body = self.order_body(page["quote"], bill=bill, secret=secret)
        a = phone.api("POST", "/orders", body, headers=key())
        self.assertEqual(a.status, 201, a.body)
        page = phone.api("GET", f"/bills/{bill}?secret={secret}").json
        self.assertEqual((page["state"], page["order"]), ("ordered", a.json["no"]))
        link = f"/orders/{page['order']}?secret={page['order_secret']}"
        self.assertEqual(phone.api("GET", link).status, 200)
        report = self.owner.api("GET", f"/shows/{show['id']}/report").json
        self.assertEqual((report["funnel"]["ordered"], report["orders"], report["unpaid"]["carts"]), (1, 1, 2))
        self.assertEqual(report["gmv"]["TWD"],
                         {"claimed": twd(2100), "ordered": twd(800), "paid_net": twd(0)})
        self.assertEqual((report["products"][0]["claimed_qty"], report["products"][0]["ordered_qty"]), (3, 1))
        text = self.owner.api("GET", f"/shows/{show['id']}/report.csv").body.decode()
        rows = list(csv.reader(io.StringIO(text[1:])))
        self.assertIn(["TWD", "2100", "800", "0"], rows)
        self.parcel(a.json, "packed", "shipped", "delivered")
        report = self.owner.api("GET", f"/shows/{show['id']}/report").json
        self.assertEqual((report["funnel"]["paid"], report["gmv"]["TWD"]["paid_net"]), (1, twd(800)))

    def test_labels_are_one_a6_page_each_and_nothing_is_cut(self):
        chromium = shutil.which("chromium")
        if not chromium:
            self.skipTest("needs chromium")
        bag = self.product(20, 100, title={"zh-TW": "很長的名字" * 15})
        long = dict(HOME, name="คุณสมหญิง ใจดีมากที่สุดในโลก " * 2, line="非常長的地址一段二巷三弄四號鄰" * 8)
        buyer, ids = self.buyer(), []
        for address in (HOME, long):
            for _ in range(10):
                self.fill(buyer, bag)
            a = buyer.api("POST", "/orders", self.order_body(self.quote(buyer), address=address),
                          headers=key())
            self.assertEqual(a.status, 201, a.body)
            ids.append(self.packer.api("POST", "/staff/parcels", {"order": a.json["no"]}).json["id"])
        a = self.packer.api("GET", f"/staff/labels?ids={','.join(ids)}")
        self.assertEqual((a.status, a.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        look = ("<script>document.title=JSON.stringify([...document.querySelectorAll('.label')]"
                ".map(l=>[l.scrollHeight-l.clientHeight,l.scrollWidth-l.clientWidth]))</script></body>")
        with tempfile.TemporaryDirectory(prefix="nm-label-") as folder:
            page, pdf = os.path.join(folder, "l.html"), os.path.join(folder, "l.pdf")
            with open(page, "wb") as f:
                f.write(a.body.replace(b"</body>", look.encode()))
            base = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                    f"--user-data-dir={folder}/profile"]
            subprocess.run([*base, f"--print-to-pdf={pdf}", page], check=True, capture_output=True,
                           timeout=60)
            dom = subprocess.run([*base, "--dump-dom", page], check=True, capture_output=True,
                                 timeout=60, text=True).stdout
            with open(pdf, "rb") as f:
                text = f.read()
        self.assertEqual(len(re.findall(rb"/Type\s*/Page\b", text)), 2)
        boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", text)
        for w, h in boxes:
            self.assertLess(abs(float(w) - 297.6) + abs(float(h) - 419.5), 3)
        self.assertIn("<title>[[0,0],[0,0]]</title>", dom)


if __name__ == "__main__":
    unittest.main()
