"""The running server from outside: refusals, sessions, pages, and its end."""
import os
import re
import sys
import threading
import time
import unittest

import shop

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "http"))
import refusals  # noqa: E402


class Serve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop()

    @classmethod
    def tearDownClass(cls):
        code = cls.shop.end()
        assert code == 0, f"serve ended with {code}:\n{cls.shop.log()}"

    def test_malformed_requests_are_refused(self):
        self.assertEqual(refusals.check("127.0.0.1", self.shop.port, "/healthz",
                                         "/api/v1/sessions/guest"), [])

    def test_errors_are_problem_documents(self):
        b = shop.Browser(self.shop)
        for method, path, status in [("GET", "/api/v1/nothing", 404), ("PUT", "/api/v1/shows", 405),
                                     ("GET", "/api/v1/shows/shw_none", 404),
                                     ("GET", "/api/v1/me", 401), ("POST", "/api/v1/shows", 403)]:
            a = b.send(method, path, {} if method != "GET" else None)
            self.assertEqual(a.status, status, (path, a.body))
            self.assertEqual(a.headers["Content-Type"], "application/problem+json")
            self.assertEqual(a.json["status"], status)
            self.assertEqual(set(a.json) - {"retry_ms"},
                             {"type", "title", "status", "code", "detail"})
        self.assertIn("Allow", b.send("PUT", "/api/v1/shows", {}).headers)

    def test_health_metrics_and_description(self):
        b = shop.Browser(self.shop)
        self.assertEqual(b.send("GET", "/healthz").status, 200)
        self.assertEqual(b.send("GET", "/readyz").status, 200)
        metrics = b.send("GET", "/metrics").body.decode()
        self.assertRegex(metrics, r"nightmarket_http_requests_total\{class=\"2xx\"\} \d+")
        yaml = b.send("GET", "/api/openapi.yaml").body.decode()
        self.assertTrue(yaml.startswith("openapi: 3.1"))

    def test_every_route_of_the_description_is_there(self):
        b = shop.Browser(self.shop).arrive()
        yaml = b.send("GET", "/api/openapi.yaml").body.decode()
        path, seen = None, 0
        for line in yaml.split("components:")[0].splitlines():
            p = re.match(r"  (/\S*):$", line)
            m = re.match(r"    (get|post|put|patch|delete):$", line)
            if p:
                path = p.group(1)
            if m and not path.endswith("/events"):
                at = re.sub(r"\{[a-z]+\}", "shw_nothing", path)
                a = b.send(m.group(1).upper(), at, None if m.group(1) == "get" else {})
                self.assertNotEqual(a.status, 405, at)
                if a.status == 404:
                    self.assertNotIn("nothing at this address", a.body.decode(), at)
                self.assertLess(a.status, 500, (at, a.body))
                seen += 1
        self.assertGreater(seen, 30)

    def test_a_browser_gets_a_device_and_may_take_a_name(self):
        b = shop.Browser(self.shop).arrive()
        self.assertRegex(b.cookies["nm_device"], r"^dev_")
        a = b.api("POST", "/sessions/guest", {"name": "  小美  "})
        self.assertEqual((a.status, a.json["kind"], a.json["viewer"]["name"]),
                         (201, "guest", "小美"))
        for line in a.headers.get_all("Set-Cookie"):
            self.assertIn("HttpOnly", line)
            self.assertIn("SameSite=Lax", line)
        self.assertEqual(b.api("GET", "/me").status, 401)
        self.assertEqual(b.api("POST", "/sessions/guest", {"name": "x" * 25}).status, 400)
        self.assertEqual(b.api("POST", "/sessions/guest", {"name": "\u202e"}).status, 400)

    def test_changes_need_the_csrf_token_of_this_browser(self):
        b, other = shop.Browser(self.shop).arrive(), shop.Browser(self.shop).arrive()
        good = b.csrf
        for token in (None, "", "x", other.csrf):
            b.csrf = token
            a = b.api("POST", "/shows/shw_none/heartbeat", {})
            self.assertEqual((a.status, a.code), (403, "csrf"))
        b.csrf = good
        self.assertEqual(b.api("POST", "/shows/shw_none/heartbeat", {}).status, 404)

    def test_sessions_are_not_begun_from_another_site(self):
        for origin in ("https://evil.example", "null", self.shop.url + ".evil.example"):
            b = shop.Browser(self.shop, origin=origin)
            self.assertEqual(b.api("POST", "/sessions/guest", {"name": "a"}).code, "csrf")
            self.assertEqual(b.api("POST", "/sessions", {"email": "a@b.c", "password": "x"}).code,
                             "csrf")
        b = shop.Browser(self.shop)
        a = b.api("POST", "/sessions/guest", {"name": "a"}, headers={"Sec-Fetch-Site": "cross-site"})
        self.assertEqual(a.code, "csrf")

    def test_another_name_that_points_here_is_another_site(self):
        other = f"evil.example:{self.shop.port}"
        headers = {"Host": other, "Origin": f"http://{other}"}
        b = shop.Browser(self.shop).arrive()
        self.assertEqual(b.api("POST", "/sessions/guest", {"name": "a"}, headers=headers).code,
                         "csrf")
        self.assertEqual(b.api("POST", "/shows/shw_none/heartbeat", {}, headers=headers).code,
                         "csrf")
        local = {"Origin": f"http://localhost:{self.shop.port}"}
        self.assertEqual(b.api("POST", "/sessions/guest", {"name": "a"}, headers=local).status, 201)

    def test_sign_in_makes_a_fresh_session_and_ends_the_old(self):
        owner = self.shop.hire("owner@example.org", "owner")
        planted = dict(owner.cookies)
        b = shop.Browser(self.shop)
        b.cookies = dict(planted)
        b.sign_in("owner@example.org")
        self.assertNotEqual(b.cookies["nm_session"], planted["nm_session"])
        old = shop.Browser(self.shop)
        old.cookies = planted
        self.assertEqual(old.api("GET", "/me").status, 401)
        me = b.api("GET", "/me")
        self.assertEqual((me.status, me.json["email"]), (200, "owner@example.org"))
        self.assertEqual(b.api("DELETE", "/sessions/current").status, 204)
        self.assertEqual(b.api("GET", "/me").status, 401)

    def test_a_wrong_password_says_no_more_than_an_unknown_address(self):
        self.shop.hire("host@example.org", "host")
        b = shop.Browser(self.shop)
        wrong = b.api("POST", "/sessions", {"email": "host@example.org", "password": "no"})
        unknown = b.api("POST", "/sessions", {"email": "who@example.org", "password": "no"})
        self.assertEqual((wrong.status, wrong.code), (401, "bad_login"))
        self.assertEqual(wrong.json["detail"], unknown.json["detail"])
        answers = [b.api("POST", "/sessions", {"email": "host@example.org", "password": "no"})
                   for _ in range(8)]
        slow = [a for a in answers if a.status == 429]
        self.assertTrue(slow)
        self.assertIn("Retry-After", slow[0].headers)

    def test_a_flood_of_sign_ins_stops_nobody_else(self):
        def wrong(i):
            a = shop.Browser(self.shop).api("POST", "/sessions",
                                            {"email": f"flood{i}@example.org", "password": "no"})
            answers.append(a)

        answers = []
        flood = [threading.Thread(target=wrong, args=(i,)) for i in range(80)]
        for t in flood:
            t.start()
        slowest, b = 0, shop.Browser(self.shop)
        while any(t.is_alive() for t in flood):
            asked = time.monotonic()
            self.assertEqual(b.send("GET", "/healthz").status, 200)
            self.assertEqual(b.api("GET", "/shows").status, 200)
            slowest = max(slowest, time.monotonic() - asked)
        for t in flood:
            t.join()
        busy = [a for a in answers if a.status == 503]
        self.assertTrue(busy)
        self.assertEqual((busy[0].code, busy[0].headers["Retry-After"]), ("busy", "2"))
        self.assertEqual({a.status for a in answers} - {401, 503}, set())
        self.assertLess(slowest, 2)

    def test_a_role_taken_away_ends_the_sessions(self):
        b = self.shop.hire("mod@example.org", "moderator")
        self.assertEqual(b.api("GET", "/me").status, 200)
        self.shop.hire("mod@example.org", "packer")
        self.assertEqual(b.api("GET", "/me").status, 401)

    def test_a_lost_password_is_replaced_and_ends_the_sessions(self):
        b = self.shop.hire("lost@example.org", "host")
        new = "quite-another-lantern-7"
        args = ["user", "password", "--email", "lost@example.org", "--password-stdin"]
        self.assertEqual(self.shop.command(*args, stdin="short\n").returncode, 2)
        done = self.shop.command(*args, stdin=new + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(new, done.stdout + done.stderr)
        self.assertEqual(b.api("GET", "/me").status, 401)
        shop.Browser(self.shop).sign_in("lost@example.org", new)
        args[3] = "nobody@example.org"
        self.assertEqual(self.shop.command(*args, stdin=new + "\n").returncode, 1)

    def test_bodies_are_checked(self):
        b = shop.Browser(self.shop).arrive()
        path = "/api/v1/sessions/guest"
        self.assertEqual(b.send("POST", path, raw=b"{").status, 400)
        self.assertEqual(b.send("POST", path, raw=b"[]").status, 400)
        self.assertEqual(b.send("POST", path, raw=b'{"name":"\xff"}').status, 400)
        self.assertEqual(b.send("POST", path, raw=b"{}", headers={"Content-Type": "text/plain"})
                         .status, 415)
        self.assertEqual(b.send("POST", path, raw=b" " * 5000).status, 413)

    def test_pages_carry_headers_preview_and_first_data(self):
        host = self.shop.hire("pages@example.org", "host")
        made = host.show(title={"zh-TW": "包包 <b>&\"夜", "en": "Bags"})
        a = shop.Browser(self.shop).send("GET", f"/s/{made['id']}?lang=zh-TW")
        page = a.body.decode()
        self.assertEqual(a.status, 200)
        self.assertIn("script-src 'self'", a.headers["Content-Security-Policy"])
        self.assertEqual(a.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn('lang="zh-Hant-TW"', page)
        self.assertIn("og:title", page)
        self.assertIn(self.shop.url + "/img/tw-bag.jpg", page)
        self.assertNotIn("<b>", page)
        self.assertIn("包包 &lt;b&gt;&amp;&quot;夜", page)
        self.assertIn(made["id"], page.split('id="nm-boot">')[1].split("<")[0])
        self.assertEqual(shop.Browser(self.shop).send("GET", "/s/shw_none").status, 404)
        self.assertEqual(shop.Browser(self.shop).send("GET", "/nothing").status, 404)

    def test_x_forwarded_for_does_not_count_from_strangers(self):
        b = shop.Browser(self.shop)
        b.api("GET", "/sessions/current", headers={"X-Forwarded-For": "203.0.113.9"})
        self.assertNotIn("203.0.113.9", self.shop.log())


class Limits(unittest.TestCase):
    """Limits by address, seen through a proxy that we trust."""

    def test_one_customers_ipv6_network_is_one_address(self):
        with shop.Shop(NM_TRUSTED_PROXIES="127.0.0.1/32") as s:
            def ask(addr):
                return shop.Browser(s).api("POST", "/sessions",
                                           {"email": "a@example.org", "password": "wrong"},
                                           headers={"X-Forwarded-For": addr}).status
            first = [ask(f"2001:db8:0:7:{i:x}::1") for i in range(8)]
            self.assertEqual(first[:5], [401] * 5)
            self.assertIn(429, first)
            self.assertEqual(ask("192.0.2.1"), 401)


class Life(unittest.TestCase):
    def test_it_starts_with_stream_down_and_ends_with_streams_open(self):
        started = time.monotonic()
        down = f"http://127.0.0.1:{shop.free_port()}/client/v4"
        with shop.Shop(CLOUDFLARE_ACCOUNT_ID="0" * 32, CLOUDFLARE_STREAM_API_TOKEN="secret-token-x",
                       CLOUDFLARE_API_BASE_URL=down) as s:
            self.assertLess(time.monotonic() - started, 5)
            host = s.hire("a@example.org", "host")
            made = host.show()
            a = host.api("GET", f"/shows/{made['id']}/ingest")
            self.assertEqual((a.status, a.code), (502, "upstream"))
            events = shop.Events(shop.Browser(s).arrive(), made["id"])
            events.find("room.snapshot")
            s.stop()
            events.join(5)
            self.assertIn("server.bye", [t for _, t, _ in events.got])
            self.assertNotIn("secret-token-x", s.log())
            self.assertNotIn(shop.PASSWORD, s.log())

    def test_what_was_written_is_there_after_a_restart(self):
        with shop.Shop() as s:
            host = s.hire("a@example.org", "host")
            made = host.show()
            s.stop()
            s.start()
            self.assertEqual(host.api("GET", f"/shows/{made['id']}").status, 200)
            self.assertEqual(host.api("GET", "/me").status, 200)


if __name__ == "__main__":
    unittest.main()
