# SPDX-License-Identifier: Apache-2.0
#
# pages_complete.py SOURCE: the pages say exactly what the lists say. options.md has
# one row for each flag of flags.def, in its order, with its type, default and
# help; docs/findings has one page for each id of findings.def, headed by its title
# and certainty, and no others; finding-bugs.md links to each.
import os
import re
import sys

source = sys.argv[1]
problems = []


def read(*path):
    with open(os.path.join(source, *path)) as text:
        return text.read()


def differ(what, have, want):
    problems.extend(f"{what}: only on the page: {row}" for row in have if row not in want)
    problems.extend(f"{what}: missing on the page: {row}" for row in want if row not in have)
    if not problems and have != want:
        problems.append(f"{what}: the order differs")


flags = re.findall(r'^WEIR_FLAG\((\w+), (\w+), (.*?), "(.*)"\)$', read("runtime/include/weir/flags.def"), re.M)
want = [(n, t, d.strip('"') or "(empty)", h) for n, t, d, h in flags]
have = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \| (.*) \|$", read("docs/guide/options.md"), re.M)
differ("options.md", have, want)

ids = re.findall(r'^WEIR_FINDING\(\w+, *"([\w-]+)", *"(\w+)", *"(.*)"\)$', read("runtime/include/weir/findings.def"), re.M)
pages = sorted(os.listdir(os.path.join(source, "docs", "findings")))
differ("docs/findings", pages, sorted(i + ".md" for i, _, _ in ids))
guide = read("docs/guide/finding-bugs.md")
for id_, certainty, title in ids:
    lines = read("docs/findings", id_ + ".md").splitlines()
    if lines[0] != f"# {title}":
        problems.append(f"{id_}.md: the heading is not the title '{title}'")
    if not lines[2].startswith(f"`{id_}` · certainty: {certainty}"):
        problems.append(f"{id_}.md: the third line does not begin with id and certainty '{certainty}'")
    if not re.search(rf"^\| \[{id_}\]\(../findings/{id_}.md\) \| .* \| {certainty} \|$", guide, re.M):
        problems.append(f"finding-bugs.md: no row for {id_}, {certainty}")

if not flags or not ids:
    problems.append("the lists could not be read")
print("\n".join(problems) or f"{len(flags)} options, {len(ids)} findings")
sys.exit(1 if problems else 0)
