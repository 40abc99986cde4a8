# SPDX-License-Identifier: Apache-2.0
#
# chrome.py FILE: reads a trace in Chrome's form as a viewer would, and fails where it is not whole:
# spans of a lane that overlap or go back, an arrow without its other end, one that does not begin
# or end within a span of its lane, a lane without a name. Says what there is.
import bisect
import collections
import json
import sys

with open(sys.argv[1]) as file:
    events = json.load(file)["traceEvents"]
spans, ends, names = collections.defaultdict(list), {}, {}
calls = collections.Counter()
for e in events:
    lane = (e["pid"], e["tid"])
    if e["ph"] == "X":
        spans[lane].append((round(e["ts"] * 1000), round((e["ts"] + e["dur"]) * 1000), e["name"]))
    elif e["ph"] in "sf":
        assert (e["ph"], e["id"]) not in ends, f"two arrows have the number {e['id']}"
        ends[e["ph"], e["id"]] = (lane, round(e["ts"] * 1000), e["name"])
    elif e["ph"] == "M" and e["name"] == "thread_name":
        names[lane] = e["args"]["name"]
    elif e["ph"] == "i":
        calls[e["name"]] += 1
for lane, all_spans in spans.items():
    assert lane in names, f"lane {lane} has no name"
    for (_, before, _), (after, end, name) in zip([(0, 0, "")] + all_spans, all_spans):
        assert before <= after <= end, f"{names[lane]}: {name} at {after} after {before}"


def in_a_span(lane, at):
    i = bisect.bisect_right(spans[lane], (at, float("inf"), ""))
    return any(s[0] <= at <= s[1] for s in spans[lane][max(0, i - 2):i])


arrows = collections.Counter()
for (kind, number), (lane, at, name) in ends.items():
    other = ends.get(("f" if kind == "s" else "s", number))
    assert other, f"arrow {number} has no other end"
    assert in_a_span(lane, at), f"arrow {number} ({name}) touches nothing in {names.get(lane)}"
    if kind == "s":
        assert at <= other[1], f"arrow {number} leads back"
        arrows[name] += 1
print("lanes:", ", ".join(names[n] for n in sorted(names)))
kinds = collections.Counter(name for s in spans.values() for _, _, name in s)
for title, counter in ("span", kinds), ("call", calls), ("arrow", arrows):
    for name, n in sorted(counter.items()):
        print(f"{title}: {name}: {n}")
