"""Requests that must be refused before any handler sees them, tried over a real socket.

Used against every program of ours that listens for HTTP: refusals.check(host, port, path, post),
where `path` answers GET with 200 and `post` takes a POST with a body. Each case says what comes back: a status and whether the
connection must be closed after it. Source: RFC 9110, RFC 9112, and docs/architecture.md.
"""
import socket

CLOSE, KEEP = True, False


def exchange(host, port, raw, timeout=5.0):
    """Send raw bytes; everything that comes until the peer closes or is silent for a moment."""
    with socket.create_connection((host, port), timeout=timeout) as s:
        s.sendall(raw)
        s.settimeout(1.5)
        got = b""
        closed = False
        while True:
            try:
                piece = s.recv(65536)
            except socket.timeout:
                break
            except ConnectionResetError:
                closed = True
                break
            if not piece:
                closed = True
                break
            got += piece
        return got, closed


def status(answer):
    parts = answer.split(b" ", 2)
    return int(parts[1]) if len(parts) > 2 and parts[1].isdigit() else 0


def get(path, *fields, version="HTTP/1.1", method="GET", body=b""):
    lines = [f"{method} {path} {version}".encode("latin-1")]
    lines += [f if isinstance(f, bytes) else f.encode("latin-1") for f in fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def cases(host, port, p, post):
    h = f"Host: {host}:{port}"
    te = "Transfer-Encoding: chunked"
    return [
        # name, bytes, wanted status, closed
        ("plain GET", get(p, h), 200, KEEP),
        ("HTTP/1.0 without Host", get(p, version="HTTP/1.0"), 200, CLOSE),
        ("chunk extensions are ignored", get(p, h, te, method="GET", body=b"0;x=y\r\n\r\n"),
         200, KEEP),
        ("obs-fold", get(p, h, "X-A: b", " c"), 400, CLOSE),
        ("obs-fold with a tab", get(p, h, "X-A: b", "\tc"), 400, CLOSE),
        ("no Host", get(p), 400, CLOSE),
        ("two Hosts", get(p, h, h), 400, CLOSE),
        ("Host with a path", get(p, "Host: a/b"), 400, CLOSE),
        ("Host with a user", get(p, "Host: a@b"), 400, CLOSE),
        ("Host with a bad port", get(p, "Host: a:b"), 400, CLOSE),
        ("Host with a space", get(p, "Host: a b"), 400, CLOSE),
        ("Host list", get(p, "Host: a, b"), 400, CLOSE),
        ("empty field name", get(p, h, ": x"), 400, CLOSE),
        ("space before the colon", get(p, h, "X-A : b"), 400, CLOSE),
        ("gzip, chunked", get(p, h, "Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 400,
         CLOSE),
        ("identity", get(p, h, "Transfer-Encoding: identity"), 400, CLOSE),
        ("chunked twice", get(p, h, "Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), 400,
         CLOSE),
        ("length and chunked", get(p, h, "Content-Length: 5", te, body=b"0\r\n\r\n"), 400, CLOSE),
        ("two lengths", get(p, h, "Content-Length: 1", "Content-Length: 2", body=b"x"), 400, CLOSE),
        ("length with a sign", get(p, h, "Content-Length: +1", body=b"x"), 400, CLOSE),
        ("length list", get(p, h, "Content-Length: 1, 1", body=b"x"), 400, CLOSE),
        ("length too large", get(p, h, "Content-Length: 99999999999999999999"), 400, CLOSE),
        ("chunked on HTTP/1.0", get(p, h, te, version="HTTP/1.0", body=b"0\r\n\r\n"), 400, CLOSE),
        ("HTTP/0.9", f"GET {p}\r\n\r\n".encode(), 400, CLOSE),
        ("byte over 0x7e in the target", get(p + "\xe9", h), 400, CLOSE),
        ("DEL in the target", get(p + "\x7f", h), 400, CLOSE),
        ("backslash in the target", get(p + "\\x", h), 400, CLOSE),
        ("%zz", get(p + "%zz", h), 400, CLOSE),
        ("%0", get(p + "%0", h), 400, CLOSE),
        ("%00", get(p + "%00", h), 400, CLOSE),
        ("%zz in the query", get(p + "?a=%zz", h), 400, CLOSE),
        ("invalid UTF-8", get(p + "/%ff%fe", h), 400, CLOSE),
        ("overlong UTF-8", get(p + "/%c0%af", h), 400, CLOSE),
        ("..", get("/a/../healthz", h), 400, CLOSE),
        (".. at the end", get("/a/..", h), 400, CLOSE),
        ("%2e%2e", get("/a/%2e%2e/healthz", h), 400, CLOSE),
        (".%2E", get("/a/.%2E/healthz", h), 400, CLOSE),
        ("another protocol", get(p, h, version="RTSP/1.0"), 400, CLOSE),
        ("HTTP/2.0 by name", get(p, h, version="HTTP/2.0"), (400, 505), CLOSE),
        ("absolute-form, another host", get(f"http://elsewhere.example{p}", h), 400, CLOSE),
        ("length in trailers", get(post, h, te, method="POST", body=b"0\r\nContent-Length: 3\r\n\r\n"), 400, CLOSE),
        ("encoding in trailers", get(post, h, te, method="POST", body=b"0\r\nTransfer-Encoding: x\r\n\r\n"), 400,
         CLOSE),
        ("folded trailer", get(post, h, te, method="POST", body=b"0\r\nX: a\r\n b\r\n\r\n"), 400,
         CLOSE),
        ("trailer without a name", get(post, h, te, method="POST", body=b"0\r\n: 5\r\n\r\n"), 400,
         CLOSE),
        ("many chunk extensions", get(p, h, te, body=b'0; a=b;c="d"\r\n\r\n'), 200, KEEP),
        ("bare LF after a chunk extension", get(p, h, te, body=b"0;a\n\r\n"), 400, CLOSE),
        ("two expectations", get(post, h, "Content-Length: 1", "Expect: 100-continue",
                                 "Expect: tea", method="POST"), 417, CLOSE),
        ("bad chunk size", get(post, h, te, method="POST", body=b"zz\r\n\r\n"), 400, CLOSE),
        ("bare LF", f"GET {p} HTTP/1.1\n{h}\n\n".encode(), 400, CLOSE),
        ("bare CR", get(p, h, b"X-A: b\rc"), 400, CLOSE),
        ("NUL in a value", get(p, h, b"X-A: b\x00c"), 400, CLOSE),
        ("bad chunk where no body is taken", get(p, h, te, body=b"zz\r\n\r\n"), 400, CLOSE),
        ("length in trailers, unknown path", get("/no/such", h, te, method="POST",
                                                 body=b"0\r\nContent-Length: 3\r\n\r\n"), 400, CLOSE),
        ("a small body that nobody wants", get(p, h, "Content-Length: 3", body=b"abc"), 200, KEEP),
        ("space in the target", get(p + " x", h), 400, CLOSE),
        ("TRACE", get(p, h, method="TRACE"), 501, None),
        ("CONNECT", get("example.org:443", h, method="CONNECT"), 501, None),
        ("unknown method", get(p, h, method="BREW"), (400, 405, 501), None),
        ("target too long", get(p + "?" + "a" * 20000, h), 414, CLOSE),
        ("head too long", get(p, h, *[f"X-{i}: {'b' * 900}" for i in range(90)]), 431, CLOSE),
        ("too many fields", get(p, h, *[f"X-{i}: b" for i in range(300)]), 431, CLOSE),
        ("unknown path", get("/no/such/path", h), 404, KEEP),
    ]


def check(host, port, path, post):
    """Every case; the list of those that went wrong, as lines."""
    wrong = []
    for name, raw, want, closed in cases(host, port, path, post):
        try:
            answer, was_closed = exchange(host, port, raw)
        except OSError as e:
            wrong.append(f"{name}: {e}")
            continue
        got = status(answer)
        wants = want if isinstance(want, tuple) else (want,)
        if got not in wants:
            wrong.append(f"{name}: {got} instead of {want}")
        if closed is not None and was_closed != closed:
            wrong.append(f"{name}: connection {'closed' if was_closed else 'left open'}")
    wrong += pipelined(host, port, path)
    return wrong


def pipelined(host, port, path):
    """Two good requests in one write are answered in order; one after a bad one never runs."""
    h = f"Host: {host}:{port}"
    answer, _ = exchange(host, port, get(path, h) + get("/no/such", h))
    first, second = answer.find(b" 200 "), answer.find(b" 404 ")
    wrong = [] if 0 < first < second else ["pipelining: answers missing or out of order"]
    answer, _ = exchange(host, port, get(path) + get(path, h))
    if answer.count(b"HTTP/1.1 ") != 1:
        wrong.append("pipelining: something was answered after a refused request")
    return wrong


if __name__ == "__main__":
    import sys

    problems = check(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
