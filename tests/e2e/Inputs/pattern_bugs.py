# SPDX-License-Identifier: Apache-2.0
#
# pattern_bugs.py WEIR FOLDER SOURCE...: programs with the bug that a pattern is known for. A
# comment "// BUG: ID..." at the end of a line says that a finding of each of these ids
# has a stack with that line in it. Every mark must be met, there may be no finding of an id that
# no line has, and the program ends with status 66; instrumented and (where the bug is no data race)
# plain, at -O0 and -O2.
import json
import os
import re
import subprocess
import sys

MARK = re.compile(r"// BUG: ([a-z -]+)$")


def marks(source):
    with open(source, encoding="utf-8") as lines:
        found = {(n, id_) for n, line in enumerate(lines, 1) if (m := MARK.search(line)) for id_ in m[1].split()}
    return found or sys.exit(f"{source}: no line has a BUG comment")


def stacks(thing):
    """Every frame anywhere in a finding."""
    if isinstance(thing, dict):
        if "function" in thing and "line" in thing:
            yield thing
        thing = list(thing.values())
    if isinstance(thing, list):
        for part in thing:
            yield from stacks(part)


def findings(weir, log):
    text = subprocess.run([weir, "report", "json", log], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def check(weir, source, program, flags, wanted):
    """What is wrong, "" if nothing."""
    subprocess.run([weir, "cc", "-g", "-Wall", "-Wextra", "-Werror", *flags, source, "-o", program], check=True)
    options = {"WEIR_OPTIONS": f"log_path={program}.log:reporter={weir}"}
    running = subprocess.Popen([program], env={**os.environ, **options}, stderr=subprocess.PIPE, text=True)
    said = running.communicate(timeout=30)[1]
    if running.returncode != 66:
        return f"status {running.returncode}\n{said}"
    found = findings(weir, f"{program}.log.{running.pid}")
    for r in found:  # what is proven may be proven before the exit; whether it is depends on stale words
        r["id"] = "goroutine-leak-at-exit" if r["id"] == "goroutine-leak" else r["id"]
    met = {(f["line"], r["id"]) for r in found for f in stacks(r) if f.get("file", "").endswith(os.path.basename(source))}
    other = {r["id"] for r in found} - {id_ for _, id_ in wanted}
    if wanted <= met and not other:
        return ""
    return f"missed {sorted(wanted - met)}, unexpected {sorted(other)}\n{said}"


def main():
    weir, folder, *sources = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    failed = False
    for source in sources:
        wanted = marks(source)
        program = os.path.join(folder, os.path.basename(source)[:-2])
        race = "data-race" in {id_ for _, id_ in wanted}
        for how in [[]] if race else [[], ["--weir-no-race"]]:
            for level in "-O0", "-O2":
                problem = check(weir, source, program, [*how, level], wanted)
                failed = failed or problem
                print(f"{os.path.basename(source)} {' '.join(how)}{level}: {problem or 'found'}")
    sys.exit(1 if failed else 0)


main()
