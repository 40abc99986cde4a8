# SPDX-License-Identifier: Apache-2.0
#
# gdb_core.py WEIR SCRIPT PROGRAM CORE: gdb with the script says of a core what `weir core` says of it: the
# goroutines, what each does, where it waits, for what, what it holds and since where, and its stack.
import json
import re
import subprocess
import sys

weir, script, program, core = sys.argv[1:5]


def gdb(*commands):
    words = ["gdb", "-nx", "-batch", "-x", script]
    for c in commands:
        words += ["-ex", c]
    return subprocess.run(words + [program, core], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def line_of(frame):
    return "%s:%d" % (frame["file"].rsplit("/", 1)[-1], frame["line"])


def own(stack):
    """Functions of the program itself; those of libc have several names."""
    return [f["function"] for f in stack if not f.get("hidden") and f.get("file", "").endswith("hung.c")]


raw = subprocess.run([weir, "core", "--output=/dev/stdout", program, core], stdout=subprocess.PIPE).stdout
named = subprocess.run([weir, "report", "json", "-"], input=raw, stdout=subprocess.PIPE, check=True).stdout
dump = next(r for r in map(json.loads, named.splitlines()) if r["id"] == "goroutine-dump")
want = {}
for g in dump["goroutines"]:
    names = [dump["objects"][o] for o in (w["object"] for w in g.get("waits", []))]
    holds = [(dump["objects"][h["object"]], h["at"]) for h in g.get("holds", [])]
    want[g["id"]] = {"op": g.get("op") or g["state"], "name": g.get("name") or "main",
                     "waits": sorted(f"{o['kind']} {o['name'].lstrip('&')}" for o in names),
                     "holds": sorted(f"{o['kind']} {o['name'].lstrip('&')}, taken at {line_of(at)}" for o, at in holds),
                     "stack": own(g["stack"])}

got = {}
listing = re.findall(r"^[* ] (\d+) +\[([^],]*)[^]]*\] +(\S+) +(.*)$", gdb("info goroutines"), re.M)
for id_, op, name, rest in listing:
    on = rest.partition(", on ")[2]
    got[int(id_)] = {"op": op, "name": name, "waits": sorted(on.split(" or ")) if on else []}
for part in re.split(r"^(?=(?:goroutine|thread) \d+ )", gdb("goroutine all bt"), flags=re.M)[1:]:
    g = got[int(part.split()[1])]
    g["holds"] = sorted(re.findall(r"^  holds (.*) in \w+$", part, re.M))
    frames = re.findall(r"^#\d+ +(?:0x[0-9a-f]+ in )?(\w+) \(", part, re.M)
    g["stack"] = [f for f in frames if f in want[int(part.split()[1])]["stack"]]
if want != got:
    sys.exit(f"weir core: {want}\ngdb:       {got}")
print(len(want), "goroutines, the same")
