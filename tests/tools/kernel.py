# SPDX-License-Identifier: Apache-2.0
#
# kernel.py SOURCE TEMP WEIR: a kernel of a real bug (GoBench's GoKer, CGO 2021), buggy and, with FIXED
# defined, fixed. Its header says what must be found in the buggy form, any of
#   // finds: ID ID ...
# and which names the reports must hold
#   // names: NAME NAME ...
# within 10 shaken runs on one worker and 10 on two. What is printed must fit the CHECK lines beside the
# guilty lines, if there are any. The fixed form is run as often and must be silent.
import json
import os
import re
import subprocess
import sys

source, temp, weir = sys.argv[1:4]
RUNS, LIMIT, FINDINGS = 10, 50, 66


def header(text, word):
    found = re.search(r"^// %s: (.*)$" % word, text, re.M)
    return found[1].split() if found else []


def build(fixed):
    program = temp + (".fixed" if fixed else ".buggy")
    flags = ["-DFIXED"] if fixed else []
    subprocess.run([weir, "cc", "-O1", "-g", "-Wall", "-Wextra", *flags, source, "-o", program], check=True)
    return program


def run(program, procs):
    """Status, text, records of up to RUNS runs, the last of which found something if any did."""
    log = "%s.log.%d" % (program, procs)
    command = [weir, "run", "--runs=%d" % RUNS, "--procs=%d" % procs, "--log=" + log, "--", program]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
    with open(log, encoding="utf-8") as f:
        records = [json.loads(line) for line in f]
    return done.returncode, done.stdout, [r for r in records if r.get("id", "goroutine-dump") != "goroutine-dump"]


def check(out):
    """FileCheck's complaint about what a run printed, or nothing."""
    command = ["FileCheck", source]
    done = subprocess.run(command, input=out, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


with open(source, encoding="utf-8") as f:
    text = f.read()
finds, names = header(text, "finds"), header(text, "names")
seen, ids = "", set()
program = build(False)
for procs in (1, 2):
    status, out, records = run(program, procs)
    ids |= {r["id"] for r in records}
    if status == FINDINGS:
        seen += out
        complaint = check(out) if "CHECK" in text else ""
        if complaint:
            sys.exit("found with %d workers as\n%s\n%s" % (procs, out, complaint))
if not seen:
    sys.exit("the bug is not found in %d runs" % (2 * RUNS))
if not ids & set(finds):
    sys.exit("found as %s\n%s" % (", ".join(sorted(ids)), seen))
missing = [n for n in names if not re.search(r"\b%s\b" % re.escape(n), seen)]
if missing:
    sys.exit("not named: %s\n%s" % (", ".join(missing), seen))
program = build(True)
for procs in (1, 2):
    status, out, records = run(program, procs)
    if status or records:
        sys.exit("a false alarm in the fixed form, status %d\n%s" % (status, out))
