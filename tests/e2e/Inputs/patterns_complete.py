# SPDX-License-Identifier: Apache-2.0
#
# patterns_complete.py SOURCE: the pages of patterns, the programs and the tests are one set.
# Every program of examples/patterns is run by a test of tests/e2e and linked from a page
# docs/guide/patterns*.md; every link of these pages leads to a file (and heading) that is there;
# and a row that shows a wrong form of tests/bugs/ID names the finding ID.
import glob
import os
import re
import sys

source = sys.argv[1]
guide = os.path.join(source, "docs", "guide")
problems = []


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def anchors(text):
    return {h.lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)}


pages = {path: read(path) for path in glob.glob(os.path.join(guide, "patterns*.md"))}
tests = "".join(read(path) for path in glob.glob(os.path.join(source, "tests", "e2e", "*.test")))
everything = "".join(pages.values())
programs = [os.path.basename(p) for p in glob.glob(os.path.join(source, "examples", "patterns", "*.c"))]

for name in programs:
    if f"/patterns/{name}" not in tests:
        problems.append(f"examples/patterns/{name}: no test runs it")
    if f"(../../examples/patterns/{name})" not in everything:
        problems.append(f"examples/patterns/{name}: on no page")

bugs = 0
for page, text in pages.items():
    for target in re.findall(r"\]\(([^)]*)\)", text):
        path, _, anchor = target.partition("#")
        there = os.path.normpath(os.path.join(guide, path)) if path else page
        if not os.path.exists(there) or (anchor and anchor not in anchors(read(there))):
            problems.append(f"{os.path.basename(page)}: nothing is at {target}")
    for row in re.findall(r"^\|.*\|$", text, re.M):
        for id_ in re.findall(r"tests/bugs/([\w-]+)/", row):
            bugs += 1
            if id_ not in row.split("|")[2]:
                problems.append(f"{os.path.basename(page)}: the row does not name {id_}: {row}")

if not programs or not bugs:
    problems.append("there are no programs, or no wrong forms")
print("\n".join(problems) or f"{len(programs)} programs, {bugs} wrong forms on {len(pages)} pages")
sys.exit(1 if problems else 0)
