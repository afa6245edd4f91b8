"""A running streamd for tests: the real program on free ports, encoders and a strict player."""
import datetime
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

BUILD = os.path.abspath(os.environ.get("NM_BUILD", "build/dev"))


def until(what, seconds=10.0, step=0.02):
    """Ask again and again until it is true; what it said last."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(step)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Streamd:
    account = "0123456789abcdef0123456789abcdef"
    token = "token-of-the-test-account"

    def __init__(self, **env):
        self.folder = tempfile.mkdtemp(prefix="streamd-test-")
        self.env = env
        self.lines = []
        self.ports = {"http": 0, "rtmp": 0, "rtmps": 0}
        self.start()

    def start(self):
        """The first time on free ports, later on the same ones."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("STREAMD_")}
        env.update(self.env)
        self.child = subprocess.Popen(
            [os.path.join(BUILD, "streamd"), "--listen", f"127.0.0.1:{self.ports['http']}",
             "--rtmp", f"127.0.0.1:{self.ports['rtmp']}",
             "--rtmps", f"127.0.0.1:{self.ports['rtmps']}", "--data",
             os.path.join(self.folder, "data"), "--account", self.account, "--token", self.token],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        listening = threading.Event()
        self.reader = threading.Thread(target=self._read, args=(self.child, listening))
        self.reader.start()
        assert listening.wait(20), "streamd does not listen:\n" + self.log()

    def _read(self, child, listening):
        for line in child.stdout:
            self.lines.append(line.rstrip("\n"))
            found = re.search(r"http=\S+:(\d+) rtmp=\S+:(\d+) rtmps=\S+:(\d+)", line)
            if found:
                self.ports = dict(zip(("http", "rtmp", "rtmps"), map(int, found.groups())))
                listening.set()

    def log(self):
        return "\n".join(self.lines)

    def stop(self, sig=signal.SIGTERM):
        """Returns the exit code."""
        if self.child.poll() is None:
            self.child.send_signal(sig)
        try:
            self.child.wait(20)
        finally:
            if self.child.poll() is None:
                self.child.kill()
                self.child.wait()
            self.reader.join(5)
            self.child.stdout.close()
        return self.child.returncode

    def end(self):
        code = self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        return code

    def get(self, path, method="GET", body=None, timeout=20, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=timeout)
        try:
            c.request(method, path, json.dumps(body) if body is not None else None, headers or {})
            r = c.getresponse()
            return Answer(r.status, r.headers, r.read())
        finally:
            c.close()

    def api(self, method, path, body=None):
        a = self.get(f"/client/v4/accounts/{self.account}/stream{path}", method, body,
                     headers={"Authorization": "Bearer " + self.token,
                              "Content-Type": "application/json"})
        assert a.status in (200, 201), (a.status, a.text)
        return a.json["result"]

    def live_input(self, **more):
        body = {"meta": {"name": "test"}, "recording": {"mode": "automatic"}}
        body.update(more)
        return self.api("POST", "/live_inputs", body)

    def url(self, path):
        return f"http://127.0.0.1:{self.ports['http']}{path}"


SOURCE = ("-f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i "
          "sine=frequency=440:sample_rate=48000 -pix_fmt yuv420p -c:v libx264 -preset ultrafast "
          "-tune zerolatency -g 30 -b:v 800k -c:a aac")


class Encoder:
    """ffmpeg that publishes until it is ended."""

    def __init__(self, engine, live_input, seconds=60, args=SOURCE, tls=False, real_time=True):
        where = f"rtmps://127.0.0.1:{engine.ports['rtmps']}" if tls else \
            f"rtmp://127.0.0.1:{engine.ports['rtmp']}"
        speed = ["-re"] if real_time else []
        self.child = subprocess.Popen(
            ["ffmpeg", "-nostdin", "-loglevel", "warning", *speed, *args.split(), "-t",
             str(seconds), "-f", "flv", f"{where}/live/{live_input['rtmps']['streamKey']}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def end(self, sig=signal.SIGTERM):
        self.child.send_signal(sig)
        return self.wait()

    def wait(self, seconds=60):
        """What it complained about."""
        said = self.child.communicate(timeout=seconds)[1]
        return [line for line in said.splitlines() if "Failed to update header" not in line]


class Playlist:
    """One media playlist, as far as a test looks at it."""

    def __init__(self, text):
        self.text = text
        self.segments, self.parts, self.maps = [], [], []
        self.hint = None
        self.ended = "#EXT-X-ENDLIST" in text
        self.first = int(re.search(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", text)[1])
        self.target = int(re.search(r"#EXT-X-TARGETDURATION:(\d+)", text)[1])
        self.discontinuities = text.count("#EXT-X-DISCONTINUITY\n")
        wall = duration = None
        for line in text.splitlines():
            tag, _, value = line.partition(":")
            if tag == "#EXT-X-PROGRAM-DATE-TIME":
                wall = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
            elif tag == "#EXTINF":
                duration = float(value.split(",")[0])
            elif tag == "#EXT-X-MAP":
                self.maps.append(re.search('URI="([^"]+)"', value)[1])
            elif tag == "#EXT-X-PART":
                length = float(re.search(r"DURATION=([\d.]+)", value)[1])
                self.parts.append((re.search('URI="([^"]+)"', value)[1], length, wall))
                wall = wall + length if wall else None
            elif tag == "#EXT-X-PRELOAD-HINT":
                self.hint = re.search('URI="([^"]+)"', value)[1]
            elif line and not line.startswith("#"):
                self.segments.append((line, duration))
                wall = None
        self.last = self.first + len(self.segments) - 1


class Player:
    """Follows a broadcast as hls.js does: master, then one waiting reload and one GET a part."""

    def __init__(self, engine, uid):
        self.engine, self.uid = engine, uid
        self.list = None
        master = until(lambda: self._master(), 15)
        assert master, f"no master playlist\n{engine.log()}"
        self.folder = f"/{uid}/manifest/" + master.rsplit("/", 1)[0]
        self.name = master.rsplit("/", 1)[1]
        self.reload()

    def _master(self):
        a = self.engine.get(f"/{self.uid}/manifest/video.m3u8")
        return a.status == 200 and [x for x in a.text.splitlines() if x and x[0] != "#"][-1]

    def path(self, name):
        return os.path.normpath(self.folder + "/" + name)

    def reload(self, msn=None, part=None):
        query = "" if msn is None else f"&_HLS_msn={msn}" + ("" if part is None else
                                                             f"&_HLS_part={part}")
        joint = "" if "?" in self.name else "?"
        a = self.engine.get(self.path(self.name) + joint + query)
        assert a.status == 200, (a.status, a.text)
        new = Playlist(a.text)
        if self.list:
            assert new.first >= self.list.first and new.last >= self.list.last, "went back"
            assert new.target == self.list.target
        self.list = new
        return new

    def media(self, name):
        a = self.engine.get(self.path(name))
        assert a.status == 200, (name, a.status)
        return a.body

    def next_part(self):
        """Wait for the part that is hinted: its URI and how long after its end it was listed."""
        hint = self.list.hint
        msn, part = map(int, re.match(r"part-(\d+)-(\d+)", hint).groups())
        self.reload(msn, part)
        now = time.time()
        for uri, length, wall in self.list.parts:
            if uri == hint:
                return uri, now - (wall + length) if wall else None
        return None, None
