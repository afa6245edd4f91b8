"""A broadcast with real encoders: parts in time, cuts, returns, take-overs, restarts, replay."""
import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import unittest

from engine import SOURCE, Encoder, Player, Streamd, until


def probe(file):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries",
                           "packet=stream_index,pts_time,dts_time,duration_time:stream=codec_type",
                           "-of", "json", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return json.loads(done.stdout)


def holes(packets):
    """The largest step between two packets of a track that is not the first one's duration."""
    worst = 0.0
    for track in {p["stream_index"] for p in packets}:
        mine = [p for p in packets if p["stream_index"] == track]
        for a, b in zip(mine, mine[1:]):
            step = float(b["dts_time"]) - float(a["dts_time"])
            assert step > 0, "decode times stand still"
            worst = max(worst, abs(step - float(a["duration_time"])))
    return worst


class OnAir(unittest.TestCase):
    def setUp(self):
        self.engine = Streamd()
        self.input = self.engine.live_input()
        self.uid = self.input["uid"]
        self.encoders = []

    def tearDown(self):
        for e in self.encoders:
            if e.child.poll() is None:
                e.end(signal.SIGKILL)
            e.child.stderr.close()
        self.assertEqual(self.engine.end(), 0, self.engine.log())

    def publish(self, **more):
        e = Encoder(self.engine, self.input, **more)
        self.encoders.append(e)
        return e

    def state(self):
        return self.engine.get(f"/{self.uid}/lifecycle").json

    def wait_ready(self):
        """The video's object, once its recording is ready."""
        video = self.state()["videoUID"]
        ready = until(lambda: self.engine.api("GET", f"/{video}")["status"]["state"] == "ready", 40)
        self.assertTrue(ready, self.engine.log())
        return self.engine.api("GET", f"/{video}")

    def decode(self, url):
        done = subprocess.run(["ffmpeg", "-nostdin", "-v", "warning", "-i", url, "-f", "null", "-"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_parts_come_in_time_and_fit_together(self):
        self.assertEqual(self.engine.get(f"/{self.uid}/manifest/video.m3u8").status, 204)
        self.publish()
        player = Player(self.engine, self.uid)
        late, film = [], player.media(player.list.maps[-1])
        first = player.list.parts[-1][0]
        while len(late) < 25:
            part, after = player.next_part()
            self.assertIsNotNone(part, player.list.text)
            film += player.media(part)
            late.append(after)
        late.sort()
        # The clock of a part starts with the arrival of its first frame, so this is at most the
        # jitter of a sender in software; the machine may be busy.
        self.assertLess(late[len(late) * 9 // 10], 0.15, late)
        with tempfile.NamedTemporaryFile(suffix=".mp4") as f:
            f.write(film)
            f.flush()
            got = probe(f.name)
        self.assertEqual({s["codec_type"] for s in got["streams"]}, {"video", "audio"})
        self.assertLess(holes(got["packets"]), 0.002, first)
        segment = player.media(player.list.segments[-1][0])
        parts = [uri for uri, _, _ in player.list.parts
                 if uri.startswith(f"part-{player.list.last}-")]
        self.assertEqual(segment, b"".join(player.media(p) for p in parts))
        picture = self.engine.get(f"/{self.uid}/thumbnails/thumbnail.jpg?height=90")
        if os.path.exists(os.path.join(os.environ.get("NM_BUILD", "build/dev"), "streamd-media")):
            self.assertEqual((picture.status, picture.body[:2]), (200, b"\xff\xd8"))
        self.assertTrue(until(
            lambda: self.engine.get(f"/{self.uid}/views").json["liveViewers"] == 1))
        shown = self.engine.api("GET", f"/live_inputs/{self.uid}")["status"]["current"]["ingest"]
        self.assertEqual((shown["width"], shown["height"]), (640, 360))
        self.assertAlmostEqual(shown["fps"], 30, delta=4)

    def test_a_killed_encoder_returns_by_tls_and_the_replay_has_both_halves(self):
        first = self.publish()
        player = Player(self.engine, self.uid)
        video = self.state()["videoUID"]
        player.reload(player.list.last + 2)
        first.end(signal.SIGKILL)
        self.assertTrue(until(lambda: "client_disconnect" in self.engine.log()))
        before = player.reload()
        again = self.publish(tls=True)
        player.reload(before.last + 2)
        self.assertEqual(player.list.discontinuities, 1, player.list.text)
        self.assertFalse(player.list.ended)
        self.assertEqual(self.state()["videoUID"], video)
        again.end()
        done = self.wait_ready()
        self.assertGreater(done["duration"], 4)
        self.assertTrue(player.reload().ended)
        self.decode(self.engine.url(f"/{self.uid}/manifest/video.m3u8"))
        replay = Player(self.engine, video)
        self.assertEqual(replay.list.discontinuities, 1)
        self.assertAlmostEqual(sum(d for _, d in replay.list.segments), done["duration"], delta=0.1)
        self.assertEqual(self.state()["live"], False)

    def test_a_second_encoder_takes_over(self):
        old = self.publish()
        player = Player(self.engine, self.uid)
        new = self.publish()
        old.wait(15)
        self.assertIsNone(new.child.poll())
        player.reload(player.list.last + 2)
        self.assertEqual(player.list.discontinuities, 1)

    def test_a_half_open_encoder_does_not_lock_the_key(self):
        old = self.publish()
        player = Player(self.engine, self.uid)
        old.child.send_signal(signal.SIGSTOP)
        self.publish()
        player.reload(player.list.last + 2)
        self.assertEqual(player.list.discontinuities, 1)
        old.child.send_signal(signal.SIGCONT)
        old.wait(15)

    def test_a_second_encoder_is_refused_when_the_operator_wants_so(self):
        self.engine.end()
        self.engine = Streamd(STREAMD_SECOND_PUBLISHER="refuse")
        self.input = self.engine.live_input()
        self.uid = self.input["uid"]
        old = self.publish()
        player = Player(self.engine, self.uid)
        said = self.publish().wait(15)
        self.assertTrue(any("on air already" in line for line in said), said)
        self.assertIsNone(old.child.poll())
        player.reload(player.list.last + 2)
        self.assertEqual(player.list.discontinuities, 0)

    def test_only_pages_of_allowed_origins_play_it(self):
        self.input = self.engine.live_input(recording={
            "mode": "automatic", "allowedOrigins": ["shop.example", "*.live.example"]})
        self.uid = self.input["uid"]
        self.publish()
        player = Player(self.engine, self.uid)
        for origin, status in (("https://shop.example", 200), ("https://a.live.example", 200),
                               ("https://live.example", 403), ("https://evil.example", 403),
                               ("https://shop.example.evil.example", 403), ("null", 403)):
            for path in (f"/{self.uid}/manifest/video.m3u8", player.path(player.name)):
                got = self.engine.get(path, headers={"Origin": origin})
                self.assertEqual(got.status, status, (origin, path))
                self.assertEqual(got.headers["Access-Control-Allow-Origin"], "*")

    def restart(self, sig):
        self.publish()
        player = Player(self.engine, self.uid)
        before = player.reload(player.list.last + 2)
        waiting = threading.Thread(target=self.wait_for_status, args=(player,))
        waiting.start()
        self.engine.stop(sig)
        waiting.join()
        self.assertNotEqual(self.status, 200)
        self.engine.start()
        until(lambda: self.engine.get(player.path(player.name)).status == 200)
        back = player.reload()
        self.assertFalse(back.ended)
        self.assertIn(before.segments[-1], back.segments)
        self.publish()
        player.reload(back.last + 2)
        self.assertEqual(player.list.discontinuities, 1, player.list.text)

    def wait_for_status(self, player):
        """A player that waits while the server goes away hears no end."""
        try:
            self.status = self.engine.get(
                f"{player.path(player.name)}&_HLS_msn={player.list.last + 2}").status
        except (OSError, http.client.HTTPException):
            self.status = None

    def test_a_killed_server_goes_on_with_the_same_playlist(self):
        self.restart(signal.SIGKILL)

    def test_a_stopped_server_goes_on_with_the_same_playlist(self):
        self.restart(signal.SIGTERM)

    def test_a_stopped_server_keeps_the_recording(self):
        self.publish()
        player = Player(self.engine, self.uid)
        player.reload(player.list.last + 2)
        self.assertEqual(self.engine.stop(), 0)
        self.engine.start()
        done = self.wait_ready()
        self.assertGreater(done["duration"], 2)
        self.decode(self.engine.url(f"/{done['uid']}/manifest/video.m3u8"))

    def test_streams_of_every_kind_are_recorded_whole(self):
        kinds = {
            "B-frames": SOURCE.replace("-tune zerolatency", "-bf 2"),
            "video only": SOURCE.replace("-c:a aac", "-an"),
            "audio only": "-f lavfi -i sine=sample_rate=44100 -c:a aac",
            "24 fps, long GOP": SOURCE.replace("rate=30", "rate=24").replace("-g 30", "-g 240"),
        }
        inputs = {}
        for kind, args in kinds.items():
            self.input = inputs[kind] = self.engine.live_input()
            self.publish(seconds=12, args=args, real_time=False)
        for encoder in self.encoders:
            self.assertEqual(encoder.wait(), [])
        for kind, live_input in inputs.items():
            with self.subTest(kind):
                self.uid = live_input["uid"]
                done = self.wait_ready()
                self.assertAlmostEqual(done["duration"], 12, delta=0.3)
                url = self.engine.url(f"/{self.uid}/manifest/video.m3u8")
                self.assertEqual(self.decode(url), "")

    def test_what_is_not_allowed(self):
        self.engine.api("PUT", f"/live_inputs/{self.uid}", {"enabled": False})
        said = self.publish().wait(15)
        self.assertTrue(any("disabled" in line for line in said), said)
        self.assertNotIn(self.input["rtmps"]["streamKey"], self.engine.log())
        self.engine.api("PUT", f"/live_inputs/{self.uid}", {"enabled": True})
        self.publish()
        Player(self.engine, self.uid)
        self.engine.api("PUT", f"/live_inputs/{self.uid}", {
            "recording": {"mode": "automatic", "requireSignedURLs": True}})
        self.assertEqual(self.engine.get(f"/{self.uid}/manifest/video.m3u8").status, 401)
        self.engine.api("PUT", f"/live_inputs/{self.uid}", {"enabled": False})
        self.encoders[-1].wait(15)
        self.assertFalse(re.search("ERROR: |runtime error", self.engine.log()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
