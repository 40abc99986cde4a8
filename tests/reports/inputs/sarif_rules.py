# SPDX-License-Identifier: Apache-2.0
#
# sarif_rules.py WEIR FINDINGS: what GitHub documents that it wants of a SARIF file, beyond the standard: texts of
# rules, places relative to the repository, fingerprints, numbers of things. Of these files and of findings that
# are as large as they get. With WEIR_SARIF_SCHEMA=FILE, the schema of the standard itself (OASIS publishes it), every
# file is validated by that, too.
import gzip
import json
import os
import re
import subprocess
import sys

import jsonschema

weir, findings = sys.argv[1:3]
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
LIMITS = {"relatedLocations": 100, "steps": 1000, "tags": 10, "short": 1024}


def sarif(*arguments, text=None, said=None):
    done = subprocess.run([weir, "report", "sarif", "--root=/src", *arguments], input=text, capture_output=True, check=True)
    need(f"it says {said}: {done.stderr}", not said or said in done.stderr.decode())
    return json.loads(done.stdout), len(gzip.compress(done.stdout, 1))


def need(what, true):
    if not true:
        sys.exit("not so: " + what)


def places(node):
    """Every physicalLocation in it."""
    if isinstance(node, dict):
        if "artifactLocation" in node:
            yield node
        for value in node.values():
            yield from places(value)
    elif isinstance(node, list):
        for value in node:
            yield from places(value)


def check_rule(rule):
    need("a rule has an id", rule["id"])
    for member in "shortDescription", "fullDescription", "help":
        need(f"{rule['id']} has {member}", rule[member]["text"].strip())
        need("it is not too long", len(rule[member]["text"]) <= LIMITS["short"])
    need("it has few tags", len(rule["properties"]["tags"]) <= LIMITS["tags"])
    page = re.search(r"docs/\w+/[\w-]+\.md", rule["help"]["text"])
    need(f"the page of {rule['id']} is there", page and os.path.exists(os.path.join(SOURCE, page[0])))


def check_result(result, rules, bases):
    need("its rule is there", rules[result["ruleIndex"]]["id"] == result["ruleId"])
    need("it says something", result["message"]["text"].strip())
    need("it is somewhere", result["locations"][0]["physicalLocation"]["region"]["startLine"] > 0)
    prints = result["partialFingerprints"]
    need("GitHub's fingerprint", re.fullmatch(r"[0-9a-f]{16}:1", prints["primaryLocationLineHash"]))
    for place in places(result):
        at = place["artifactLocation"]
        uri = at["uri"]
        need(f"{uri} is a relative path, or says that it is none", uri.startswith("file:///") != ("uriBaseId" in at))
        need("its base is there", at.get("uriBaseId", "SRCROOT") in bases)
        need("it does not lead out", "uriBaseId" not in at or not re.match(r"/|\.\./|\w+:", uri))
        need("no odd characters", not re.search(r"[\s\\<>\"{}|^`]", uri))
    need("related locations", len(result.get("relatedLocations", [])) <= LIMITS["relatedLocations"])
    flows = [t for c in result.get("codeFlows", []) for t in c["threadFlows"]]
    need("steps", sum(len(t["locations"]) for t in flows) <= LIMITS["steps"])
    for flow in flows:
        need("a flow has steps", flow["locations"])
        for step in flow["locations"]:
            need("a step says what is done, and where",
                 step["location"]["message"]["text"] and "physicalLocation" in step["location"])


def check_log(log, packed):
    need("10 MB, packed", packed < 10_000_000)
    run, = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        check_rule(rule)
    for result in run["results"]:
        check_result(result, rules, run["originalUriBaseIds"])
    schema = os.environ.get("WEIR_SARIF_SCHEMA")
    if schema:
        with open(schema) as file:
            wanted = json.load(file)
        jsonschema.validators.validator_for(wanted)(wanted).validate(log)
    return len(run["results"])


def large():
    """400 kinds of goroutines that each hold 40 locks, with stacks of 200 frames."""
    def frame(i):
        return {"module": 0, "offset": i, "function": f"f{i}", "file": f"/src/deep/f{i % 7}.c", "line": i % 900 + 1}
    stack = [frame(i) for i in range(200)]
    goroutines = [{"id": g, "name": f"g{g}", "state": "waiting", "op": "sync.Mutex.Lock", "count": 1,
                   "waits": [{"op": "sync.Mutex.Lock", "object": 0}], "stack": [frame(1000 + g)] + stack,
                   "holds": [{"object": o, "at": frame(o)} for o in range(1, 41)],
                   "created_by": {"id": 1, "stack": stack}} for g in range(2, 402)]
    objects = [{"kind": "mutex", "name": f"m{o}"} for o in range(41)]
    record = {"schema": "weir.finding/1", "id": "deadlock", "certainty": "proven", "message": "m", "pid": 1, "seq": 1,
              "goroutines": goroutines, "objects": objects, "modules": [{"path": "/src/p"}], "program": {"exe": "/src/p"}}
    return json.dumps(record).encode() + b"\n"


def many(n):
    """n misuses, and before them some suspicions."""
    def finding(i, kind, certainty):
        stack = [{"module": 0, "offset": i, "function": f"handler_{i}", "file": f"/src/part{i % 97}.c", "line": i % 900 + 1}]
        goroutine = {"id": 2, "name": f"g{i}", "state": "waiting", "count": 1, "stack": stack}
        return json.dumps({"schema": "weir.finding/1", "id": kind, "certainty": certainty, "message": "m", "pid": 1, "seq": i,
                           "goroutines": [goroutine], "objects": [], "modules": [{"path": "/src/p"}],
                           "program": {"exe": "/src/p"}}) + "\n"
    return "".join([finding(i, "starvation", "suspected") for i in range(n, n + n // 50)] +
                   [finding(i, "send-on-closed", "observed") for i in range(n)]).encode()


def check_cut(log, packed, results, left_out):
    need("as many as there may be", len(log["runs"][0]["results"]) == results)
    need("10 MB, packed", packed < 10_000_000)
    need("errors before warnings", "starvation" not in {r["ruleId"] for r in log["runs"][0]["results"]})
    notice = log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]
    need("what is left out is said in the file", f"{left_out} findings are left out" in notice["message"]["text"])


check_cut(*sarif("-", text=many(25000), said="500 findings left out, the least severe"), 25000, 500)
count = check_log(*sarif(findings)) + check_log(*sarif("-", text=large()))
print(count, "results as GitHub wants them" + (", and as the standard does" if "WEIR_SARIF_SCHEMA" in os.environ else ""))
