"""People over HTTP: sessions, ways in, fresh proofs, codes by mail, and the link into another browser."""
# postgres: too
import json
import os
import sqlite3
import time
import unittest
import uuid

import shop

PASSWORD = shop.PASSWORD
OTHER = "another-lantern-27"
ANDROID = ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/129.0.0.0 Mobile Safari/537.36")
IN_LINE = ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
           "(KHTML, like Gecko) Mobile/15E148 Safari Line/14.9.0")


one = {}  # the shop of all tests here: each makes people of its own


def setUpModule():
    # Nobody takes the mail: what is to be sent waits in the outbox, where the test reads it.
    one["shop"] = shop.Shop(NM_SMTP_URL=f"smtp://127.0.0.1:{shop.free_port()}",
                            NM_MAIL_FROM="Nightmarket <shop@example.org>")
    one["owner"] = one["shop"].hire("owner@example.org", "owner")


def tearDownModule():
    one["shop"].end_well()


class Case(unittest.TestCase):
    def setUp(self):
        self.shop, self.owner = one["shop"], one["owner"]

    def browser(self, agent=None):
        b = shop.Browser(self.shop)
        if agent:
            plain = b.send
            b.send = lambda m, p, body=None, headers=None, raw=None: plain(
                m, p, body, {**(headers or {}), "User-Agent": agent}, raw)
        return b.arrive()

    def account(self, email=None, agent=None):
        email = email or f"p{uuid.uuid4().hex[:12]}@example.org"
        b = self.browser(agent)
        a = b.api("POST", "/accounts", {"email": email, "password": PASSWORD, "name": "買家"})
        self.assertEqual(a.status, 201, a.body)
        b.take(a)
        b.email = email
        return b

    def again(self, b, password=PASSWORD):
        """The same person in another browser."""
        c = self.browser().sign_in(b.email, password)
        c.email = b.email
        return c

    # ---- straight into the database ----

    def sql(self, text):
        if self.shop.database:
            return shop.sql(self.shop.database, text)
        path = os.path.join(self.shop.folder, "data", "nightmarket.db")
        with sqlite3.connect(path, timeout=10) as db:
            rows = db.execute(text).fetchall()
        db.close()
        return "\n".join("|".join(str(c) for c in r) for r in rows)

    def grow_old(self, email):
        """Their proofs are of long ago."""
        self.sql("UPDATE session SET auth_at = 1 WHERE viewer_id IN"
                 f" (SELECT viewer_id FROM identity WHERE subject = '{email}')")

    def mail(self, kind, email):
        """The args of the last mail to this address that waits to be sent; None: there is none."""
        got = self.sql(f"SELECT args FROM outbox WHERE kind = '{kind}' AND email = '{email}'"
                       " ORDER BY id DESC LIMIT 1")
        return json.loads(got) if got else None

    def confirm(self, b, email):
        a = b.api("POST", "/me/email", {"email": email})
        self.assertEqual(a.status, 202, a.body)
        return b.api("POST", "/me/email/confirm", {"code": self.mail("email_code", email.lower())["code"]})


class Sessions(Case):
    def test_a_person_sees_where_they_are_signed_in(self):
        b = self.account(agent=ANDROID)
        other = self.again(b)
        listed = b.api("GET", "/me/sessions").json["items"]
        self.assertEqual(len(listed), 2)
        here = next(s for s in listed if s["current"])
        self.assertEqual((here["device"], here["provider"]), ("Chrome · Android", "email"))
        self.assertLess(abs(here["created_at"] / 1000 - time.time()), 60)
        there = next(s for s in listed if not s["current"])
        self.assertEqual(there["device"], "")
        # One of a stranger's is not there for them, nor is it ended by naming it.
        stranger = self.account()
        a = stranger.api("DELETE", f"/me/sessions/{there['id']}")
        self.assertEqual(a.status, 404)
        self.assertEqual(other.api("GET", "/me").status, 200)
        self.assertEqual(b.api("DELETE", f"/me/sessions/{there['id']}").status, 204)
        self.assertEqual(other.api("GET", "/me").status, 401)
        self.assertEqual(b.api("DELETE", f"/me/sessions/{there['id']}").status, 404)
        a = b.api("DELETE", f"/me/sessions/{here['id']}")
        self.assertEqual(a.status, 204)
        self.assertNotIn("nm_session", b.cookies)
        self.assertEqual(b.api("GET", "/me").status, 401)

    def test_all_others_end_at_once_and_so_do_their_streams(self):
        show = self.owner.show()["id"]
        b = self.account()
        others = [self.again(b), self.again(b)]
        streams = [shop.Events(o, show) for o in others]
        mine = shop.Events(b, show)
        for s in (*streams, mine):
            s.find("room.snapshot")
        self.assertEqual(b.api("DELETE", "/me/sessions").status, 204)
        for o in others:
            self.assertEqual(o.api("GET", "/me").status, 401)
        for s in streams:
            self.assertTrue(shop.until(lambda s=s: s.ended, 5), "a stream outlived its session")
        self.assertFalse(mine.ended)
        mine.close()
        self.assertEqual(len(b.api("GET", "/me/sessions").json["items"]), 1)

    def test_guests_and_strangers_have_no_list(self):
        for path in ("/me/sessions", "/me/identities"):
            self.assertEqual(self.browser().api("GET", path).status, 401)
            self.assertEqual(self.browser().guest("客").api("GET", path).status, 401)

    def test_another_role_signs_out_everywhere_and_closes_streams_within_five_seconds(self):
        show = self.owner.show()["id"]
        email = f"h{uuid.uuid4().hex[:8]}@example.org"
        host = self.shop.hire(email, "host")
        twin = self.browser().sign_in(email)
        streams = [shop.Events(x, show) for x in (host, twin)]
        for s in streams:
            s.find("room.snapshot")
        a = self.owner.api("POST", "/staff", {"email": email, "role": "packer"})
        self.assertEqual(a.status, 201, a.body)
        start = time.monotonic()
        for s in streams:
            self.assertTrue(shop.until(lambda s=s: s.ended, 5), "a stream outlived the role")
        self.assertLess(time.monotonic() - start, 5)
        for x in (host, twin):
            self.assertEqual(x.api("GET", "/me").status, 401)

    def test_a_session_planted_before_signing_in_is_worthless(self):
        attacker = self.browser().guest("客人")
        victim = self.account()
        planted = dict(attacker.cookies)
        b = shop.Browser(self.shop)
        b.cookies = dict(planted)
        b.sign_in(victim.email)
        self.assertNotEqual(b.cookies["nm_session"], planted["nm_session"])
        self.assertNotEqual(attacker.arrive().api("GET", "/sessions/current").json["kind"], "account")

    def test_no_session_and_no_secret_is_in_the_log(self):
        b = self.account()
        self.confirm(b, b.email)
        log = self.shop.log()
        for secret in (b.cookies["nm_session"], b.csrf, PASSWORD, b.email):
            self.assertNotIn(secret, log)


class Proof(Case):
    WANTING = (("POST", "/me/email", {"email": "x@example.org"}),
               ("PUT", "/me/password", {"password": OTHER}),
               ("DELETE", "/me/identities/idn_none", None))

    def test_what_opens_an_account_wants_a_fresh_proof(self):
        b = self.account()
        self.assertGreater(b.api("GET", "/sessions/current").json["proved_until"], time.time() * 1000)
        self.grow_old(b.email)
        self.assertEqual(b.api("GET", "/sessions/current").json["proved_until"], 0)
        for method, path, body in self.WANTING:
            a = b.api(method, path, body)
            self.assertEqual((a.status, a.code), (403, "need_proof"), path)
        self.assertEqual(b.api("POST", "/sessions/proof", {"password": "no"}).code, "bad_login")
        self.assertEqual(b.api("PUT", "/me/password", {"password": OTHER}).code, "need_proof")
        copied = shop.Browser(self.shop)
        copied.cookies = dict(b.cookies)
        a = b.take(b.api("POST", "/sessions/proof", {"password": PASSWORD}))
        self.assertEqual(a.status, 200, a.body)
        self.assertEqual(copied.api("GET", "/me").status, 401)  # what was copied before is worth nothing
        self.assertGreater(a.json["proved_until"], time.time() * 1000)
        self.assertEqual(b.api("PUT", "/me/password", {"password": OTHER}).status, 204)

    def test_a_proof_is_for_the_session_that_gave_it(self):
        b = self.account()
        thief = self.again(b)
        self.grow_old(b.email)
        self.assertEqual(b.api("POST", "/sessions/proof", {"password": PASSWORD}).status, 200)
        a = thief.api("PUT", "/me/password", {"password": OTHER})
        self.assertEqual((a.status, a.code), (403, "need_proof"))

    def test_another_accounts_password_proves_nothing(self):
        b, other = self.account(), self.account()
        other.api("PUT", "/me/password", {"password": OTHER})
        self.grow_old(b.email)
        self.assertEqual(b.api("POST", "/sessions/proof", {"password": OTHER}).code, "bad_login")

    def test_guessing_is_as_slow_as_signing_in(self):
        b = self.account()
        seen = [b.api("POST", "/sessions/proof", {"password": f"no{i}"}).status for i in range(7)]
        self.assertEqual((seen[0], seen[-1]), (401, 429))
        self.assertEqual(self.browser().api("POST", "/sessions", {
            "email": b.email, "password": PASSWORD}).status, 429)

    def test_other_sites_and_other_browsers_change_nothing(self):
        b, other = self.account(), self.account()
        acts = (*self.WANTING, ("POST", "/sessions/proof", {"password": PASSWORD}),
                ("POST", "/me/email/confirm", {"code": "12345678"}),
                ("DELETE", "/me/sessions", None), ("DELETE", "/me/sessions/ses_x", None),
                ("POST", "/sessions/handover", {"path": "/"}))
        for method, path, body in acts:
            for headers in ({"X-CSRF-Token": None}, {"X-CSRF-Token": other.csrf},
                            {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
                a = b.api(method, path, body, headers=headers)
                self.assertEqual((a.status, a.code), (403, "csrf"), (method, path, headers))
        for path in ("/accounts/password/forgot", "/accounts/password/reset",
                     "/sessions/handover/look", "/sessions/handover/take"):
            a = b.api("POST", path, {}, headers={"Origin": "https://evil.example"})
            self.assertEqual(a.code, "csrf", path)


class Ways(Case):
    def test_the_password_is_the_last_way_in(self):
        b = self.account()
        got = b.api("GET", "/me/identities").json
        self.assertTrue(got["password"])
        (one,) = got["items"]
        self.assertEqual((one["provider"], one["email"], one["email_verified"], one["removable"]),
                         ("email", b.email, False, False))
        a = b.api("DELETE", f"/me/identities/{one['id']}")
        self.assertEqual((a.status, a.code), (409, "conflict"))
        other = self.account()
        self.assertEqual(other.api("DELETE", f"/me/identities/{one['id']}").status, 404)

    def test_one_of_two_can_go(self):
        b = self.account()
        self.confirm(b, b.email)
        self.sql("INSERT INTO identity (provider, subject, viewer_id, created_at, public_id)"
                 f" SELECT 'corner', '{b.email}', viewer_id, 1, 'idn_{uuid.uuid4().hex[:8]}'"
                 f" FROM identity WHERE subject = '{b.email}'")
        items = {i["provider"]: i for i in b.api("GET", "/me/identities").json["items"]}
        self.assertTrue(items["corner"]["removable"] and items["email"]["removable"])
        self.assertEqual(b.api("DELETE", f"/me/identities/{items['email']['id']}").status, 204)
        self.assertEqual(self.mail("security_notice", b.email)["what"], "identity_removed")
        (left,) = b.api("GET", "/me/identities").json["items"]
        self.assertEqual((left["provider"], left["removable"]), ("corner", False))
        a = self.browser().api("POST", "/sessions", {"email": b.email, "password": PASSWORD})
        self.assertEqual(a.code, "bad_login")
        self.assertEqual(b.api("PUT", "/me/password", {"password": OTHER}).code, "conflict")


class Mail(Case):
    def test_an_address_is_mine_when_the_code_comes_back(self):
        b = self.account()
        self.assertFalse(b.api("GET", "/me").json["email_verified"])
        other = self.again(b)
        a = self.confirm(b, b.email)
        self.assertEqual((a.status, a.json["email_verified"]), (200, True), a.body)
        self.assertEqual(other.api("GET", "/me").status, 401)
        new = f"new{uuid.uuid4().hex[:8]}@example.org"
        a = self.confirm(b, new.upper())
        self.assertEqual((a.status, a.json["email"]), (200, new), a.body)
        self.assertEqual(self.mail("security_notice", b.email)["what"], "email")
        self.assertEqual(self.browser().api("POST", "/sessions", {
            "email": b.email, "password": PASSWORD}).code, "bad_login")
        self.browser().sign_in(new)

    def test_a_code_is_for_who_asked_and_has_five_tries(self):
        b, other = self.account(), self.account()
        self.assertEqual(b.api("POST", "/me/email", {"email": b.email}).status, 202)
        code = self.mail("email_code", b.email)["code"]
        self.assertRegex(code, r"^\d{8}$")
        self.assertEqual(other.api("POST", "/me/email/confirm", {"code": code}).code, "bad_code")
        wrong = "00000000" if code != "00000000" else "11111111"
        for _ in range(4):
            self.assertEqual(b.api("POST", "/me/email/confirm", {"code": wrong}).code, "bad_code")
        spaced = f" {code[:4]} {code[4:]} "
        self.assertEqual(b.api("POST", "/me/email/confirm", {"code": spaced}).status, 200)
        self.assertEqual(b.api("POST", "/me/email/confirm", {"code": code}).code, "bad_code")

        self.assertEqual(other.api("POST", "/me/email", {"email": other.email}).status, 202)
        code = self.mail("email_code", other.email)["code"]
        for _ in range(5):
            other.api("POST", "/me/email/confirm", {"code": "99999999" if code[0] != "9" else "1"})
        self.assertEqual(other.api("POST", "/me/email/confirm", {"code": code}).code, "bad_code")
        a = other.api("POST", "/me/email", {"email": other.email})
        self.assertEqual((a.status, a.code), (429, "slow_down"))
        self.assertGreater(a.json["retry_ms"], 0)

    def test_nobody_gets_a_role_by_signing_up_with_a_colleagues_address(self):
        b = self.account()
        role = {"email": b.email, "role": "host"}
        a = self.owner.api("POST", "/staff", role)
        self.assertEqual((a.status, a.code), (409, "conflict"))
        self.assertEqual(self.confirm(b, b.email).status, 200)
        self.assertEqual(self.owner.api("POST", "/staff", role).status, 201)
        self.assertEqual(b.api("GET", "/products").status, 200)

    def test_an_address_that_was_only_claimed_goes_to_who_proves_it(self):
        email = f"victim{uuid.uuid4().hex[:8]}@example.org"
        attacker, victim = self.account(email), self.account()
        self.assertEqual(self.confirm(victim, email).status, 200)
        self.assertEqual(attacker.api("GET", "/me").status, 401)
        a = self.browser().api("POST", "/sessions", {"email": email, "password": PASSWORD})
        self.assertEqual(a.status, 201)  # the victim's own password, by now
        self.assertEqual(a.json["viewer"]["id"],
                         victim.api("GET", "/sessions/current").json["viewer"]["id"])
        late = self.account()
        a = self.confirm(late, email)
        self.assertEqual((a.status, a.code), (409, "exists"))

    def test_forgetting_says_nothing_of_who_is_known(self):
        b = self.account()
        stranger = self.browser()
        for email in (b.email, "nobody-at-all@example.org"):
            a = stranger.api("POST", "/accounts/password/forgot", {"email": email})
            self.assertEqual((a.status, a.body), (202, b""))
            a = stranger.api("POST", "/accounts/password/forgot", {"email": email})
            self.assertEqual((a.status, a.body), (202, b""))  # nor that it was asked before
            answers = [stranger.api("POST", "/accounts/password/reset", {
                "email": email, "code": "00000001", "password": OTHER}) for _ in range(6)]
            self.assertEqual({(x.status, x.json["detail"]) for x in answers},
                             {(400, answers[0].json["detail"])})
        self.assertIsNone(self.mail("password_code", "nobody-at-all@example.org"))
        self.assertEqual(self.sql("SELECT COUNT(*) FROM outbox WHERE kind = 'password_code'"
                                  f" AND email = '{b.email}'"), "1")
        self.assertEqual(stranger.api("POST", "/accounts/password/forgot", {"email": "no"}).status, 400)

    def test_a_code_by_mail_opens_a_forgotten_account_and_closes_it_to_others(self):
        b = self.account()
        waiting = self.again(b)  # signed up with somebody else's address, and waits inside
        whose = f"(SELECT viewer_id FROM identity WHERE subject = '{b.email}')"
        self.sql("INSERT INTO address (id, viewer_id, market, kind, data, used_at)"
                 f" VALUES (77, {whose}, 'TW', 'home', '{{}}', 1)")
        phone = self.browser().guest("客人")
        self.assertEqual(phone.api("POST", "/accounts/password/forgot", {"email": b.email}).status, 202)
        code = self.mail("password_code", b.email)["code"]
        body = {"email": b.email, "code": code, "password": "short"}
        self.assertEqual(phone.api("POST", "/accounts/password/reset", body).code, "input")
        body["password"] = OTHER
        planted = phone.cookies["nm_session"]
        a = phone.take(phone.api("POST", "/accounts/password/reset", body))
        self.assertEqual((a.status, a.json["kind"]), (201, "account"), a.body)
        self.assertNotEqual(phone.cookies["nm_session"], planted)
        self.assertTrue(phone.api("GET", "/me").json["email_verified"])
        for old in (b, waiting):
            self.assertEqual(old.api("GET", "/me").status, 401)
        self.assertEqual(self.sql("SELECT COUNT(*) FROM address WHERE id = 77"), "0")
        self.assertEqual(phone.api("POST", "/accounts/password/reset", body).code, "bad_code")
        self.assertEqual(self.browser().api("POST", "/sessions", {
            "email": b.email, "password": PASSWORD}).code, "bad_login")
        self.again(b, OTHER)
        self.assertEqual(self.mail("security_notice", b.email)["what"], "password")

    def test_a_new_password_leaves_only_this_browser_signed_in(self):
        b = self.account()
        other = self.again(b)
        self.assertEqual(b.api("PUT", "/me/password", {"password": "1234567890"}).code, "input")
        self.assertEqual(b.api("PUT", "/me/password", {"password": OTHER}).status, 204)
        self.assertEqual(b.api("GET", "/me").status, 200)
        self.assertEqual(other.api("GET", "/me").status, 401)
        self.again(b, OTHER)


class Https(unittest.TestCase):
    def test_cookies_are_this_hosts_alone(self):
        public = "https://shop.example"
        with shop.Shop(NM_PUBLIC_URL=public) as here:
            b = shop.Browser(here, origin=public)
            first = b.api("GET", "/sessions/current")
            b.take(first)
            named = b.take(b.api("POST", "/sessions/guest", {"name": "客"}))
            self.assertEqual(set(b.cookies), {"__Host-nm_device", "__Host-nm_session"})
            for a in (first, named):
                for line in a.headers.get_all("Set-Cookie"):
                    said = [part.strip() for part in line.split(";")[1:]]
                    self.assertLessEqual({"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}, set(said))
                    self.assertFalse([x for x in said if x.lower().startswith("domain")], line)
            # One without the prefix may have been planted by plain http, or by another host.
            planted = shop.Browser(here, origin=public)
            planted.cookies = {"nm_session": b.cookies["__Host-nm_session"]}
            self.assertEqual(planted.api("GET", "/sessions/current").json["kind"], "anonymous")
            self.assertEqual(b.api("DELETE", "/sessions/current").status, 204)
            self.assertEqual(set(b.cookies), {"__Host-nm_device"})


class Handover(Case):
    def link(self, b, **body):
        a = b.api("POST", "/sessions/handover", {"path": "/s/shw_a?x=1", **body})
        self.assertEqual(a.status, 201, a.body)
        url, _, token = a.json["url"].partition("#")
        self.assertEqual(url, self.shop.url + "/h?openExternalBrowser=1")
        return token

    def look(self, b, token):
        return b.api("POST", "/sessions/handover/look", {"token": token})

    def take(self, b, token, would):
        a = b.api("POST", "/sessions/handover/take", {"token": token, "would": would})
        if a.status == 201:
            b.csrf = a.json["session"]["csrf"]
        return a

    def with_goods(self, b, qty=2):
        made = self.owner.api("POST", "/products", {"title": {"zh-TW": "帆布包"}, "price": {"TW": 590},
                                                    "quantity": 5}).json
        a = b.api("POST", "/cart/lines", {"variant_id": made["variants"][0]["id"], "qty": qty,
                                          "market": "TW"},
                  headers={"Idempotency-Key": uuid.uuid4().hex})
        self.assertEqual(a.status, 201, a.body)
        return b

    def goods(self, b):
        return sum(line["qty"] for line in b.api("GET", "/cart?market=TW").json["lines"])

    def test_a_guest_moves_with_place_draft_and_cart(self):
        guest = self.with_goods(self.browser(IN_LINE).guest("小美"))
        token = self.link(guest, draft="A12+1 黑 L")
        b = self.browser(ANDROID)
        for _ in range(3):  # chat apps fetch previews: looking uses nothing up
            self.assertEqual(b.send("GET", "/h?openExternalBrowser=1").status, 200)
            a = self.look(b, token)
            self.assertEqual(a.json, {"name": "小美", "path": "/s/shw_a?x=1", "cart_n": 2,
                                      "would": "become"})
        a = self.take(b, token, "become")
        self.assertEqual((a.status, a.json["draft"], a.json["path"]),
                         (201, "A12+1 黑 L", "/s/shw_a?x=1"), a.body)
        self.assertEqual(a.json["session"]["viewer"]["name"], "小美")
        self.assertEqual(self.goods(b), 2)
        self.assertEqual(b.api("PATCH", "/me", {"name": "小美二"}).status, 200)
        self.assertEqual(self.take(self.browser(), token, "become").status, 404)
        self.assertEqual(self.look(b, token).status, 404)
        # Moved, not copied: whoever made the link does not read along.
        self.assertNotEqual(guest.api("GET", "/sessions/current").json["kind"], "guest")

    def test_an_account_stays_behind(self):
        account = self.account()
        token = self.link(account, draft="hello")
        b = self.browser()
        self.assertEqual(self.look(b, token).json, {"name": None, "path": "/s/shw_a?x=1", "cart_n": 0,
                                                    "would": "nothing"})
        a = self.take(b, token, "nothing")
        self.assertEqual((a.status, a.json["session"]["kind"], a.json["draft"]),
                         (201, "anonymous", "hello"))
        self.assertEqual(b.api("GET", "/me").status, 401)

    def test_nobody_is_taken_over_unasked(self):
        guest = self.with_goods(self.browser().guest("客"))
        other = self.with_goods(self.browser().guest("別人"), 1)
        token = self.link(guest)
        self.assertEqual(self.look(other, token).json["would"], "replace")
        for would in ("become", "merge", "nothing", "x"):
            self.assertEqual(self.take(other, token, would).code, "conflict", would)
        self.assertEqual(self.goods(other), 1)
        a = self.take(other, token, "replace")
        self.assertEqual(a.json["session"]["viewer"]["name"], "客")
        self.assertEqual(self.goods(other), 2)

        account, guest = self.account(), other
        token = self.link(guest)
        self.assertEqual(guest.api("PATCH", "/me", {"name": "短暫的客人"}).status, 200)
        self.assertEqual(self.look(account, token).json["would"], "merge")
        self.assertEqual(self.take(account, token, "replace").code, "conflict")
        a = self.take(account, token, "merge")
        self.assertEqual((a.status, a.json["session"]["kind"]), (201, "account"), a.body)
        self.assertEqual(account.api("GET", "/me").json["email"], account.email)
        self.assertEqual(self.goods(account), 2)
        self.assertEqual(self.sql("SELECT COUNT(*) FROM viewer WHERE display_name = '短暫的客人'"), "0")
        self.assertNotEqual(guest.api("GET", "/sessions/current").json["kind"], "guest")

    def test_a_device_brings_its_place_alone(self):
        token = self.link(self.browser())
        b = self.browser()
        self.assertEqual(self.look(b, token).json["would"], "nothing")
        self.assertEqual(self.take(b, token, "nothing").json["session"]["kind"], "anonymous")

    def test_nonsense_is_refused(self):
        b = self.browser()
        for body in ({"path": "//evil.example"}, {"path": "https://evil.example"}, {"path": "x"},
                     {"path": "/\\evil"}, {"path": ""}, {}, {"path": "/", "draft": "x" * 501}):
            self.assertEqual(b.api("POST", "/sessions/handover", body).code, "input", body)
        for token in ("", "x", "x" * 43, "x" * 44):
            self.assertIn(self.look(b, token).status, (400, 404), token)
        tokens = [self.link(b) for _ in range(4)]
        self.assertEqual([self.look(b, t).status for t in tokens], [404, 200, 200, 200])


if __name__ == "__main__":
    unittest.main()
