"""Pictures through the HTTP API, into a folder and into a bucket: the same in both."""
import http.client
import os
import unittest
import urllib.parse

from bucket import Bucket, photo, png, webp_size
import shop


def fetch(base, url, method="GET", body=None, **headers):
    """Without cookies, as the bucket or a stranger's browser sees it."""
    at = urllib.parse.urlsplit(urllib.parse.urljoin(base, url))
    c = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
    try:
        c.request(method, at.path + ("?" + at.query if at.query else ""), body, headers)
        r = c.getresponse()
        return shop.Answer(r.status, r.headers, r.read())
    finally:
        c.close()


class Uploads:
    """What holds whatever is behind it."""

    @classmethod
    def setUpClass(cls):
        cls.bucket = cls.make_bucket()
        if cls.bucket:
            cls.addClassCleanup(cls.bucket.end)
        cls.shop = shop.Shop(**(cls.bucket.settings() if cls.bucket else {}))
        cls.host = cls.shop.hire("host@example.org", "host")

    @classmethod
    def tearDownClass(cls):
        code = cls.shop.end()
        assert code == 0, f"serve ended with {code}:\n{cls.shop.log()}"

    def begin(self, data, mime="image/png", browser=None, purpose="product"):
        return (browser or self.host).api("POST", "/uploads", {
            "purpose": purpose, "mime": mime, "bytes": len(data)})

    def put(self, begun, data):
        up = begun.json["upload"]
        return fetch(self.shop.url, up["url"], up["method"], data, **up["headers"])

    def done(self, begun, browser=None):
        return (browser or self.host).api("POST", f"/uploads/{begun.json['file']['id']}/done", {})

    def upload(self, data, mime="image/png", **more):
        begun = self.begin(data, mime, **more)
        self.assertEqual(begun.status, 201, begun.body)
        self.assertIn(self.put(begun, data).status, (200, 204))
        return self.done(begun)

    def refused(self, data, words, mime="image/png"):
        begun = self.begin(data, mime)
        self.put(begun, data)
        done = self.done(begun)
        self.assertEqual((done.status, done.code), (400, "input"), done.body)
        self.assertIn(words, done.json["detail"])
        file = self.host.api("GET", f"/uploads/{begun.json['file']['id']}").json
        self.assertEqual((file["state"], file["sizes"]), ("refused", None))
        self.assertIn(words, file["why"])
        self.assertEqual(self.done(begun).status, 400, "and again")

    def test_a_photo_becomes_sizes_without_what_it_told(self):
        file = self.upload(photo(), "image/jpeg").json
        self.assertEqual((file["state"], file["width"], file["height"]), ("ready", 1266, 585))
        for size, url in file["sizes"].items():
            got = fetch(self.shop.url, url)
            self.assertEqual((got.status, got.headers["Content-Type"]), (200, "image/webp"))
            self.assertEqual(webp_size(got.body)[0], int(size))
            self.assertFalse(any(w in got.body for w in (b"GPS", b"Exif", b"EXIF", b"ICCP")), size)
        share = fetch(self.shop.url, file["share"])
        self.assertEqual((share.headers["Content-Type"], share.body[:2]), ("image/jpeg", b"\xff\xd8"))
        self.assertFalse(b"GPS" in share.body or b"Exif" in share.body)

    def test_pictures_are_kept_for_ever_and_run_nothing(self):
        url = self.upload(png(40, 30)).json["sizes"]["160"]
        got = fetch(self.shop.url, url)
        self.assertEqual(got.headers["Cache-Control"], "public, max-age=31536000, immutable")
        self.assertEqual(got.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("sandbox", got.headers["Content-Security-Policy"])
        again = fetch(self.shop.url, url, **{"If-None-Match": got.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))
        part = fetch(self.shop.url, url, Range="bytes=4-11")
        self.assertEqual((part.status, part.body), (206, got.body[4:12]))

    def test_small_pictures_stay_small_and_equal_ones_are_one(self):
        one, two = self.upload(png(300, 20)).json, self.upload(png(300, 20)).json
        self.assertNotEqual(one["id"], two["id"])
        self.assertEqual(one["sizes"], two["sizes"])
        self.assertEqual(webp_size(fetch(self.shop.url, one["sizes"]["1080"]).body), (300, 20))

    def test_webp_is_taken_and_done_may_be_said_twice(self):
        webp = fetch(self.shop.url, self.upload(png(64, 64)).json["url"]).body
        begun = self.begin(webp, "image/webp")
        self.put(begun, webp)
        one, two = self.done(begun), self.done(begun)
        self.assertEqual((one.status, two.status, one.json), (200, 200, two.json))
        self.assertIn(self.put(begun, webp).status, (200, 409), "a late PUT changes nothing")
        self.assertEqual(self.done(begun).json, one.json)

    def test_what_is_no_picture_is_refused(self):
        jpeg = photo()
        self.refused(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not a JPEG")
        self.refused(b"GIF89a" + bytes(40), "not a JPEG")
        self.refused(b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged")
        self.refused(jpeg[:len(jpeg) // 2], "cut off", "image/jpeg")
        self.refused(png(8, 8, lie=(20000, 20000)), "million pixels")
        self.refused(png(4, 4), "smaller")

    def test_nothing_happens_before_the_bytes_are_there(self):
        begun = self.begin(png(9, 9))
        self.assertEqual((self.done(begun).status, self.done(begun).code), (409, "conflict"))
        self.assertIn(self.put(begun, png(9, 9)).status, (200, 204))
        self.assertEqual(self.done(begun).status, 200)

    def test_size_and_type_are_part_of_the_address(self):
        data = png(9, 9)
        begun = self.begin(data)
        self.assertGreaterEqual(self.put(begun, data + b"x").status, 400)
        self.assertGreaterEqual(self.put(begun, data[:-1]).status, 400)
        url = begun.json["upload"]["url"]
        self.assertGreaterEqual(fetch(self.shop.url, url, "PUT", data,
                                      **{"Content-Type": "text/html"}).status, 400)
        self.assertEqual(fetch(self.shop.url, url[:-4] + "AAAA", "PUT", data,
                               **{"Content-Type": "image/png"}).status, 403)
        self.assertEqual(self.done(begun).status, 409, "nothing of it was taken")

    def test_who_may(self):
        data, guest = png(9, 9), shop.Browser(self.shop).arrive().guest("小美")
        begun = self.begin(data)
        self.assertEqual(self.begin(data, browser=guest).status, 401)
        packer = self.shop.hire("packer@example.org", "packer")
        self.assertEqual(self.begin(data, browser=packer).status, 403)
        self.assertEqual(self.done(begun, packer).status, 403)
        self.assertEqual(self.begin(data, "image/svg+xml").status, 400)
        self.assertEqual(self.begin(data, "image/gif").status, 400)
        self.assertEqual(self.begin(data, purpose="thumbnail").status, 400)
        big = self.host.api("POST", "/uploads", {"purpose": "product", "mime": "image/png",
                                                 "bytes": 15 * 1024 * 1024 + 1})
        self.assertEqual(big.status, 400)
        self.assertEqual(self.host.api("POST", "/uploads/fil_nosuch/done", {}).status, 404)
        ask = {"purpose": "product", "mime": "image/png", "bytes": 9}
        shop_id = self.host.api("GET", "/sessions/current").json["staff"][0]["shop"]["id"]
        self.assertEqual(self.host.api("POST", "/uploads", {**ask, "shop": shop_id}).status, 201)
        self.assertEqual(self.host.api("POST", "/uploads", {**ask, "shop": "shp_other"}).status, 404)

    def test_names_lead_nowhere_else(self):
        for name in ("..%2fnightmarket.db", "..%2f..%2fetc%2fpasswd", "in", ".new", "x",
                     "0" * 32 + "-160.webp", "0" * 32 + "-160.html"):
            self.assertIn(fetch(self.shop.url, "/api/v1/files/" + name).status, (400, 404), name)

    def test_an_upload_is_the_cover_of_a_show(self):
        file = self.upload(photo(), "image/jpeg", purpose="cover").json
        show = self.host.show(cover=file["id"])
        self.assertEqual(show["cover"], {"id": file["id"], "url": file["url"], "sizes": file["sizes"]})
        page = fetch(self.shop.url, f"/s/{show['id']}").body.decode()
        self.assertIn(file["share"], page)
        other = self.upload(png(20, 20)).json
        self.assertEqual(self.host.api("POST", "/shows", {"title": {"en": "x"}, "cover": other["id"]})
                         .status, 400, "a product's picture is no cover")


class InAFolder(Uploads, unittest.TestCase):
    @staticmethod
    def make_bucket():
        return None

    def test_the_upload_itself_is_gone(self):
        self.upload(png(12, 12))
        waiting = os.path.join(self.shop.settings["NM_DATA_DIR"], "files", "in")
        before = self.begin(png(9, 9))
        self.put(before, png(9, 9))
        self.assertEqual(self.done(before).status, 200)
        left = [f for f in os.listdir(waiting) if os.path.getsize(os.path.join(waiting, f)) ==
                len(png(12, 12)) or len(png(9, 9))]
        self.assertEqual(left, [])
        self.assertEqual(os.stat(os.path.dirname(waiting)).st_mode & 0o777, 0o700)


class InABucket(Uploads, unittest.TestCase):
    @staticmethod
    def make_bucket():
        return Bucket()

    def test_the_browser_may_send_to_the_bucket(self):
        origin = urllib.parse.urlsplit(self.bucket.endpoint)
        csp = fetch(self.shop.url, "/").headers["Content-Security-Policy"]
        connect = [p for p in csp.split(";") if p.strip().startswith("connect-src")][0]
        self.assertIn(f"{origin.scheme}://{origin.netloc}", connect)
        begun = self.begin(png(9, 9))
        self.assertTrue(begun.json["upload"]["url"].startswith(self.bucket.endpoint))
        self.assertNotIn(self.bucket.secret, begun.body.decode())
        check = self.shop.command("r2-check")
        self.assertEqual(check.returncode, 0, check.stderr)
        for words in ("written", "read", "uploaded to", "deleted", "CORS"):
            self.assertIn(words, check.stdout)
        self.assertNotIn(self.bucket.secret, check.stdout + check.stderr)
        self.assertNotIn(self.bucket.secret, self.shop.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
