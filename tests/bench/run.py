#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the micro benchmarks, Weir and (where installed) Go in turn, and writes a table.

usage: run.py WEIR OUT.md [--runs N]

WEIR is the weir program of the build. Every figure is the median of N runs (default 5); the
two are interleaved, so that a change of the machine's speed meets both. Figures are nanoseconds per
operation; the ratio is Weir / Go, below 1 is better.
"""
import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
RACE_HEADING = "# Cost of race checks\n"  # race.py's table, which follows ours and stays


def figures(command, env):
    out = subprocess.run(command, env={**os.environ, **env}, check=True, text=True,
                         stdout=subprocess.PIPE, timeout=300).stdout
    return {name: float(ns) for name, ns in (line.split() for line in out.splitlines())}


def build(weir, where):
    programs = {"weir": where / "micro"}
    subprocess.run([weir, "cc", "--weir-no-race", "-O2", HERE / "micro.c", "-o",
                    programs["weir"]], check=True)
    if shutil.which("go"):
        programs["go"] = where / "micro-go"
        subprocess.run(["go", "build", "-o", programs["go"], HERE / "micro.go"], check=True)
    return programs


def measure(programs, procs, runs):
    env = {"weir": {"WEIR_OPTIONS": f"procs={procs}"}, "go": {"GOMAXPROCS": str(procs)}}
    samples = {who: {} for who in programs}
    for i in range(runs):
        for who, path in programs.items():
            for name, ns in figures([path], env[who]).items():
                samples[who].setdefault(name, []).append(ns)
        print(f"procs={procs}: run {i + 1} of {runs}", file=sys.stderr)
    return {who: {name: statistics.median(ns) for name, ns in rows.items()}
            for who, rows in samples.items()}


def table(medians, procs):
    lines = [f"## {procs} processor{'s' if procs > 1 else ''}", "",
             "| benchmark | Weir ns | Go ns | Weir / Go |", "| --- | ---: | ---: | ---: |"]
    for name, ours in medians["weir"].items():
        go = medians.get("go", {}).get(name)
        rest = f"{go:,.1f} | {ours / go:.2f}" if go else "– | –"
        lines.append(f"| {name} | {ours:,.1f} | {rest} |")
    return "\n".join(lines) + "\n"


def heading(programs, runs):
    go = subprocess.run(["go", "version"], text=True, stdout=subprocess.PIPE).stdout.split()[2] \
        if "go" in programs else "not installed"
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.machine())
    return (f"# Benchmarks\n\nWritten by `make bench`; never by hand. Medians of {runs} interleaved runs; "
            f"nanoseconds per operation.\n\nMachine: {model}, {os.cpu_count()} processors, "
            f"Linux {platform.release().split('-')[0]}. Go: {go}.\n\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weir")
    parser.add_argument("out")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as where:
        programs = build(args.weir, pathlib.Path(where))
        text = heading(programs, args.runs)
        for procs in (1, 2):
            text += table(measure(programs, procs, args.runs), procs) + "\n"
    out = pathlib.Path(args.out)
    kept = out.read_text().partition(RACE_HEADING)[1:] if out.exists() else ()
    out.write_text(text + "".join(kept))
    print(text)


if __name__ == "__main__":
    main()
