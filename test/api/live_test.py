"""A show's life with the real engine: encoder on, live, cut, back, end, replay; and callbacks."""
import hashlib
import hmac
import json
import subprocess
import time
import unittest

import shop

NOTIFY, WEBHOOK = "notify-secret-of-the-test", "webhook-secret-of-the-test"


def publish(url, key, seconds=60):
    return subprocess.Popen(
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i",
         "testsrc2=size=360x640:rate=30", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100",
         "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g",
         "30", "-b:v", "400k", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv", url + key],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Live(unittest.TestCase):
    def setUp(self):
        self.shop = shop.Shop(with_engine=True)
        self.host = self.shop.hire("host@example.org", "host")
        self.encoder = None

    def tearDown(self):
        self.cut()
        code = self.shop.end()
        self.assertEqual(code, 0, self.shop.log())

    def cut(self):
        if self.encoder:
            self.encoder.terminate()
            self.encoder.wait()
            self.encoder = None

    def on_air(self, ingest):
        self.encoder = publish(f"rtmp://127.0.0.1:{self.shop.engine.rtmp}/live/",
                               ingest["rtmps"]["key"])

    def state(self, browser, show):
        return browser.api("GET", f"/shows/{show}").json

    def wait_state(self, browser, show, state, seconds=20):
        got = shop.until(lambda: self.state(browser, show)["state"] == state, seconds, 0.1)
        self.assertTrue(got, f"{self.state(browser, show)['state']} instead of {state}\n"
                             f"{self.shop.log()}\n{self.shop.engine.log()}")

    def life(self):
        show = self.host.show()["id"]
        a = self.host.api("GET", f"/shows/{show}/ingest")
        self.assertEqual(a.status, 200, a.body)
        self.assertEqual(a.headers["Cache-Control"], "no-store")
        viewer = shop.Browser(self.shop).arrive()
        events = shop.Events(viewer, show)
        events.find("room.snapshot")
        self.on_air(a.json)
        self.wait_state(self.host, show, "backstage")
        self.assertEqual(self.state(viewer, show)["state"], "scheduled")
        self.assertIsNone(self.state(viewer, show)["playback"])
        self.assertEqual(self.host.api("POST", f"/shows/{show}/go-live").status, 200)
        live = events.find("show.state", test=lambda d: d["state"] == "live")
        self.assertTrue(live["playback"]["hls"].endswith(".m3u8"))
        time.sleep(3)
        self.cut()
        events.find("show.state", 20, lambda d: d["state"] == "interrupted")
        self.on_air(a.json)
        shop.until(lambda: len([1 for _, t, e in events.got if t == "show.state"
                                and e["data"]["state"] == "live"]) == 2, 20)
        self.assertEqual(self.state(viewer, show)["state"], "live")
        time.sleep(2)
        self.assertEqual(self.host.api("POST", f"/shows/{show}/end").status, 200)
        self.assertEqual(events.find("show.state", test=lambda d: d["state"] == "ended")["state"],
                         "ended")
        replay = events.find("show.state", 60, lambda d: d["state"] == "replay_ready")
        self.assertEqual(replay["playback"]["kind"], "replay")
        kept = shop.until(lambda: (self.state(viewer, show)["thumbnail"] or "")
                          .startswith("/api/v1/files/"), 30)
        self.assertTrue(kept, "the thumbnail was not copied:\n" + self.shop.log()[-2000:])
        self.assertGreaterEqual(self.state(viewer, show)["duration_ms"], 4000)
        events.close()
        key = a.json["rtmps"]["key"]
        self.assertNotIn(key, self.shop.log() + self.shop.engine.log())
        return show

    def test_a_show_lives_by_polling_alone(self):
        self.life()

    def test_a_show_lives_by_callbacks_and_setup_is_idempotent(self):
        first = self.shop.command("cloudflare-setup")
        self.assertEqual(first.returncode, 0, first.stderr + self.shop.engine.log())
        again = self.shop.command("cloudflare-setup")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout.count("already in place"), 3, again.stdout)
        self.life()
        metrics = shop.Browser(self.shop).send("GET", "/metrics").body.decode()
        self.assertRegex(metrics, r"nightmarket_webhooks_total [1-9]")

    def test_rotated_keys_stop_the_old_ones(self):
        show = self.host.show()["id"]
        old = self.host.api("GET", f"/shows/{show}/ingest").json
        new = self.host.api("POST", f"/shows/{show}/ingest/rotate").json
        self.assertNotEqual(old["rtmps"]["key"], new["rtmps"]["key"])
        self.assertIsNotNone(new["rotated_at"])
        self.on_air(old)
        self.encoder.wait(20)
        self.assertNotEqual(self.encoder.returncode, 0)
        self.assertEqual(self.state(self.host, show)["state"], "scheduled")


class Callbacks(unittest.TestCase):
    """Signed right, wrong, late and double, with the secrets given by the environment."""

    def setUp(self):
        self.shop = shop.Shop(with_engine=True, CLOUDFLARE_WEBHOOK_SECRET=WEBHOOK,
                              CLOUDFLARE_NOTIFY_SECRET=NOTIFY)
        self.host = self.shop.hire("host@example.org", "host")
        self.show = self.host.show()["id"]
        self.host.api("GET", f"/shows/{self.show}/ingest")
        self.uid = self.input_uid()
        self.shop.engine.stop()  # from here on only what the test says is true

    def tearDown(self):
        self.shop.end()

    def input_uid(self):
        import urllib.request
        e = self.shop.engine
        r = urllib.request.Request(f"{e.url}/client/v4/accounts/{e.account}/stream/live_inputs",
                                   headers={"Authorization": f"Bearer {e.token}"})
        with urllib.request.urlopen(r, timeout=5) as f:
            return json.load(f)["result"]["liveInputs"][0]["uid"]

    def notify(self, event, at, secret=NOTIFY):
        body = {"name": "n", "text": "t", "ts": 1, "data": {
            "notification_name": "Stream Live Input", "input_id": self.uid, "event_type": event,
            "updated_at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1e9):09d}Z"}}
        b = shop.Browser(self.shop, origin=None)
        return b.api("POST", "/webhooks/cloudflare/live", body,
                     headers={"cf-webhook-auth": secret}).status

    def state(self):
        return self.host.api("GET", f"/shows/{self.show}").json["state"]

    def test_forged_notifications_change_nothing(self):
        for secret in ("", "wrong", NOTIFY + "x", WEBHOOK):
            self.assertEqual(self.notify("live_input.connected", time.time(), secret), 403)
        self.assertEqual(self.state(), "scheduled")
        self.assertNotIn(NOTIFY, self.shop.log())

    def test_late_and_double_notifications_have_one_effect(self):
        now = time.time() + 5
        self.assertEqual(self.notify("live_input.connected", now), 200)
        self.assertEqual(self.state(), "backstage")
        self.assertEqual(self.notify("live_input.connected", now), 200)
        self.assertEqual(self.notify("live_input.disconnected", now - 1), 200)
        self.assertEqual(self.state(), "backstage")
        self.assertEqual(self.notify("live_input.disconnected", now + 1), 200)
        self.assertEqual(self.state(), "scheduled")
        self.assertEqual(self.notify("live_input.connected", now), 200)
        self.assertEqual(self.state(), "scheduled")

    def test_the_test_message_is_answered_and_needs_the_secret(self):
        body = {"text": "Hello World! This is a test message sent from https://cloudflare.com."}
        b = shop.Browser(self.shop, origin=None)
        path = "/webhooks/cloudflare/live"
        self.assertEqual(b.api("POST", path, body, headers={"cf-webhook-auth": NOTIFY}).status, 200)
        self.assertEqual(b.api("POST", path, body).status, 403)

    def test_video_webhooks_are_checked(self):
        body = json.dumps({"uid": "a" * 32, "liveInput": self.uid,
                           "status": {"state": "ready"}}).encode()
        b = shop.Browser(self.shop, origin=None)

        def post(secret=WEBHOOK, at=None, data=body):
            at = int(time.time()) if at is None else at
            mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
            return b.send("POST", "/api/v1/webhooks/cloudflare/stream", raw=data,
                          headers={"Webhook-Signature": f"time={at},sig1={mac}"}).status

        self.assertEqual(post(), 200)
        self.assertEqual(post(), 200)
        self.assertEqual(post(secret="wrong"), 403)
        self.assertEqual(post(at=int(time.time()) - 400), 403)
        self.assertEqual(post(data=body + b" "), 403)
        self.assertEqual(b.send("POST", "/api/v1/webhooks/cloudflare/stream", raw=body).status, 403)


if __name__ == "__main__":
    unittest.main()
