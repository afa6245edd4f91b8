"""serve with a bad setting: one line on standard error, exit code 2, and no database was made."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
import shop  # noqa: E402

BAD = [{"NM_LISTEN": "nowhere"}, {"NM_TRUSTED_PROXIES": "10.0.0.0/99"},
       {"NM_TLS_CERT": "/no/such.pem", "NM_TLS_KEY": "/no/such.key"}]


class BadSettings(unittest.TestCase):
    def test_nothing_is_migrated_and_nothing_logged_before(self):
        for settings in BAD:
            with tempfile.TemporaryDirectory() as folder:
                env = shop.clean_env(**{"NM_PUBLIC_URL": "http://127.0.0.1:9",
                                        "NM_LISTEN": "127.0.0.1:0", **settings})
                done = shop.run("serve", env=env, cwd=folder, timeout=20)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(next(iter(settings)), done.stderr)
                self.assertFalse(os.path.exists(os.path.join(folder, "data", "nightmarket.db")))

    def test_a_database_that_cannot_be_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in ("none/shop.db", "."):
                env = shop.clean_env(NM_PUBLIC_URL="http://127.0.0.1:9", NM_LISTEN="127.0.0.1:0",
                                     DATABASE_URL="sqlite:" + path)
                done = shop.run("serve", env=env, cwd=folder, timeout=20)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("DATABASE_URL", done.stderr.splitlines()[-1])
                self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700)  # not made 0600


if __name__ == "__main__":
    unittest.main()
