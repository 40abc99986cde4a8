# SPDX-License-Identifier: Apache-2.0
#
# Reads a report page back: page.py PAGE RECORDS. Expects what kinds.py wrote to RECORDS, each twice.
import html
import json
import re
import sys
import xml.etree.ElementTree as xml

text = open(sys.argv[1], encoding="utf-8").read()
data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])
findings = {f["id"]: f for f in data["findings"]}
expected = {json.loads(line)["id"] for line in open(sys.argv[2], encoding="utf-8")}
assert set(findings) == expected, sorted(findings)

race = findings["data-race"]
assert race["seen"] == 2 and race["certainty"] == "observed" and race["place"] == "bank.c:31 in transfer"
assert [f["function"] for f in race["accesses"][0]["stack"]] == ["transfer", "worker"]
assert race["accesses"][0]["locks"] == "mutex account.mu" and "locks" not in race["accesses"][1]
assert race["reproduce"].endswith("WEIR_OPTIONS=procs=2 ./bank 2")

cycle = findings["partial-deadlock"]["cycle"]
assert [(r["who"], r["holds"], r["waits"]) for r in cycle] == [
    ("goroutine 7 (transfer)", "mutex account.mu #2", "mutex account.mu #1"),
    ("goroutine 8 (transfer)", "mutex account.mu #1", "mutex account.mu #2")]
assert [g["count"] for g in findings["deadlock"]["groups"]] == [1, 3]
for i, f in enumerate(data["findings"]):
    report = html.unescape(re.search(rf'<pre id="t{i}">\n(.*?)</pre>', text, re.S)[1])
    assert f["answer"] in report and report.endswith("==================\n"), report

# The pictures are XML of their own; every link leads to a goroutine or an object of that finding.
pictures = {}
for name, drawn in re.findall(r'<figure id="p([\d]+-\w+)">\n(.*?)</figure>', text, re.S):
    number, kind = name.split("-")
    pictures[data["findings"][int(number)]["id"], kind] = root = xml.fromstring(drawn)
    for link in root.iter("a"):
        assert re.fullmatch(rf"#f{number}-[go]\d+", link.get("href")), link.get("href")
wanted = {("data-race", "order"), ("partial-deadlock", "waits"), ("partial-deadlock", "events"), ("lock-order", "waits"),
          ("deadlock", "waits"), ("goroutine-leak-at-exit", "waits"), ("stuck-goroutine", "waits")}
assert set(pictures) == wanted, set(pictures) ^ wanted


def said(picture):
    return [t.text for t in pictures[picture].iter("text")]


assert [(t, said(("partial-deadlock", "waits")).count(t)) for t in ("waits for", "held by", "bank.c:30")] == \
    [("waits for", 2), ("held by", 2), ("bank.c:30", 2)]
race = said(("data-race", "order"))
assert race.index("unlocked log.mu") < race.index("locked log.mu") < race.index("read global 'total'") \
    < race.index("nothing orders these two") < race.index("wrote global 'total'")
assert "still waits for mutex account.mu #1" in said(("partial-deadlock", "events"))

assert "<!--weir:" not in text and "default-src 'none'" in text
assert not re.search(r'(src|href)=["\']?(?!#)\w', re.sub(r"<script.*?</script>", "", text, flags=re.S))
