"""Webhooks that Stream did not send: each is refused and counted, few of them reach the log."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
import shop  # noqa: E402


class ForgedWebhook(unittest.TestCase):
    def test_a_flood_does_not_fill_the_log(self):
        with shop.Shop() as s:
            stranger = shop.Browser(s, origin=None)
            for i in range(60):
                path = "/api/v1/webhooks/cloudflare/" + ("stream", "live")[i % 2]
                self.assertEqual(stranger.send("POST", path, {"text": "x"}).status, 403)
            counted = stranger.send("GET", "/metrics").body.decode()
            self.assertRegex(counted, re.compile(r"^nightmarket_webhook\w*forged\w*(\{.*\})? 60$", re.M))
        lines = [line for line in s.lines if "webhook refused" in line]
        self.assertGreaterEqual(len(lines), 1)
        self.assertLess(len(lines), 12, "a line a second, not one each")


if __name__ == "__main__":
    unittest.main()
