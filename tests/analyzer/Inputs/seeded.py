# SPDX-License-Identifier: Apache-2.0
#
# seeded.py LOG LIST PAGE: each line "CHECK FILE" of the list is among the findings and in the table of
# the page. What is found besides is said; it may be put into both.
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    records = [json.loads(line) for line in file]
with open(sys.argv[2], encoding="utf-8") as file:
    want = {tuple(line.split()) for line in file}
with open(sys.argv[3], encoding="utf-8") as file:
    page = file.read()
found = {(r["id"], r["places"][0]["at"]["file"].split("/tests/bugs/")[1]) for r in records}
missing = {pair for pair in want if "`%s`" % pair[1] not in page}
print(len(found), "found; besides:", sorted(found - want), "missing:", sorted(want - found), sorted(missing))
sys.exit(not want or bool(want - found) or bool(missing))
