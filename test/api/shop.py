"""A running nightmarket for tests: the real programs on free ports with a folder of their own."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

BUILD = os.environ.get("NM_BUILD", "build/dev")
PASSWORD = "lantern-and-ink-26"
POSTGRES = os.environ.get("NM_TEST_POSTGRES")  # a server's URL: every shop gets a database there


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, seconds=10.0, step=0.02):
    """Ask again and again until it is true; what it said last."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(step)


def clean_env(**more):
    """Nothing of ours from outside leaks in."""
    ours = re.compile(r"^(NM_|CLOUDFLARE_|R2_|ECPAY_|OMISE_|LINE_|GOOGLE_|FACEBOOK_|APPLE_|OIDC_|"
                      r"DATABASE_URL|STREAMD_)")
    env = {k: v for k, v in os.environ.items() if not ours.match(k) or k == "NM_BUILD"}
    env.update({k: str(v) for k, v in more.items() if v is not None})
    return env


def sql(url, text):
    """What psql prints of one statement."""
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def make_database():
    """An empty database on the test's PostgreSQL; its URL."""
    name = f"nm_shop_{os.getpid()}_{os.urandom(4).hex()}"
    sql(f"{POSTGRES}/postgres", f"CREATE DATABASE {name}")
    return f"{POSTGRES}/{name}"


def drop_database(url):
    sql(f"{POSTGRES}/postgres", f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")


def run(*args, env=None, cwd=None, stdin=None, timeout=60):
    return subprocess.run([os.path.join(os.path.abspath(BUILD), "nightmarket"), *args],
                          env=env or clean_env(), cwd=cwd, input=stdin, text=True,
                          capture_output=True, timeout=timeout, check=False)


class Program:
    """A child whose log is read line by line."""

    def __init__(self, argv, env, cwd):
        self.lines = []
        self.child = subprocess.Popen(argv, env=env, cwd=cwd, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))

    def log(self):
        return "\n".join(self.lines)

    def said(self, pattern, seconds=20.0):
        """The first log line that has it."""
        def look():
            for line in list(self.lines):
                if re.search(pattern, line):
                    return line
            return "" if self.child.poll() is None else None
        end = time.monotonic() + seconds
        while not (line := look()) and line is not None and time.monotonic() < end:
            time.sleep(0.02)
        if not line:
            self.child.kill()  # the test fails here: nothing is left running
            self.child.wait()
        assert line, f"no line like {pattern!r} in:\n{self.log()}"
        return line

    def stop(self, sig=signal.SIGTERM, seconds=20):
        if self.child.poll() is None:
            self.child.send_signal(sig)
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"did not end within {seconds} s:\n{self.log()}") from None
        self.reader.join(5)
        self.child.stdout.close()
        return self.child.returncode


class Streamd(Program):
    account = "0123456789abcdef0123456789abcdef"
    token = "token-of-the-test-account"

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        binary = os.path.join(os.path.abspath(BUILD), "streamd")
        super().__init__([binary, "--listen", f"127.0.0.1:{self.port}", "--rtmp", "127.0.0.1:0",
                          "--rtmps", "127.0.0.1:0", "--data", os.path.join(folder, "streamd"),
                          "--account", self.account, "--token", self.token],
                         clean_env(), folder)
        line = self.said(r"listening.* rtmp=.*")
        self.rtmp = int(re.search(r"rtmp=\S+:(\d+)", line).group(1))


class Shop(Program):
    """nightmarket serve, and with_engine a streamd that it follows."""

    def __init__(self, with_engine=False, **settings):
        self.folder = tempfile.mkdtemp(prefix="nm-test-")
        self.engine = Streamd(self.folder) if with_engine else None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {"NM_LISTEN": f"127.0.0.1:{self.port}", "NM_PUBLIC_URL": self.url,
                         "NM_DATA_DIR": os.path.join(self.folder, "data")}
        if self.engine:
            self.settings.update({"CLOUDFLARE_ACCOUNT_ID": self.engine.account,
                                  "CLOUDFLARE_STREAM_API_TOKEN": self.engine.token,
                                  "CLOUDFLARE_API_BASE_URL": self.engine.url + "/client/v4"})
        self.settings.update(settings)
        self.database = None
        if POSTGRES and "DATABASE_URL" not in self.settings:
            self.database = make_database()
            self.settings["DATABASE_URL"] = self.database
        self.start()

    def start(self):
        binary = os.path.join(os.path.abspath(BUILD), "nightmarket")
        super().__init__([binary, "serve"], self.env(), self.folder)
        self.said(r"listening")

    def env(self):
        return clean_env(**self.settings)

    def command(self, *args, stdin=None):
        return run(*args, env=self.env(), cwd=self.folder, stdin=stdin)

    def hire(self, email, role, shop=None):
        args = ["user", "add", "--email", email, "--role", role, "--password-stdin"]
        done = self.command(*args, *(["--shop", shop] if shop else []), stdin=PASSWORD + "\n")
        assert done.returncode == 0, done.stderr
        browser = Browser(self).sign_in(email)
        browser.patient = True
        return browser

    def rival(self):
        """The owner of another shop here, who must see nothing of ours."""
        made = self.command("shop", "add", "--slug", "other", "--name", "Other")
        assert made.returncode == 0, made.stderr
        return self.hire("rival@example.org", "owner", "other")

    def end_well(self):
        """Stops all: units, holds, claims and orders add up, and serve ends without complaint."""
        done = self.command("reconcile")
        code = self.end()
        assert done.stdout.splitlines()[-1:] == ["0 differences"], done.stdout + done.stderr
        assert code == 0, f"serve ended with {code}:\n{self.log()}"

    def end(self):
        """Stops all; the exit code of serve."""
        code = self.stop()
        if self.engine:
            self.engine.stop()
        if self.database:
            drop_database(self.database)
        shutil.rmtree(self.folder, ignore_errors=True)
        return code

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        code = self.end()
        if kind is None:
            assert code == 0, f"serve ended with {code}:\n{self.log()}"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json.get("code") if self.body else None


class Browser:
    """Keeps cookies and the CSRF token, as a page does."""

    def __init__(self, shop, origin=True):
        self.shop, self.cookies, self.csrf = shop, {}, None
        self.origin = shop.url if origin is True else origin
        self.patient = False  # waits and asks again when it is told to slow down

    def send(self, method, path, body=None, headers=None, raw=None):
        h = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if not self.cookies:
            h = {}
        if method != "GET" and self.origin:
            h["Origin"] = self.origin
        if self.csrf and method != "GET":
            h["X-CSRF-Token"] = self.csrf
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        if data is not None:
            h["Content-Type"] = "application/json"
        h.update(headers or {})
        c = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=30)
        try:
            c.request(method, path, data, {k: v for k, v in h.items() if v is not None})
            r = c.getresponse()
            answer = Answer(r.status, r.headers, r.read())
        finally:
            c.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer

    def api(self, method, path, body=None, **more):
        answer = self.send(method, "/api/v1" + path, body, **more)
        while self.patient and answer.status == 429:  # tests are quicker than people
            time.sleep(answer.json["retry_ms"] / 1000)
            answer = self.send(method, "/api/v1" + path, body, **more)
        return answer

    def take(self, answer):
        self.csrf = answer.json["csrf"]
        return answer

    def arrive(self):
        self.take(self.api("GET", "/sessions/current"))
        return self

    def guest(self, name):
        answer = self.take(self.api("POST", "/sessions/guest", {"name": name}))
        assert answer.status == 201, answer.body
        return self

    def sign_in(self, email, password=PASSWORD):
        answer = self.api("POST", "/sessions", {"email": email, "password": password})
        assert answer.status == 201, answer.body
        self.take(answer)
        return self

    def show(self, **fields):
        body = {"title": {"zh-TW": "今晚的帆布包", "th": "กระเป๋าผ้าคืนนี้", "en": "Canvas bags tonight"},
                "starts_at": int(time.time() * 1000) + 3600_000, "cover": "tw-bag"}
        body.update(fields)
        answer = self.api("POST", "/shows", body)
        assert answer.status == 201, answer.body
        return answer.json


class Events(threading.Thread):
    """One event stream, read in a thread: (id or None, type, envelope)."""

    def __init__(self, browser, show, after=None, last_event_id=None):
        super().__init__(daemon=True)
        self.got, self.comments, self.ended, self.status = [], 0, False, None
        path = f"/api/v1/shows/{show}/events" + (f"?after={after}" if after is not None else "")
        self.conn = http.client.HTTPConnection("127.0.0.1", browser.shop.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in browser.cookies.items())}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        self.conn.request("GET", path, headers=headers)
        self.sock = self.conn.sock  # http.client forgets it when the answer has no length
        self.answer = self.conn.getresponse()
        self.status = self.answer.status
        self.start()

    def run(self):
        seq, data = None, []
        try:
            while True:
                line = self.answer.readline()
                if not line:
                    break
                line = line.decode().rstrip("\n")
                if line.startswith(":"):
                    self.comments += 1
                elif line.startswith("id:"):
                    seq = int(line[3:])
                elif line.startswith("data:"):
                    data.append(line[5:].lstrip())
                elif not line and data:
                    e = json.loads("\n".join(data))
                    self.got.append((seq, e["type"], e))
                    seq, data = None, []
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            pass
        self.ended = True

    def find(self, kind, seconds=5.0, test=lambda data: True):
        """The data of the first event of that type that passes the test."""
        def look():
            for _, t, e in list(self.got):
                if t == kind and test(e["data"]):
                    return e
            return None
        found = until(look, seconds)
        assert found, f"no {kind} among {[t for _, t, _ in self.got]}"
        return found["data"]

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.join(5)
