# SPDX-License-Identifier: Apache-2.0
#
# silent.py [options] BUILD: programs that are right, under `weir run` with every detector on, and
# without a word from any of them. Each is built with race checks and without, and run on one worker and on
# two, once as it comes and once for each seed of `shake`. The programs:
#
#   examples   the fixed ones, and all patterns     guide      what the pages promise is silent
#   bugs       the fixed twins of tests/bugs        torture    tests/torture
#   runtime    those of tests/runtime               bench      what is measured
#
# A program of tests/runtime counts as right when it ends with status 0 and says nothing without the
# options that `weir run` adds; some rely on an order that shaking takes from them, and then only findings
# count. Ends 1 if anything was said, with the command that shows it again.
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT = 120
# Beyond what `weir run` turns on. Times are for a busy machine.
EVERY_DETECTOR = ("knot_check_ms=100", "leak_check_ms=500", "stuck_ms=60000")
BLOCK = re.compile(r"^```c\n(.*?)^```$", re.S | re.M)
TWINS = re.compile(r"^// RUN:.*?Inputs/twins\.sh", re.M | re.S)
ARGUMENTS = {
    "bank": ["-n", "300", "-t", "20"], "dirsum": ["-j", "4", ROOT + "/docs"], "philosophers": ["5", "100"],
    "primes": ["30"], "fetchall": ["ash", "beech", "cedar"],
    "resolve": [ROOT + "/examples/resolve/hosts", "192.0.2.10"],
}
# Not right, or not for a run of its own.
LEFT_OUT = {
    "runtime/edges_shared.c": "races on purpose, by its argument",
    "runtime/ctx_free_parked.c": "frees what others are about to leave, which shaking delays",
    "runtime/race_many.c": "takes minutes when it is shaken",
    "runtime/timer_million.c": "a million timers under each detector take minutes",
}

Program = collections.namedtuple("Program", "name sources flags arguments shown")


def examples():
    for name, arguments in ARGUMENTS.items():
        flags = ["-lxxhash"] if name == "dirsum" else []
        yield Program("examples/" + name, [ROOT + "/examples/%s/fixed.c" % name], flags, arguments, True)
    for path in sorted(glob.glob(ROOT + "/examples/patterns/*.c")):
        yield Program("examples/" + os.path.basename(path), [path], [], [], True)


def guide(scratch):
    for page in sorted(glob.glob(ROOT + "/docs/guide/*.md") + glob.glob(ROOT + "/docs/findings/*.md")):
        with open(page, encoding="utf-8") as file:
            blocks = BLOCK.findall(file.read())
        for number, block in enumerate(blocks):
            if not re.search(r"^// exit: 0$", block, re.M):
                continue
            name = "%s-%d" % (os.path.basename(page)[:-3], number)
            path = os.path.join(scratch, name + ".c")
            with open(path, "w", encoding="utf-8") as file:
                file.write(block)
            flags = " ".join(re.findall(r"^// cc: *(.*)$", block, re.M)).split()
            yield Program("guide/" + name, [path], flags, [], True)


def bugs():
    inputs = ROOT + "/tests/bugs/Inputs"
    for path in sorted(glob.glob(ROOT + "/tests/bugs/*/*.c")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if TWINS.search(text) or "kernel.py" in text:
            yield Program("bugs/" + path.split("/bugs/")[1], [path], ["-DFIXED", "-I", inputs], [], True)


def runtime():
    for path in sorted(glob.glob(ROOT + "/tests/runtime/*.c")):
        name = "runtime/" + os.path.basename(path)
        if name not in LEFT_OUT:
            yield Program(name, [path], [], [], False)


def torture_and_bench():
    sources = sorted(glob.glob(ROOT + "/tests/torture/Inputs/*.c"))
    yield Program("torture/all", sources, [], ["-t", "3000"], True)
    yield Program("bench/echo", [ROOT + "/tests/bench/echo.c"], [], ["4", "200"], True)
    yield Program("bench/parked", [ROOT + "/tests/bench/parked.c"], [], ["1000"], True)


def programs(scratch):
    yield from examples()
    yield from guide(scratch)
    yield from bugs()
    yield from runtime()
    yield from torture_and_bench()


class Check:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.weir = os.path.join(os.path.abspath(options.build), "bin", "weir")

    def build(self, program, race):
        """The path of the executable; None: this is no program on its own."""
        out = os.path.join(self.scratch, re.sub(r"\W", "_", program.name) + ("_r" if race else "_p"))
        command = [self.weir, "cc"] + ["--weir-no-race"] * (not race)
        made = subprocess.run([*command, "-O1", "-g", *program.sources, *program.flags, "-o", out],
                              capture_output=True, text=True)
        if made.returncode and program.shown:
            raise RuntimeError("%s does not compile\n%s" % (program.name, made.stderr))
        return None if made.returncode else out

    def is_right(self, program, path):
        """Whether a program says by itself that it is one that works."""
        if program.shown:
            return True
        try:
            alone = subprocess.run([path, *program.arguments], capture_output=True, timeout=LIMIT,
                                   stdin=subprocess.DEVNULL, cwd=self.scratch)
        except subprocess.TimeoutExpired:
            return False
        return alone.returncode == 0 and not alone.stderr

    def run(self, program, path, procs, seed):
        """What was said, "" if nothing, and the command."""
        log = "%s.%d.%d.log" % (path, procs, seed)
        command = [self.weir, "run", "--quiet", "--procs=%d" % procs, "--log=" + log]
        command += ["--option=" + o for o in EVERY_DETECTOR] + ["--shake=%d" % seed] * (seed > 0)
        command += ["--", path, *program.arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, errors="replace",
                                  stdin=subprocess.DEVNULL, cwd=self.scratch)
        except subprocess.TimeoutExpired:
            return "not over after %d s" % LIMIT, command
        ids = ids_of(log)
        if not ids and (done.returncode == 0 or (seed and not program.shown)):
            return "", command
        return "status %d, %s\n%s" % (done.returncode, ", ".join(ids) or "no finding", done.stderr), command

    def check(self, program):
        """How many runs, and what was said in those that were not silent."""
        runs, said = 0, []
        for race in (True, False):
            path = self.build(program, race)
            if not path or not self.is_right(program, path):
                continue
            for procs in (1, 2):
                for seed in range(self.options.seeds + 1):
                    what, command = self.run(program, path, procs, seed)
                    runs += 1
                    if what:
                        said.append("%s: %s\n  %s" % (program.name, what, " ".join(command)))
            os.remove(path)
        return program.name, runs, said


def ids_of(log):
    if not os.path.exists(log):
        return []
    with open(log, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    os.remove(log)
    return [r["id"] for r in records if r.get("id", "goroutine-dump") != "goroutine-dump" and "suppressed" not in r]


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seeds", type=int, default=3, help="of shake, besides a run without")
    parser.add_argument("--only", default="", help="programs whose names match, e.g. ^examples/")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def main():
    options = parse()
    total, bad, count = 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="weir-silent-") as scratch:
        chosen = [p for p in programs(scratch) if re.search(options.only, p.name)]
        check = Check(options, scratch)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for name, runs, said in pool.map(check.check, chosen):
                total, bad, count = total + runs, bad + len(said), count + (runs > 0)
                for text in said[:1]:
                    print("%s (%d of %d runs)\n" % (text, len(said), runs), flush=True)
    print("silent: %d programs, %d runs, %d not silent" % (count, total, bad))
    return 1 if bad or not total else 0


if __name__ == "__main__":
    sys.exit(main())
