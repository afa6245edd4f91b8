"""The bucket client against a bucket that checks signatures: keys, ranges, lists, presigned
addresses, and a big file whose sender is killed."""
import hashlib
import os
import signal
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from bucket import Bucket
import shop

TOOL = os.path.join(os.path.abspath(shop.BUILD), "tests", "files")
NASTY = ["a b+c=(d).jpg", "夜市/ตลาด é.png", "q'u*o!t&e?#%25.bin", "a//b", "x~y_z-.", "100%", "tail ",
         "+plus", "[x]{y}|z^`", 'quo"te<>', "a/.../b", "ünïcode/\U0001f3ee"]


class R2(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bucket = Bucket()
        cls.file = os.path.join(cls.bucket.folder, "in")
        cls.out = os.path.join(cls.bucket.folder, "out")
        with open(cls.file, "wb") as f:
            f.write(os.urandom(100_000))

    @classmethod
    def tearDownClass(cls):
        cls.bucket.end()

    def tool(self, *args, **settings):
        env = {**shop.clean_env(), **self.bucket.settings(**settings)}
        return subprocess.run([TOOL, *args], env=env, capture_output=True, text=True, timeout=120,
                              check=False)

    def good(self, *args):
        done = self.tool(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def bad(self, words, *args, **settings):
        done = self.tool(*args, **settings)
        self.assertEqual(done.returncode, 1)
        self.assertIn(words, done.stderr)
        self.assertNotIn(self.bucket.secret, done.stderr)

    def web(self, method, url, body=None, **headers):
        ask = urllib.request.Request(url, body, headers, method=method)
        try:
            with urllib.request.urlopen(ask, timeout=20) as r:
                return r.status, r.read()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.read()

    def test_any_key_comes_back_and_is_listed(self):
        with open(self.file, "rb") as f:
            data = f.read()
        for key in NASTY:
            self.good("put", "n/" + key, self.file)
            self.good("get", "n/" + key, self.out)
            with open(self.out, "rb") as f:
                self.assertEqual(f.read(), data, key)
            self.assertEqual(self.good("head", "n/" + key), "100000 application/x-test\n")
        self.assertEqual(set(self.good("list", "n/").splitlines()), {"n/" + k for k in NASTY})
        self.good("delete", "n/a//b")
        self.good("delete", "n/a//b")
        self.bad("not_found", "head", "n/a//b")
        for key in ("../x", "a/../b", "/x", "a/./b"):
            self.bad("input", "put", key, self.file)

    def test_ranges(self):
        self.good("put", "range", self.file)
        self.good("get", "range", self.out, "99990", "10")
        with open(self.file, "rb") as f, open(self.out, "rb") as out:
            self.assertEqual(out.read(), f.read()[-10:])
        self.bad("input", "get", "range", self.out, "200000", "1")

    def test_a_wrong_secret_key_or_bucket_is_said(self):
        self.good("put", "k", self.file)
        self.bad("SignatureDoesNotMatch", "list", "", R2_SECRET_ACCESS_KEY="wrong")
        self.bad("forbidden", "head", "k", R2_SECRET_ACCESS_KEY="wrong")
        self.bad("Unauthorized", "list", "", R2_ACCESS_KEY_ID="nobody")
        self.bad("NoSuchBucket", "list", "", R2_BUCKET_NAME="no-such-bucket")
        self.bad("cannot be reached", "head", "k", R2_ENDPOINT_URL="http://127.0.0.1:1")

    def test_a_list_goes_on_over_its_pages(self):
        self.good("fill", "page/ +", "1030")
        want = [f"page/ +{i:04}" for i in range(1030)]
        self.assertEqual(self.good("list", "page/").splitlines(), want)
        self.assertEqual(self.good("list", "page/ +10", "7").splitlines(), want[1000:1030])

    def test_presigned_addresses(self):
        key = "p/ö =+(1).jpg"
        put = self.good("presign", "PUT", key, "60", "image/jpeg", "5").strip()
        self.assertEqual(self.web("PUT", put, b"12345", **{"Content-Type": "image/png"})[0], 403)
        self.assertEqual(self.web("PUT", put, b"123456", **{"Content-Type": "image/jpeg"})[0], 403)
        self.assertEqual(self.web("PUT", put, b"12345", **{"Content-Type": "image/jpeg"})[0], 200)
        get = self.good("presign", "GET", key, "60").strip()
        self.assertEqual(self.web("GET", get), (200, b"12345"))
        self.assertEqual(self.web("GET", get.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))[0], 403)
        self.assertEqual(self.web("DELETE", get)[0], 403, "for GET alone")
        short = self.good("presign", "GET", key, "1").strip()
        end = time.monotonic() + 10
        while self.web("GET", short)[0] == 200 and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(self.web("GET", short)[0], 403, "expired")
        gone = self.good("presign", "DELETE", key, "60").strip()
        self.assertEqual(self.web("DELETE", gone)[0], 204)
        self.assertEqual(self.web("GET", get)[0], 404)
        self.bad("input", "presign", "GET", key, "604801")

    def sum_of(self, path):
        with open(path, "rb") as f:
            return hashlib.file_digest(f, "sha256").hexdigest()

    def test_a_killed_sender_goes_on_where_it_was(self):
        big = os.path.join(self.bucket.folder, "big")
        store = os.path.join(self.bucket.folder, "big.db")
        part, parts, size = 5 * 1024 * 1024, 20, 100_000_000
        with open(big, "wb") as f:
            for _ in range(parts):
                f.write(os.urandom(size // parts))
        args = [TOOL, "send", store, big, "rec/big.mp4", str(part)]
        env = {**shop.clean_env(), **self.bucket.settings()}
        sender = subprocess.Popen(args, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  text=True)
        for line in sender.stdout:
            if line == f"sent {8 * part}\n":
                break
        sender.send_signal(signal.SIGKILL)
        said = sender.stdout.read()
        sender.wait()
        sender.stdout.close()
        self.assertNotIn(f"sent {size}", said, "it was killed before the end")
        first = int(self.good("send", store, big, "rec/big.mp4", str(part)).split()[1])
        self.assertGreater(first, 8 * part, "what had arrived was not sent again")
        self.good("get", "rec/big.mp4", self.out)
        self.assertEqual(self.sum_of(self.out), self.sum_of(big))
        # The row is gone, so the same file again is a new upload; a changed one, too.
        self.assertEqual(self.good("send", store, big, "rec/big.mp4", str(part)).split()[1], str(part))


if __name__ == "__main__":
    unittest.main(verbosity=2)
