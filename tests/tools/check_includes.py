# SPDX-License-Identifier: Apache-2.0
#
# check_includes.py ROOT: the layers of the tree, held by machine. Reads every
# #include of runtime, instrument, analyzer and reports and fails on an arrow that
# ARROWS does not list; on an OS or CPU in a condition, or an OS header, outside
# runtime/os (but for the header that says what may be compiled into programs); and on an include that leaves its folder by "..". It looks at text only,
# so an include behind #if counts too.
import os
import re
import sys

PUBLIC = "include"
# What each folder may include besides itself. os and base are the floor of the
# runtime: everything above stands on both. A value with a slash is one header.
ARROWS = {
    "runtime/include": {PUBLIC},
    "runtime/os": {PUBLIC},
    "runtime/base": {PUBLIC, "os"},
    "runtime/sched": {PUBLIC, "os", "base"},
    "runtime/sync": {PUBLIC, "os", "base", "sched"},
    "runtime/hb": {PUBLIC, "os", "base"},
    "runtime/detect": {PUBLIC, "os", "base", "hb", "sched/inspect.h"},
    "runtime/bare": {PUBLIC, "base"},
    "runtime/trace": {PUBLIC, "os", "base"},
    "instrument/pass": {PUBLIC},
    "instrument/plugin": {PUBLIC, "pass", "analyzer/core", "analyzer/checks"},
    "analyzer/core": {PUBLIC},
    "analyzer/model": {PUBLIC, "core"},
    "analyzer/checks": {PUBLIC, "core", "model"},
    "analyzer/link": {PUBLIC, "core"},
    "analyzer/tool": {PUBLIC, "core", "checks", "link"},
    "reports/model": {"weir/findings.def", "weir/checks.def"},
    "reports/render": {"weir/findings.def", "weir/checks.def", "model"},
    "reports/target": {"weir/layout.def", "weir/post_mortem.h", "model"},
    "reports/trace": {"weir/trace_format.h", "model"},
    "reports/cli": {"weir/findings.def", "weir/checks.def", "model", "render", "target", "trace"},
}
SUFFIXES = (".c", ".h", ".cpp", ".S", ".def")
ASKS_PLATFORM = ("runtime/include/weir/abi.h",)
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
CONDITION = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)")
PLATFORM = re.compile(r"__(?:x86_64|i386|aarch64|arm|riscv|linux|APPLE|FreeBSD|ANDROID)_*\b|_WIN32")
OS_HEADER = re.compile(r"^(?:linux/|asm/|ucontext\.h|sys/(?:mman|syscall|epoll|eventfd|prctl|auxv)\.h)")


def folders(tree):
    return {key.split("/")[1] for key in ARROWS if key.startswith(tree + "/")}


def complaint(area, kind, name):
    """What is wrong with this include in this area, or None."""
    allowed = ARROWS[area]
    tree = area.split("/")[0]
    first = name.split("/")[0]
    siblings = folders(tree)
    if ".." in name.split("/"):
        return "leaves its folder"
    if name.startswith("weir/"):
        ok = name in allowed or PUBLIC in allowed
        return None if ok else "may include no such public header"
    if kind == "<":
        if tree == "runtime" and area != "runtime/os" and OS_HEADER.match(name):
            return "OS headers belong to runtime/os"
        return None
    if "/" not in name or first == area.split("/")[1]:
        return None
    if tree == "instrument" and first in folders("analyzer"):
        return None if "analyzer/" + first in allowed else "is not below " + area
    if first not in siblings:
        return None if tree in ("instrument", "analyzer") else "is no folder of " + tree
    return None if first in allowed or name in allowed else "is not below " + area


def may_not_ask(path, area):
    return area != "runtime/os" and not path.endswith(ASKS_PLATFORM)


def check_file(path, area, problems):
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            include, condition = INCLUDE.match(line), CONDITION.match(line)
            if include:
                wrong = complaint(area, *include.groups())
                if wrong:
                    problems.append("%s:%d: %s: %s" % (path, number, include.group(2), wrong))
            elif condition and may_not_ask(path, area) and PLATFORM.search(condition.group(1)):
                problems.append("%s:%d: an OS or a CPU is asked for outside runtime/os" % (path, number))


def area_of(relative):
    parts = relative.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else None


def main():
    root, problems, files = sys.argv[1], [], 0
    for tree in sorted({key.split("/")[0] for key in ARROWS}):
        for folder, _, names in sorted(os.walk(os.path.join(root, tree))):
            for name in sorted(names):
                path = os.path.join(folder, name)
                area = area_of(os.path.relpath(path, root))
                if not name.endswith(SUFFIXES) or os.path.islink(path):
                    continue
                files += 1
                if area not in ARROWS:
                    problems.append("%s: is in no known folder" % path)
                else:
                    check_file(path, area, problems)
    for problem in problems:
        print(problem)
    print("check_includes: %d files, %d problems" % (files, len(problems)))
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
