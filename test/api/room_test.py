"""A room from several browsers: shows, rights, chat, moderation, and events without a gap."""
# postgres: too
import threading
import time
import unittest

import shop


class Room(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop()
        cls.host = cls.shop.hire("host@example.org", "host")
        cls.mod = cls.shop.hire("mod@example.org", "moderator")

    @classmethod
    def tearDownClass(cls):
        code = cls.shop.end()
        assert code == 0, f"serve ended with {code}:\n{cls.shop.log()}"

    def setUp(self):
        self.show = self.host.show()
        self.id = self.show["id"]
        self.open = []

    def tearDown(self):
        for events in self.open:
            events.close()

    def listen(self, browser=None, **more):
        events = shop.Events(browser or shop.Browser(self.shop).arrive(), self.id, **more)
        self.open.append(events)
        return events

    def guest(self, name="小美"):
        return shop.Browser(self.shop).arrive().guest(name)

    def say(self, browser, text):
        return browser.api("POST", f"/shows/{self.id}/messages", {"text": text})

    # ---- shows ----

    def test_a_draft_is_seen_by_staff_alone(self):
        draft = self.host.show(starts_at=None)
        self.assertEqual(draft["state"], "draft")
        path = f"/shows/{draft['id']}"
        self.assertEqual(self.mod.api("GET", path).status, 200)
        self.assertEqual(self.guest().api("GET", path).status, 404)
        self.assertEqual(self.guest().api("GET", path + "/events").status, 404)

    def test_editing_needs_the_version_one_has_seen(self):
        path = f"/shows/{self.id}"
        v = self.show["version"]
        match = {"If-Match": f'"{v}"'}
        a = self.host.api("PATCH", path, {"title": {"en": "New"}}, headers=match)
        self.assertEqual((a.status, a.json["title"]), (200, {"en": "New"}))
        a = self.host.api("PATCH", path, {"title": {"en": "Older"}}, headers=match)
        self.assertEqual((a.status, a.code), (412, "precondition_failed"))
        self.assertEqual(self.host.api("PATCH", path, {"title": {"en": "x"}}).status, 400)

    def test_bad_fields_are_refused(self):
        for body in ({"title": {}}, {"title": {"xx": "a"}}, {"title": {"en": "x" * 81}},
                     {"title": "a"}, {"title": {"en": "a"}, "cover": "no-such"},
                     {"title": {"en": "a"}, "starts_at": "tomorrow"},
                     {"title": {"en": "a"}, "host_name": "x" * 41}):
            a = self.host.api("POST", "/shows", body)
            self.assertEqual((a.status, a.code), (400, "input"), body)

    def test_a_null_in_any_field_of_any_route_harms_nobody(self):
        message = self.say(self.guest(), "hello").json["id"]
        here = f"/shows/{self.id}"
        fields = [("PATCH", here, ("title", "starts_at", "cover", "host_name", "state")),
                  ("POST", "/shows", ("title", "starts_at", "cover", "host_name", "shop")),
                  ("PATCH", "/me", ("name", "lang")),
                  ("POST", "/sessions/guest", ("name",)),
                  ("POST", "/sessions", ("email", "password")),
                  ("POST", here + "/heartbeat", ("delay_ms",)),
                  ("POST", here + "/likes", ("n",)),
                  ("POST", here + "/messages", ("text", "lang")),
                  ("PATCH", f"/messages/{message}", ("state",)),
                  ("PUT", here + "/pinned-message", ("text",)),
                  ("POST", here + "/sanctions", ("message", "kind", "minutes", "why")),
                  ("PATCH", here + "/chat", ("mode", "slow_s")),
                  ("PUT", here + "/blocked-words", ("words",))]
        good = {"title": {"en": "a"}, "text": "a", "message": message, "kind": "mute"}
        for method, path, names in fields:
            for name in names:
                body = {k: v for k, v in good.items() if k in names} | {name: None}
                a = self.host.api(method, path, body, headers={"If-Match": '"1"'})
                self.assertLess(a.status, 500, (method, path, body, a.body))

    def test_states_move_only_as_listed(self):
        for act in ("go-live", "end"):
            a = self.host.api("POST", f"/shows/{self.id}/{act}")
            self.assertEqual((a.status, a.code), (409, "invalid_transition"))
        self.assertEqual(self.host.api("POST", f"/shows/{self.id}/cancel").status, 200)
        self.assertEqual(self.guest().api("GET", f"/shows/{self.id}").status, 404)
        self.assertEqual(self.host.api("POST", f"/shows/{self.id}/cancel").status, 409)

    def test_public_lists_show_what_is_public(self):
        ids = [s["id"] for s in self.guest().api("GET", "/shows?state=scheduled&limit=100")
               .json["items"]]
        self.assertIn(self.id, ids)
        for s in self.guest().api("GET", "/shows").json["items"]:
            self.assertFalse({"version", "ingest", "preview"} & set(s))
        self.assertEqual(self.guest().api("GET", "/shows?scope=staff").status, 403)
        self.assertEqual(self.guest().api("GET", "/shows?state=naked").status, 400)

    # ---- rights ----

    def test_roles_do_what_they_may(self):
        packer = self.shop.hire(f"pack{time.time_ns()}@example.org", "packer")
        guest = self.guest()
        tries = [("POST", "/shows", {"title": {"en": "a"}}, {"host"}),
                 ("GET", f"/shows/{self.id}/ingest", None, {"host"}),
                 ("POST", f"/shows/{self.id}/go-live", {}, {"host"}),
                 ("PATCH", f"/shows/{self.id}/chat", {"mode": "open"}, {"host", "mod"}),
                 ("GET", f"/shows/{self.id}/sanctions", None, {"host", "mod"}),
                 ("GET", f"/shows/{self.id}/blocked-words", None, {"host", "mod"}),
                 ("PUT", f"/shows/{self.id}/pinned-message", {"text": None}, {"host", "mod"})]
        who = {"host": self.host, "mod": self.mod, "packer": packer, "guest": guest}
        for method, path, body, may in tries:
            for name, browser in who.items():
                a = browser.api(method, path, body)
                if name in may:
                    self.assertNotIn(a.status, (401, 403, 404), (name, path))
                elif name == "guest":
                    self.assertEqual(a.status, 401, (name, path))
                else:
                    self.assertEqual(a.status, 403, (name, path, a.body))

    # ---- chat ----

    def test_a_line_reaches_the_others_within_a_second(self):
        events = self.listen()
        events.find("room.snapshot")
        sent = time.monotonic()
        a = self.say(self.guest("王小明"), "  A12 有   L 嗎？ ")
        self.assertEqual((a.status, a.json["text"], a.json["name"]),
                         (201, "A12 有 L 嗎？", "王小明"))
        got = events.find("chat.message", 1.0)
        self.assertLess(time.monotonic() - sent, 1.0)
        self.assertEqual(got["text"], "A12 有 L 嗎？")
        self.assertFalse({"viewer", "viewer_id", "email", "mine"} & set(got))

    def test_talking_needs_a_name_and_words(self):
        self.assertEqual(self.say(shop.Browser(self.shop).arrive(), "hi").code, "need_login")
        for text in ("", "   ", "\u200b\u0007", "x" * 201):
            self.assertEqual(self.say(self.guest(), text).status, 400, repr(text))
        self.assertEqual(self.say(self.guest(), "ก" * 200).status, 201)

    def test_talking_has_a_pace(self):
        b = self.guest()
        answers = [self.say(b, f"line {i}") for i in range(6)]
        slow = [a for a in answers if a.status == 429]
        self.assertTrue(slow)
        self.assertGreater(slow[0].json["retry_ms"], 0)

    def test_a_flooder_does_not_mute_the_others_behind_his_address(self):
        flooder, other = self.guest("flood"), self.guest()
        refused = [self.say(flooder, f"line {i}").status for i in range(300)].count(429)
        self.assertGreater(refused, 250)
        self.assertEqual(self.say(other, "hello").status, 201)

    def test_slow_mode_and_closed_chat(self):
        events = self.listen()
        self.mod.api("PATCH", f"/shows/{self.id}/chat", {"mode": "slow", "slow_s": 30})
        self.assertEqual(events.find("chat.mode"), {"mode": "slow", "slow_s": 30})
        b = self.guest()
        self.assertEqual(self.say(b, "one").status, 201)
        a = self.say(b, "two")
        self.assertEqual(a.status, 429)
        self.assertGreater(a.json["retry_ms"], 20000)
        self.mod.api("PATCH", f"/shows/{self.id}/chat", {"mode": "members"})
        self.assertEqual(self.say(self.guest(), "hi").code, "need_login")
        self.mod.api("PATCH", f"/shows/{self.id}/chat", {"mode": "off"})
        self.assertEqual(self.say(self.guest(), "hi").status, 409)
        self.assertEqual(self.mod.api("PATCH", f"/shows/{self.id}/chat", {"mode": "loud"}).status,
                         400)

    def test_a_hidden_line_goes_away_for_all(self):
        events = self.listen()
        m = self.say(self.guest(), "rude").json
        self.assertEqual(self.guest().api("PATCH", f"/messages/{m['id']}", {"state": "hidden"})
                         .status, 401)
        self.assertEqual(self.mod.api("PATCH", f"/messages/{m['id']}", {"state": "hidden"}).status,
                         200)
        self.assertIn(m["id"], events.find("chat.removed", 1.0)["ids"])
        texts = [x["text"] for x in self.guest().api("GET", f"/shows/{self.id}/messages")
                 .json["items"]]
        self.assertNotIn("rude", texts)

    def test_a_muted_writer_hears_until_when(self):
        b = self.guest("吵吵")
        private = self.listen(b)
        m = self.say(b, "noise").json
        a = self.mod.api("POST", f"/shows/{self.id}/sanctions",
                         {"message": m["id"], "kind": "mute", "minutes": 10})
        self.assertEqual(a.status, 201, a.body)
        self.assertEqual(private.find("me.sanction")["kind"], "mute")
        refused = self.say(b, "more")
        self.assertEqual((refused.status, refused.code), (403, "muted"))
        self.assertGreater(refused.json["until"], time.time() * 1000 + 9 * 60_000)
        listed = self.mod.api("GET", f"/shows/{self.id}/sanctions").json["items"]
        self.assertEqual(listed[0]["name"], "吵吵")
        self.assertEqual(self.mod.api("DELETE", f"/sanctions/{a.json['id']}").status, 204)
        self.assertEqual(shop.until(lambda: self.say(b, "sorry").status == 201, 5, 0.5), True)

    def test_a_blocked_word_holds_the_line_for_the_moderators(self):
        self.assertEqual(self.mod.api("PUT", f"/shows/{self.id}/blocked-words",
                                      {"words": ["詐騙", "โกง", "spam"]}).status, 200)
        public, staff = self.listen(), self.listen(self.mod)
        for text in ("這是詐騙啦", "คนโกงชัดๆ", "S P A M here", "ＳＰＡＭ"):
            a = self.say(self.guest(), text)
            self.assertEqual((a.status, a.json["state"]), (201, "held"), text)
        held = staff.find("staff.held")
        self.assertEqual(held["text"], "這是詐騙啦")
        self.mod.api("PATCH", f"/messages/{held['id']}", {"state": "shown"})
        self.assertEqual(public.find("chat.message")["text"], "這是詐騙啦")
        self.assertNotIn("staff.held", [t for _, t, _ in public.got])
        self.mod.api("PUT", f"/shows/{self.id}/blocked-words", {"words": []})

    def test_a_pinned_notice_is_seen_and_taken_away(self):
        events = self.listen()
        self.host.api("PUT", f"/shows/{self.id}/pinned-message", {"text": "今晚滿 NT$999 免運"})
        self.assertEqual(events.find("chat.pinned")["message"]["text"], "今晚滿 NT$999 免運")
        late = self.listen()
        self.assertEqual(late.find("room.snapshot")["chat"]["pinned"]["text"], "今晚滿 NT$999 免運")
        self.host.api("PUT", f"/shows/{self.id}/pinned-message", {"text": None})
        events.find("chat.pinned", test=lambda d: d["message"] is None)

    def test_hearts_and_viewers_are_counted(self):
        events = self.listen()
        viewers = [shop.Browser(self.shop).arrive() for _ in range(3)]
        for b in viewers:
            self.assertEqual(b.api("POST", f"/shows/{self.id}/heartbeat", {}).status, 204)
            self.assertEqual(b.api("POST", f"/shows/{self.id}/likes", {"n": 5}).status, 204)
        self.assertEqual(viewers[0].api("POST", f"/shows/{self.id}/likes", {"n": 21}).status, 400)
        events.find("like.burst", test=lambda d: d["total"] == 15)
        events.find("viewers.count", 8, test=lambda d: d["now"] == 3)
        self.assertTrue(all(seq is None for seq, t, _ in events.got
                            if t in ("like.burst", "viewers.count")))

    def test_made_up_devices_are_not_counted(self):
        events, path = self.listen(), f"/shows/{self.id}/heartbeat"
        for i in range(20):
            b = shop.Browser(self.shop)
            b.cookies["nm_device"] = f"dev_{i:016d}"
            self.assertEqual(b.api("POST", path, {}).code, "csrf")
            b.take(b.api("GET", "/sessions/current"))  # gives it a real one
            self.assertRegex(b.cookies["nm_device"], r"^dev_[0-9a-z]{16}\.[\w-]{22}$")
            b.cookies["nm_device"] = f"dev_{i:016d}" + b.cookies["nm_device"][20:]
            self.assertEqual(b.api("POST", path, {}).code, "csrf")
        real = shop.Browser(self.shop).arrive()
        self.assertEqual(real.api("POST", path, {}).status, 204)
        self.assertEqual(events.find("viewers.count", 8)["now"], 1)

    # ---- events ----

    def test_a_reader_who_comes_back_misses_nothing_and_hears_nothing_twice(self):
        writers, stop = [self.guest(f"w{i}") for i in range(8)], threading.Event()
        sent, lock = [], threading.Lock()

        def write(b):
            n = 0
            while not stop.is_set():
                n += 1
                a = self.say(b, f"{b.cookies['nm_session'][:6]} {n}")
                if a.status == 201:
                    with lock:
                        sent.append(a.json["id"])
                time.sleep(1.05)

        threads = [threading.Thread(target=write, args=(b,)) for b in writers]
        first, seen = self.listen(), []
        first.find("room.snapshot")
        for t in threads:
            t.start()
        self.addCleanup(lambda: (stop.set(), [t.join() for t in threads]))
        for _ in range(6):
            time.sleep(0.8)
            first.close()
            seen += first.got
            last = max(seq for seq, _, _ in seen if seq is not None)
            first = self.listen(last_event_id=last)
        stop.set()
        for t in threads:
            t.join()
        shop.until(lambda: {e["data"]["id"] for _, t, e in seen + first.got
                            if t == "chat.message"} >= set(sent), 5)
        seen += first.got
        got = [e["data"]["id"] for _, t, e in seen if t == "chat.message"]
        self.assertEqual(len(got), len(set(got)), "an event came twice")
        self.assertEqual(set(sent) - set(got), set(), "an event is missing")
        self.assertEqual([t for _, t, _ in seen].count("room.snapshot"), 1)
        order = [seq for seq, _, _ in seen if seq is not None]
        self.assertEqual(order, sorted(order))

    def test_a_stale_or_foreign_number_gets_a_fresh_snapshot(self):
        self.assertEqual(self.listen(after=10 ** 15).find("room.snapshot")["show"]["id"], self.id)
        b = shop.Browser(self.shop).arrive()
        self.assertEqual(b.api("GET", f"/shows/{self.id}/events?after=x").status, 400)

    def test_a_stream_ends_with_the_session_it_was_opened_with(self):
        guest = self.guest()
        hers, theirs = self.listen(guest), self.listen()
        hers.find("room.snapshot")
        self.assertEqual(guest.api("DELETE", "/sessions/current").status, 204)
        self.assertTrue(shop.until(lambda: hers.ended, 3))
        email = f"mod{time.time_ns()}@example.org"
        dismissed = self.listen(self.shop.hire(email, "moderator"))
        dismissed.find("room.snapshot")
        self.shop.hire(email, "packer")  # by another process
        self.assertTrue(shop.until(lambda: dismissed.ended, 8))
        self.assertFalse(theirs.ended)

    def test_the_stream_says_how_it_must_be_treated(self):
        headers = self.listen().answer.headers
        self.assertTrue(headers["Content-Type"].startswith("text/event-stream"))
        self.assertEqual(headers["Cache-Control"], "no-store, no-transform")
        self.assertEqual(headers["X-Accel-Buffering"], "no")
        self.assertNotIn("Content-Encoding", headers)


if __name__ == "__main__":
    unittest.main()
