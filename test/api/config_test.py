"""Settings: one line names the variable that is wrong, and the exit code is 2."""
import os
import tempfile
import unittest

import shop

GOOD = {"NM_PUBLIC_URL": "http://127.0.0.1:9"}
GROUPS = [
    ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_STREAM_API_TOKEN"],
    ["R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", "R2_ENDPOINT_URL", "R2_BUCKET_NAME"],
    ["ECPAY_MERCHANT_ID", "ECPAY_HASH_KEY", "ECPAY_HASH_IV"],
    ["ECPAY_LOGISTICS_MERCHANT_ID", "ECPAY_LOGISTICS_HASH_KEY", "ECPAY_LOGISTICS_HASH_IV"],
    ["ECPAY_INVOICE_MERCHANT_ID", "ECPAY_INVOICE_HASH_KEY", "ECPAY_INVOICE_HASH_IV"],
    ["OMISE_PUBLIC_KEY", "OMISE_SECRET_KEY"],
    ["LINE_CHANNEL_ID", "LINE_CHANNEL_SECRET"],
    ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
    ["FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET"],
    ["APPLE_CLIENT_ID", "APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY"],
    ["OIDC_ACME_ISSUER", "OIDC_ACME_CLIENT_ID", "OIDC_ACME_CLIENT_SECRET"],
    ["NM_TLS_CERT", "NM_TLS_KEY"],
]
BAD = [
    ("NM_PUBLIC_URL", {"NM_PUBLIC_URL": None}),
    ("NM_PUBLIC_URL", {"NM_PUBLIC_URL": "shop.example"}),
    ("NM_PUBLIC_URL", {"NM_PUBLIC_URL": "http://127.0.0.1/shop"}),
    ("NM_SECRET_KEY", {"NM_SECRET_KEY": "abc"}),
    ("NM_LISTEN", {"NM_LISTEN": "nowhere"}),
    ("NM_TRUSTED_PROXIES", {"NM_TRUSTED_PROXIES": "10.0.0.0/99"}),
    ("DATABASE_URL", {"DATABASE_URL": "mysql://x"}),
    ("NM_TLS_CERT", {"NM_TLS_CERT": "/no/such.pem", "NM_TLS_KEY": "/no/such.key"}),
    ("CLOUDFLARE_ACCOUNT_ID", {"CLOUDFLARE_ACCOUNT_ID": "x", "CLOUDFLARE_STREAM_API_TOKEN": "t"}),
    ("CLOUDFLARE_API_BASE_URL", {"CLOUDFLARE_ACCOUNT_ID": "0" * 32,
                                 "CLOUDFLARE_STREAM_API_TOKEN": "t",
                                 "CLOUDFLARE_API_BASE_URL": "http://api.example/client/v4"}),
    ("OIDC_ACME_ALG", {"OIDC_ACME_ISSUER": "https://a.example", "OIDC_ACME_CLIENT_ID": "i",
                       "OIDC_ACME_CLIENT_SECRET": "s", "OIDC_ACME_ALG": "none"}),
    ("LINE_ISSUER", {"LINE_CHANNEL_ID": "i", "LINE_CHANNEL_SECRET": "s",
                     "LINE_ISSUER": "http://line.example"}),
]


class Config(unittest.TestCase):
    def refused(self, variable, settings):
        with tempfile.TemporaryDirectory() as folder:
            env = shop.clean_env(**{**GOOD, "NM_LISTEN": "127.0.0.1:0", **settings})
            done = shop.run("serve", env=env, cwd=folder, timeout=20)
        lines = [l for l in done.stderr.splitlines() if not l.startswith("ts=")]
        self.assertEqual(done.returncode, 2, (settings, done.stderr))
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(variable, lines[0])
        for value in settings.values():
            if value and variable.endswith(("_KEY", "_TOKEN", "_SECRET", "_ID")) and len(value) > 8:
                self.assertNotIn(value, lines[0])  # a secret is never repeated

    def test_half_a_group_is_refused_by_the_missing_name(self):
        for group in GROUPS:
            for missing in group:
                self.refused(missing, {v: "https://x.example" for v in group if v != missing})

    def test_a_bad_value_is_refused_by_its_name(self):
        for variable, settings in BAD:
            self.refused(variable, settings)

    def test_an_unknown_command_or_option_is_exit_2(self):
        self.assertEqual(shop.run("dance").returncode, 2)
        self.assertEqual(shop.run("serve", "--loud").returncode, 2)
        self.assertEqual(shop.run("user", "add").returncode, 2)
        self.assertEqual(shop.run("--version").returncode, 0)

    def test_dot_env_is_read_and_the_environment_wins(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, ".env"), "w", encoding="utf-8") as f:
                f.write("# ours\nexport NM_PUBLIC_URL='http://127.0.0.1:9'\nNM_DATA_DIR=\"d\"\n")
            done = shop.run("migrate", env=shop.clean_env(NM_DATA_DIR="e"), cwd=folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(os.listdir(os.path.join(folder, "e")).count("secret.key"), 1)
            key = os.path.join(folder, "e", "secret.key")
            self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
            self.assertEqual(os.stat(os.path.join(folder, "e")).st_mode & 0o777, 0o700)
            with open(key, encoding="ascii") as f:
                first = f.read()
            shop.run("migrate", env=shop.clean_env(NM_DATA_DIR="e"), cwd=folder)
            with open(key, encoding="ascii") as f:
                self.assertEqual(f.read(), first)
            with open(os.path.join(folder, ".env"), "a", encoding="utf-8") as f:
                f.write("what is this\n")
            self.assertEqual(shop.run("migrate", cwd=folder).returncode, 2)


if __name__ == "__main__":
    unittest.main()
