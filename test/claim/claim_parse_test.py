"""nightmarket claim-parse: JSON lines in and out, no configuration, bad lines answered and passed over."""
import json
import os
import subprocess
import unittest

BUILD = os.environ.get("NM_BUILD", "build/dev")
HERE = os.path.dirname(os.path.abspath(__file__))

BAG = {"code": "A12", "options": [
    {"name": "color", "values": [["黑", "black", "ดำ"], ["白", "white", "ขาว"]]},
    {"name": "size", "values": [["M"], ["L"]]}]}
MUG = {"code": "A13", "options": []}
ROOM = [BAG, MUG, {"code": "P1", "options": [
    {"name": "color", "values": [["粉", "pink", "ชมพู"], ["白", "white", "ขาว"]]}]},
    {"code": "A1", "options": []}, {"code": "Q1", "options": []}, {"code": "88", "options": []},
    {"code": "S2", "options": [{"name": "size", "values": ["36", "37", "38", "F"]}]},
    {"code": "12", "options": []}, {"code": "15", "options": []}]


def parse(lines):
    """Exit code and answers. Nothing of the environment, so that no setting can help it."""
    done = subprocess.run([os.path.join(os.path.abspath(BUILD), "nightmarket"), "claim-parse"],
                          input="".join(lines).encode(), capture_output=True, env={}, cwd="/",
                          timeout=60, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, [json.loads(x) for x in done.stdout.decode().splitlines()]


def line(text, pinned=None, listings=(BAG, MUG)):
    return json.dumps({"text": text, "pinned": pinned, "listings": list(listings)}) + "\n"


def reading(answer):
    """As test/claim/comments.jsonl says it."""
    said = []
    for i in answer["items"]:
        words = [i["op"], i.get("code") or i["suggest"]]
        words += ["/".join(i["options"])] if i["options"] else []
        words += [str(i["qty"])] if "qty" in i else []
        said.append(" ".join(words + (["?"] if i["need_option"] else [])))
    return ", ".join(said)


class ClaimParse(unittest.TestCase):
    def test_answers_in_the_form_that_is_fixed(self):
        code, got = parse([line("A12 黑L+2"), line("A12包+1"), line("+1", "A13"), line("A13多少錢?"),
                           line("CF2", "A13"), line("AI3+1"), line("CC A13"), line("A13-1")])
        self.assertEqual(code, 0)
        self.assertEqual(got[0], {"items": [{"op": "add", "code": "A12", "options": ["黑", "L"],
                                             "qty": 2, "need_option": False}]})
        self.assertEqual(got[1]["items"][0]["options"], ["ALL"])
        self.assertEqual(got[2]["items"][0]["code"], "A13")
        self.assertEqual(got[3], {"items": []})
        self.assertEqual((got[4]["items"][0]["op"], got[4]["items"][0]["qty"]), ("queue", 1))
        self.assertEqual((got[5]["items"][0]["op"], got[5]["items"][0]["suggest"]), ("review", "A13"))
        self.assertEqual(got[6]["items"][0]["op"], "cancel")
        self.assertEqual(got[7]["items"][0]["op"], "sub")

    def test_reads_every_decided_comment_as_decided(self):
        with open(os.path.join(HERE, "comments.jsonl"), encoding="utf-8") as f:
            decided = [json.loads(x) for x in f]
        code, got = parse([line(d["text"], "P1", ROOM) for d in decided])
        self.assertEqual(code, 0)
        self.assertEqual(len(got), len(decided))
        for d, g in zip(decided, got):
            self.assertEqual(reading(g), d["reading"], d["text"])

    def test_a_bad_line_is_answered_and_the_rest_goes_on(self):
        bad = ["nonsense\n", "[]\n", "{}\n", '{"text":1,"listings":[]}\n', '{"text":"a","listings":3}\n',
               '{"text":"a","listings":[{"code":"A","options":[{"values":[]}]}]}\n',
               json.dumps({"text": "a", "listings": [MUG] * 301}) + "\n", line("a", "Z9"),
               '{"text":"\\ud800","listings":[]}\n', "x" * (9 << 20) + "\n"]
        code, got = parse([*bad, line("A13+1")])
        self.assertEqual(code, 1)
        self.assertEqual(len(got), len(bad) + 1)
        for answer in got[:-1]:
            self.assertEqual(list(answer), ["error"], answer)
        self.assertEqual(got[-1]["items"][0]["code"], "A13")

    def test_nothing_in_is_nothing_out(self):
        self.assertEqual(parse([]), (0, []))
        self.assertEqual(parse([line("A13+1").rstrip("\n")])[1][0]["items"][0]["code"], "A13")


if __name__ == "__main__":
    unittest.main()
