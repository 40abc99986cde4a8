#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks, Weir and (where installed) Go, libdill and neco in turn, and writes a
page and a plot.

usage: run.py WEIR OUT.md [--runs N] [--only NAME,...] [--quick] [--no-go] [--figures FILE]

WEIR is the weir program of the build; OUT-growth.svg is written beside OUT. A figure is the median of N
runs (default 5), each a process of its own; they alternate, so that a change of the
machine's speed meets both. For 1 processor the programs are bound to one CPU and CPU time is
measured, for 2 they are bound to two and it is wall time. --quick only shows that all of it
runs; its figures mean nothing. Neither it nor --only replaces a page that is there. --figures keeps
all samples, as JSON; page.py makes the page of them.
"""
import argparse
import json
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import catalog
import page

HERE = pathlib.Path(__file__).parent
PROGRAMS = ["micro", "parked", "growth", "echo"]
CHECKS = {"leak": ["--weir-no-race"], "leak-race": []}  # of leak.c, which has no twin in Go
LIMIT = 120  # seconds for one process
PEERS = {"libdill": ("libdill.h", "dill"), "neco": ("neco.h", "neco")}  # header, program and library


def build(weir, where, with_go):
    """who: {program: path}"""
    made = {"weir": {}, "go": {}} if with_go else {"weir": {}}
    for name in PROGRAMS:
        made["weir"][name] = where / name
        subprocess.run([weir, "cc", "--weir-no-race", "-O2", HERE / f"{name}.c", "-o", where / name],
                       check=True)
        if with_go:
            made["go"][name] = where / f"{name}-go"
            shared = [] if name == "echo" else [HERE / "bench.go"]
            subprocess.run(["go", "build", "-o", made["go"][name], HERE / f"{name}.go", *shared],
                           check=True)
    for name, flags in CHECKS.items():
        made["weir"][name] = where / name
        subprocess.run([weir, "cc", *flags, "-O2", HERE / "leak.c", "-o", where / name], check=True)
    return made


def build_peers(where):
    """The peers in C that are installed: ({who: {program: path}}, [why not])"""
    made, absent = {}, []
    for who, (header, library) in PEERS.items():
        there = subprocess.run(["clang-19", "-E", "-x", "c", "-"], input=f"#include <{header}>\n", text=True,
                               capture_output=True).returncode == 0
        path = where / library
        built = subprocess.run(["clang-19", "-O2", HERE / f"{library}.c", f"-l{library}", "-pthread", "-o", path],
                               text=True, capture_output=True) if there else None
        if built and built.returncode == 0:
            made[who] = {"micro": path}
        else:
            said = built.stderr.strip().splitlines()[-1] if built else f"{header} is not installed"
            absent.append(f"{who}: {said}")
    return made, absent


# --- one process ------------------------------------------------------------------------------


class Failed(Exception):
    pass


def command(bench, path, procs, quick):
    if bench.program == "echo":
        return [path, bench.args[0], "1"] if quick else [path, *bench.args]
    options = ["-c"] if procs == 1 and bench.cpu_time else []
    return [path, *options, *(["-d", "10000"] if quick else []), *bench.args]


def figures(argv, procs, cpus):
    """What the program prints: {name: value}."""
    env = {**os.environ, "WEIR_OPTIONS": f"procs={procs}", "GOMAXPROCS": str(procs)}
    try:
        run = subprocess.run(argv, env=env, text=True, capture_output=True, timeout=LIMIT,
                             preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    except subprocess.TimeoutExpired:
        raise Failed(f"not done after {LIMIT} s") from None
    if run.returncode != 0:
        said = run.stderr.strip().splitlines() or [f"ended with status {run.returncode}"]
        raise Failed(said[-1])
    return {name: float(value) for name, value in (line.split() for line in run.stdout.splitlines())}


def measure(bench, made, procs, cpus, args):
    """Adds nothing on a failure: ({name: {who: samples}}, {who: why})."""
    samples, failed = {}, {}
    who = [w for w in made if bench.program in made[w] and (w == "weir" or not bench.only_weir)
           and (w not in PEERS or procs == 1)]  # those have one thread
    for i in range(1 if bench.once else args.runs):
        for w in who if i % 2 == 0 else reversed(who):
            if w in failed:
                continue
            try:
                out = figures(command(bench, made[w][bench.program], procs, args.quick), procs, cpus)
            except Failed as why:
                failed[w] = str(why)
                continue
            for name, value in out.items():
                samples.setdefault(name, {}).setdefault(w, []).append(value)
    return samples, failed


def measure_all(made, benches, args):
    cpus = sorted(os.sched_getaffinity(0))
    results = {"figures": {}, "failed": []}
    for procs in (1, 2):
        if procs > len(cpus):
            results["failed"].append(f"{procs} processors: there is one")
            continue
        for bench in benches:
            if procs not in bench.procs:
                continue
            samples, failed = measure(bench, made, procs, cpus[-procs:], args)
            results["figures"].setdefault(str(procs), {}).update(samples)
            results["failed"] += [f"{bench.name}, {page.NAMES.get(who, who)}, {procs} processor{'s' * (procs > 1)}: "
                                  f"{why}" for who, why in failed.items()]
            print(f"procs={procs} {bench.name}", file=sys.stderr)
    return results


# --- where it was measured --------------------------------------------------------------------


def first_line(argv):
    return subprocess.run(argv, text=True, stdout=subprocess.PIPE).stdout.partition("\n")[0]


def machine(weir, made):
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    return {"cpu": model, "processors": os.cpu_count(),
            "linux": platform.release().split("-")[0], "weir": first_line([weir, "--version"]),
            "clang": first_line(["clang-19", "--version"]),
            "go": first_line(["go", "version"]).split()[2] if "go" in made else None}


class Others:
    """What share of the machine other programs had, and the hypervisor took."""

    def __init__(self):
        self.busy, self.stolen, self.total = self._machine()
        self.ours, self.load = self._ours(), os.getloadavg()[0]

    @staticmethod
    def _machine():
        with open("/proc/stat", encoding="utf-8") as stat:
            user, nice, system, idle, iowait, irq, softirq, steal = map(int, stat.readline().split()[1:9])
        busy = user + nice + system + irq + softirq
        return busy, steal, busy + idle + iowait + steal

    @staticmethod
    def _ours():
        usage = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(u.ru_utime + u.ru_stime for u in usage) * os.sysconf("SC_CLK_TCK")

    def so_far(self):
        busy, stolen, total = self._machine()
        total = max(total - self.total, 1)
        others = busy - self.busy - (self._ours() - self.ours)
        return {"start": self.load, "end": os.getloadavg()[0], "others": max(others / total, 0.0),
                "stolen": (stolen - self.stolen) / total}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weir")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-go", action="store_true")
    parser.add_argument("--figures", type=pathlib.Path)
    args = parser.parse_args()
    args.runs = 1 if args.quick else args.runs
    benches = [b for b in catalog.BENCHES if catalog.wanted(b.name, args.only)]
    if not benches:
        sys.exit(f"run.py: no benchmark is named {' or '.join(args.only)}")
    if (args.only or args.quick) and args.out.exists():
        sys.exit(f"run.py: {args.out} exists; what was not asked for, or not measured, would be lost there")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as where:
        made = build(args.weir, pathlib.Path(where), bool(shutil.which("go")) and not args.no_go)
        peers, absent = build_peers(pathlib.Path(where))
        made.update(peers)
        others = Others()
        results = measure_all(made, benches, args)
    results.update(runs=args.runs, quick=args.quick, machine=machine(args.weir, made),
                   load=others.so_far(), peers=absent)
    if args.figures:
        args.figures.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(page.write(results, args.out))
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
