"""People over HTTP: signing up, markets, staff and roles, and what is kept across restarts."""
# postgres: too
import re
import signal
import unittest

import shop

PASSWORD = shop.PASSWORD


class Account(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop()
        cls.owner = cls.shop.hire("owner@example.org", "owner")

    @classmethod
    def tearDownClass(cls):
        code = cls.shop.end()
        assert code == 0, f"serve ended with {code}:\n{cls.shop.log()}"

    def browser(self):
        return shop.Browser(self.shop).arrive()

    def sign_up(self, email, browser=None, **more):
        body = {"email": email, "password": PASSWORD, "name": "買家", **more}
        return (browser or self.browser()).api("POST", "/accounts", body)

    # ---- signing up ----

    def test_who_signs_up_is_signed_in(self):
        b = self.browser()
        a = self.sign_up("New@Example.org", b, lang="th")
        self.assertEqual((a.status, a.json["kind"], a.json["staff"]), (201, "account", []), a.body)
        self.assertEqual((a.json["viewer"]["lang"], a.json["market"]), ("th", "TH"))
        b.take(a)
        me = b.api("GET", "/me").json
        self.assertEqual((me["email"], me["market"]), ("new@example.org", "TH"))
        self.assertEqual(b.api("DELETE", "/sessions/current").status, 204)
        self.assertEqual(b.arrive().sign_in("new@example.org").api("GET", "/me").status, 200)

    def test_an_address_that_is_taken_says_to_sign_in(self):
        self.assertEqual(self.sign_up("twice@example.org").status, 201)
        a = self.sign_up("TWICE@example.org", password="another-password-26")
        self.assertEqual((a.status, a.code), (409, "exists"))
        self.assertNotIn("nm_session", str(a.headers.get_all("Set-Cookie")))
        self.browser().sign_in("twice@example.org")

    def test_trying_addresses_is_as_slow_as_trying_passwords(self):
        self.assertEqual(self.sign_up("probed@example.org").status, 201)
        seen = [self.sign_up("probed@example.org").status for _ in range(7)]
        self.assertEqual((seen[0], seen[-1]), (409, 429))

    def test_nonsense_is_refused(self):
        for more in ({"password": "short"}, {"password": "1234567890"}, {"name": ""},
                     {"email": "nobody"}, {"email": None}, {"name": None}, {"password": None}):
            a = self.sign_up(**{"email": "bad@example.org", **more})
            self.assertEqual((a.status, a.code), (400, "input"), more)
        foreign = shop.Browser(self.shop, origin="https://evil.example")
        self.assertEqual(foreign.api("POST", "/accounts", {"email": "x@example.org"}).status, 403)
        signed = self.browser()
        signed.take(self.sign_up("once@example.org", signed))
        self.assertEqual(self.sign_up("more@example.org", signed).status, 409)

    def test_a_guests_name_and_session_give_way(self):
        b = self.browser().guest("客人")
        before = b.cookies["nm_session"]
        a = b.take(self.sign_up("was-guest@example.org", b))
        self.assertEqual((a.status, a.json["viewer"]["name"]), (201, "買家"))
        old = shop.Browser(self.shop)
        old.cookies["nm_session"] = before
        self.assertNotEqual(old.api("GET", "/sessions/current").json["kind"], "guest")

    # ---- languages ----

    def page_lang(self, browser, path="/", accept="", cookie=None):
        if cookie:
            browser.cookies["nm_lang"] = cookie
        page = browser.send("GET", path, headers={"Accept-Language": accept}).body.decode()
        return re.search(r'<html lang="([^"]+)"', page)[1]

    def test_a_page_speaks_what_was_asked_chosen_or_is_best_for_the_browser(self):
        for accept, lang in (("fr, ja;q=0.4, zh-HK;q=0.6", "zh-Hant-TW"), ("zh-Hans", "zh-Hans-CN"),
                             ("", "zh-Hant-TW"), ("fr", "en"), ("th;q=0, ja", "ja")):
            self.assertEqual(self.page_lang(self.browser(), accept=accept), lang, accept)
        member = self.browser()
        member.take(self.sign_up("speaks@example.org", member, lang="ja"))
        self.assertEqual(self.page_lang(member, accept="th"), "ja")
        self.assertEqual(self.page_lang(member, accept="th", cookie="zh-CN"), "zh-Hans-CN")
        self.assertEqual(self.page_lang(member, "/?lang=th", cookie="zh-CN"), "th")
        self.assertEqual(self.page_lang(member, "/?lang=xx", cookie="junk"), "ja")

    # ---- markets ----

    def test_the_market_follows_the_language_until_it_is_chosen(self):
        thai = shop.Browser(self.shop)
        a = thai.api("GET", "/sessions/current", headers={"Accept-Language": "th-TH"})
        self.assertEqual((a.json["market"], a.json["viewer"]), ("TH", None))
        guest = self.browser().guest("小美")
        session = guest.api("GET", "/sessions/current").json
        self.assertEqual((session["market"], session["viewer"]["market"]), ("TW", "TW"))
        for market in ("TH", "TW", "TH"):
            a = guest.api("PATCH", "/me", {"market": market})
            self.assertEqual((a.status, a.json["market"], a.json["viewer"]["market"]),
                             (200, market, market))
        self.assertEqual(guest.api("PATCH", "/me", {"market": "US"}).status, 400)
        self.assertEqual(guest.api("GET", "/sessions/current").json["market"], "TH")

    def test_a_shop_sets_its_fees_by_version(self):
        listed = self.owner.api("GET", "/shop-markets").json["items"]
        self.assertEqual([m["market"] for m in listed], ["TW", "TH"])
        tw = listed[0]
        self.assertEqual((tw["currency"], tw["tax_bp"], tw["version"]), ("TWD", 500, 0))
        change = {"ship_home": 80, "ship_cvs": None, "free_over": 999, "cod": False}
        seen = {"If-Match": '"0"'}
        a = self.owner.api("PATCH", "/shop-markets/TW", change, headers=seen)
        self.assertEqual(a.status, 200, a.body)
        self.assertEqual({k: a.json[k] for k in change}, change)
        self.assertEqual(self.owner.api("PATCH", "/shop-markets/TW", change, headers=seen).status,
                         412)
        self.assertEqual(self.owner.api("PATCH", "/shop-markets/TW", change).status, 400)
        self.assertEqual(self.owner.api("PATCH", "/shop-markets/US", change, headers=seen).status,
                         404)
        a = self.owner.api("PATCH", "/shop-markets/TW", {"ship_home": -1},
                           headers={"If-Match": '"1"'})
        self.assertEqual(a.status, 400)
        page = self.browser().api("GET", "/shops/shop").json
        self.assertEqual(page["markets"][0]["free_over"], 999)
        self.assertEqual(self.browser().api("GET", "/shops/none").status, 404)

    # ---- staff ----

    def test_an_owner_gives_and_takes_roles(self):
        b = self.browser()
        b.take(self.sign_up("helper@example.org", b))
        self.assertEqual(b.api("GET", "/products").status, 403)
        a = self.owner.api("POST", "/staff", {"email": "HELPER@example.org", "role": "host"})
        self.assertEqual((a.status, a.json["role"], a.json["you"]), (201, "host", False), a.body)
        self.assertEqual(b.api("GET", "/products").status, 200)  # hired, and still signed in
        b = self.browser().sign_in("helper@example.org")
        self.assertEqual(b.api("GET", "/products").status, 200)
        self.assertEqual(b.api("GET", "/staff").status, 403)
        self.assertEqual(b.api("GET", "/audit").status, 403)
        listed = {p["email"]: p for p in self.owner.api("GET", "/staff").json["items"]}
        self.assertEqual(listed["helper@example.org"]["role"], "host")
        self.assertTrue(listed["owner@example.org"]["you"])
        helper = listed["helper@example.org"]["id"]
        self.assertEqual(self.owner.api("DELETE", f"/staff/{helper}").status, 204)
        self.assertEqual(self.owner.api("DELETE", f"/staff/{helper}").status, 404)
        self.assertEqual(b.api("GET", "/products").status, 401)
        audit = self.owner.api("GET", "/audit").json["items"]
        done = [(a["before"], a["after"]) for a in audit
                if a["action"] == "staff.set" and a["object"] == helper]
        self.assertEqual(done, [({"role": "host"}, {"role": "none"}),
                                ({"role": "none"}, {"role": "host"})])
        self.assertEqual(audit[0]["actor"]["name"], "Staff")

    def test_what_a_role_may_not_is_refused_and_noted(self):
        mod = self.shop.hire("mod@example.org", "moderator")
        path = "/staff?shop=shop"
        self.assertEqual(mod.api("POST", path, {"email": "x@example.org", "role": "host"}).status,
                         403)
        row = self.owner.api("GET", "/audit").json["items"][0]
        self.assertEqual((row["action"], row["object"], row["before"]),
                         ("refused", "POST /api/v1/staff", {"role": "moderator"}))

    def test_a_shop_keeps_an_owner_and_knows_whom_it_hires(self):
        me = next(p for p in self.owner.api("GET", "/staff").json["items"] if p["you"])["id"]
        self.assertEqual(self.owner.api("DELETE", f"/staff/{me}").status, 409)
        for body, status in (({"email": "nobody@example.org", "role": "host"}, 404),
                             ({"email": "owner@example.org", "role": "king"}, 400),
                             ({"email": "owner@example.org", "role": "none"}, 400),
                             ({"email": "owner@example.org", "role": "host"}, 409),
                             ({"role": "host"}, 400)):
            self.assertEqual(self.owner.api("POST", "/staff", body).status, status, body)

    # ---- restarts ----

    def test_sessions_survive_a_restart(self):
        guest = self.browser().guest("小美")
        buyer = self.browser()
        buyer.take(self.sign_up("stays@example.org", buyer))
        self.assertEqual(self.shop.stop(signal.SIGTERM), 0)
        self.shop.start()
        self.assertEqual(guest.api("PATCH", "/me", {"name": "小美二"}).json["kind"], "guest")
        self.assertEqual(buyer.api("GET", "/me").json["email"], "stays@example.org")
        self.assertEqual(self.owner.api("GET", "/staff").status, 200)


if __name__ == "__main__":
    unittest.main()
