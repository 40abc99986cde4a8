# SPDX-License-Identifier: Apache-2.0
#
# sarif.py FILE: the one result is the check's rule, at its line, with the other places related.
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    run = json.load(file)["runs"][0]
(result,) = run["results"]
rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
assert rule["id"] == result["ruleId"] == "missing-unlock", rule
assert "docs/checks/missing-unlock.md" in rule["help"]["text"], rule
assert result["level"] == "warning", result["level"]
place = result["locations"][0]["physicalLocation"]
assert place["region"] == {"startLine": 7, "startColumn": 11}, place
assert [r["message"]["text"] for r in result["relatedLocations"]] == ["locked here", "unlocked here"]
