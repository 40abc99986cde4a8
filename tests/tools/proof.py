# SPDX-License-Identifier: Apache-2.0
#
# proof.py [options] BUILD: how surely real bugs are found, and whether what is right is left alone. Writes
# docs/proof.md (proof_page.py) from five measurements:
#
#   kernels   tests/bugs/goker, judged as kernel.py does. The buggy form in plain runs, half of them on one
#             worker, half on two; then shaken, from --seeds seeds (odd ones on one worker, even ones on two),
#             until it is found, in up to 100 runs (--most). The fixed form in 10 shaken runs from each seed.
#   analyzer  `weir analyze` on the same sources, both forms, without advice.
#   bugs      tests/bugs/ID, judged as twins.py does: each program and its twin, plain and shaken.
#   examples  the fixed forms of examples and examples/patterns, shaken: nothing may be found.
#   peers     other tools on kernels that are written with POSIX threads (proof_peers.py).
#
# What was measured is kept in BUILD/proof/, a file for each program, and not measured again there until it
# is removed: so the work can be done in parts (--only). Ends 1 if something right was reported.
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys

import bugs_matrix
import kernel
import proof_page
import proof_peers
import twins

FEW, MANY = 10, 100  # runs
PLAIN = 10
APART = 1000  # seeds of --shake from one seed to the next
BUG_SEEDS = 4
PEER_LIMIT = 10  # seconds of a run
EXAMPLES = {  # with what to run them, in a folder that is given
    "bank": ["-n", "500", "-t", "20"],
    "philosophers": ["5", "50"],
    "primes": ["30"],
    "fetchall": ["ash", "beech", "cedar"],
}


def shake(seed, run=0):
    return "--shake=%d" % (APART * seed + run + 1)


def procs_of(seed):
    return kernel.PROCS[(seed - 1) % len(kernel.PROCS)]


def kernel_seed(k, program, seed, most):
    """(the run that found it, or 0; its ids; what is wrong with the report)"""
    for first, runs in ((0, FEW), (FEW, most - FEW)):
        run = k.run(program, procs_of(seed), shake(seed, first), "--runs=%d" % runs)
        if not run.silent:
            ids = sorted({r["id"] for r in run.records})
            return run.seed - APART * seed, ids, k.wrong(run)
    return 0, [], ""


def measure_kernel(source, temp, options):
    k = kernel.Kernel(source, os.path.join(temp, "kernel"), options.weir)
    buggy, fixed = k.build(False), k.build(True)
    plain = [k.run(buggy, kernel.PROCS[i % 2]) for i in range(PLAIN)]
    good = [run for run in plain if not run.silent and not k.wrong(run)]
    shaken = [kernel_seed(k, buggy, seed, options.most) for seed in range(1, options.seeds + 1)]
    quiet = [k.run(fixed, procs_of(seed), shake(seed), "--runs=%d" % FEW)
             for seed in range(1, options.seeds + 1)]
    ids = collections.Counter((r["id"], r["certainty"]) for run in good for r in run.records)
    return {
        "plain": len(good),
        "plain_runs": PLAIN,
        "ids": sorted({id_ for id_, _ in ids} | {id_ for _, found, wrong in shaken if not wrong for id_ in found}),
        "first": [first if not wrong else 0 for first, _, wrong in shaken],
        "wrong": [wrong for _, _, wrong in shaken if wrong],
        "alarms": [run.text or str(run.status) for run in quiet if not run.silent],
        "fixed_runs": FEW * options.seeds,
    }


def analyzed(source, fixed, temp, options):
    """The checks of `weir analyze` that say something."""
    log = os.path.join(temp, "analyze.jsonl")
    command = [options.weir, "analyze", "--quiet", "--log=" + log, source] + ["--", "-DFIXED"] * fixed
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, kernel.FINDINGS):
        sys.exit("%s: not analyzed, status %d\n%s" % (source, done.returncode, done.stderr))
    with open(log, encoding="utf-8") as file:
        return sorted({json.loads(line)["id"] for line in file})


def measure_analyzer(source, temp, options):
    return {"buggy": analyzed(source, False, temp, options), "fixed": analyzed(source, True, temp, options)}


def measure_bug(source, temp, options):
    with open(source, encoding="utf-8") as file:
        p = bugs_matrix.Program(source, file.read(), options.weir, temp)
    t, own = p.twins, p.twins.options
    n = collections.Counter()
    for fixed in (False, True):
        program = t.build(0, fixed)
        for seed in [0, 0, *range(1, BUG_SEEDS + 1)]:  # 0: not shaken
            t.options = own + (":shake=%d" % seed if seed else "")
            way = "shaken" if seed else "plain"
            run = t.run(program, twins.PROCS[n[way, fixed, "runs"] % 2])
            n[way, fixed, "runs"] += 1
            n[way, fixed, "said"] += bool(run.records)
    return {"%s %s %s" % (way, "fixed" if fixed else "buggy", what): count
            for (way, fixed, what), count in n.items()}


def measure_example(source, temp, options):
    name = os.path.basename(os.path.dirname(source))
    program, arguments = os.path.join(temp, "program"), EXAMPLES.get(name, [])
    subprocess.run([options.weir, "cc", "-O1", "-g", source, "-o", program], check=True)
    alarms = []
    for seed in range(1, BUG_SEEDS + 1):
        command = [options.weir, "run", "--procs=%d" % procs_of(seed), shake(seed), "--log=%s.log" % program]
        done = subprocess.run(command + ["--", program, *arguments], cwd=temp,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, errors="replace", timeout=kernel.LIMIT)
        if done.returncode:
            alarms.append(done.stderr)
    return {"runs": BUG_SEEDS, "alarms": alarms}


def measure_peers(source, temp, options):
    name = os.path.basename(source)[:-2]
    return {tool: proof_peers.measure(options.root, temp, name, tool, PEER_LIMIT) for tool in proof_peers.TOOLS}


def sources(root):
    """What there is to measure: (kind, name) and how, in the order of the page."""
    found = {}
    for path in sorted(glob.glob(os.path.join(root, "tests/bugs/goker/*.c"))):
        found["kernels", os.path.basename(path)[:-2]] = (measure_kernel, path)
        found["analyzer", os.path.basename(path)[:-2]] = (measure_analyzer, path)
    for id_ in twins.findings(root):
        for p in bugs_matrix.programs_of(os.path.join(root, "tests/bugs", id_), "weir", "unused"):
            found["bugs", "%s.%s" % (id_, p.name)] = (measure_bug, p.path)
    for name in EXAMPLES:
        found["examples", name] = (measure_example, os.path.join(root, "examples", name, "fixed.c"))
    for path in sorted(glob.glob(os.path.join(root, "examples/patterns/*.c"))):
        found["examples", "patterns." + os.path.basename(path)[:-2]] = (measure_example, path)
    for name, path in proof_peers.programs(root).items():
        found["peers", name] = (measure_peers, path)
    return found


def measure(job, how, options):
    """The measurement of one program, made now or before."""
    kept = os.path.join(options.kept, "%s.%s.json" % job)
    if not os.path.exists(kept):
        temp = os.path.join(options.kept, "%s.%s" % job)
        os.makedirs(temp, exist_ok=True)
        function, source = how
        result = function(source, temp, options)
        shutil.rmtree(temp)
        with open(kept + ".new", "w", encoding="utf-8") as file:
            json.dump(result, file)
        os.rename(kept + ".new", kept)
    with open(kept, encoding="utf-8") as file:
        return json.load(file)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--most", type=int, default=MANY, help="runs from a seed until a kernel is given up")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="KIND.NAME that match; the page shows what has been measured")
    parser.add_argument("--page", help="write it here")
    parser.add_argument("--kept", help="where measurements are kept (BUILD/proof)")
    parser.add_argument("--root", default=twins.ROOT, help="another tree")
    options = parser.parse_args()
    options.weir = os.path.join(os.path.abspath(options.build), "bin", "weir")
    options.kept = os.path.abspath(options.kept or os.path.join(options.build, "proof"))
    return options


def main():
    options = parse()
    os.makedirs(options.kept, exist_ok=True)
    os.environ.pop("WEIR_OPTIONS", None)
    jobs = sources(options.root)
    chosen = {job: how for job, how in jobs.items() if re.search(options.only, "%s.%s" % job)}
    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        started = {pool.submit(measure, job, how, options): job for job, how in chosen.items()}
        for done in concurrent.futures.as_completed(started):
            results[started[done]] = done.result()
            print("%-9s%s" % started[done], flush=True)
    results = {job: results[job] for job in jobs if job in results}
    if options.page:
        with open(options.page, "w", encoding="utf-8") as file:
            file.write(proof_page.page(results, options.seeds, proof_peers.versions()))
    problems = list(proof_page.problems(results))
    for name, text in problems:
        print("%s: %s" % (name, text))
    print("proof: %d programs, %d with something wrong" % (len(results), len({name for name, _ in problems})))
    print("proof: %.1f minutes of processor time" % (sum(os.times()[:4]) / 60))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
