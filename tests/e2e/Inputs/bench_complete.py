# SPDX-License-Identifier: Apache-2.0
#
# bench_complete.py BENCH FIGURES.json: fails unless each benchmark of the list left a figure, on each
# number of processors that there is, and the Go programs have the names that ours have.
import json
import pathlib
import re
import sys


def names(path, pattern):
    return re.findall(pattern, path.read_text(encoding="utf-8"))


def missing(bench, results):
    import catalog
    for b in catalog.BENCHES:
        for procs in b.procs:
            figures = results["figures"].get(str(procs))
            if figures is None or any(why.startswith(b.name + ",") for why in results["failed"]):
                continue
            if not any(name == b.name or name.startswith(b.name + "-")
                       for name in figures):
                yield f"{b.name} on {procs}: no figure"
    cases = names(bench / "micro.c", r'\{"([^"]+)", \w+, \d+')
    if cases != catalog.MICRO or cases != names(bench / "micro.go", r'\{"([^"]+)", \w+[^"]*, \d+'):
        yield "micro.c, micro.go and catalog.py name different cases"
    for case in catalog.GROWTH:
        if f'"{case}": ' not in (bench / "growth.go").read_text(encoding="utf-8"):
            yield f"growth.go has no {case}"


def main():
    bench = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(bench))
    results = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
    # A limit of the machine is no fault of the programs.
    found = [why for why in results["failed"] if "hard limit" not in why and "there is one" not in why]
    found += missing(bench, results)
    print("\n".join(found) or "nothing failed, nothing is missing")


main()
