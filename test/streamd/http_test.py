"""streamd refuses malformed HTTP as nightmarket does, and answers errors in Cloudflare's envelope."""
import http.client
import json
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(__file__)
sys.path[:0] = [os.path.join(HERE, "..", "http"), os.path.join(HERE, "..", "api")]
import refusals  # noqa: E402
import shop  # noqa: E402


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="nm-test-")
        cls.engine = shop.Streamd(cls.folder.name)
        cls.stream = f"/client/v4/accounts/{cls.engine.account}/stream"

    @classmethod
    def tearDownClass(cls):
        code = cls.engine.stop()
        cls.folder.cleanup()
        assert code == 0, f"streamd ended with {code}:\n{cls.engine.log()}"

    def ask(self, method, path, token=None):
        c = http.client.HTTPConnection("127.0.0.1", self.engine.port, timeout=10)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        c.request(method, path, headers=headers)
        r = c.getresponse()
        body = r.read()
        c.close()
        return r.status, body

    def test_malformed_requests_are_refused(self):
        self.assertEqual(refusals.check("127.0.0.1", self.engine.port, "/healthz",
                                        self.stream + "/live_inputs"), [])

    def test_errors_come_in_the_envelope(self):
        token = self.engine.token
        for method, path, auth, status, code in [
                ("GET", self.stream, None, 401, 10000),
                ("GET", self.stream, "wrong", 401, 10000),
                ("GET", f"/client/v4/accounts/{'f' * 32}/stream", token, 403, 10000),
                ("GET", self.stream + "/" + "0" * 32, token, 404, 10003),
                ("GET", self.stream + "/live_inputs/" + "0" * 32, None, 401, 10000),
                ("GET", "/client/v4/accounts/x/nothing/here", token, 404, 7003)]:
            got, body = self.ask(method, path, auth)
            envelope = json.loads(body)
            self.assertEqual((got, envelope["errors"][0]["code"]), (status, code), path)
            self.assertEqual((envelope["success"], envelope["result"]), (False, None))

    def test_health_and_metrics(self):
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)
        status, text = self.ask("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertIn(b"# TYPE", text)

    def test_the_authority_is_there_for_encoders(self):
        status, pem = self.ask("GET", "/ca.pem")
        self.assertEqual(status, 200)
        self.assertTrue(pem.startswith(b"-----BEGIN CERTIFICATE-----"))
        self.assertNotIn(b"PRIVATE", pem)


if __name__ == "__main__":
    unittest.main()
