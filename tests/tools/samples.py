# SPDX-License-Identifier: Apache-2.0
#
# samples.py BUILD [ID...]: a real record of every finding, for the tests of what renders them and for the guide.
# One program of tests/bugs is built and run for each id of findings.def (BEST says which; else the first
# one), and its record is kept, with names, in docs/samples/ID.json. docs/guide/reports.md shows what
# `weir report show` makes of them.
#
# samples.py --check BUILD: there is a sample of every finding, and the page tells of it what it is.
#
# What differs from run to run or tells of the machine is put in order: pid, time, folders, build ids,
# and addresses are numbered as they come. Everything else is as the program wrote it.
import json
import os
import re
import subprocess
import sys
import tempfile

import bugs_matrix
import twins

BEST = {"data-race": "last_order", "deadlock": "wait_group_and_channel", "partial-deadlock": "round_table",
        "lock-order": "ab_ba", "goroutine-leak": "first_error_wins",
        "goroutine-leak-at-exit": "forgotten_sender", "stuck-goroutine": "long_hold",
        "goroutine-stack-overflow": "recursion", "crash": "closed_first"}
MORE = {"data-race": ["locks_of_each_side"], "partial-deadlock": ["ab_ba", "ping_pong", "services"],
        "lock-order": ["ring_of_three", "send_under_lock"]}
TRIES = 5
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
SECTION = """
## %(title)s

[`%(id)s`](../findings/%(id)s.md), from [`%(name)s`](../../tests/bugs/%(id)s/%(name)s.c):

```text
%(text)s```
"""
HEAD = """\
# What the reports look like

One report of every finding, as `weir report show` prints it. Written by `make samples` (`tests/tools/samples.py`), not by
hand: each comes from a program of `tests/bugs`, and its record is kept in `docs/samples`. The same records can be had in every other
form: `weir report html docs/samples -o page.html` makes a page with the pictures.
"""


def record_of(program):
    """The first record that is as the program says it must be."""
    built = program.twins.build(0, False)
    for _ in range(TRIES):
        run = program.twins.run(built, 1)
        if not program.twins.judge(False, run):
            return built, run.records[0]
    sys.exit("samples: %s is not reported as it must be" % program.path)


def scrub(text, scratch):
    """Folders, build ids and addresses as they would be anywhere."""
    text = text.replace(scratch, "/src").replace(twins.ROOT, "/src")
    text = re.sub(r'"build_id":\s*"[0-9a-f]*"', '"build_id": ""', text)
    text = re.sub(r'"[^"]*/(runtime/\w+/)', r'"/src/\1', text)  # as it was built, perhaps elsewhere
    seen = {}
    return ADDRESS.sub(lambda m: seen.setdefault(m[0], "0x%x" % (0x7f0000001000 + 64 * len(seen))), text)


def sample(program, weir, scratch):
    options, program.twins.options = program.twins.options, program.twins.options + ":recorder=1"
    built, record = record_of(program)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as raw:
        raw.write(json.dumps(record) + "\n")
        raw.flush()
        done = subprocess.run([weir, "report", "json", raw.name], check=True, stdout=subprocess.PIPE)
    record = json.loads(scrub(done.stdout.decode().replace(built, "%s/%s/%s" % (scratch, program.twins.id, program.name)), scratch))
    record |= {"pid": 4711, "seq": 1, "time": "2026-01-31T09:30:00.000Z"}
    record["reproduce"]["argv"] = record["program"]["argv"] = ["./" + program.name]
    record["reproduce"]["options"] = options
    return record


def show(weir, path):
    """The text of the record in this file; lines of sources are quoted from the tree."""
    done = subprocess.run([weir, "report", "show", "--color=never", "--map-path=/src=" + twins.ROOT, path],
                          check=True, stdout=subprocess.PIPE, cwd=twins.ROOT)
    return done.stdout.decode()


def chosen(build, scratch):
    weir = os.path.join(os.path.abspath(build), "bin", "weir")
    for id_ in twins.findings():
        programs = bugs_matrix.programs_of(os.path.join(twins.ROOT, "tests/bugs", id_), weir, scratch)
        first = BEST.get(id_, programs[0].name)
        names = [first] + MORE.get(id_, [])
        yield id_, [p for name in names for p in programs if p.name == name]


def page(weir, folder):
    """The guide's page, from the records alone."""
    yield HEAD
    for id_, title in TITLE.findall(read("runtime/include/weir/findings.def")):
        path = os.path.join(folder, id_ + ".json")
        with open(path, encoding="utf-8") as file:
            name = os.path.basename(json.load(file)["program"]["exe"])
        yield SECTION % {"id": id_, "title": title, "name": name, "text": show(weir, path)}


TITLE = re.compile(r'^WEIR_FINDING\(\w+,\s*"([a-z-]+)",\s*"\w+",\s*"(.*)"\)', re.M)


def read(path):
    with open(os.path.join(twins.ROOT, path), encoding="utf-8") as file:
        return file.read()


def check(weir, folder):
    """Headings, answers and summaries; the rest may be older than the program."""
    have, wrong = read("docs/guide/reports.md"), 0
    for id_, title in TITLE.findall(read("runtime/include/weir/findings.def")):
        path = os.path.join(folder, id_ + ".json")
        if not os.path.exists(path):
            sys.exit("samples: there is none of %s; make samples" % id_)
        lines = show(weir, path).splitlines()
        wanted = ["## " + title, lines[3], next(line for line in lines if line.startswith("SUMMARY"))]
        for line in wanted:
            if line + "\n" not in have:
                print("docs/guide/reports.md lacks: " + line)
                wrong += 1
    if wrong:
        sys.exit("samples: make samples writes it anew")
    print("every finding has a sample")


def main():
    if sys.argv[1] == "--check":
        weir = os.path.join(os.path.abspath(sys.argv[2]), "bin", "weir")
        check(weir, os.path.join(twins.ROOT, "docs/samples"))
        return
    build, only = sys.argv[1], sys.argv[2:]
    weir = os.path.join(os.path.abspath(build), "bin", "weir")
    folder = os.path.join(twins.ROOT, "docs/samples")
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="weir-samples-") as scratch:
        for id_, programs in chosen(build, scratch):
            for i, program in enumerate(programs if not only or id_ in only else []):
                name = id_ if i == 0 else "%s.%s" % (id_, program.name)
                with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
                    file.write(json.dumps(sample(program, weir, scratch)) + "\n")
                print(name, "from", program.name, flush=True)
    with open(os.path.join(twins.ROOT, "docs/guide/reports.md"), "w", encoding="utf-8") as file:
        file.write("".join(page(weir, folder)))


if __name__ == "__main__":
    main()
