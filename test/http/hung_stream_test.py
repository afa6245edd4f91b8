"""A Stream API that accepts and never answers: the site goes on, and serve still ends in time."""
import http.server
import json
import os
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
import shop  # noqa: E402


class FakeStream(http.server.ThreadingHTTPServer):
    """Makes live inputs, until `hang` is set: then it takes requests and says nothing."""
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.hang, self.over, self.made, self.held = threading.Event(), threading.Event(), 0, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.hang.is_set():
            self.server.held += 1
            self.server.over.wait()
            return
        self.server.made += 1
        uid = self.path.rsplit("/", 1)[1] if self.command != "POST" else f"{self.server.made:032x}"
        body = json.dumps({"success": True, "result": {
            "uid": uid, "rtmps": {"url": "rtmps://x/live/", "streamKey": "k"},
            "meta": {"name": "n"}, "status": None}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer


class HungStream(unittest.TestCase):
    def setUp(self):
        self.stream = FakeStream()
        url = f"http://127.0.0.1:{self.stream.server_port}/client/v4"
        self.shop = shop.Shop(CLOUDFLARE_ACCOUNT_ID="0" * 32, CLOUDFLARE_STREAM_API_TOKEN="t",
                              CLOUDFLARE_API_BASE_URL=url)
        self.host = self.shop.hire("host@example.com", "owner")

    def tearDown(self):
        self.shop.end()
        self.stream.over.set()
        self.stream.shutdown()
        self.stream.server_close()

    def shows(self, n):
        ids = [self.host.show()["id"] for _ in range(n)]
        for i in ids:
            self.assertEqual(self.host.api("GET", f"/shows/{i}/ingest").status, 200)
        return ids

    def test_serve_ends_in_time_while_its_follower_waits(self):
        ids = self.shows(6)
        self.stream.hang.set()
        for i in ids:  # each leaves a task for the follower
            self.assertEqual(self.host.api("POST", f"/shows/{i}/cancel").status, 200)
        self.assertTrue(shop.until(lambda: self.stream.held > 0))
        began = time.monotonic()
        self.assertEqual(self.shop.stop(signal.SIGTERM, 10), 0)
        self.assertLess(time.monotonic() - began, 8)

    def test_the_site_answers_while_many_wait_for_stream(self):
        (first,) = self.shows(1)
        self.stream.hang.set()
        answers = []

        def ask():
            answers.append(self.host.api("GET", f"/shows/{first}/ingest"))

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(40)]
        for t in threads:
            t.start()
        self.assertTrue(shop.until(lambda: len(answers) >= 30))  # those beyond 8 are told at once
        began = time.monotonic()
        self.assertEqual(self.host.send("GET", "/readyz").status, 200)
        self.assertEqual(self.host.api("GET", "/shows").status, 200)
        self.assertLess(time.monotonic() - began, 2)
        for a in list(answers):
            self.assertEqual(a.status, 503)
            self.assertNotIn(b"127.0.0.1", a.body)


if __name__ == "__main__":
    unittest.main()
