# SPDX-License-Identifier: Apache-2.0
#
# kernel.py SOURCE TEMP WEIR: a kernel of a real bug (GoBench's GoKer, CGO 2021), buggy and, with FIXED
# defined, fixed. Its header says what must be found in the buggy form, any of
#   // finds: ID ID ...
# and which names the report must hold
#   // names: NAME NAME ...
# within 10 shaken runs on one worker or 10 on two. What is printed must fit the CHECK lines beside the
# guilty lines, if there are any. The fixed form is run as often and must be silent. proof.py runs the same
# programs many times, and judges by the same rules.
import json
import os
import re
import shutil
import subprocess
import sys

RUNS, LIMIT, FINDINGS = 10, 50, 66
PROCS = (1, 2)


class Run:
    """What `weir run` left: its status and text, the findings of the last run that it made, and the seed."""

    def __init__(self, status, text, records):
        self.status, self.text, self.records = status, text, records
        seed = re.search(r"^weir run: with --shake=(\d+)$", text, re.M)
        self.seed = int(seed[1]) if seed else 0

    @property
    def silent(self):
        return self.status == 0 and not self.records


class Kernel:
    def __init__(self, source, temp, weir):
        self.source, self.temp, self.weir = source, temp, weir
        with open(source, encoding="utf-8") as file:
            self.text = file.read()
        self.finds, self.names = self.header("finds"), self.header("names")

    def header(self, word):
        found = re.search(r"^// %s: (.*)$" % word, self.text, re.M)
        return found[1].split() if found else []

    def build(self, fixed):
        program = self.temp + (".fixed" if fixed else ".buggy")
        command = [self.weir, "cc", "-O1", "-g", "-Wall", "-Wextra"] + ["-DFIXED"] * fixed
        subprocess.run(command + [self.source, "-o", program], check=True)
        return program

    def run(self, program, procs, *options):
        log = "%s.%d.log" % (program, procs)
        command = [self.weir, "run", "--procs=%d" % procs, "--log=" + log, *options, "--", program]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return Run("none in %d s" % LIMIT, "", [])
        with open(log, encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        return Run(done.returncode, done.stdout,
                   [r for r in records if r.get("id", "goroutine-dump") != "goroutine-dump"])

    def wrong(self, run):
        """What is wrong with the report of a run that found something, or nothing."""
        ids = {r["id"] for r in run.records}
        if run.status != FINDINGS or not ids & set(self.finds):
            return "found as %s, status %s" % (", ".join(sorted(ids)), run.status)
        missing = [n for n in self.names if not re.search(r"\b%s\b" % re.escape(n), run.text)]
        if missing:
            return "not named: " + ", ".join(missing)
        if "CHECK" not in self.text:
            return ""
        filecheck = shutil.which("FileCheck") or "/usr/lib/llvm-19/bin/FileCheck"
        done = subprocess.run([filecheck, self.source], input=run.text, capture_output=True, text=True)
        return done.stderr if done.returncode else ""


def main():
    kernel = Kernel(*sys.argv[1:4])
    os.makedirs(os.path.dirname(os.path.abspath(kernel.temp)), exist_ok=True)
    shaken = "--runs=%d" % RUNS
    program = kernel.build(False)
    runs = [kernel.run(program, procs, shaken) for procs in PROCS]
    found = [run for run in runs if not run.silent]
    if not found:
        sys.exit("the bug is not found in %d runs" % (len(PROCS) * RUNS))
    for run in found:
        problem = kernel.wrong(run)
        if problem:
            sys.exit("%s\n%s" % (problem, run.text))
    program = kernel.build(True)
    for procs in PROCS:
        run = kernel.run(program, procs, shaken)
        if not run.silent:
            sys.exit("a false alarm in the fixed form, status %s\n%s" % (run.status, run.text))


if __name__ == "__main__":
    main()
