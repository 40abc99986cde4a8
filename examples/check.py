# SPDX-License-Identifier: Apache-2.0
#
# check.py WEIR NAME LOG: whether the findings in LOG (of `weir run --log=LOG`) are
# what expected.txt says of the buggy form of example NAME: every row is met by a
# finding, and there is no finding of another id or in other functions. Frames are
# given names and lines by `weir report json`. Prints one line for each row and for
# what is too much; ends 0 or 1.
#
# Line numbers are not written down: a row quotes the guilty line, which is
# looked up in buggy.c, so that the table survives edits. An id with a question mark is of a finding
# that depends on the schedule: it may be missing. "ID or ID": what is left on the stack of a
# function that has returned decides whether more can be proven than that it was seen.
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def rows(name):
    with open(os.path.join(HERE, "expected.txt")) as table:
        for line in table:
            cells = [cell.strip() for cell in line.split("|", 4)]
            if not line.startswith("#") and cells[0] == name:
                yield cells[1].rstrip("?"), *cells[2:], cells[1].endswith("?")


def line_numbers(name, text):
    with open(os.path.join(HERE, name, "buggy.c")) as source:
        return {n for n, line in enumerate(source, 1) if line.strip() == text}


def frames(finding):
    holders = finding.get("goroutines", []) + finding.get("accesses", [])
    for holder in holders:
        yield from holder.get("stack", [])


def names(finding):
    for thing in finding.get("objects", []) + [finding.get("location", {})]:
        yield thing.get("name", "")


def meets(finding, row, name):
    id_, function, object_, text, _ = row
    at = line_numbers(name, text)
    return (
        finding["id"] in id_.split(" or ")
        and (object_ == "-" or any(object_ in n for n in names(finding)))
        and any(
            f.get("function") == function
            and f.get("file", "").endswith(os.path.join(name, "buggy.c"))
            and f.get("line") in at
            for f in frames(finding)
        )
    )


def main():
    weir, name, log = sys.argv[1:]
    text = subprocess.run([weir, "report", "json", log], check=True, stdout=subprocess.PIPE).stdout
    findings = [json.loads(line) for line in text.decode().splitlines()]
    expected, good = list(rows(name)), True
    if not expected:
        sys.exit(f"check.py: expected.txt says nothing of {name}")
    for row in expected:
        if not line_numbers(name, row[3]):
            sys.exit(f"check.py: no line of {name}/buggy.c is '{row[3]}'")
        met = any(meets(f, row, name) for f in findings)
        good = good and (met or row[4])
        line = "/".join(str(n) for n in sorted(line_numbers(name, row[3])))
        print(f"{'found ' if met else 'absent' if row[4] else 'MISSED'} {row[0]:<22} {name}/buggy.c:{line} in {row[1]}, {row[2]}")
    for f in findings:
        functions = {frame.get("function") for frame in frames(f)}
        if not any(f["id"] in row[0].split(" or ") and row[1] in functions for row in expected):
            good = False
            print(f"UNEXPECTED {f['id']}: {f.get('answer', f['message'])}")
    sys.exit(0 if good else 1)


main()
