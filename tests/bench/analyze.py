#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `weir analyze` costs: beside `clang -fsyntax-only`, over the whole project, and when nothing
has changed.

usage: analyze.py BUILD OUT.md [--projects DIR] [--runs N] [--quick]

The project is this one; with --projects, also each folder of DIR that has a compile_commands.json.
Times are processor time of all processes, so that other programs on the machine matter little; of N
interleaved runs the lowest counts. clang is started once for each file with the same command. The
analyzer is one program that forks, so it also saves the time to start: the column `not starting`
takes from clang's what it needs for as many empty files. `over all` is what the analyzer does for all
files together (reading what is known, the link step). The section of OUT is replaced, the rest of
the page stays. --quick takes few files and only shows that all of it runs. Ends 1 if a target is missed.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shlex
import subprocess
import sys
import tempfile

from overhead import replace

HEADING = "# Cost of the analyzer\n"
TARGETS = {"ratio": 1.5, "over": 0.10, "warm": 0.2, "memory": 2048}
QUICK_FILES = 4
LIMIT = 1800
COST = re.compile(r"cost: ([\d.]+) s in the files, ([\d.]+) s over all of them, at most (\d+) MB")
DROP_WITH_VALUE = {"-o", "-MF", "-MT", "-MQ"}
DROP = {"-c", "-MD", "-MMD", "-MP"}


def commands_of(folder, most):
    """The C entries of the folder's compile_commands.json, each file once."""
    with open(folder / "compile_commands.json", encoding="utf-8") as file:
        entries = {e["file"]: e for e in json.load(file) if e["file"].endswith(".c")}
    return list(entries.values())[:most]


def syntax_only(entry, clang):
    """The entry's command as clang's, that parses and does nothing else."""
    words = entry.get("arguments") or shlex.split(entry["command"])
    while os.path.basename(words[0]) in ("ccache", "distcc"):
        words = words[1:]
    if os.path.basename(words[0]) == "weir":
        words = words[1:]
    kept, skip = [], False
    for word in words[1:]:
        if not skip and word not in DROP and word not in DROP_WITH_VALUE:
            if not word.startswith(("-fplugin", "--weir-")):
                kept.append(word)
        skip = word in DROP_WITH_VALUE and not skip
    return [clang, "-w", "-fsyntax-only", *kept]


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def quietly(argv, cwd):
    subprocess.run(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LIMIT)


def clang_seconds(entries, clang):
    before = children()
    for entry in entries:
        quietly(syntax_only(entry, clang), entry["directory"])
    return children() - before


def starting_seconds(count, clang, where):
    empty = where / "empty.c"
    empty.touch()
    before, times = children(), min(count, 10)
    for _ in range(times):
        quietly([clang, "-w", "-fsyntax-only", empty], where)
    return (children() - before) / times * count


def analyze(weir, where, *options):
    """Seconds in all, seconds over all files together, megabytes of the largest process."""
    before = children()
    ran = subprocess.run([weir, "analyze", "-p", where, "-j1", "--stats", *options], timeout=LIMIT,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    said = COST.search(ran.stderr)
    if ran.returncode not in (0, 3, 66) or not said:
        sys.exit(f"analyze.py: weir analyze ended with status {ran.returncode}: {ran.stderr[-500:]}")
    return children() - before, float(said.group(2)), int(said.group(3))


def measure(project, weir, clang, runs, most, where):
    entries = commands_of(project, most)
    (where / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")
    best = {}
    for _ in range(runs):
        cold, over, memory = analyze(weir, where, "--no-cache")
        for name, value in (("clang", clang_seconds(entries, clang)), ("cold", cold), ("over", over),
                            ("start", starting_seconds(len(entries), clang, where))):
            best[name] = min(value, best.get(name, value))
    analyze(weir, where)  # fills the cache
    best["warm"] = min(analyze(weir, where)[0] for _ in range(runs))
    return len(entries), dict(best, memory=memory)


def row(name, files, best):
    """Line of the table, and whether the targets are met."""
    ratio = best["cold"] / best["clang"]
    stricter = best["cold"] / max(best["clang"] - best["start"], 0.001)
    over, warm = best["over"] / best["cold"], best["warm"] / best["cold"]
    met = (ratio <= TARGETS["ratio"] and over <= TARGETS["over"] and warm <= TARGETS["warm"]
           and best["memory"] <= TARGETS["memory"])
    return (f"| {name} | {files} | {best['clang']:.2f} | {best['cold']:.2f} | {ratio:.2f} | {stricter:.2f} | "
            f"{over:.2f} | {warm:.3f} | {best['memory']} | {'yes' if met else 'no'} |"), met


def section(rows, runs):
    return (f"{HEADING}\nWritten by `make bench-analyze`; never by hand. Processor time of `weir analyze -j1` beside "
            "`clang -fsyntax-only` for each file,\nin seconds, the lowest of "
            f"{runs} interleaved runs; `not starting` is the ratio to clang without the time to start it. `over all`: "
            "the part of\nthe time that goes by after the files (link step) and before them. `warm`: a second run, when nothing has "
            "changed, of a cold one.\n`MB`: the largest process. Targets: "
            f"{TARGETS['ratio']} | {TARGETS['over']} | {TARGETS['warm']} | {TARGETS['memory']}.\n\n".replace(" | ", ", ") +
            "| project | files | clang | analyze | ratio | not starting | over all | warm | MB | met |\n"
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n" + "\n".join(rows) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--projects", type=pathlib.Path)
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    build = args.build.absolute()
    found = sorted(args.projects.glob("*/compile_commands.json")) if args.projects else []
    projects = [("Weir", build)] + [(path.parent.name, path.parent) for path in found]
    rows, missed = [], 0
    for name, folder in projects:
        with tempfile.TemporaryDirectory() as where:
            line, met = row(name, *measure(folder, build / "bin/weir", args.clang, 1 if args.quick else args.runs,
                                           QUICK_FILES if args.quick else None, pathlib.Path(where)))
        rows.append(line)
        missed += not met
        print(line, file=sys.stderr, flush=True)
    replace(args.out, section(rows, args.runs), HEADING)
    return 1 if missed and not args.quick else 0


if __name__ == "__main__":
    sys.exit(main())
