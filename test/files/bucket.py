"""For tests: a bucket that checks signatures, and pictures made of nothing."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "test", "api"))


class Bucket:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="nm-bucket-")
        self.name, self.key, self.secret = "nm-test", "AKTEST0123456789", "secret-of-the-test-bucket"
        self.child = subprocess.Popen(
            ["node", os.path.join(HERE, "bucket.mjs"), self.folder, self.name, self.key, self.secret],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = self.child.stdout.readline().strip()
        assert self.endpoint.startswith("http"), "miniflare did not start"

    def settings(self, **more):
        return {"R2_ENDPOINT_URL": self.endpoint, "R2_BUCKET_NAME": self.name,
                "R2_ACCESS_KEY_ID": self.key, "R2_SECRET_ACCESS_KEY": self.secret, **more}

    def end(self):
        self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def png(width, height, lie=None):
    """A grey picture; `lie` is another size for its head."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", *(lie or (width, height)), 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes((x * y) & 255 for x in range(width)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def photo():
    """A JPEG as a phone sends it: lying on its side, and saying where it was taken."""
    with open(os.path.join(ROOT, "web", "public", "img", "tw-bag.jpg"), "rb") as f:
        jpeg = f.read()
    tiff = (b"MM\0\x2a\0\0\0\x08" + b"\0\x02" + b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" +
            b"\x01\x0e\0\x02\0\0\0\x10\0\0\0\x26" + b"\0\0\0\0" + b"GPS 25.03,121.56")
    app1 = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(app1) + 2) + app1 + jpeg[2:]


def webp_size(data):
    assert data[:4] == b"RIFF" and data[8:12] == b"WEBP", data[:16]
    if data[12:16] == b"VP8X":
        return (1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff))
    return struct.unpack("<HH", data[26:30])
