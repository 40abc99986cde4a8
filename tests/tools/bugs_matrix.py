# SPDX-License-Identifier: Apache-2.0
#
# bugs_matrix.py [options] BUILD: every program of tests/bugs and its fixed twin, many times on one
# worker and as often on two, the runs dealt out over the builds that the program's RUN line names.
# Prints a table of what was found, and writes the page docs/detection.md from the same counts.
# Ends 1 if a bug was missed, was reported otherwise than it should be, or a twin was not silent.
#
# What must be reported, and where, is said once, in the program itself (see twins.py): this only
# counts. Programs without the line `RUN: ... Inputs/twins.sh` are not run: lit alone does that.
import argparse
import collections
import concurrent.futures
import os
import re
import shlex
import sys
import tempfile

import twins

CONTINUED = re.compile(r"\\\n// RUN:")
RUN_LINE = re.compile(r"^// RUN:(.*Inputs/twins\.sh.*)$", re.MULTILINE)
PLACE = re.compile(r"CHECK.*@LINE")
# No goroutine is left that could stand anywhere; an OS thread that was not in Weir.
NO_PLACE = ("deadlock/nobody_left.c", "heartbeat-missed/thread.c")
ENOUGH = 3  # programs for each finding
SHAPE = "{:<26}{:>9}{:>7}{:>7}{:>8}{:>7}{:>11}{:>14}"

Count = collections.namedtuple("Count", "runs found missed wrong fixed alarms")


class Program:
    """One source, its title, and how its RUN line says that it is built and run."""

    def __init__(self, path, text, weir, scratch):
        self.path, self.title = path, title(text)
        words = shlex.split(RUN_LINE.search(CONTINUED.sub("", text)).group(1))
        script = next(i for i, word in enumerate(words) if "Inputs/" in word)
        settings = dict(word.split("=", 1) for word in words[:script] if "=" in word)
        known = (("%weircc_plain", weir + " cc --weir-no-race"), ("%weircc", weir + " cc"))
        compilers = words[script + 4:]  # after %s %t %weir
        for name, command in known:
            compilers = [c.replace(name, command) for c in compilers]
        temp = os.path.join(scratch, "%s-%s" % (os.path.basename(os.path.dirname(path)), self.name))
        self.twins = twins.Twins(path, temp, weir, compilers, settings)

    @property
    def name(self):
        return os.path.basename(self.path)[:-2]

    def measure(self, runs):
        """Count of all runs, and the text of each failure."""
        n = collections.Counter()
        failures = []
        for number in range(len(self.twins.builds)):
            programs = [self.twins.build(number, fixed) for fixed in (False, True)]
            for procs in twins.PROCS:
                for _ in range(number, runs, len(self.twins.builds)):
                    for fixed in (False, True):
                        what, text = self.once(programs[fixed], fixed, procs)
                        n[what] += 1
                        if text:
                            place = "%s %s, procs=%d" % (*self.twins.builds[number], procs)
                            failures.append("%s: %s: %s: %s" % (self.path, place, what, text))
            for program in programs:
                os.remove(program)
        found = n["found"]
        bad = n["missed"] + n["wrong"]
        return Count(found + bad, found, n["missed"], n["wrong"],
                     n["silent"] + n["false alarm"], n["false alarm"]), failures

    def once(self, program, fixed, procs):
        problem, text = self.twins.attempt(program, fixed, procs)
        if not problem:
            return ("silent" if fixed else "found"), None
        what = "false alarm" if fixed else "missed" if "nothing is reported" in problem else "wrong"
        return what, "%s\n%s" % (problem, twins.quoted(text))


def title(text):
    """The first sentence of the comment at the top."""
    body = text.split("\n//\n", 1)[1].split("\n//\n")[0]
    words = " ".join(line.lstrip("/ ") for line in body.split("\n"))
    return re.split(r"(?<=[.:])\s", words)[0].rstrip(".:")


def programs_of(folder, weir, scratch):
    found = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        if not name.endswith(".c"):
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if RUN_LINE.search(CONTINUED.sub("", text)):
            if not PLACE.search(text) and not path.endswith(NO_PLACE):
                sys.exit("bugs_matrix: %s does not say which line must be named" % path)
            found.append(Program(path, text, weir, scratch))
    return found


def collect(options, scratch):
    weir = os.path.join(os.path.abspath(options.build), "bin", "weir")
    found = {}
    for id_ in twins.findings(options.root):
        programs = programs_of(os.path.join(options.root, "tests/bugs", id_), weir, scratch)
        if re.search(options.only, id_):
            found[id_] = programs
    return found


def measure_all(found, options):
    """The Count of each id; failures are printed as they come."""
    counts, failed = {}, []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        started = {id_: [pool.submit(p.measure, options.runs) for p in programs]
                   for id_, programs in found.items()}
        for id_, jobs in started.items():
            results = [job.result() for job in jobs]
            counts[id_] = Count(*(sum(column) for column in zip(*(r[0] for r in results))))
            failed += [text for r in results for text in r[1]]
            print(SHAPE.format(id_, len(results), *counts[id_]), flush=True)
    for text in failed[: options.show]:
        print(text)
    return counts


def page(found, counts, runs):
    """docs/detection.md, without its head."""
    yield "| finding | programs | runs | found | missed | wrong | runs of twins | false alarms |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for id_, n in counts.items():
        yield "| [`%s`](findings/%s.md) | %d | %s |" % (
            id_, id_, len(found[id_]), " | ".join("{:,}".format(c) for c in n))
    total = [sum(column) for column in zip(*counts.values())]
    yield "| all | %d | %s |" % (
        sum(map(len, found.values())), " | ".join("{:,}".format(c) for c in total))
    yield ""
    yield "## The programs"
    for id_, programs in found.items():
        yield "\n`%s`\n" % id_
        for p in programs:
            builds = ", as `%s`" % p.twins.certainty if usual(id_) != p.twins.certainty else ""
            yield "- [`%s`](../tests/bugs/%s/%s.c): %s%s" % (p.name, id_, p.name, p.title, builds)


def usual(id_):
    return twins.findings()[id_]


HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# What is found, and how surely

Written by `make bugs RUNS=%(runs)d` (`tests/tools/bugs_matrix.py`), not by hand. Each program of `tests/bugs` has a bug and,
from the same source, a fixed twin that looks like it. Each was run %(runs)d times on one worker and %(runs)d times on two, the runs
dealt out over -O0 and -O2, checked for races and not. *Found*: one report, of this finding, with the certainty that the
finding has, naming the guilty line. *Missed*: nothing was reported. *Wrong*: something else, or elsewhere. A twin must be silent.

"""


def write_page(path, found, counts, runs):
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD % {"runs": runs} + "\n".join(page(found, counts, runs)) + "\n")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--runs", type=int, default=50, help="of each twin on each number of workers")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="ids that match, no page")
    parser.add_argument("--page", help="write it here")
    parser.add_argument("--show", type=int, default=20, help="failures to print in full")
    parser.add_argument("--list", action="store_true", help="count the programs, run nothing")
    parser.add_argument("--root", default=twins.ROOT, help="another tree")
    return parser.parse_args()


def main():
    options = parse()
    with tempfile.TemporaryDirectory(prefix="weir-bugs-") as scratch:
        found = collect(options, scratch)
        few = [id_ for id_, programs in found.items() if len(programs) < ENOUGH]
        for id_ in few:
            print("%s has %d programs, not %d" % (id_, len(found[id_]), ENOUGH))
        if options.list or not found:
            print("bugs_matrix: %d findings, %d programs, %d with too few" % (
                len(found), sum(map(len, found.values())), len(few)))
            return 1 if few or not found else 0
        print(SHAPE.format("finding", "programs", "runs", "found", "missed", "wrong", "twin runs",
                           "false alarms"))
        counts = measure_all(found, options)
    if options.page:
        write_page(options.page, found, counts, options.runs)
    bad = sum(n.missed + n.wrong + n.alarms for n in counts.values())
    print("bugs_matrix: %d runs, %d not as they must be" % (
        sum(n.runs + n.fixed for n in counts.values()), bad))
    return 1 if bad or few else 0


if __name__ == "__main__":
    sys.exit(main())
