"""Two nightmarkets on one PostgreSQL serve one room; one of them is killed."""
# postgres: only
import collections
import http.client
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "api"))
import shop  # noqa: E402

NOTIFY = "notify-secret-of-the-test"
LOST = (OSError, http.client.HTTPException)


class Viewer:
    """A browser with an event stream, which moves to the other node when its own is gone."""

    def __init__(self, nodes, at, show):
        self.nodes, self.at, self.show = nodes, at, show
        self.browser = shop.Browser(nodes[at]).arrive()
        self.got = []  # what earlier streams gave
        self.events = shop.Events(self.browser, show)

    def move(self):
        self.got += list(self.events.got)
        self.events.close()
        self.at = 1 - self.at
        self.browser.shop, self.browser.origin = self.nodes[self.at], self.nodes[self.at].url
        last = max(seq for seq, _, _ in self.got if seq is not None)
        self.events = shop.Events(self.browser, self.show, last_event_id=last)

    def all(self):
        return self.got + list(self.events.got)

    def seqs(self):
        """The numbers it was given, and that of its snapshot."""
        numbered = [(seq, kind) for seq, kind, _ in self.all() if seq is not None]
        snapshots = [seq for seq, kind in numbered if kind == "room.snapshot"]
        return snapshots, [seq for seq, kind in numbered if kind != "room.snapshot"]

    def texts(self):
        return [e["data"]["text"] for _, kind, e in self.all() if kind == "chat.message"]


class TwoNodes(unittest.TestCase):
    def setUp(self):
        self.database = shop.make_database()
        key = os.urandom(32).hex()
        first = shop.Shop(with_engine=True, DATABASE_URL=self.database, NM_SECRET_KEY=key,
                          CLOUDFLARE_NOTIFY_SECRET=NOTIFY)
        cloud = {k: v for k, v in first.settings.items() if k.startswith("CLOUDFLARE_")}
        second = shop.Shop(DATABASE_URL=self.database, NM_SECRET_KEY=key, **cloud)
        self.nodes = [first, second]
        self.host = first.hire("host@example.org", "owner")
        self.viewers = []

    def tearDown(self):
        for v in self.viewers:
            v.events.close()
        alive = [n.child.poll() is None for n in self.nodes]
        codes = [n.end() if lives else self.forget(n)
                 for lives, n in zip(reversed(alive), reversed(self.nodes))]
        shop.drop_database(self.database)
        self.assertEqual(codes, [0, 0], self.nodes[0].log() + self.nodes[1].log())

    def forget(self, node):
        if node.engine:
            node.engine.stop()
        shutil.rmtree(node.folder, ignore_errors=True)
        return 0

    def watch(self, at, show):
        v = Viewer(self.nodes, at, show)
        self.viewers.append(v)
        v.events.find("room.snapshot")
        return v

    def guest(self, at, name="小美"):
        return shop.Browser(self.nodes[at]).arrive().guest(name)

    def kill(self, at):
        self.nodes[at].stop(signal.SIGKILL)

    def log_of(self, show, after):
        text = shop.sql(self.database, "SELECT seq FROM event WHERE audience = 'all' AND show_id ="
                        f" (SELECT id FROM show WHERE public_id = '{show}') AND seq > {after}"
                        " ORDER BY seq")
        return [int(line) for line in text.split()]

    # ---- what one says, all hear ----

    def test_viewers_move_over_and_miss_nothing(self):
        show = self.host.show()["id"]
        viewers = [self.watch(n % 2, show) for n in range(12)]
        # a line said at one is heard at the other within a second
        for at in (0, 1):
            for n in range(3):
                text = f"at {at}, line {n}"
                said = time.monotonic()
                a = self.guest(at).api("POST", f"/shows/{show}/messages", {"text": text})
                self.assertEqual(a.status, 201, a.body)
                for v in viewers:
                    v.events.find("chat.message", 5, lambda d, t=text: d["text"] == t)
                self.assertLess(time.monotonic() - said, 1.0, text)
        # a word that is blocked at one is blocked at the other
        self.assertEqual(self.host.api("PUT", f"/shows/{show}/blocked-words",
                                       {"words": ["假貨"]}).status, 200)
        blocked = self.guest(1)
        self.assertTrue(shop.until(lambda: self.held(blocked, show), 5))
        # one is killed in the middle of it; under 20 lines a second, beyond that viewers get samples
        killed, accepted, lock = threading.Event(), [], threading.Lock()

        def talk(n):
            at = n % 2
            for i in range(5):
                if at == 0 and killed.is_set():
                    at = 1
                try:
                    text = f"talker {n} says {i}"
                    a = self.guest(at, f"客{n}").api("POST", f"/shows/{show}/messages", {"text": text})
                    if a.status == 201:
                        with lock:
                            accepted.append(text)
                except (*LOST, AssertionError, KeyError):
                    time.sleep(0.1)
                time.sleep(random.uniform(0.5, 0.9))

        talkers = [threading.Thread(target=talk, args=(n,)) for n in range(8)]
        for t in talkers:
            t.start()
        time.sleep(1.2)
        self.kill(0)
        killed.set()
        for v in viewers:
            if v.at == 0:
                v.move()
        for t in talkers:
            t.join()
        last = self.guest(1).api("POST", f"/shows/{show}/messages", {"text": "the last line"})
        self.assertEqual(last.status, 201)
        for v in viewers:
            v.events.find("chat.message", 5, lambda d: d["text"] == "the last line")
        for v in viewers:
            snapshots, seqs = v.seqs()
            self.assertEqual(len(snapshots), 1, "moving over is no new start")
            self.assertEqual(seqs, self.log_of(show, snapshots[0]), "as the log: none lost, none twice")
        heard = collections.Counter(viewers[0].texts())
        self.assertEqual([t for t in accepted if heard[t] != 1], [])
        self.assertGreater(len(accepted), 20)
        # it comes back, and hears again
        self.nodes[0].start()
        back = self.watch(0, show)
        self.guest(1).api("POST", f"/shows/{show}/messages", {"text": "welcome back"})
        back.events.find("chat.message", 5, lambda d: d["text"] == "welcome back")

    def held(self, browser, show):
        a = browser.api("POST", f"/shows/{show}/messages", {"text": "這是假貨"})
        return a.status == 429 or (a.status == 201 and a.json.get("state") == "held")

    # ---- the deal ----

    def on_air(self):
        show = self.host.show()["id"]
        self.host.api("GET", f"/shows/{show}/ingest")
        e = self.nodes[0].engine
        r = urllib.request.Request(f"{e.url}/client/v4/accounts/{e.account}/stream/live_inputs",
                                   headers={"Authorization": f"Bearer {e.token}"})
        with urllib.request.urlopen(r, timeout=5) as f:
            uid = json.load(f)["result"]["liveInputs"][0]["uid"]
        body = {"name": "n", "text": "t", "ts": 1, "data": {
            "notification_name": "Stream Live Input", "input_id": uid,
            "event_type": "live_input.connected",
            "updated_at": time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z",
                                        time.gmtime(time.time() + 5))}}
        a = shop.Browser(self.nodes[0], origin=None).api("POST", "/webhooks/cloudflare/live", body,
                                                         headers={"cf-webhook-auth": NOTIFY})
        self.assertEqual(a.status, 200, a.body)
        self.assertEqual(self.host.api("POST", f"/shows/{show}/go-live").status, 200)
        return show

    def test_ten_bags_are_ten_at_both_together(self):
        show = self.on_air()
        a = self.host.api("POST", f"/shows/{show}/listings", {
            "new": {"title": "帆布包", "prices": {"TW": 590, "TH": 65000}, "qty": 10}, "code": "A14"})
        self.assertEqual(a.status, 201, a.body)
        bag = a.json
        self.assertEqual(self.host.api("PUT", f"/shows/{show}/pin",
                                       {"listing_id": bag["id"]}).status, 200)
        watchers = [self.watch(0, show), self.watch(1, show)]
        buyers = [self.guest(n % 2, f"買家{n}") for n in range(40)]
        a = self.host.api("POST", f"/listings/{bag['id']}/deals", {
            "prices": {"TW": 299}, "quota": 10, "per_buyer_max": 1, "countdown_s": 10, "run_s": 60,
            "start": True})
        self.assertEqual(a.status, 201, a.body)
        opens, got = a.json["opens_at"] / 1000, {}

        def buy(n):
            time.sleep(max(0, opens - time.time()))
            end = time.monotonic() + 20
            while time.monotonic() < end:
                try:
                    answer = buyers[n].api("POST", f"/listings/{bag['id']}/claims", {},
                                           headers={"Idempotency-Key": "rush"})
                    if answer.status in (200, 201):
                        got[n] = answer.json
                        return
                except LOST:  # the same again, at the other
                    buyers[n].shop, buyers[n].origin = self.nodes[1], self.nodes[1].url
                time.sleep(0.05)

        threads = [threading.Thread(target=buy, args=(n,)) for n in range(40)]
        for t in threads:
            t.start()
        time.sleep(max(0, opens - time.time()) + 0.06)
        self.kill(0)
        watchers[0].move()
        for t in threads:
            t.join()
        states = collections.Counter(c["state"] for c in got.values())
        self.assertEqual((len(got), states["granted"], states["waitlisted"]), (40, 10, 30), states)
        places = sorted(c["place"] for c in got.values() if c["state"] == "waitlisted")
        self.assertEqual(places, list(range(1, 31)))
        rows = shop.sql(self.database, "SELECT state, count(*) FROM claim GROUP BY state ORDER BY 1")
        self.assertEqual(rows.split(), ["granted|10", "waitlisted|30"])
        self.assertEqual(shop.sql(self.database, "SELECT stock_total, stock_held FROM variant"), "10|10")
        self.assertEqual(shop.sql(self.database, "SELECT taken FROM deal"), "10")
        for w in watchers:
            w.events.find("deal.progress", 5, lambda d: d["state"] == "sold_out")
            snapshots, seqs = w.seqs()
            self.assertEqual(seqs, self.log_of(show, snapshots[0])[:len(seqs)])
        done = self.nodes[1].command("reconcile")
        self.assertEqual((done.returncode, done.stdout), (0, "0 differences\n"), done.stderr)
        self.nodes[0].start()


if __name__ == "__main__":
    unittest.main()
