#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the detectors that are always on cost: the same programs over the runtime, and over a
runtime without them (libweir-bare.a), in turn.

usage: overhead.py BUILD OUT.md [--runs N] [--only NAME,...] [--quick]

Times are CPU time of all threads, on one processor, so that other programs on the machine matter
little; for echo it is that of the client and the server together. N interleaved runs of each; the
ratio that counts is that of the lowest, as what disturbs a run only adds to it. Where valgrind is
installed, instructions are counted, too, which no other program can disturb. The section of OUT is replaced,
the rest of the page stays. --quick only shows that all of it runs. Ends 1 if a target is missed.
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
HEADING = "# Cost of the detectors\n"
TARGET = 1.03
GROUPS = {
    "channels": ["round-trip", "buffered-1:1", "select-4", "select-ready", "sieve-12000"],
    "locks": ["mutex-1", "mutex-8", "mutex-8-yield", "rwmutex-read-1", "wait-group-1000"],
    "echo server": ["echo-100"],
    "goroutines": ["start-finish"],  # no target: each keeps the stack that it was started from
}
NO_TARGET = GROUPS["goroutines"]
COUNTED_PARTS = {"sieve-12000": 12}  # of the work of one run, for valgrind; others: 500
ECHO_ROUNDS = 200
WITHOUT, WITH = "without", "with"
LIMIT = 120


def trees(build, where):
    """who: the weir program of a build tree; that of `without` is laid out in where."""
    subprocess.run(["cmake", "--build", build, "--target", "weir_bare"], check=True, stdout=subprocess.DEVNULL)
    bare = where / "bare"
    for folder in ("bin", "lib"):
        (bare / folder).mkdir(parents=True)
    shutil.copy(build / "bin/weir", bare / "bin/weir")
    (bare / "lib/libweir.a").symlink_to(build / "lib/libweir-bare.a")
    (bare / "lib/weir.so").symlink_to(build / "lib/weir.so")
    (bare / "include").symlink_to(build / "include")
    return {WITHOUT: bare / "bin/weir", WITH: build / "bin/weir"}


def compile_all(weirs, where):
    made = {}
    for who, weir in weirs.items():
        for program in ("micro", "echo"):
            made[who, program] = where / f"{program}-{who}"
            bare = ["-DWEIR_BARE"] if who == WITHOUT else []
            subprocess.run([weir, "cc", "--weir-no-race", "-O2", *bare, HERE / f"{program}.c", "-o", made[who, program]],
                           check=True)
    return made


def command(name, made, who, divisor):
    if name.startswith("echo"):
        return [made[who, "echo"], name.split("-")[1], str(max(ECHO_ROUNDS // divisor, 1))]
    return [made[who, "micro"], "-c", "-d", str(divisor), name]


def run(argv):
    """What it prints, and the CPU time of it and its children in seconds."""
    env = dict(os.environ, WEIR_OPTIONS="procs=1")
    cpu = {sorted(os.sched_getaffinity(0))[-1]}
    child = subprocess.Popen(argv, env=env, text=True, stdout=subprocess.PIPE,
                             preexec_fn=lambda: os.sched_setaffinity(0, cpu))
    out = child.stdout.read()
    status, usage = os.wait4(child.pid, 0)[1:]
    child.returncode = status
    if status:
        sys.exit(f"overhead.py: {' '.join(map(str, argv))} ended with status {status}")
    return out, usage.ru_utime + usage.ru_stime


def nanoseconds(name, made, who, divisor):
    out, seconds = run(command(name, made, who, divisor))
    if name.startswith("echo"):
        return 1e9 * seconds / (int(name.split("-")[1]) * max(ECHO_ROUNDS // divisor, 1))
    return float(out.split()[1])


def instructions(name, made, who, where, divisor):
    """Of one part more of the work: what starting and ending take is in both counts."""
    if name.startswith("echo") or not shutil.which("valgrind"):
        return None
    program = where / f"{who}-bare-of-names"  # valgrind does not read all of DWARF 5
    subprocess.run(["objcopy", "--strip-debug", made[who, "micro"], program], check=True)
    counts = []
    for part in (2 * divisor, divisor):
        argv = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "-d", str(part), name]
        said = subprocess.run(argv, env=dict(os.environ, WEIR_OPTIONS="procs=1"), text=True, timeout=LIMIT,
                              capture_output=True).stderr
        counted = re.search(r"Collected : (\d+)", said)
        if not counted:
            return None
        counts.append(int(counted.group(1)))
    return counts[1] - counts[0]


def measure(name, made, where, args):
    times = {WITHOUT: [], WITH: []}
    for i in range(args.runs):
        for who in (WITHOUT, WITH) if i % 2 == 0 else (WITH, WITHOUT):
            times[who].append(nanoseconds(name, made, who, 10000 if args.quick else args.divisor))
    counts = {who: instructions(name, made, who, where,
                              20000 if args.quick else COUNTED_PARTS.get(name, 500)) for who in times}
    return times, counts


def row(name, times, counts):
    """Line of the table, and whether the target is met."""
    median = {who: statistics.median(t) for who, t in times.items()}
    ratio = median[WITH] / median[WITHOUT]
    lowest = min(times[WITH]) / min(times[WITHOUT])
    more = f"{counts[WITH] / counts[WITHOUT]:.2f}" if counts[WITHOUT] and counts[WITH] else "–"
    met = lowest < TARGET + 0.005  # as it is printed
    ns = " | ".join(f"{min(times[who]):,.0f}" if median[who] >= 1000 else f"{min(times[who]):.1f}"
                    for who in (WITHOUT, WITH))
    judged = "– | –" if name in NO_TARGET else f"{TARGET:.2f} | {'yes' if met else 'no'}"
    return f"| {name} | {ns} | {lowest:.2f} | {ratio:.2f} | {more} | {judged} |", met or name in NO_TARGET


def section(rows, runs):
    head = (f"{HEADING}\nWritten by `make bench-overhead`; never by hand. The detectors that are always on (misuse, "
            "deadlocks, what leak proofs and reports\nneed to know) beside a runtime without them: nanoseconds of CPU "
            f"time on one processor, the lowest of {runs}\ninterleaved runs of each, the ratio of these and that of the "
            "medians, and the ratio of instructions executed. What an option turns\non is off in both.\n\n"
            "| benchmark | without | with | ratio | of medians | of instructions | target | met |\n"
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n")
    return head + "\n".join(rows) + "\n"


def replace(path, text, heading=HEADING):
    """Puts the section where it was, or in front of the next one of its kind, or at the end."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = re.split(r"(?m)^(?=# )", old)
    parts = [p for p in parts if not p.startswith(heading)]
    at = next((i for i, p in enumerate(parts) if p.startswith("# Cost of")), len(parts))
    parts.insert(at, text + ("\n" if at < len(parts) else ""))
    if at > 0 and not parts[at - 1].endswith("\n\n") and parts[at - 1]:
        parts[at - 1] += "\n"
    path.write_text("".join(parts), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--divisor", type=int, default=4, help="of the work of one run")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    args.runs = 1 if args.quick else args.runs
    rows, missed = [], 0
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        made = compile_all(trees(args.build.absolute(), where), where)
        for group, names in GROUPS.items():
            for name in names:
                if args.only and name not in args.only:
                    continue
                line, met = row(name, *measure(name, made, where, args))
                rows.append(line)
                missed += not met
                print(line, file=sys.stderr, flush=True)
    replace(args.out, section(rows, args.runs))
    return 1 if missed and not args.quick else 0


if __name__ == "__main__":
    sys.exit(main())
