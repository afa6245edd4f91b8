"""Two shops in one program: every staff route there is, tried by owners of the other shop."""
import itertools
import os
import re
import time
import unittest
import uuid

import shop

HOME = {"name": "陳怡君", "phone": "0912345678", "postcode": "106", "city": "台北市", "district": "大安區",
        "line": "永康街 14 號"}
ROUTES = os.path.join(os.path.dirname(__file__), "../../src/api/routes.def")

# What each route is asked, good enough to be done by the shop's own staff.
BODIES = {
    "POST /products": {"title": "x", "price": {"TW": 1}}, "PATCH /products/{id}": {"title": "x"},
    "PUT /variants/{id}/prices": {"prices": {"TW": 1}}, "POST /variants/{id}/stock": {"delta": 1},
    "POST /categories": {"name": "x"}, "PATCH /categories/{id}": {"name": "x"},
    "PATCH /shop-markets/{code}": {"cod": True},
    "POST /staff": {"email": "ours@example.org", "role": "host"},
    "PATCH /shows/{id}": {"host_name": "x"}, "PATCH /messages/{id}": {"state": "hidden"},
    "PUT /shows/{id}/pinned-message": {"text": "x"}, "PATCH /shows/{id}/chat": {"mode": "off"},
    "PUT /shows/{id}/blocked-words": {"words": ["x"]},
    "POST /uploads": {"purpose": "product", "mime": "image/png", "bytes": 100},
    "PATCH /coupons/{id}": {"quota": 50}, "PATCH /staff/orders/{no}": {"staff_note": "x"},
    "POST /staff/orders/{no}/refunds": {"amount": 1, "reason": "x"},
    "PATCH /refunds/{id}": {"state": "done"}, "PATCH /parcels/{id}": {"state": "packed"},
    "PATCH /returns/{id}": {"state": "approved"}, "PATCH /listings/{id}": {"code": "Z9"},
    "PUT /listings/{id}/claim-window": {"open": False}, "PATCH /shows/{id}/sale": {"hold_s": 900},
    "POST /listings/{id}/deals": {"prices": {"TW": 1}, "quota": 1},
    "PUT /staff/pay-methods/{id}": {"active": False},
    "PUT /staff/legal/{doc}": {"lang": "en", "title": "x", "body_md": "x", "publish": True},
    "PUT /staff/privacy/contact": {"contact": "x"}, "POST /staff/privacy/breaches": {"what": "x"},
    "PATCH /staff/privacy/breaches/{id}": {"people": 1},
    "PUT /staff/gateways/{provider}": {"public_key": "pkey_test_5a", "secret_key": "skey_test_5a"},
}
# They are about no row: another shop's answer tells nothing of ours.
NOBODYS = {"GET /products/import-template.csv"}
# Asked for many: each is answered for itself.
MANY = {"POST /staff/parcels/ship": "there is no such parcel"}
# That there is such a row is public, so "you may not" gives nothing away; any other is not found.
PUBLIC = {"shows", "listings", "deals", "messages"}


def staff_routes():
    with open(ROUTES, encoding="utf-8") as f:
        for row in re.findall(r'^R\((\w+), *"/api/v1([^"]+)", *STAFF,', f.read(), re.M):
            yield row


def key():
    return {"Idempotency-Key": uuid.uuid4().hex, "If-Match": '"1"'}


class Shops(unittest.TestCase):
    maxDiff = None

    def must(self, answer):
        self.assertLess(answer.status, 300, answer.body)
        return answer.json if answer.body else None

    def buy(self, s, product):
        b = shop.Browser(s).arrive()
        a = b.api("POST", "/cart/lines", {"variant_id": product["variants"][0]["id"], "qty": 2,
                                          "market": "TW"}, headers=key())
        self.must(a)
        b.csrf = a.headers.get("X-CSRF-Token") or b.csrf
        q = self.must(b.api("POST", "/cart/quote", {"market": "TW"}))
        order = self.must(b.api("POST", "/orders", {
            "cart": q["cart"], "quote_hash": q["quote_hash"], "delivery": "home",
            "pay_method": "cod", "address": HOME, "invoice": {"kind": "member"},
            "consents": {"terms": True, "privacy": True, "withdrawal_notice": True}},
            headers=key()))
        return b, order["no"]

    def ours(self, s, owner):
        """One of everything; by the word in the path before {id}."""
        api = lambda *a: self.must(owner.api(*a, headers=key()))
        p = api("POST", "/products", {"title": "茶", "price": {"TW": 450}, "quantity": 50})
        show, variant = owner.show()["id"], p["variants"][0]["id"]
        other = api("POST", "/products", {"title": "杯", "price": {"TW": 100}, "quantity": 5})
        listing = api("POST", f"/shows/{show}/listings", {"product_id": p["id"]})["id"]
        deal = api("POST", f"/listings/{listing}/deals", {"prices": {"TW": 1}, "quota": 1})["id"]
        soon = int(time.time() * 1000) + 3600_000
        coupon = {"code": "TEN", "market": "TW", "kind": "amount", "value": 10, "quota": 5,
                  "ends_at": soon}
        draw = {"market": "TW", "rule": {"zh-TW": "抽"}, "variant_id": other["variants"][0]["id"]}
        guest = shop.Browser(s).arrive().guest("客")
        said = self.must(guest.api("POST", f"/shows/{show}/messages", {"text": "hi"}))["id"]
        buyer, no = self.buy(s, p)
        parcel = api("POST", "/staff/parcels", {"order": no})["id"]
        for state in ("packed", "shipped", "delivered"):
            api("PATCH", f"/parcels/{parcel}", {"state": state})
        back = self.must(buyer.api("POST", f"/orders/{no}/returns",
                                   {"lines": [{"no": 1, "qty": 1}]}, headers=key()))
        paid = api("POST", f"/staff/orders/{no}/refunds", {"amount": 1, "reason": "x"})
        upload = api("POST", "/uploads", {"purpose": "product", "mime": "image/png", "bytes": 100})
        load = owner.api("POST", "/products/import", raw=b"title_en\nz\n",
                         headers={"Content-Type": "text/csv"})
        return {"products": p["id"], "variants": variant, "shows": show, "listings": listing,
                "deals": deal, "coupons": api("POST", "/coupons", coupon)["id"],
                "giveaways": api("POST", f"/shows/{show}/giveaways", draw)["id"],
                "messages": said, "orders": no, "parcels": parcel,
                "returns": back["returns"][0]["id"], "refunds": paid["refunds"][0]["id"],
                "uploads": upload["file"]["id"], "imports": self.must(load)["id"],
                "categories": api("POST", "/categories", {"name": "k"})["id"],
                "staff": api("GET", "/staff")["items"][0]["id"],
                "sanctions": api("POST", f"/shows/{show}/sanctions",
                                 {"message": said, "kind": "mute", "minutes": 5})["id"],
                "shop-markets": "TW", "review": "rev_0000000000000000",
                "payments": api("GET", f"/staff/orders/{no}")["payment"]["id"],
                "pay-methods": "ecpay_card", "gateways": "omise", "invoices": "inv_0000000000000000",
                "legal": "terms",
                "breaches": api("POST", "/staff/privacy/breaches", {"what": "a lost phone"})["id"],
                "ids": {"product": p["id"], "variant": variant, "listing": listing,
                        "message": said, "no": no, "draw": draw, "coupon": coupon}}

    def body_of(self, route, own):
        ids = own["ids"]
        more = {"POST /shows": {"title": {"en": "x"}, "shop": "shp_none"},
                "POST /shows/{id}/sanctions": {"message": ids["message"], "kind": "mute",
                                               "minutes": 5},
                "POST /coupons": dict(ids["coupon"], code="MORE"),
                "POST /coupons/{id}/drop": {"show_id": own["shows"]},
                "POST /staff/parcels": {"order": ids["no"]},
                "POST /staff/parcels/ship": {"parcels": [own["parcels"]]},
                "PUT /staff/packing/tick": {"order": ids["no"], "no": 1, "packed": 1},
                "POST /staff/orders": {"cart": "crt_none", "pay_method": "cod", "delivery": "home",
                                       "address": HOME, "invoice": {"kind": "member"}},
                "POST /shows/{id}/giveaways": ids["draw"],
                "POST /shows/{id}/listings": {"product_id": ids["product"]},
                "PUT /shows/{id}/run-order": {"ids": [ids["listing"]]},
                "PUT /shows/{id}/pin": {"listing_id": ids["listing"]},
                "POST /shows/{id}/claims/assist": {"message_id": ids["message"], "qty": 1,
                                                   "listing_id": ids["listing"],
                                                   "variant_id": ids["variant"]}}
        return more.get(route, BODIES.get(route, {}))

    def test_the_other_shops_owner_finds_nothing_on_any_staff_route(self):
        with shop.Shop() as s:
            ours = s.hire("ours@example.org", "owner")
            self.must(ours.api("GET", "/staff"))
            made = s.command("shop", "add", "--slug", "other", "--name", "Other")
            self.assertEqual(made.returncode, 0, made.stderr)
            theirs = itertools.cycle([s.hire(f"theirs{i}@example.org", "owner", "other")
                                      for i in range(4)])  # each has a pace of its own
            own, tried, wrong = self.ours(s, ours), 0, []
            before = ours.api("GET", f"/products/{own['products']}").json
            for method, pattern in staff_routes():
                route = f"{method} {pattern}"
                if route in NOBODYS:
                    continue
                kind = re.search(r"([a-z-]+)/\{", pattern)
                path = re.sub(r"\{\w+\}", own[kind.group(1)] if kind else "", pattern)
                path += f"?shop=shop&show={own['shows']}&ids={own['parcels']}"
                ask = {"headers": key()}
                if pattern == "/products/import":
                    ask = {"raw": b"title_en\nz\n", "headers": {"Content-Type": "text/csv"}}
                elif method not in ("GET", "DELETE"):
                    ask["body"] = self.body_of(route, own)
                a = next(theirs).api(method, path, **ask)
                tried += 1
                if route in MANY and a.status == 200:
                    self.assertEqual([i["problem"] for i in a.json["items"]], [MANY[route]])
                    continue
                public = kind and kind.group(1) in PUBLIC
                if (a.status, a.code) not in ((404, "not_found"), (public and 403, "forbidden")):
                    wrong.append((route, a.status, a.body[:150]))
            self.assertEqual(wrong, [], "\n".join(map(str, wrong)))
            self.assertGreater(tried, 70)
            self.assertEqual(ours.api("GET", f"/products/{own['products']}").json, before)


if __name__ == "__main__":
    unittest.main()
