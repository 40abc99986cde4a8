# SPDX-License-Identifier: Apache-2.0
#
# events.py FILE: the last events of the first finding, a line each; fails where they cannot be true:
# out of order, led to by something later or of the same goroutine, of an object that the record
# knows by another address.
import json
import sys

with open(sys.argv[1]) as file:
    record = json.loads(file.readline())
events, objects = record["events"], record["objects"]


def say(e):
    text = f"{e['goroutine']} {e['kind']}"
    if e["kind"] == "go":
        text += f" {e['partner']}"
    elif "partner" in e and e["kind"] != "call":
        text += f" by {e['partner']}"
    return " ".join([text] + [e[k] for k in ("op", "name") if k in e])


seen = {}
for i, e in enumerate(events):
    line = say(e)
    assert i == 0 or events[i - 1]["ns"] <= e["ns"] <= 0, f"{i} is out of order"
    if "from" in e:
        cause = events[e["from"]]
        assert e["from"] < i and cause["goroutine"] != e["goroutine"], f"{i}: led to by {cause}"
        line += " after " + say(cause)
    if "object" in e:
        assert objects[e["object"]]["address"] == e["address"], f"{i}: another object"
    if "function" in e.get("at", {}):
        line += " at " + e["at"]["function"]
    seen[e["goroutine"]] = seen.get(e["goroutine"], 0) + 1
    print(line)
assert max(seen.values()) <= 15 and len(events) <= 256, seen
