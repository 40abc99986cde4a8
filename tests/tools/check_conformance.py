#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tests that the pages on semantics name exist, and those beside each yes of the comparison.

usage: check_conformance.py SOURCE_ROOT

In a table row of docs/design/semantics.md, conformance.md and races.md, `name.c` (in tests/runtime, and for races.md in
tests/races) or a path from the root is a file or folder, and each other word in backticks after a file, in the same cell, must occur in it. Only the last cell of a row speaks of tests; words before a file's name are not looked at.

In docs/comparison.md paths begin in tests, too, and what Weir has (second cell: yes or part) names a test.
"""
import pathlib
import re
import sys

FOLDERS = {
    "docs/design/semantics.md": "tests/runtime/",
    "docs/design/conformance.md": "tests/runtime/",
    "docs/design/races.md": "tests/races/",
    "docs/comparison.md": "tests/",
}
COMPARISON = "docs/comparison.md"
FILE = re.compile(r"^[\w./-]+\.(c|test)$")


def rows(page):
    for number, line in enumerate(page.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) > 1 and not set(cells[-1]) <= set("-: "):
            yield number, cells[-1]


def place(root, word, folder):
    within = "/" not in word or folder == "tests/" and not word.startswith("tests/")
    return root / (folder + word if within else word)


def claims_of(page):
    for number, line in enumerate(page.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) > 2 and re.match("(yes|part)\\b", cells[1]) and "`" not in cells[-1]:
            yield f"{page.name}:{number}: no test of it: {cells[0]}"


def problems_of(root, page, folder):
    for number, cell in rows(page):
        text = name = None
        for word in re.findall(r"`([^`]+)`", cell):
            if "/" in word or FILE.match(word):
                name = word
                path = place(root, word, folder)
                text = path.read_text() if path.is_file() else None
                if not path.exists():
                    yield f"{page.name}:{number}: there is no {word}"
            elif text is not None and not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
                yield f"{page.name}:{number}: {name} has no {word}"


def main():
    root = pathlib.Path(sys.argv[1])
    pages = {root / page: folder for page, folder in FOLDERS.items() if (root / page).is_file()}
    problems = [p for page, folder in pages.items() for p in problems_of(root, page, folder)]
    if root / COMPARISON in pages:
        problems += claims_of(root / COMPARISON)
    for problem in problems:
        print(problem)
    print(f"{len(pages)} pages, {len(problems)} problems")
    return 1 if problems or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
