# SPDX-License-Identifier: Apache-2.0
#
# suppress_lines.py WEIR RECORDS FILE: what `weir report suppress` prints for each finding hides that one
# alone; by its first digits, by fingerprint, and where two findings differ in their callers only.
import json
import subprocess
import sys

weir, records, file = sys.argv[1:]


def run(*arguments, status=0):
    ran = subprocess.run([weir, "report", *arguments], capture_output=True, text=True)
    assert ran.returncode == status, (arguments, ran)
    return ran.stdout


def prints(*arguments):
    found = [json.loads(line) for line in run("json", *arguments).splitlines()]
    return {f["fingerprint"]: f["id"] for f in found if f["id"] != "goroutine-dump"}


def check(records, wanted=None, *more):
    everything = prints(records)
    for fingerprint, id_ in everything.items():
        line = run("suppress", *more, fingerprint[:8], records)
        assert line.startswith("# ") and line.count("\n") == 2, line
        with open(file, "w") as out:
            out.write(line)
        left = prints("--suppressions=" + file, records)
        assert set(everything) - set(left) == {fingerprint}, (line, everything, left)
        assert line.splitlines()[1].startswith(wanted or id_ + ":"), line
    return everything


everything = check(records)
check(records, "fingerprint:", "--exact")
race = next(p for p, id_ in everything.items() if id_ == "data-race")
assert run("suppress", race, records).splitlines()[1] == "data-race:^transfer$ && ^audit$ && ^total$"

with open(records) as lines:
    one = next(lines)
with open(file + ".twins", "w") as out:
    out.write(one + one.replace('"worker"', '"helper"'))
check(file + ".twins", "fingerprint:")

run("suppress", "abcdabcd", records, status=3)
run("suppress", race[:3], records, status=3)
run("suppress", status=2)
