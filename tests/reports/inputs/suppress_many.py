# SPDX-License-Identifier: Apache-2.0
#
# suppress_many.py WEIR RECORDS FILE: 20,000 lines of suppressions and one of a megabyte, over 1,000 findings,
# every second of them suppressed.
import json
import subprocess
import sys

weir, records, file = sys.argv[1:]
with open(records) as lines:
    race = json.loads(next(lines))
with open(file + ".findings", "w") as out:
    for i in range(1000):
        race["accesses"][0]["stack"][0]["function"] = f"function_{i}_"
        out.write(json.dumps(race) + "\n")
with open(file, "w") as out:
    out.write("race:" + "x" * (1 << 20) + "\n")
    for i in range(20000):
        out.write(f"race:function_{2 * i}_\n")

ran = subprocess.run([weir, "report", "json", "--suppressions", file, file + ".findings"], capture_output=True, text=True)
assert ran.returncode == 0, ran.stderr
left = [json.loads(line)["accesses"][0]["stack"][0]["function"] for line in ran.stdout.splitlines()]
assert left == [f"function_{i}_" for i in range(1, 1000, 2)], left[:5]
assert "weir: 500 findings suppressed\n" in ran.stderr
assert ran.stderr.count("weir: unused suppression") == 20000 + 1 - 500
