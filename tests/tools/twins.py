# SPDX-License-Identifier: Apache-2.0
#
# twins.py SOURCE TEMP WEIR CC... : a buggy program and its fixed twin (-DFIXED) from one source
# tests/bugs/ID/NAME.c, by each compiler command, at -O0 and -O2, on one worker and on two. lit runs
# it once; bugs_matrix.py runs the same programs many times and judges by the same rules:
#
# - The buggy one ends with status 66 (of a crash: by its signal) and one report. What it reports is ID, with the certainty that
#   findings.def gives it, and FileCheck accepts the text: so the source says beside the guilty line
#   that it must be named.
# - The fixed one ends with status 0 and nothing on standard error.
#
# The environment of the RUN line says what is different for a program:
#   RUN_OPTIONS=key=value:...   run-time options of both twins
#   CERTAINTY=suspected         of the findings
#   SEVERAL=1                   several reports are right
#   TRIES=3                     a buggy program that does not find its bug in time is run
#                               again: a word that nobody reads any more may hide a leak
import json
import os
import re
import shutil
import subprocess
import sys

LEVELS = ("-O0", "-O2")
PROCS = (1, 2)
LIMIT = 50
FINDINGS = 66
TWIN = ("buggy", "fixed")
SETTINGS = ("RUN_OPTIONS", "CERTAINTY", "SEVERAL", "TRIES")
ENTRY = re.compile(r'^WEIR_FINDING\(\w+,\s*"([a-z0-9-]+)",\s*"(\w+)"', re.MULTILINE)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def findings(root=ROOT):
    """The ids of findings.def, in order, and the usual certainty of each."""
    with open(os.path.join(root, "runtime/include/weir/findings.def"), encoding="utf-8") as file:
        return dict(ENTRY.findall(file.read()))


class Run:
    """What one run of a program left."""

    def __init__(self, status, text, records):
        self.status, self.text, self.records = status, text, records


class Twins:
    def __init__(self, source, temp, weir, compilers, settings):
        self.source, self.temp, self.weir = source, temp, weir
        self.id = os.path.basename(os.path.dirname(os.path.abspath(source)))
        self.certainty = settings.get("CERTAINTY") or findings().get(self.id, "observed")
        self.options = settings.get("RUN_OPTIONS", "")
        self.several = settings.get("SEVERAL") == "1"
        self.tries = int(settings.get("TRIES", "1"))
        self.limit = LIMIT / (self.tries + 1)
        self.builds = [(cc, level) for cc in compilers for level in LEVELS]

    def build(self, number, fixed):
        """Compiles one of the builds; the path of the program."""
        cc, level = self.builds[number]
        program = "%s.%s%d" % (self.temp, TWIN[fixed], number)
        inputs = os.path.join(ROOT, "tests/bugs/Inputs")
        command = cc.split() + ["-g", level, "-I", inputs] + ["-DFIXED"] * fixed
        subprocess.run(command + [self.source, "-o", program], check=True)
        return program

    def run(self, program, procs, tag=""):
        log = "%s%s.log" % (program, tag)
        options = "procs=%d:log_path=%s:%s" % (procs, log, self.options)
        env = dict(os.environ, WEIR_OPTIONS=options, WEIR_REPORTER=self.weir)
        child = subprocess.Popen([program], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
        try:
            text, status = child.communicate(timeout=self.limit)[1], child.returncode
        except subprocess.TimeoutExpired:
            child.kill()
            text, status = child.communicate()[1], "none in %d s" % self.limit
        return Run(status, text.decode("utf-8", "replace"), take_records("%s.%d" % (log, child.pid)))

    def judge(self, fixed, run):
        """None when the run is as it must be, else what is wrong with it."""
        return judge_fixed(run) if fixed else self.judge_buggy(run)

    def judge_buggy(self, run):
        wrong = [r for r in run.records if (r["id"], r["certainty"]) != (self.id, self.certainty)]
        if not run.records:
            return "nothing is reported, status %s" % run.status
        if wrong:
            return "reported as %s, %s" % (wrong[0]["id"], wrong[0]["certainty"])
        crashed = self.id == "crash" and isinstance(run.status, int) and run.status < 0
        if run.status != FINDINGS and not crashed:
            return "status %s, not %d" % (run.status, FINDINGS)
        texts = run.text.count("SUMMARY: Weir")  # equal findings are one text
        if texts != 1 and not (self.several and texts):
            return "%d reports, not one" % texts
        check = subprocess.run([filecheck(), self.source], input=run.text.encode(), capture_output=True)
        return "not the expected report\n" + check.stderr.decode() if check.returncode else None

    def once(self, number):
        """One run of both twins of a build on each number of workers; what is wrong, or None."""
        programs = [self.build(number, fixed) for fixed in (False, True)]
        for procs in PROCS:
            for fixed in (False, True):
                problem, text = self.attempt(programs[fixed], fixed, procs)
                if problem:
                    place = "%s %s, procs=%d" % (*self.builds[number], procs)
                    return "%s, %s: %s\n%s" % (place, TWIN[fixed], problem, quoted(text))
        return None

    def attempt(self, program, fixed, procs, tag=""):
        """Runs it, again while the bug does not show and tries are left: what is wrong, the text."""
        for _ in range(1 if fixed else self.tries):
            run = self.run(program, procs, tag)
            problem = self.judge(fixed, run)
            if isinstance(run.status, int):
                break
        return problem, run.text


def take_records(path):
    """The findings that a process left in its file, which is removed."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    os.remove(path)
    return [r for r in records if r.get("id", "goroutine-dump") != "goroutine-dump"]


def judge_fixed(run):
    if run.records:
        return "a false alarm: %s, %s" % (run.records[0]["id"], run.records[0]["certainty"])
    if run.status != 0:
        return "status %s" % run.status
    return "it is not silent" if run.text else None


def filecheck():
    return shutil.which("FileCheck") or "/usr/lib/llvm-19/bin/FileCheck"


def quoted(text):
    return "".join("| %s\n" % line for line in text.splitlines())


def main():
    source, temp, weir, *compilers = sys.argv[1:]
    twins = Twins(source, temp, weir, compilers, os.environ)
    for number in range(len(twins.builds)):
        problem = twins.once(number)
        if problem:
            sys.exit("twins.py: " + problem)


if __name__ == "__main__":
    main()
