#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what race checks cost: each program of race/ plain, with clang's
-fsanitize=thread, and with weir cc; writes a table.

usage: race.py WEIR OUT.md [--runs N] [--only REGEX] [--variant NAME=FLAGS]...

The builds of one program are run in turn, so that a change of the machine's speed meets
all; a time is the median CPU time of N runs (default 5). Ratios are Weir's over clang's, below
1 is better: of time, of the text of the object file, and of the time to compile, each compiled
five times. All builds must print the same. OUT.md keeps what stands before the heading of
this table. A variant is one more build with weir cc, with further flags.
"""
import argparse
import math
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile

import race_goroutines

HERE = pathlib.Path(__file__).parent
HEADING = "# Cost of race checks\n"
TARGETS = {"time": 0.65, "worst time": 1.05, "text": 1.5, "compile": 1.5}


def cpu_time(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run.stdout


def text_size(path):
    out = subprocess.run(["llvm-size-19", "-A", path], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return sum(int(line.split()[1]) for line in out.splitlines() if line.startswith(".text"))


def compilers(weir, variants):
    stock = ["clang-19", "-O2", "-g"]
    all_ = {"plain": stock, "clang": [*stock, "-fsanitize=thread"], "weir": [weir, "cc", "-O2"]}
    return {**all_, **{name: [weir, "cc", "-O2", *flags] for name, flags in variants}}


def build(source, compiler, out):
    """Compiles to out, and returns the sizes and times that go with it."""
    command = [*compiler, "-c", source, "-o", f"{out}.o"]
    times = [cpu_time(command)[0] for _ in range(5)]
    link = [arg for arg in compiler if not arg.startswith("-fplugin")]
    subprocess.run([*link, f"{out}.o", "-pthread", "-o", out], check=True)
    return {"text": text_size(f"{out}.o"), "compile": statistics.median(times)}


def measure(source, builders, where, runs):
    rows = {who: build(source, cc, where / f"{source.stem}-{who}") for who, cc in builders.items()}
    times = {who: [] for who in builders}
    said = set()
    for _ in range(runs):
        for who in builders:
            seconds, out = cpu_time([where / f"{source.stem}-{who}"])
            times[who].append(seconds)
            said.add(out)
    if len(said) != 1:
        sys.exit(f"{source.name}: the builds print different things: {said}")
    for who, seconds in times.items():
        rows[who]["time"] = statistics.median(seconds)
    return rows


def geometric_mean(ratios):
    return math.exp(statistics.mean(map(math.log, ratios)))


def ratio(rows, what, who, to="clang"):
    return rows[who][what] / rows[to][what]


def table(results, builders):
    ours = [who for who in builders if who not in ("plain", "clang")]
    lines = ["| program | plain s | clang / plain | " +
             " | ".join(f"{who} / clang" for who in ours) + " | text | compile |",
             "| --- | ---: | ---: |" + " ---: |" * (len(ours) + 2)]
    for name, rows in results.items():
        cells = [f"{rows['plain']['time']:.2f}", f"{ratio(rows, 'time', 'clang', 'plain'):.2f}"]
        cells += [f"{ratio(rows, 'time', who):.2f}" for who in ours]
        cells += [f"{ratio(rows, what, 'weir'):.2f}" for what in ("text", "compile")]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    mean = [f"{geometric_mean([ratio(r, 'time', 'clang', 'plain') for r in results.values()]):.2f}"]
    mean += [f"{geometric_mean([ratio(r, 'time', who) for r in results.values()]):.2f}"
             for who in ours]
    mean += [f"{geometric_mean([ratio(r, what, 'weir') for r in results.values()]):.2f}"
             for what in ("text", "compile")]
    lines.append("| geometric mean | | " + " | ".join(mean) + " |")
    lines.append("| target | | | " + f"{TARGETS['time']}, each {TARGETS['worst time']}" + " | " * (len(ours)) +
                 f"{TARGETS['text']} | {TARGETS['compile']} |")
    return "\n".join(lines) + "\n"


def misses(results):
    """Of each program whose text is too large, or time too long, one line."""
    lines = []
    for name, rows in results.items():
        text, time = ratio(rows, "text", "weir"), ratio(rows, "time", "weir")
        if text > TARGETS["text"]:
            lines.append(f"- {name}: text {text:.2f}, target {TARGETS['text']}: all of its code is in hot loops, and checks "
                         "are made inline there until the code has grown by nine tenths\n")
        if time > TARGETS["worst time"]:
            lines.append(f"- {name}: time {time:.2f}, target {TARGETS['worst time']}\n")
    return "".join(lines)


def write(out, text):
    path = pathlib.Path(out)
    old = path.read_text() if path.exists() else ""
    kept = old.split(HEADING)[0].rstrip("\n")
    path.write_text((kept + "\n\n" if kept else "") + text)


def variant(text):
    name, _, flags = text.partition("=")
    return name, flags.split()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weir")
    parser.add_argument("out")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--variant", type=variant, action="append", default=[])
    args = parser.parse_args()
    builders = compilers(args.weir, args.variant)
    results = {}
    with tempfile.TemporaryDirectory() as where:
        for source in sorted((HERE / "race").glob("*.c")):
            if re.search(args.only, source.stem):
                results[source.stem] = measure(source, builders, pathlib.Path(where), args.runs)
                print(f"{source.stem} done", file=sys.stderr)
        goroutines = race_goroutines.measure(HERE, args.weir, pathlib.Path(where), args.runs)
    text = (f"{HEADING}\nWritten by `make bench-race`; never by hand. CPU time, medians of {args.runs} "
            "interleaved runs, at -O2; ratios below 1 mean Weir is better. Text and compile time are "
            f"Weir's over clang's.\n\n{table(results, builders)}\n## Goroutines under race checks\n\n"
            "The same cases in C under weir cc and in Go under `go build -race`, on one processor.\n\n"
            f"{race_goroutines.table(goroutines)}")
    missed = misses(results) + race_goroutines.misses(goroutines)
    if missed:
        text += f"\n## Targets of race checks missed\n\n{missed}"
    write(args.out, text)
    print(text)


if __name__ == "__main__":
    main()
