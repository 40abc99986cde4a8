# SPDX-License-Identifier: Apache-2.0
#
# Makes a record for a program from the labels in its symbol table:
#   record.py PROGRAM [--stack L1,L2,...] [--global SYMBOL[+OFFSET]] [--build-id HEX|none]
#             [--path PATH] [--goroutines N]
# The labels (or LABEL+N) are return addresses, outermost last; they become the stack of goroutine 2.
import argparse
import json
import subprocess

p = argparse.ArgumentParser()
p.add_argument("program")
p.add_argument("--stack", default="")
p.add_argument("--global", dest="variable")
p.add_argument("--build-id")
p.add_argument("--path")
p.add_argument("--goroutines", type=int, default=1)
a = p.parse_args()

lines = subprocess.run(["llvm-nm", a.program], capture_output=True, text=True, check=True).stdout
symbols = {w[2]: int(w[0], 16) for w in map(str.split, lines.splitlines()) if len(w) == 3}
notes = subprocess.run(["llvm-readelf", "-n", a.program], capture_output=True, text=True).stdout
own = [w.split()[-1] for w in notes.splitlines() if "Build ID" in w]
build_id = {None: own[0] if own else "", "none": ""}.get(a.build_id, a.build_id)



def address(text):  # LABEL or LABEL+N
    name, _, offset = text.partition("+")
    return symbols[name] + int(offset or 0)


stack = [{"module": 0, "offset": address(s)} for s in a.stack.split(",") if s]
record = {"schema": "weir.finding/1", "id": "data-race" if a.variable else "stuck-goroutine",
          "certainty": "observed", "message": "m", "pid": 1, "seq": 1,
          "goroutines": [{"id": 2 + i, "name": "g", "state": "waiting", "op": "chan send",
                          "count": 1, "stack": stack} for i in range(a.goroutines)],
          "objects": [],
          "modules": [{"path": a.path or a.program, "build_id": build_id, "base": "0x10000"}]}
if a.variable:
    record["accesses"] = [{"goroutine": g, "write": True, "size": 4, "stack": stack}
                          for g in (2, 3)]
    record["location"] = {"kind": "global", "address": "0x20000", "module": 0,
                          "offset": address(a.variable)}
print(json.dumps(record))
