# SPDX-License-Identifier: Apache-2.0
#
# expect.py WEIR SOURCE...: `weir analyze` must find in each source exactly what its comments say,
# at their lines, and end with 66, or with 0 where they say nothing:
#
#   return -1; // expect: missing-unlock p->lock is still locked
#
# Several expectations for one line stand in one comment, with ;; between. The words after the id
# must be in the message. `// options: --advice` at the start of a line gives options.
# A page (.md) is taken apart: its first ```c block must say that it expects the check that the page
# is named after, its second one nothing.
import json
import os
import re
import subprocess
import sys
import tempfile

EXPECT = re.compile(r"// expect: (.*)$")
BLOCK = re.compile(r"^```c\n(.*?)^```$", re.S | re.M)


def expected(lines):
    """{(line, id): words}"""
    want = {}
    for number, line in enumerate(lines, 1):
        found = EXPECT.search(line)
        for one in found.group(1).split(";;") if found else []:
            id_, _, words = one.strip().partition(" ")
            want[number, id_] = words.strip()
    return want


def analyze(weir, source, options):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        command = [weir, "analyze", "--log=" + log, *options, source]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=50)
        with open(log, encoding="utf-8") as file:
            return ran, [json.loads(line) for line in file]


def check(weir, source):
    """What is wrong with one source, as lines."""
    with open(source, encoding="utf-8") as file:
        lines = file.read().splitlines()
    want = expected(lines)
    options = [w for line in lines for w in re.findall(r"^// options: (.*)$", line)]
    ran, records = analyze(weir, source, " ".join(options).split())
    problems = []
    status = 66 if want else 0
    if ran.returncode != status:
        problems.append("status %d, not %d\n%s%s" % (ran.returncode, status, ran.stdout, ran.stderr))
    for r in records:
        line = r["places"][0]["at"]["line"]
        words = want.pop((line, r["id"]), None)
        if words is None:
            problems.append("%d: not expected: %s: %s" % (line, r["id"], r["message"]))
        elif words not in r["message"]:
            problems.append("%d: '%s' is not in: %s" % (line, words, r["message"]))
    problems += ["%d: not found: %s %s" % (line, id_, words) for (line, id_), words in want.items()]
    return problems


def blocks_of(page, folder):
    """The programs of a page, as files, after a look at what they promise."""
    name = os.path.splitext(os.path.basename(page))[0]
    with open(page, encoding="utf-8") as file:
        blocks = BLOCK.findall(file.read())
    promised = [sorted({id_ for _, id_ in expected(b.splitlines())}) for b in blocks]
    if len(promised) < 2 or name not in promised[0] or promised[1]:
        sys.exit("%s: its programs expect %s, not [%s] and nothing" % (page, promised, name))
    for number, block in enumerate(blocks):
        path = os.path.join(folder, "%s-%d.c" % (name, number))
        with open(path, "w", encoding="utf-8") as file:
            file.write(block)
        yield path


def main():
    weir, *sources = sys.argv[1:]
    problems, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for source in sources:
            files += blocks_of(source, folder) if source.endswith(".md") else [source]
        for file in files:
            count += 1
            problems += ["%s:%s" % (os.path.basename(file), p) for p in check(weir, file)]
    print("\n".join(problems))
    print("%d sources, %d problems" % (count, len(problems)))
    sys.exit(1 if problems or not count else 0)


main()
