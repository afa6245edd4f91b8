"""nightmarket ecpay-mac against PHP, which ECPay's own sums are made with, on random orders."""
import base64
import json
import os
import random
import subprocess
import unittest
from urllib.parse import quote_plus

BUILD = os.environ.get("NM_BUILD", "build/dev")
HERE = os.path.dirname(os.path.abspath(__file__))
ORDERS = 3000
PLAIN, ODD = [quote_plus(bytes([b])) for b in range(256)], [f"%{b:02x}" for b in range(256)]

NAMES = ["MerchantID", "MerchantTradeNo", "MerchantTradeDate", "PaymentType", "TotalAmount",
         "TradeDesc", "ItemName", "ReturnURL", "ChoosePayment", "EncryptType", "CustomField1",
         "CustomField2", "Remark", "RtnCode", "RtnMsg", "card4no", "red_dan", "gwsr", "stast",
         "PayFrom", "payfrom", "PAYFROM", "Pay_From", "PayFrom2", "a", "A", "a_", "aZ", "_", "~", "é"]
PIECES = ["促銷方案", "ＡＢＣ", "É", "Ω", "ß", "İ", "綠界", "ข้าว", "🍜", '"', "\\", "'", "~", "!", "*", "(", ")",
          "-", "_", ".", "+", " ", "  ", "%", "%26", "%3C", "%2d", "%2D", "&", "=", "#", "<b>", "{", "}",
          "\t", "\n", "\r\n", "\x00", "\x01", "\x1f", "\x7f", "\u00a0", "\u200b", "a", "Z", "0", "Tom's Shop",
          "/", ":", "?", "@", "[", "]", "^", "`", "|", ";", "$", ",", "\u0080", "\ufeff"]


def value(dice):
    """Bytes: mostly text, at times nothing, braces at its ends, or no UTF-8 at all."""
    kind = dice.randrange(12)
    if kind == 0:
        return b""
    if kind == 1:
        return bytes(dice.randrange(256) for _ in range(dice.randrange(1, 40)))
    text = "".join(dice.choice(PIECES) for _ in range(dice.randrange(1, 12)))
    if kind == 2:
        text = "}" + text
    if kind == 3:
        text += "{"
    return text.encode()


def order(dice):
    """Names that differ by case alone keep the order in which they come."""
    names = dice.sample(NAMES, dice.randrange(1, len(NAMES)))
    return [(n.encode(), value(dice)) for n in names]


def line(fields, dice):
    """As a form; some bytes that need no escape get one all the same, and in lower case."""
    def escape(raw):
        return "".join(ODD[b] if dice.random() < 0.125 else PLAIN[b] for b in raw)
    return "&".join(f"{escape(n)}={escape(v)}" for n, v in fields)


def run(lines, env):
    return subprocess.run([os.path.join(os.path.abspath(BUILD), "nightmarket"), "ecpay-mac"],
                          input="".join(x + "\n" for x in lines).encode(), capture_output=True,
                          env=env, cwd="/", timeout=60, check=False)


def ours(lines, key, iv, method):
    done = run(lines, {"ECPAY_HASH_KEY": key, "ECPAY_HASH_IV": iv, "ECPAY_METHOD": method})
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.decode().splitlines()


def by_php(orders, key, iv, method):
    def b64(raw):
        return base64.b64encode(raw).decode()
    lines = [json.dumps({"key": key, "iv": iv, "method": method})]
    lines += [json.dumps([[b64(n), b64(v)] for n, v in o]) for o in orders]
    done = subprocess.run(["php", "-n", os.path.join(HERE, "mac.php")],
                          input="".join(x + "\n" for x in lines).encode(), capture_output=True,
                          timeout=60, check=True)
    return done.stdout.decode().splitlines()


KEYS = ("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs")


class EcpayMac(unittest.TestCase):
    def test_php_agrees_on_random_orders(self):
        for method in ("sha256", "md5"):
            dice = random.Random(f"ecpay {method}")
            orders = [order(dice) for _ in range(ORDERS)]
            lines = [line(o, dice) for o in orders]
            got, want = ours(lines, *KEYS, method), by_php(orders, *KEYS, method)
            self.assertEqual(len(want), ORDERS)
            self.assertEqual(len(got), ORDERS)
            for i, (g, w) in enumerate(zip(got, want)):
                self.assertEqual(g, w, f"{method} order {i}: {lines[i]}")

    def test_php_agrees_with_ecpays_documented_vector(self):
        fields = [("TradeDesc", "促銷方案"), ("PaymentType", "aio"), ("MerchantTradeDate", "2023/03/12 15:30:23"),
                  ("MerchantTradeNo", "ecpay20230312153023"), ("MerchantID", "3002607"),
                  ("ReturnURL", "https://www.ecpay.com.tw/receive.php"), ("ItemName", "Apple iphone 15"),
                  ("TotalAmount", "30000"), ("ChoosePayment", "ALL"), ("EncryptType", "1")]
        one = [(n.encode(), v.encode()) for n, v in fields]
        want = ["6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840"]
        self.assertEqual(by_php([one], *KEYS, "sha256"), want)
        self.assertEqual(ours([line(one, random.Random(1)) + "&CheckMacValue=WRONG"], *KEYS, "sha256"), want)

    def test_a_bad_line_has_an_empty_answer_and_the_next_its_own(self):
        good = "MerchantID=1&ItemName=plain"
        mac = "9E24178FB92110FE0184E3C5A269CD3FF66DF6A1E10622DE55940CC98A8E10F6"
        done = run(["a=1&a=2", good, "x=" + "y" * 300000, good + "\r"],
                   {"ECPAY_HASH_KEY": KEYS[0], "ECPAY_HASH_IV": KEYS[1]})
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.decode(), f"\n{mac}\n\n{mac}\n")
        self.assertIn(b"twice", done.stderr)
        self.assertIn(b"at most", done.stderr)

    def test_a_missing_or_wrong_variable_is_named(self):
        both = {"ECPAY_HASH_KEY": "k", "ECPAY_HASH_IV": "v"}
        for name, env in (("ECPAY_METHOD", both | {"ECPAY_METHOD": "sha1"}),
                          ("ECPAY_HASH_IV", both | {"ECPAY_HASH_IV": ""}),
                          ("ECPAY_HASH_KEY", {"ECPAY_HASH_IV": "v"})):
            done = run(["a=1"], env)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(name.encode(), done.stderr)


if __name__ == "__main__":
    unittest.main()
