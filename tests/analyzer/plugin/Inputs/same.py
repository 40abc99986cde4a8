# SPDX-License-Identifier: Apache-2.0
#
# same.py WEIR FOLDER SOURCE...: the compiler plugin must warn of what `weir analyze` finds in these
# sources: the same checks at the same lines and columns, with the same words, advice included. A
# check that needs more than one file is none of the plugin's; so each check must be found by it
# either everywhere or nowhere, and those that look at one function everywhere.
import json
import os
import re
import subprocess
import sys
from collections import defaultdict

weir, folder, *sources = sys.argv[1:]
WARNING = re.compile(r"^(.*?):(\d+):(\d+): warning: (.*) \[weir-([\w-]+)\]$", re.M)
IN_ONE = {"cond-wait-no-loop", "double-lock", "double-unlock", "loop-variable-shared",
          "missing-unlock", "sync-copy", "trylock-ignored", "wait-group-add-inside"}


def ids():
    path = os.path.join(os.path.dirname(__file__), "../../../../runtime/include/weir/checks.def")
    with open(path, encoding="utf-8") as file:
        return re.findall(r'^WEIR_STATIC\(\w+, *"([\w-]+)"', file.read(), re.M)


def analyzed(checks):
    log = os.path.join(folder, "log")
    found = defaultdict(set)
    subprocess.run([weir, "analyze", "--log=" + log, "--checks=" + checks, *sources],
                   capture_output=True, timeout=50)
    with open(log, encoding="utf-8") as file:
        for record in map(json.loads, file):
            at = record["places"][0]["at"]
            found[record["id"]].add((at["file"], at["line"], at["column"], record["message"]))
    return found


def warned(checks):
    command = [weir, "cc", "--weir-no-race", "--weir-analyze=" + checks, "-fsyntax-only", *sources]
    said = subprocess.run(command, capture_output=True, text=True, timeout=50).stderr
    found = defaultdict(set)
    for file, line, column, text, id_ in WARNING.findall(said):
        found[id_].add((file, int(line), int(column), text))
    return found


checks = ",".join(ids())
records, warnings = analyzed(checks), warned(checks)
problems = []
for id_ in sorted(set(records) | set(warnings)):
    if warnings[id_] or id_ in IN_ONE:
        problems += ["not warned of: %s: %s" % (id_, r) for r in records[id_] - warnings[id_]]
        problems += ["only warned of: %s: %s" % (id_, w) for w in warnings[id_] - records[id_]]
print("\n".join(problems))
print("%d sources, %d problems" % (len(sources), len(problems)))
sys.exit(1 if problems or not IN_ONE <= {i for i in records if records[i]} else 0)
