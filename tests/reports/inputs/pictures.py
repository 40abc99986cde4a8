# SPDX-License-Identifier: Apache-2.0
#
# pictures.py WEIR: pictures of who waits for whom, of circles of one to twelve goroutines, of circles with others who
# wait, of many that wait for one thing, and of more than there is room for. Read as XML: every box is in the picture, none
# lies on another, no word lies in a box that it does not belong to, every goroutine and edge is there.
import itertools
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

weir = sys.argv[1]
NODES_MAX, CHARACTER = 40, 6.9
number = 0


def frame(line):
    return {"module": 0, "offset": line, "function": "eat", "file": "/src/philosophers.c", "line": line}


def goroutine(id, waits, holds=(), op="sync.Mutex.Lock", count=1):
    return {"id": id, "name": f"philosopher_{id}_with_a_name_that_is_long", "state": "waiting", "op": op, "count": count,
            "waits": [{"op": op, "object": o} for o in waits], "stack": [frame(30 + id)],
            "holds": [{"object": o, "at": frame(20)} for o in holds], "created_by": {"id": 1, "stack": [frame(9)]}}


def record(goroutines, objects, **more):
    return {"schema": "weir.finding/1", "id": "partial-deadlock", "certainty": "proven", "message": "m", "pid": 1, "seq": 1,
            "goroutines": goroutines, "modules": [{"path": "/src/p"}], "program": {"exe": "/src/p"},
            "objects": [{"kind": k, "name": n} for k, n in objects]} | more


def ring(n, *others):
    locks = [("mutex", f"table->forks[{i}].lock") for i in range(n)]
    return record([goroutine(i + 2, [i], [(i - 1) % n]) for i in range(n)] + list(others), locks + [("wait group", "wg")],
                  cycle=[{"goroutine": i + 2, "object": i} for i in range(n)])


def pictures(r):
    page = subprocess.run([weir, "report", "html", "-"], input=json.dumps(r).encode() + b"\n", stdout=subprocess.PIPE,
                          check=True).stdout.decode()
    return {name: xml.fromstring(svg) for name, svg in
            re.findall(r'<figure id="p0-(\w+)">\n(.*?)</figure>', page, re.S)}


def box(rect):
    x, y, w, h = (float(rect.get(k)) for k in ("x", "y", "width", "height"))
    return x, y, x + w, y + h


def extent(text):
    """Where the words are, for about that wide a font; a tooltip is none of them."""
    width = len(text.text) * (6.2 if "where" in text.get("class") else CHARACTER)
    x, y = float(text.get("x")), float(text.get("y"))
    left = {"mid": x - width / 2, "end": x - width, "start": x}[text.get("class").split()[-1]]
    return left, y - 9, left + width, y + 2


def overlap(a, b, slack=0.0):
    return a[0] + slack < b[2] and b[0] + slack < a[2] and a[1] + slack < b[3] and b[1] + slack < a[3]


def need(what, true):
    global number
    number += 1
    if not true:
        sys.exit("not so: " + what)


def check(what, picture, nodes, waits):
    width, height = float(picture.get("width")), float(picture.get("height"))
    boxes = [box(r) for r in picture.iter("rect")]
    need(f"{what} has {nodes} boxes, not {len(boxes)}", len(boxes) == nodes)
    need(f"{what} has {waits} waits", sum("waits" in p.get("class").split() and "tip" not in p.get("class")
                                            for p in picture.iter("path")) == waits)
    for a in boxes:
        need(f"{what}: the box {a} is in the picture", a[0] >= 0 and a[1] >= 0 and a[2] <= width and a[3] <= height)
    for a, b in itertools.combinations(boxes, 2):
        need(f"{what}: boxes {a} and {b} are apart", not overlap(a, b))
    words = [t for t in picture.iter("text") if t.get("class").split()[0] in ("words", "where")]
    for t in words:
        at = extent(t)
        need(f"{what}: '{t.text}' {at} is in the picture", -2 <= at[0] and at[2] <= width + 2 and 0 <= at[1] and at[3] <= height)
        for b in boxes:
            need(f"{what}: '{t.text}' {at} is in no box {b}", not overlap(at, b, 2))
    for a, b in itertools.combinations(words, 2):
        need(f"{what}: '{a.text}' and '{b.text}' are apart", not overlap(extent(a), extent(b), 3))
    for r in picture.iter("a"):
        need(f"{what}: a link says where it leads", r.get("aria-label") and re.fullmatch(r"#f0-[go]\d+", r.get("href")))


for n in range(1, 13):
    check(f"a circle of {n}", pictures(ring(n))["waits"], 2 * n, n)
late = [goroutine(50, [1]), goroutine(51, [1], op="sync.Mutex.Lock", count=5), goroutine(52, [0])]
check("a circle that others wait for", pictures(ring(4, *late))["waits"], 11, 7)
main = goroutine(1, [4], op="sync.WaitGroup.Wait")
check("a circle, and somebody beside it", pictures(ring(4, main))["waits"], 10, 5)
chain = record([goroutine(i + 2, [i], [i - 1] if i else []) for i in range(6)], [("mutex", f"lock {i}") for i in range(6)])
check("a chain", pictures(chain)["waits"], 12, 6)
queue = record([goroutine(i + 2, [0]) for i in range(8)], [("channel", "jobs")])
check("many for one", pictures(queue)["waits"], 9, 8)
select = record([goroutine(2, range(5), op="select")], [("channel", f"c{i}") for i in range(5)])
check("one for many", pictures(select)["waits"], 6, 5)
crowd = record([goroutine(i + 2, [i]) for i in range(100)], [("mutex", f"lock {i}") for i in range(100)])
check("more than there is room for", pictures(crowd)["waits"], NODES_MAX, NODES_MAX // 2)
need("nothing is drawn where nobody waits", not pictures(record([goroutine(2, [])], [])))
print(number, "checks")
