# SPDX-License-Identifier: Apache-2.0
#
# check_findings.py ROOT: one name, everywhere. Every id of findings.def has a page
# docs/findings/ID.md and a folder tests/bugs/ID with at least one test, and there is
# no page and no folder of another name. The page must name the id.
import os
import re
import sys

ENTRY = re.compile(r'^WEIR_FINDING\(\w+,\s*"([a-z0-9-]+)"', re.MULTILINE)


def main():
    root, problems = sys.argv[1], []
    with open(os.path.join(root, "runtime/include/weir/findings.def"), encoding="utf-8") as file:
        ids = ENTRY.findall(file.read())
    pages, bugs = os.path.join(root, "docs/findings"), os.path.join(root, "tests/bugs")
    for id_ in ids:
        page, folder = os.path.join(pages, id_ + ".md"), os.path.join(bugs, id_)
        if not os.path.isfile(page):
            problems.append("docs/findings/%s.md is missing" % id_)
        elif id_ not in open(page, encoding="utf-8").read():
            problems.append("docs/findings/%s.md does not name its id" % id_)
        names = os.listdir(folder) if os.path.isdir(folder) else []
        if not any(name.endswith((".c", ".test")) for name in names):
            problems.append("tests/bugs/%s holds no test" % id_)
    for name in sorted(os.listdir(pages)) if os.path.isdir(pages) else []:
        if name.endswith(".md") and name[:-3] not in ids + ["README", "index"]:
            problems.append("docs/findings/%s: no such finding" % name)
    for name in sorted(os.listdir(bugs)) if os.path.isdir(bugs) else []:
        if os.path.isdir(os.path.join(bugs, name)) and name not in ids + ["Inputs", "goker"]:
            problems.append("tests/bugs/%s: no such finding" % name)
    for problem in problems:
        print(problem)
    print("check_findings: %d findings, %d problems" % (len(ids), len(problems)))
    return 1 if problems or not ids else 0


if __name__ == "__main__":
    sys.exit(main())
