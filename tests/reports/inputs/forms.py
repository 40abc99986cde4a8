# SPDX-License-Identifier: Apache-2.0
#
# forms.py WEIR FINDINGS SARIF_SCHEMA: the same findings in every form carry the same facts. Each form
# is read by a parser that is not ours: JSON, XML, and for Markdown and GitHub's commands what their
# readers do with escapes.
import html
import json
import os
import re
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as xml

import jsonschema

weir, findings, schema = sys.argv[1:4]


def render(form, *more):
    done = subprocess.run([weir, "report", form, "--root=/src", *more, findings],
                          stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def check(what, want, got):
    if want != got:
        sys.exit(f"{what}: expected {want!r}, got {got!r}")


def sarif():
    log = json.loads(render("sarif"))
    with open(schema) as f:
        jsonschema.Draft202012Validator(json.load(f)).validate(log)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for r in run["results"]:
        if "ruleIndex" in r:
            check("the rule's place", r["ruleId"], rules[r["ruleIndex"]]["id"])
        where = r["locations"][0]["physicalLocation"]
        yield {"id": r["ruleId"], "certainty": r["properties"]["certainty"],
               "answer": r["message"]["text"],
               "fingerprint": r["partialFingerprints"]["weirFinding/v1"],
               "seen": r["occurrenceCount"],
               "file": urllib.parse.unquote(where["artifactLocation"]["uri"]),
               "line": where["region"]["startLine"],
               "sure": r["level"] == "error"}


def junit():
    root = xml.fromstring(render("junit"))
    check("the root", "testsuites", root.tag)
    for suite in root:
        cases = suite.findall("testcase")
        check("tests", int(suite.get("tests")), len(cases))
        check("failures", int(suite.get("failures")), len(suite.findall("testcase/failure")))
        check("skipped", int(suite.get("skipped")), len(suite.findall("testcase/skipped")))
        for case in cases:
            failure = case.find("failure")
            text = failure.text
            yield {"id": case.get("classname").removeprefix("weir."),
                   "certainty": failure.get("type"), "answer": failure.get("message"),
                   "fingerprint": re.search(r"\[([0-9a-f]{16})\]$", case.get("name"))[1],
                   "text": text}


def github():
    for line in render("github").splitlines():
        level, properties, message = re.fullmatch(r"::(error|warning) (.*?)::(.*)", line).groups()
        values = {k: urllib.parse.unquote(v) for k, v in
                  (p.split("=", 1) for p in properties.split(","))}
        yield {"answer": urllib.parse.unquote(message), "file": values["file"],
               "line": int(values["line"]), "sure": level == "error",
               "title": values["title"].removeprefix("Weir: ")}


def gitlab():
    for o in json.loads(render("gitlab")):
        yield {"id": o["check_name"], "answer": o["description"], "fingerprint": o["fingerprint"],
               "file": o["location"]["path"], "line": o["location"]["lines"]["begin"],
               "sure": o["severity"] == "critical"}


def markdown():
    page = render("markdown")
    rows = [line for line in page.splitlines() if line.startswith("| ")][2:]
    texts = re.findall(r"(`{3,})text\n(.*?)\n\1\n", page, re.S)
    check("folded reports", len(rows), len(texts))
    for row, (_, text) in zip(rows, texts):
        cells = [html.unescape(re.sub(r"\\(.)", r"\1", c.strip()))
                 for c in re.split(r"(?<!\\)\|", row)[1:-1]]
        yield {"title": cells[0], "certainty": cells[1],
               "seen": int(cells[3].removeprefix("≥ ")), "answer": cells[4], "text": text + "\n"}


def page():
    text = render("html")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1]
    for i, f in enumerate(json.loads(data)["findings"]):
        if f["id"] == "goroutine-dump":
            continue
        report = html.unescape(re.search(rf'<pre id="t{i}">\n(.*?)</pre>', text, re.S)[1])
        yield {k: f[k] for k in ("id", "title", "certainty", "answer", "fingerprint", "seen")} | {"text": report}


def listed():
    for line in render("list", "--color=never").splitlines():
        if "goroutine dump" in line:
            continue
        fingerprint, certainty, summary = re.split("  +", line, maxsplit=2)
        seen = re.search(r"  \(seen (?:at least )?(\d+) times\)$", summary)
        yield {"fingerprint": fingerprint, "certainty": certainty, "seen": int(seen[1]) if seen else 1,
               "summary": summary[:seen.start()] if seen else summary}


def expected():
    text = render("show", "--color=never")
    for line in render("json").splitlines():
        r = json.loads(line)
        if r["id"] == "goroutine-dump":
            continue
        place = re.search(r"(\S+):(\d+) in", r["summary"])
        file, number = (place[1], int(place[2])) if place else (os.path.basename(r["program"]["exe"]), 1)
        yield {"id": r["id"], "title": r["id"].replace("-", " "), "certainty": r["certainty"],
               "answer": r["answer"], "fingerprint": r["fingerprint"], "seen": r.get("seen", 1),
               "file": file, "line": number, "summary": r["summary"], "sure": r["certainty"] in ("proven", "observed"),
               "all": text}


want = list(expected())
paths, order = {}, {w["fingerprint"]: i for i, w in enumerate(want)}
for form in sarif, junit, github, gitlab, markdown, page, listed:
    got = list(form())
    check(f"findings in {form.__name__}", len(want), len(got))
    if "fingerprint" in got[0]:  # JUnit's are sorted by program
        got.sort(key=lambda g: order.get(g["fingerprint"], -1))
    for w, g in zip(want, got):
        text = g.pop("text", None)
        if text and text not in w["all"]:
            sys.exit(f"{form.__name__}: the report of {w['id']} is not the one of show")
        if "file" in g:  # a path; the summary has its last part
            check(f"the path of {w['id']} in {form.__name__}", paths.setdefault(w["fingerprint"], g["file"]), g["file"])
            g["file"] = os.path.basename(g["file"])
        for key, value in g.items():
            check(f"{key} of {w['id']} in {form.__name__}", w[key], value)
print(len(want), "findings, the same in 9 forms")
