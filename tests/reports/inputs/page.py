# SPDX-License-Identifier: Apache-2.0
#
# Reads a report page back: page.py PAGE RECORDS. Expects what kinds.py wrote to RECORDS, each twice.
import json
import re
import sys

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
for f in findings.values():
    assert f["answer"] in f["text"] and f["text"] in text.replace("&lt;", "<").replace("&gt;", ">") \
        .replace("&amp;", "&")

assert "<!--weir:" not in text and "default-src 'none'" in text
assert not re.search(r'(src|href)=["\']?(?!#)\w', re.sub(r"<script.*?</script>", "", text, flags=re.S))
