"""Products over HTTP: made, edited, found, imported; and shops that never see each other's."""
# postgres: too
import itertools
import signal
import unittest
from urllib.parse import quote

import shop

TEA = {"title": {"zh-TW": "高山茶", "th": "ชาภูเขา"}, "price": {"TW": 450, "TH": 48000}, "quantity": 12}
BAG = {"title": {"zh-TW": "手作帆布包", "th": "กระเป๋าผ้าทำมือ", "en": "Canvas bag"},
       "body": {"zh-TW": "厚磅帆布\n可機洗"}, "media": ["tw-bag"],
       "options": [{"name": "color", "values": [["黑", "black", "ดำ"], ["白"]]},
                   {"name": "size", "values": ["M", "L"]}],
       "variants": [{"options": ["黑", "M"], "sku": "BAG-BK-M", "prices": {"TW": 590, "TH": 65000},
                     "stock": 5},
                    {"options": ["白", "L"], "sku": "BAG-WH-L", "stock": 60,
                     "prices": {"TW": {"amount": 690, "compare_at": 790}}}]}


def match(product):
    return {"If-Match": f'"{product["version"]}"'}


class Catalog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop()
        cls.owner = cls.shop.hire("owner@example.org", "owner")
        cls.hosts = itertools.cycle([cls.shop.hire(f"host{i}@example.org", "host")
                                     for i in range(4)])  # each has a pace of its own
        cls.packer = cls.shop.hire("packer@example.org", "packer")

    @classmethod
    def tearDownClass(cls):
        code = cls.shop.end()
        assert code == 0, f"serve ended with {code}:\n{cls.shop.log()}"

    @property
    def host(self):
        return next(self.hosts)

    def make(self, body, status=201):
        a = self.host.api("POST", "/products", body)
        self.assertEqual(a.status, status, a.body)
        return a.json

    def nobody(self):
        return shop.Browser(self.shop).arrive()

    def edit(self, product, **fields):
        return self.host.api("PATCH", f"/products/{product['id']}", fields, headers=match(product))

    # ---- making ----

    def test_four_fields_make_a_product_that_is_for_sale(self):
        p = self.make(dict(TEA, media=["tw-tea"]))
        self.assertEqual((p["status"], len(p["variants"]), p["left"]), ("active", 1, 12))
        self.assertEqual(p["image"], "/img/tw-tea.jpg")
        v = p["variants"][0]
        self.assertEqual(v["prices"]["TH"],
                         {"amount": 48000, "currency": "THB", "compare_at": None})
        self.assertEqual((v["stock_total"], v["stock_held"], v["options"]), (12, 0, []))
        seen = self.nobody().api("GET", f"/products/{p['id']}").json
        self.assertEqual(seen["left"], "10+")
        self.assertEqual(seen["variants"][0]["left"], "10+")
        for hidden in ("status", "version", "created_at"):
            self.assertNotIn(hidden, seen)
        for hidden in ("sku", "stock_total", "stock_held", "cost"):
            self.assertNotIn(hidden, seen["variants"][0])
        self.assertEqual((seen["shop"]["slug"], seen["moments"]), ("shop", []))
        plain = self.make({"title": "ชาเขียว", "price": {"amount": 9900, "currency": "THB"}})
        self.assertEqual(plain["title"], {"th": "ชาเขียว"})
        self.assertEqual(list(plain["variants"][0]["prices"]), ["TH"])

    def test_a_grid_of_variants(self):
        p = self.make(dict(BAG, variants=[dict(v, sku=v["sku"] + "-1") for v in BAG["variants"]]))
        self.assertEqual(p["options"][0]["values"], [["黑", "black", "ดำ"], ["白"]])
        self.assertEqual(p["options"][1]["values"], [["M"], ["L"]])
        self.assertEqual(p["variants"][1]["prices"]["TW"]["compare_at"], 790)
        self.assertNotIn("TH", p["variants"][1]["prices"])
        every = self.make({"title": "T恤", "options": BAG["options"], "price": {"TW": 300},
                           "quantity": 2})
        self.assertEqual([v["options"] for v in every["variants"]],
                         [["黑", "M"], ["黑", "L"], ["白", "M"], ["白", "L"]])
        self.assertEqual(every["left"], 8)

    def test_nonsense_is_refused(self):
        for body in ({}, {"title": {}}, {"title": {"xx": "a"}}, {"title": {"en": "x" * 81}},
                     dict(TEA, price={"TW": -1}), dict(TEA, price={"US": 1}),
                     dict(TEA, price={"amount": 5, "currency": "USD"}), dict(TEA, quantity=-1),
                     dict(TEA, price={"TW": {"amount": 5, "currency": "THB"}}),
                     dict(TEA, price={"TW": {"amount": 9, "compare_at": 8}}),
                     dict(TEA, status="gone"), dict(TEA, exempt="why"), dict(TEA, media=["../x"]),
                     dict(TEA, options=[{"name": "a", "values": []}]),
                     dict(TEA, options=[{"name": "a", "values": ["x", "X"]}]),
                     dict(TEA, options=[{"name": "n", "values": [str(i) for i in range(20)]},
                                        {"name": "m", "values": [str(i) for i in range(20)]}]),
                     dict(BAG, variants=[{"options": ["紅", "M"]}]),
                     dict(BAG, variants=[{"options": ["黑"]}]),
                     dict(BAG, variants=[{"options": ["黑", "M"]}, {"options": ["黑", "M"]}]),
                     dict(BAG, variants=[{"options": ["黑", "M"], "active": False}]),
                     dict(BAG, variants=[]), dict(BAG, variants=["x"]), dict(TEA, title=5)):
            a = self.host.api("POST", "/products", body)
            self.assertEqual((a.status, a.code), (400, "input"), (body, a.body))
        for body in (dict(TEA, category="cat_none"), dict(TEA, media=["fil_none"])):
            self.assertEqual(self.host.api("POST", "/products", body).status, 404)

    def test_a_sku_is_of_one_variant(self):
        self.make(dict(TEA, sku="TEA-1"))
        a = self.host.api("POST", "/products", dict(TEA, sku="TEA-1"))
        self.assertEqual((a.status, a.code), (409, "exists"))

    def test_a_shared_link_tells_what_it_is(self):
        p = self.make(dict(TEA, title={"zh-TW": "茶<b>&", "th": "ชาแชร์"}, body={"zh-TW": "春茶"}))
        html = self.nobody().send("GET", f"/p/{p['id']}?lang=zh-TW")
        self.assertEqual(html.status, 200)
        text = html.body.decode()
        for part in ("<title>茶&lt;b&gt;&amp; · Nightmarket</title>", 'content="春茶"',
                     'property="og:type" content="product"'):
            self.assertIn(part, text)
        self.assertIn("ชาแชร์", self.nobody().send("GET", f"/p/{p['id']}?lang=th").body.decode())
        self.assertEqual(self.nobody().send("GET", "/p/prd_none").status, 404)
        self.edit(p, status="draft")
        self.assertEqual(self.nobody().send("GET", f"/p/{p['id']}").status, 404)

    # ---- editing ----

    def test_editing_needs_the_version_one_has_seen(self):
        p = self.make(TEA)
        a = self.edit(p, title={"en": "Tea"}, status="draft")
        self.assertEqual((a.status, a.json["title"], a.json["version"]), (200, {"en": "Tea"}, 2))
        self.assertEqual(a.json["variants"], p["variants"])
        self.assertEqual(self.edit(p, title="x").status, 412)
        self.assertEqual(self.host.api("PATCH", f"/products/{p['id']}", {"title": "x"}).status, 400)
        self.assertEqual(self.nobody().api("GET", f"/products/{p['id']}").status, 404)

    def test_the_grid_is_edited_whole(self):
        skus = [dict(v, sku=v["sku"] + "-2") for v in BAG["variants"]]
        p = self.make(dict(BAG, variants=skus))
        first, second = p["variants"]
        grid = [{"id": second["id"], "sku": first["sku"]}, {"id": first["id"], "sku": second["sku"]},
                {"options": ["白", "M"], "stock": 3, "prices": {"TW": 600}}]
        a = self.edit(p, variants=grid)
        self.assertEqual(a.status, 200, a.body)
        self.assertEqual([(v["id"], v["sku"]) for v in a.json["variants"][:2]],
                         [(second["id"], first["sku"]), (first["id"], second["sku"])])
        self.assertEqual(a.json["variants"][2]["stock_total"], 3)
        self.assertEqual(a.json["variants"][0]["prices"], second["prices"])
        a = self.edit(a.json, variants=[{"id": first["id"]}])
        self.assertEqual([v["active"] for v in a.json["variants"]], [True, False, False])
        self.assertEqual(len(self.nobody().api("GET", f"/products/{p['id']}").json["variants"]), 1)

    def test_prices_and_units_change_in_place(self):
        p = self.make(TEA)
        v = p["variants"][0]["id"]
        a = self.host.api("PUT", f"/variants/{v}/prices", {"prices": {"TW": 399, "TH": None}})
        self.assertEqual((a.status, list(a.json["variants"][0]["prices"])), (200, ["TW"]))
        self.assertEqual(a.json["version"], p["version"])
        a = self.host.api("POST", f"/variants/{v}/stock", {"delta": -2, "reason": "adjust"})
        self.assertEqual((a.status, a.json["left"]), (200, 10), a.body)
        self.assertEqual(self.nobody().api("GET", f"/products/{p['id']}").json["left"], 10)
        a = self.host.api("POST", f"/variants/{v}/stock", {"delta": -11})
        self.assertEqual((a.status, a.code), (409, "conflict"))
        for body in ({}, {"delta": 0}, {"delta": 1, "reason": "sell"}):
            self.assertEqual(self.host.api("POST", f"/variants/{v}/stock", body).status, 400)
        moves = self.packer.api("GET", f"/variants/{v}/stock-moves").json["items"]
        self.assertEqual([(m["d_total"], m["reason"]) for m in moves],
                         [(-2, "adjust"), (12, "import")])
        audit = self.owner.api("GET", "/audit").json["items"]
        done = [(a["action"], a["object"]) for a in audit[:3]]
        self.assertIn(("stock.adjust", v), done)
        self.assertIn(("price.set", v), done)
        price = next(a for a in audit if a["action"] == "price.set")
        self.assertEqual((price["before"]["TW"]["amount"], price["after"]["TW"]["amount"]),
                         (450, 399))

    def test_what_was_used_is_archived_and_what_was_not_is_gone(self):
        for quantity, status in ((0, 404), (3, 200)):
            p = self.make(dict(TEA, quantity=quantity))
            path = f"/products/{p['id']}"
            self.assertEqual(self.host.api("DELETE", path).status, 400)
            self.assertEqual(self.host.api("DELETE", path, headers=match(p)).status, 204)
            self.assertEqual(self.host.api("GET", path).status, status)
            self.assertEqual(self.nobody().api("GET", path).status, 404)
        self.assertEqual(self.host.api("GET", path).json["status"], "archived")

    # ---- finding ----

    def found(self, question, who=None, path="/shops/shop/products"):
        a = (who or self.nobody()).api("GET", f"{path}?q={question}")
        self.assertEqual(a.status, 200, a.body)
        return [p["id"] for p in a.json["items"]]

    def test_search_finds_chinese_thai_and_latin(self):
        bag = self.make(dict(BAG, variants=[dict(v, sku=v["sku"] + "-3")
                                            for v in BAG["variants"]]))["id"]
        cup = self.make({"title": {"zh-TW": "陶杯", "th": "แก้วเซรามิกขายถูก", "en": "Canvas print cup"},
                         "price": {"TW": 1}})["id"]
        draft = self.make({"title": "帆布草稿", "status": "draft", "price": {"TW": 1}})["id"]
        for words, want in (("帆布", {bag}), ("กระเป๋า", {bag}), ("แก้ว", {cup}), ("canv", {bag, cup}),
                            ("canvas cup", {cup}), ("BAG-BK-M-3", {bag}), ("bag-bk-m", {bag}),
                            ("zzz", set()), ("!!!", set()), ("杯", {cup})):
            got = set(self.found(quote(words)))
            self.assertEqual(got & {bag, cup, draft}, want, words)
            if not want:
                self.assertEqual(got, set(), words)
        self.assertIn(draft, self.found(quote("帆布"), self.host, "/products"))

    def test_pages_hold_everything_once(self):
        made = {self.make({"title": f"pageword {i}", "price": {"TW": 1}})["id"] for i in range(5)}
        for question in ("q=pageword", ""):
            seen, cursor = [], ""
            while cursor is not None:
                a = self.host.api("GET", f"/products?limit=2&{question}&cursor={cursor}").json
                seen += [p["id"] for p in a["items"]]
                cursor = a["next"]
            self.assertEqual(len(seen), len(set(seen)))
            self.assertTrue(made <= set(seen))
        self.assertEqual(self.host.api("GET", "/products?cursor=x").status, 400)

    # ---- categories ----

    def test_categories(self):
        a = self.host.api("POST", "/categories", {"name": {"zh-TW": "包包"}})
        self.assertEqual(a.status, 201, a.body)
        cat = a.json["id"]
        p = self.make(dict(TEA, category=cat))
        listed = next(k for k in self.nobody().api("GET", "/categories").json["items"]
                      if k["id"] == cat)
        self.assertEqual(listed["products"], 1)
        path = f"/categories/{cat}"
        self.assertEqual(self.host.api("PATCH", path, {"name": "Bags"}).json["name"],
                         {"en": "Bags"})
        only = self.nobody().api("GET", f"/shops/shop/products?category={cat}").json["items"]
        self.assertEqual([x["id"] for x in only], [p["id"]])
        self.assertEqual(self.host.api("DELETE", path).status, 204)
        self.assertIsNone(self.host.api("GET", f"/products/{p['id']}").json["category"])
        self.assertEqual(self.host.api("DELETE", path).status, 404)

    # ---- files ----

    def load(self, text, dry=False, encoding="utf-8", status=None):
        raw = text if isinstance(text, bytes) else text.encode(encoding)
        a = self.host.api("POST", "/products/import" + ("?dry_run=1" if dry else ""), raw=raw,
                          headers={"Content-Type": "text/csv"})
        self.assertEqual(a.status, status or (200 if dry else 202), a.body)
        if dry or status:
            return a.json
        path = f"/imports/{a.json['id']}"
        done = shop.until(lambda: (j := self.host.api("GET", path).json)["state"] != "running"
                          and j)
        self.assertEqual(done["state"], "done", done)
        self.assertEqual(done["done"], done["products"])
        return done

    def by_word(self, word):
        return self.owner.api("GET", f"/products?q={quote(word)}").json["items"]

    def test_the_template_is_a_file_that_loads_and_loads_again(self):
        a = self.host.api("GET", "/products/import-template.csv")
        self.assertIn("text/csv", a.headers["Content-Type"])
        template = a.body.decode().replace("BAG-", "TPL-").replace("TEA-", "TPLT-")
        checked = self.load(template, dry=True)
        self.assertEqual((checked["created"], checked["error_count"], checked["rows"]), (2, 0, 3),
                         checked)
        self.assertEqual(self.by_word("TPL-BK-M"), [])
        done = self.load(template)
        self.assertEqual((done["created"], done["updated"], done["same"], done["errors"]),
                         (2, 0, 0, []))
        bag, = self.by_word("TPL-BK-M")
        self.assertEqual([v["options"] for v in bag["variants"]], [["黑", "M"], ["白", "M"]])
        self.assertEqual(bag["options"][0]["values"][0], ["黑", "black", "ดำ"])
        self.assertEqual(bag["variants"][0]["prices"]["TH"]["amount"], 65000)
        self.assertEqual((bag["variants"][0]["stock_total"], bag["status"]), (20, "active"))
        self.assertIsNotNone(bag["category"])
        again = self.load(template)
        self.assertEqual((again["created"], again["updated"], again["same"]), (0, 0, 2), again)
        self.assertEqual(self.load(template, dry=True)["same"], 2)
        moves = self.owner.api("GET", f"/variants/{bag['variants'][0]['id']}/stock-moves").json
        self.assertEqual([m["reason"] for m in moves["items"]], ["import"])

    def test_a_file_updates_what_its_cells_say(self):
        self.load("title_zh,sku,price_twd,quantity,body_zh\n舊名,UPD-1,100,5,長文\n")
        done = self.load("sku,price_twd,quantity\nUPD-1,120,9\n")
        self.assertEqual((done["updated"], done["created"]), (1, 0), done)
        p, = self.by_word("UPD-1")
        self.assertEqual((p["title"], p["body"]), ({"zh-TW": "舊名"}, {"zh-TW": "長文"}))
        v, = p["variants"]
        self.assertEqual((v["prices"]["TW"]["amount"], v["stock_total"]), (120, 9))
        # without a SKU a product is known by its title
        plain = "title_th,price_thb\nหมวกสานนำเข้า,99.50\n"
        self.assertEqual(self.load(plain)["created"], 1)
        self.assertEqual(self.load(plain)["same"], 1)

    def test_faults_are_listed_by_row_and_cost_their_product_alone(self):
        text = ("title_zh,sku,price_twd,quantity,status,colour\n"
                "好的,ERR-1,100,1,,\n"
                "壞價,ERR-2,12.5,1,,\n"
                "壞量,ERR-3,10,many,,\n"
                "重複,ERR-1,10,1,,\n"
                ",,10,1,,\n"
                "\"壞引號\"x,ERR-4\n"
                "壞字,ERR-5,10,1,sold,\n")
        checked = self.load(text, dry=True)
        self.assertEqual([(e["row"], e["code"]) for e in checked["errors"]],
                         [(1, "unknown_column"), (3, "number"), (4, "number"), (5, "duplicate"),
                          (6, "missing"), (7, "quotes"), (8, "status")])
        self.assertEqual(checked["created"], 1)
        done = self.load(text)
        self.assertEqual((done["created"], done["error_count"]), (1, 7))
        self.assertEqual(len(self.by_word("ERR-1")), 1)
        self.assertEqual(self.by_word("ERR-2"), [])

    def test_files_that_are_none_are_refused(self):
        for raw in ("名稱,價格\n".encode("big5"), "title_zh\n帆布\n".encode("utf-16"), b"a,b\n1,2\n",
                    b"\n\n", b""):
            self.assertEqual(self.load(raw, status=400)["code"], "input", raw)
        self.assertIn("UTF-8", self.load("品名\n".encode("big5"), dry=True, status=400)["detail"])
        big = "title_en\n" + "".join(f"t{i}\n" for i in range(5001))
        self.assertEqual(self.load(big, dry=True, status=413)["code"], "too_large")
        a = self.host.api("POST", "/products/import", {"a": 1})
        self.assertEqual(a.status, 415)

    def test_an_import_goes_on_after_a_restart(self):
        rows = "".join(f"crash {i},CRASH-{i},10,1\n" for i in range(400))
        a = self.host.api("POST", "/products/import", raw=("title_en,sku,price_twd,quantity\n" +
                          rows).encode(), headers={"Content-Type": "text/csv"})
        path = f"/imports/{a.json['id']}"
        shop.until(lambda: self.owner.api("GET", path).json["done"] > 20)
        self.shop.stop(signal.SIGTERM)
        self.shop.start()
        done = shop.until(lambda: (j := self.owner.api("GET", path).json)["state"] == "done" and j,
                          30)
        self.assertEqual((done["created"], done["error_count"], done["done"]), (400, 0, 400), done)


class Strangers(unittest.TestCase):
    """Two shops in one program: staff of one learn nothing of the other."""

    def test_every_staff_route_keeps_to_its_shop(self):
        with shop.Shop() as s:
            ours = s.hire("ours@example.org", "owner")
            p = ours.api("POST", "/products", TEA).json
            cat = ours.api("POST", "/categories", {"name": "x"}).json["id"]
            job = ours.api("POST", "/products/import", raw=b"title_en\nz\n",
                           headers={"Content-Type": "text/csv"}).json["id"]
            me = ours.api("GET", "/staff").json["items"][0]["id"]
            made = s.command("shop", "add", "--slug", "other", "--name", "Other")
            self.assertEqual(made.returncode, 0, made.stderr)
            theirs = s.hire("theirs@example.org", "owner", "other")
            packer = s.hire("packer@example.org", "packer")
            v, version = p["variants"][0]["id"], match(p)
            acts = [("GET", "/products?shop=shop", None), ("POST", "/products?shop=shop", TEA),
                    ("PATCH", f"/products/{p['id']}", {"title": "mine"}),
                    ("DELETE", f"/products/{p['id']}", None),
                    ("PUT", f"/variants/{v}/prices", {"prices": {"TW": 1}}),
                    ("POST", f"/variants/{v}/stock", {"delta": 1}),
                    ("GET", f"/variants/{v}/stock-moves", None),
                    ("POST", "/categories?shop=shop", {"name": "y"}),
                    ("PATCH", f"/categories/{cat}", {"name": "y"}),
                    ("DELETE", f"/categories/{cat}", None), ("GET", f"/imports/{job}", None),
                    ("GET", "/shop-markets?shop=shop", None),
                    ("PATCH", "/shop-markets/TW?shop=shop", {"cod": False}),
                    ("GET", "/staff?shop=shop", None),
                    ("POST", "/staff?shop=shop", {"email": "theirs@example.org", "role": "owner"}),
                    ("DELETE", f"/staff/{me}?shop=shop", None), ("GET", "/audit?shop=shop", None)]
            for method, path, body in acts:
                a = theirs.api(method, path, body, headers=version)
                self.assertEqual((a.status, a.code), (404, "not_found"), path)
            self.assertEqual(theirs.api("POST", "/products/import?shop=shop", raw=b"title_en\nz\n",
                                        headers={"Content-Type": "text/csv"}).status, 404)
            # whose id it is, is not taken for one's own shop either
            self.assertEqual(theirs.api("POST", "/products", dict(TEA, category=cat)).status, 404)
            self.assertEqual(theirs.api("GET", f"/products?category={cat}").status, 404)
            self.assertEqual(theirs.api("DELETE", f"/staff/{me}").status, 404)
            self.assertEqual(theirs.api("GET", "/products").json["items"], [])
            # the same SKU may be in both
            for who in (ours, theirs):
                a = who.api("POST", "/products", dict(TEA, sku="BOTH"))
                self.assertEqual(a.status, 201, a.body)
            # a packer sees products and changes none
            self.assertEqual(packer.api("GET", "/products").status, 200)
            for method, path, body in acts:
                if method != "GET" or "staff" in path or "audit" in path or "imports" in path:
                    a = packer.api(method, path, body, headers=version)
                    self.assertEqual((a.status, a.code), (403, "forbidden"), path)


if __name__ == "__main__":
    unittest.main()
