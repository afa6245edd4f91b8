"""ECPay from the shop's side, by ECPay's documents alone: signing, forms, notices, the e-invoice's envelope."""
import atexit
import hashlib
import html.parser
import http.client
import http.server
import json
import os
import re
import subprocess
import threading
import time
import urllib.parse

BUILD = os.environ.get("NM_BUILD", "build/dev")

PAY = ("3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs", "sha256")
B2C = ("2000132", "5294y06JbISpM5x9", "v77hoKGq4kWxNNIS", "md5")
C2C = ("2000933", "XBERn1YOvpM9nfZc", "h1ONHk4P4yqbl5LK", "md5")
INVOICE = ("2000132", "ejCk326UnaZWKisg", "q9jcZX8Ib9LM8wYk", "aes")


def until(what, seconds=10.0):
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.02)


def mac(account, fields):
    """CheckMacValue in the steps of page 2902."""
    _, key, iv, method = account
    pairs = sorted(((k, v) for k, v in fields.items() if k != "CheckMacValue"),
                   key=lambda pair: pair[0].lower())
    text = f"HashKey={key}&" + "&".join(f"{k}={v}" for k, v in pairs) + f"&HashIV={iv}"
    text = urllib.parse.quote_plus(text, safe="-_.").replace("~", "%7E").lower()
    for code, sign in (("%21", "!"), ("%2a", "*"), ("%28", "("), ("%29", ")")):
        text = text.replace(code, sign)
    return hashlib.new(method, text.encode()).hexdigest().upper()


def signed(account, fields):
    fields = {"MerchantID": account[0], **{k: str(v) for k, v in fields.items()}}
    return {**fields, "CheckMacValue": mac(account, fields)}


def read_form(text):
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True))


def checked(account, text):
    """The fields of a form that must be signed."""
    fields = read_form(text)
    assert fields.get("CheckMacValue") == mac(account, fields), text
    return fields


def aes(account, data, back=False):
    """AES-128-CBC-PKCS7 by openssl: base64 in, or out."""
    argv = ["openssl", "enc", "-aes-128-cbc", "-a", "-A", "-K", account[1].encode().hex(), "-iv",
            account[2].encode().hex()] + (["-d"] if back else [])
    return subprocess.run(argv, input=data, capture_output=True, check=True, timeout=20).stdout


class Forms(html.parser.HTMLParser):
    """The forms and links of a page: [{action, auto, fields, buttons: [(name, value)]}]."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.forms.append({"action": a["action"], "auto": "data-auto" in a, "fields": {}, "buttons": []})
        elif tag == "input" and self.forms:
            self.forms[-1]["fields"][a["name"]] = a.get("value", "")
        elif tag == "button" and self.forms:
            self.forms[-1]["buttons"].append((a.get("name"), a.get("value")))
        elif tag == "a":
            self.links.append(a["href"])

    def handle_data(self, data):
        if data.strip():
            self.words.append(data.strip())


class Page:
    def __init__(self, sandbox, status, text):
        self.sandbox, self.status, self.text = sandbox, status, text
        parsed = Forms(text)
        self.forms, self.links, self.words = parsed.forms, parsed.links, parsed.words

    def click(self, name, value, **fields):
        """Press the button that sends name=value."""
        form = next(f for f in self.forms if (name, value) in f["buttons"])
        return self.sandbox.post(form["action"], {**form["fields"], name: value, **fields})

    def to_shop(self, url):
        """The form that takes the browser back."""
        return next(f for f in self.forms if f["action"] == url)


class Shop(http.server.ThreadingHTTPServer):
    """Takes notices; answers what it is told to, 1|OK by default."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Notices)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.got, self.answers = [], []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

    def notices(self, path, count=1, seconds=12.0):
        """Bodies that came to this path, once there are as many."""
        until(lambda: len(self.at(path)) >= count, seconds)
        found = self.at(path)
        assert len(found) >= count, (path, found)
        return found

    def at(self, path):
        return [body for where, body in list(self.got) if where == path]


class Notices(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.path, body))
        answer = (self.server.answers.pop(0) if self.server.answers else "1|OK").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


class Sandbox:
    def __init__(self, **env):
        clean = {k: v for k, v in os.environ.items() if not re.match("ECPAY_|OMISE_|SANDBOXD_", k)}
        self.child = subprocess.Popen([os.path.join(os.path.abspath(BUILD), "sandboxd"), "--listen", "127.0.0.1:0"],
                                      env={**clean, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                      text=True)
        atexit.register(self.child.kill)  # when a test ends before it could close it
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        line = until(lambda: next((x for x in self.lines if 'msg="listening"' in x), None))
        assert line, self.lines
        self.port = int(re.search(r"http=127\.0\.0\.1:(\d+)", line).group(1))

    def _read(self):
        for line in self.child.stderr:
            self.lines.append(line.rstrip())

    def close(self):
        """Its log must be free of secrets, and its end clean."""
        self.child.terminate()
        assert self.child.wait(15) == 0, self.lines
        self.reader.join(5)
        self.child.stderr.close()
        for secret in (*PAY[1:3], *B2C[1:3], *C2C[1:3], *INVOICE[1:3]):
            assert not any(secret in line for line in self.lines)

    def ask(self, method, path, body=None, type_="application/x-www-form-urlencoded"):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            c.request(method, path, body, {"Content-Type": type_} if body is not None else {})
            r = c.getresponse()
            return r.status, r.read().decode(), dict(r.getheaders())
        finally:
            c.close()

    def get(self, path):
        status, text, _ = self.ask("GET", path)
        return Page(self, status, text)

    def post(self, path, fields):
        status, text, headers = self.ask("POST", path, urllib.parse.urlencode(fields))
        if "text/html" in headers.get("Content-Type", "") and "<html" in text:
            assert "script-src 'self'" in headers["Content-Security-Policy"]
        return Page(self, status, text)

    def call(self, account, path, **fields):
        """A server's call: its answer as text."""
        return self.post("/ecpay" + path, signed(account, fields)).text

    def control(self, path, method="POST", **body):
        status, text, _ = self.ask(method, "/control" + path, json.dumps(body), "application/json")
        assert status == 204, (path, status, text)

    def state(self):
        return json.loads(self.ask("GET", "/control/state")[1])["ecpay"]

    def invoice(self, op, data, account=INVOICE, **envelope):
        """Data of the answer, or the envelope when that failed."""
        text = urllib.parse.quote_plus(json.dumps({"MerchantID": account[0], **data})).replace("~", "%7E")
        body = {"MerchantID": account[0], "RqHeader": {"Timestamp": int(time.time()), "Revision": "3.0.0"},
                "Data": aes(account, text.encode()).decode(), **envelope}
        answer = json.loads(self.ask("POST", f"/ecpay/B2CInvoice/{op}", json.dumps(body), "application/json")[1])
        if answer["TransCode"] != 1:
            return answer
        plain = aes(account, answer["Data"].encode(), back=True).decode()
        return json.loads(urllib.parse.unquote_plus(plain))
