# SPDX-License-Identifier: Apache-2.0
"""What race checks cost programs of goroutines and channels: the cases of micro.c and parked.c under
weir cc, beside their Go twins under `go build -race`. race.py writes the table.

Each figure is the median CPU time of some runs on one CPU, Weir and Go in turn. The counts are a
tenth of those of `make bench`; the memory is that of each of 100,000 goroutines that wait at once.
"""
import re
import shutil
import statistics
import subprocess

DIVISOR = 10
CASES = {  # name: printed as, at most this much of Go's
    "start-finish": ("start and finish", 1.0), "round-trip": ("ping-pong", 1.0),
    "buffered-1:1": ("pipeline, buffered", 1.0), "select-4": ("select of 4", None),
    "mutex-1": ("mutex", None), "wait-group-1000": ("wait group of 1000", 1.0),
    "sieve-12000": ("prime sieve", 1.0),
}
PARKED, STARTED = 100000, 1000000
WHY = {
    "start-finish": "{kernel:,.0f} ns are the kernel's: which pages of the stack have been touched, and memory that "
                    "ThreadSanitizer keeps of every thread that ever was. Most of the rest is ThreadSanitizer's, too: to "
                    "make and end a fiber, and to forget the accesses to 4 KiB of stack",
    "buffered-1:1": "one call of ThreadSanitizer's for a send or receive exchanges clocks, as in Go's; its clocks have 256 "
                    "dimensions whatever the number of goroutines, and going through them is a quarter of the time",
    "wait-group-1000": "it starts and finishes a thousand goroutines each time; a bare loop of ThreadSanitizer's calls for as many fibers "
                       "takes as long as all that Go does (docs/design/races.md)",
    "sieve-12000": "it starts a goroutine for each prime; see there",
}


def build(here, weir, where):
    made = {}
    for name in ("micro", "parked"):
        subprocess.run([weir, "cc", "-O2", here / f"{name}.c", "-o", where / name], check=True)
        made["weir", name] = where / name
    many = here.parent / "runtime" / "race_many.c"
    subprocess.run([weir, "cc", "-O2", many, "-o", where / "many"], check=True)
    for name in ("micro", "parked"):
        if shutil.which("go"):
            subprocess.run(["go", "build", "-race", "-o", where / f"{name}-go", here / f"{name}.go",
                            here / "bench.go"], check=True)
            made["go", name] = where / f"{name}-go"
    return made


def figures(program, options, *args):
    """What one run prints; {} if it failed."""
    env = {"WEIR_OPTIONS": "procs=1", "GOMAXPROCS": "1", "PATH": "/usr/bin:/bin"}
    run = subprocess.run(["taskset", "-c", "0", program, "-c", *options, *args], env=env, text=True,
                         stdout=subprocess.PIPE, timeout=300)
    lines = run.stdout.splitlines() if run.returncode == 0 else []
    return {name: float(value) for name, value in (line.split() for line in lines)}


def measure(here, weir, where, runs):
    made = build(here, weir, where)
    who = [w for w in ("weir", "go") if (w, "micro") in made]
    samples = {}
    for _ in range(runs):
        for w in who:
            for name, value in figures(made[w, "micro"], ["-d", str(DIVISOR)], *CASES).items():
                samples.setdefault((w, name), []).append(value)
    for w in who:
        for name, value in figures(made[w, "parked"], [], str(PARKED)).items():
            samples.setdefault((w, name), []).append(value)
    samples["weir", "kept"] = [kept(where / "many")]
    return {key: statistics.median(values) for key, values in samples.items()}


def kept(program):
    """Bytes that stay of each goroutine when a million have been started and have finished."""
    run = subprocess.run([program, "1000", str(STARTED)], text=True, check=True, stdout=subprocess.PIPE, timeout=300)
    return float(re.search(r"started and finished: (-?\d+) bytes", run.stdout)[1])


def misses(medians):
    """Of each target that is missed one line: by how much, and why."""
    lines = []
    for name, (title, target) in CASES.items():
        ours, go = medians.get(("weir", name)), medians.get(("go", name))
        if target is None or not (ours and go) or ours / go <= target: continue
        why = WHY.get(name, "").format(kernel=medians.get(("weir", "start-finish-kernel"), 0))
        lines.append(f"- {title}: {ours / go:.2f}, target {target}" + (f": {why}" if why else "") + "\n")
    return "".join(lines)


def row(title, ours, go, target):
    ratio = f"{ours / go:.2f}" if ours and go else "–"
    met = "" if target is None or not (ours and go) else "yes" if ours / go <= target else "no"
    cells = [f"{ours:,.0f}" if ours else "failed", f"{go:,.0f}" if go else "–", ratio,
             "–" if target is None else f"{target}", met or "–"]
    return f"| {title} | " + " | ".join(cells) + " |"


def table(medians):
    lines = ["| what | Weir | go -race | Weir / Go | target | met |",
             "| --- | ---: | ---: | ---: | ---: | :-: |"]
    for name, (title, target) in CASES.items():
        lines.append(row(f"{title}, ns", medians.get(("weir", name)), medians.get(("go", name)), target))
    parked = f"parked-{PARKED}"
    for what, title in (("start", "start of each, ns"), ("memory", "memory of each, bytes")):
        ours, go = (medians.get((w, f"{parked}-{what}")) for w in ("weir", "go"))
        lines.append(row(f"{PARKED:,} live goroutines: {title}", ours, go, None))
    lines.append(row(f"{STARTED:,} started and finished: memory that stays of each, bytes",
                     medians.get(("weir", "kept")), None, None))
    return "\n".join(lines) + "\n"
