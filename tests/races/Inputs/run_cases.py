#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the cases of one program of tests/races and compares what is reported with what is marked.

usage: run_cases.py [--times N] [--only CASE] [--levels=-O0,-O2] SOURCE TEMP WEIR COMPILER...

The source is built at each level, and both forms of its cases are run with one and with two
processors, N times each; without --times each once at either level, with one processor and two in
turn. The racy form must end with status 66 and exactly one report, a data race (or what a line
"REPORT NAME: KIND" says) of the two lines marked "RACE: NAME" (one mark: both sides are there; NAME
may have a * in it); the quiet form with status 0 and nothing said. A line "UNSEEN -O2 NAME: why" in a comment of the source names a
race that is known to be missed there, "INVENTED -O2 NAME: why" a quiet form that is known to be
reported; they must be so, so that the line goes when it is no longer true. Last comes one line
with the counts.
"""
import argparse
import concurrent.futures
import fnmatch
import itertools
import pathlib
import re
import subprocess
import sys

SIDE = re.compile(r"^  (?=(?:Previous )?(?:atomic )?"
                  r"(?:write|read|free|send|receive|close|add|wait|lock|unlock) )", re.M | re.I)
PROCS = [1, 2]
MARK = re.compile(r"RACE: ([\w, *]+)")
KIND = re.compile(r"REPORT (\w+): ([a-z ]+)")
KNOWN = re.compile(r"(UNSEEN|INVENTED) (-O\d) (\w+):")
PLACE = re.compile(r"^    #\d+ \S+ (\S+?):(\d+)", re.M)


def marked_lines(source, cases):
    """The two lines of each case's race. A pattern gives lines to the cases that lack some."""
    own, shared = {case: [] for case in cases}, {case: [] for case in cases}
    for number, line in enumerate(source.read_text().splitlines(), 1):
        for name in re.findall(r"[\w*]+", "".join(MARK.findall(line))):
            matching = fnmatch.filter(cases, name)
            if not matching:
                sys.exit(f"{source.name}:{number}: there is no case {name}")
            for case in matching:
                (shared if "*" in name else own)[case].append(number)
    lines = {case: (own[case] + shared[case])[:2] for case in cases}
    bare = [case for case in cases if not lines[case] or len(own[case]) > 2]
    if bare:
        sys.exit(f"{source.name}: not two lines are marked for {', '.join(bare)}")
    return {case: sorted((found * 2)[:2]) for case, found in lines.items()}


def reported_lines(text, source):
    """The line of each access: its innermost frame in the source."""
    lines = []
    for part in SIDE.split(text)[1:]:
        stack = part.split("\n\n")[0]
        here = [int(n) for name, n in PLACE.findall(stack) if pathlib.Path(name).name == source.name]
        lines.append(here[0] if here else 0)
    return sorted(lines)


def judge(ran, form, kind, expected, source):
    """What is wrong with a run, or None."""
    errors = ran.stderr.decode(errors="replace")
    if form == "quiet":
        return None if ran.returncode == 0 and not errors else f"status {ran.returncode}\n{errors}"
    reports = re.findall(r"^WARNING: Weir: (.*?) \(pid", errors, re.M)
    if ran.returncode == 0 and not errors:
        return "missed"
    if ran.returncode != 66 or reports != [kind]:
        return f"status {ran.returncode}, reports {reports}\n{errors}"
    lines = reported_lines(errors, source)
    return None if lines == expected else f"lines {lines}, not {expected}\n{errors}"


def run(program, name, form, procs, reporter):
    env = {"WEIR_OPTIONS": f"procs={procs}", "WEIR_REPORTER": reporter, "PATH": "/usr/bin:/bin"}
    try:
        return subprocess.run([program, name, form], env=env, capture_output=True, timeout=30)
    except subprocess.TimeoutExpired as late:
        return subprocess.CompletedProcess(late.args, -1, b"", b"does not end within 30 s\n")


def build(args, level):
    program = f"{args.temp}{level}"
    command = args.compiler + ["-g", level, "-I", str(args.source.parent / "Inputs"), str(args.source), "-o", program]
    subprocess.run(command, check=True)
    return program


def in_turn(jobs):
    """One of each two jobs that differ in the number of processors only."""
    return [job for i, job in enumerate(jobs) if i % 2 == (i // 2 + i // 4 + (job[0] in ("-O2", "-O3"))) % 2]


def cases_of(program):
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int)
    parser.add_argument("--only")
    parser.add_argument("--levels", type=lambda text: text.split(","), default=["-O0", "-O2"])
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("temp")
    parser.add_argument("weir")
    parser.add_argument("compiler", nargs="+")
    return parser.parse_args()


def main():
    args = parse()
    programs = {level: build(args, level) for level in args.levels}
    cases = cases_of(programs[args.levels[0]])
    lines = marked_lines(args.source, cases)
    known = {(level, name, "racy" if what == "UNSEEN" else "quiet")
             for what, level, name in KNOWN.findall(args.source.read_text())}
    kinds = dict(KIND.findall(args.source.read_text()))
    chosen = [args.only] if args.only else cases
    jobs = list(itertools.product(args.levels, chosen, ["racy", "quiet"], PROCS))
    jobs = jobs * args.times if args.times else in_turn(jobs)

    def check(job):
        level, name, form, procs = job
        ran = run(programs[level], name, form, procs, args.weir)
        wrong = judge(ran, form, kinds.get(name, "data race"), lines[name], args.source)
        if (level, name, form) in known:
            wrong = None if wrong else "is as it should be, but noted as not"
        return wrong and f"{name} {form} {level} procs={procs}: {wrong}"

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [text for text in pool.map(check, jobs) if text]
    for text in wrong:
        print(text)
    runs = [form for level, name, form, _ in jobs if (level, name, form) not in known]
    print(f"{args.source.name}: {len(cases)} rules, {runs.count('racy')} racy runs, "
          f"{runs.count('quiet')} quiet runs, {len(known)} known, {len(wrong)} wrong")
    return 1 if wrong or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
