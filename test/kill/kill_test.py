"""Killed again and again while it sells: what was answered is there, and everything agrees.

NM_KILLS says how often (default 8; test/kill/soak: 200)."""
# postgres: too
import collections
import http.client
import os
import random
import signal
import sqlite3
import sys
import threading
import time
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
import shop  # noqa: E402
from sell_test import ledger_head  # noqa: E402

KILLS = int(os.environ.get("NM_KILLS", "8"))
BUYERS = 12
HOLD_S = 2
HOME = {"kind": "home", "name": "陳怡君", "phone": "0912345678", "postcode": "106", "city": "台北市",
        "district": "大安區", "line": "永康街 14 號"}
CONSENTS = {"terms": True, "privacy": True, "withdrawal_notice": True}
GONE = (OSError, http.client.HTTPException)


class Buyer(threading.Thread):
    """Claims, fills carts, orders and cancels until told to stop; writes down what was answered."""

    def __init__(self, town, n):
        super().__init__(daemon=True)
        self.town, self.random = town, random.Random(n)
        self.browser = shop.Browser(town.shop).arrive().guest(f"買家{n}")
        self.claims, self.orders, self.lines = [], [], []
        self.lazy = n % 3 == 0  # lets every clock run out
        self.seen = collections.Counter()
        self.error = None

    def ask(self, method, path, body=None):
        """Until it is answered: with the same key, however often the server dies meanwhile."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        while True:
            try:
                answer = self.browser.api(method, path, body, headers=key)
            except GONE:
                if self.town.over.wait(0.05):
                    return None
                continue
            if answer.status == 429:
                self.town.over.wait(answer.json["retry_ms"] / 1000)
            elif answer.status not in (500, 503):
                self.seen[f"{method} {path.split('/')[1]} {answer.status}"] += 1
                return answer
            if self.town.over.is_set():
                return None

    def claim(self):
        listing = self.random.choice(self.town.listings)
        answer = self.ask("POST", f"/listings/{listing}/claims", {"qty": self.random.randint(1, 2)})
        if answer and answer.status in (200, 201):
            self.claims.append(answer.json["id"])

    def drop_claim(self):
        if self.claims:
            self.ask("DELETE", f"/claims/{self.random.choice(self.claims[-4:])}")

    def add(self):
        variant = self.random.choice(self.town.variants)
        answer = self.ask("POST", "/cart/lines", {"variant_id": variant, "qty": 2, "market": "TW"})
        if answer and answer.status in (200, 201):
            self.lines.append(answer.json["line_id"])

    def change(self):
        if self.lines:
            path = f"/cart/lines/{self.random.choice(self.lines[-4:])}"
            if self.random.random() < 0.5:
                self.ask("DELETE", path)
            else:
                self.ask("PATCH", path, {"qty": self.random.randint(1, 3)})

    def accept(self):
        answer = self.ask("GET", "/me/waitlist")
        for place in answer.json["items"] if answer and answer.status == 200 else []:
            if place["state"] == "offered":
                self.ask("POST", f"/waitlist/{place['id']}/accept", {})

    def checkout(self):
        quote = self.ask("POST", "/cart/quote", {"market": "TW", "pay_method": "cod"})
        if not quote or quote.status != 200 or not quote.json["lines"]:
            return
        q = quote.json
        answer = self.ask("POST", "/orders", {
            "cart": q["cart"], "quote_hash": q["quote_hash"], "delivery": "home",
            "pay_method": "cod", "address": HOME, "invoice": {"kind": "member"},
            "consents": CONSENTS})
        if answer and answer.status in (200, 201):
            self.orders.append(answer.json["no"])

    def cancel(self):
        if self.orders:
            self.ask("POST", f"/orders/{self.random.choice(self.orders)}/cancel", {})

    def run(self):
        acts = [self.claim] * 5 + [self.add] * 2 + [self.drop_claim, self.change, self.accept]
        if not self.lazy:
            acts += [self.checkout] * 3 + [self.cancel]
        try:
            while not self.town.over.is_set():
                self.random.choice(acts)()
        except Exception as e:  # pylint: disable=broad-except
            self.error = repr(e)


class Town:
    def __init__(self):
        self.over = threading.Event()
        self.shop = shop.Shop()
        self.owner = self.shop.hire("owner@example.org", "owner")
        self.show = self.owner.show()["id"]
        self.listings, self.variants = [], []
        for stock in (3, 5, 40, 400):
            product = self.made("/products", {"title": {"zh-TW": "帆布包"}, "price": {"TW": 100},
                                              "quantity": stock})
            listing = self.made(f"/shows/{self.show}/listings",
                                {"product_id": product["id"], "per_buyer_max": 50})
            self.listings.append(listing["id"])
            self.variants.append(product["variants"][0]["id"])
        self.sql("UPDATE show SET state = 'live', live_started_at = starts_at")
        self.sql("UPDATE listing SET state = 'shown', claim_open = 1")
        self.sql(f"UPDATE show_sale SET hold_s = {HOLD_S}")
        far = int(time.time() * 1000) + 10 ** 9
        self.sql("INSERT INTO deal (id, public_id, show_id, listing_id, quota, per_buyer_max, state,"
                 " countdown_s, run_s, opens_at, closes_at, created_at)"
                 f" SELECT 1, 'dea_kill', show_id, id, 30, 9, 'open', 10, 60, 1, {far}, 1"
                 f" FROM listing WHERE public_id = '{self.listings[2]}'")
        self.sql("INSERT INTO deal_price (deal_id, market, amount) VALUES (1, 'TW', 50)")

    def made(self, path, body):
        answer = self.owner.api("POST", path, body)
        assert answer.status == 201, answer.body
        return answer.json

    def sql(self, text):
        """The one value that a SELECT gives, as text."""
        if self.shop.database:
            return shop.sql(self.shop.database, text)
        db = sqlite3.connect(os.path.join(self.shop.folder, "data", "nightmarket.db"), timeout=10)
        with db:
            row = db.execute(text).fetchone()
        db.close()
        return str(row[0]) if row else ""

    def restock(self, units):
        for variant in self.variants:
            answer = self.owner.api("POST", f"/variants/{variant}/stock",
                                    {"delta": units, "reason": "restock"})
            assert answer.status == 200, answer.body

    def kill(self):
        self.shop.child.send_signal(signal.SIGKILL)
        self.shop.child.wait(10)
        self.shop.reader.join(5)
        self.shop.child.stdout.close()
        self.shop.start()


class Kill(unittest.TestCase):
    def setUp(self):
        self.town = Town()

    def tearDown(self):
        self.town.over.set()
        self.town.shop.end()

    def agrees(self):
        done = self.town.shop.command("reconcile")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1:]), (0, ["0 differences"]),
                         done.stdout + done.stderr)

    def claims_of_show(self):
        found, after = set(), 0
        while after is not None:
            answer = self.town.owner.api(
                "GET", f"/shows/{self.town.show}/claims?after={after}&limit=200")
            self.assertEqual(answer.status, 200, answer.body)
            found.update(c["id"] for c in answer.json["items"])
            after = answer.json["next"]
        return found

    def test_what_was_answered_is_there_and_all_agrees(self):
        buyers = [Buyer(self.town, n) for n in range(BUYERS)]
        for b in buyers:
            b.start()
        for n in range(KILLS):
            time.sleep(0.3 + 0.1 * (n % 7))
            self.town.kill()
            if n % 5 == 4:
                self.town.restock(20)
            if n % 20 == 19:
                self.agrees()
        time.sleep(HOLD_S)  # what was held at the last kill is due: the sweep goes on
        self.town.over.set()
        for b in buyers:
            b.join(30)
            self.assertIsNone(b.error)
        self.agrees()
        seen = sum((b.seen for b in buyers), collections.Counter())
        acked = [c for b in buyers for c in b.claims]
        orders = [(b, no) for b in buyers for no in b.orders]
        self.assertGreater(len(acked), 20, seen)
        self.assertGreater(len(orders), 5, seen)
        self.assertGreater(int(self.town.sql(
            "SELECT count(*) FROM cart_line WHERE state = 'expired'")), 0)
        self.assertEqual(set(acked) - self.claims_of_show(), set())
        for b, no in orders:
            b.browser.patient = True
            self.assertEqual(b.browser.api("GET", f"/orders/{no}").status, 200, no)
        answer = self.town.owner.api("GET", f"/shows/{self.town.show}/claims.csv")
        head, said = ledger_head(answer.body.decode())
        self.assertEqual(said[1], head)
        print(f"{KILLS} kills, {len(set(acked))} claims, {len(orders)} orders, {dict(seen)}")


if __name__ == "__main__":
    unittest.main()
