# SPDX-License-Identifier: Apache-2.0
#
# A record whose names are hostile, and checks of what became of them.
import html.parser
import json
import sys

NAME = "\x1b[2J\nSUMMARY: forged\u202e</script><script>alert(1)</script>"
RECORD = {"schema": "weir.finding/1", "id": "stuck-goroutine", "certainty": "suspected",
          "message": NAME, "pid": 1, "seq": 1, "modules": [],
          "goroutines": [{"id": 2, "name": NAME, "state": "waiting", "op": "chan send",
                          "waits": [{"op": "chan send", "object": 0}],
                          "stack": [{"address": "0x10", "function": NAME, "file": NAME, "line": 3}]}],
          "objects": [{"kind": "channel", "name": "<!--<script>" + NAME}],
          "reproduce": {"argv": ["printf", "%s\n".replace("\n", "\\n"), "a b", "it's", "$HOME",
                                 "\x1b[2J\n", ""]}}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.inside, self.urls = [], False, []

    def handle_starttag(self, tag, attrs):
        self.urls += [v for k, v in attrs if k in ("src", "href", "action")]
        if tag == "script":
            self.scripts.append("")
        self.inside = tag == "script"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.scripts[-1] += data


def check_html(text):
    page = Page()
    page.feed(text)
    assert len(page.scripts) == 3, len(page.scripts)
    assert all(u.startswith("#f") for u in page.urls), page.urls
    data = json.loads(page.scripts[1])
    assert "<script>alert(1)</script>" in data["findings"][0]["groups"][0]["name"]
    assert "<script>alert" not in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "") and "https://" not in text


def check_text(text):
    assert "\x1b" not in text and "\u202e" not in text
    assert sum(line.startswith("SUMMARY") for line in text.splitlines()) == 1


mode = sys.argv[1] if len(sys.argv) > 1 else ""
if mode == "--check-html":
    check_html(sys.stdin.read())
elif mode == "--check-text":
    check_text(sys.stdin.buffer.read().decode())
elif mode == "--check-json":
    assert json.loads(sys.stdin.read())["goroutines"][0]["name"] == NAME
else:
    print(json.dumps(RECORD))
