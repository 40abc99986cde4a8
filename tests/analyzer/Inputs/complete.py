# SPDX-License-Identifier: Apache-2.0
#
# complete.py SOURCE: every check of checks.def has its page, headed by its title, id and certainty, its
# tests of both kinds with at least six that must be reported, and its row in the guide; and there
# are no pages and tests of other checks.
import os
import re
import sys

source = sys.argv[1]
ENTRY = re.compile(r'^WEIR_STATIC\(\w+, *"([\w-]+)", *"(\w+)", *"(.*)"\)$', re.M)
BAD_MIN, NOT_CHECKS = 6, {"cli", "plugin", "Inputs"}
problems = []


def read(*path):
    try:
        with open(os.path.join(source, *path), encoding="utf-8") as file:
            return file.read()
    except OSError:
        problems.append("missing: " + os.path.join(*path))
        return "\n\n\n"


checks = ENTRY.findall(read("runtime/include/weir/checks.def"))
guide = read("docs/guide/analyze.md")
for id_, certainty, title in checks:
    page = read("docs/checks", id_ + ".md").splitlines()
    if page[0] != "# " + title or not page[2].startswith(f"`{id_}` · certainty: {certainty}"):
        problems.append(f"docs/checks/{id_}.md: head and third line are not title, id and certainty")
    if not re.search(rf"^\| \[{id_}\]\(../checks/{id_}.md\) \| .* \| {certainty} \|$", guide, re.M):
        problems.append(f"docs/guide/analyze.md: no row for {id_}, {certainty}")
    bad = read("tests/analyzer", id_, "bad.c")
    if bad.count("expect: " + id_) < BAD_MIN or "expect:" in read("tests/analyzer", id_, "good.c"):
        problems.append(f"tests/analyzer/{id_}: fewer than {BAD_MIN} that are bad, or a good one that is")
ids = {id_ for id_, _, _ in checks}
folders = {n for n in os.listdir(os.path.join(source, "tests/analyzer")) if "." not in n} - NOT_CHECKS
pages = {n[:-3] for n in os.listdir(os.path.join(source, "docs/checks"))}
problems += ["no such check: " + n for n in sorted((folders | pages) - ids)]
print("\n".join(problems))
print(f"{len(checks)} checks, {len(problems)} problems")
sys.exit(1 if problems or not checks else 0)
