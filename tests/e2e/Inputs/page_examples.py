# SPDX-License-Identifier: Apache-2.0
#
# page_examples.py WEIR FOLDER PAGE...: every ```c block with a main in the pages
# is compiled by `weir cc` (warnings are errors) and run as it is, in FOLDER.
# Comments in the block say what must come of it:
#
#   // exit: 0                    status 0 and no finding
#   // exit: 66 data-race ...     these findings, each at least once, and no others
#   // exit: never               still runs after two seconds, and then is killed
#   // cc: --weir-no-race          build with that, too
#   // prints: text               standard output holds the text (each line end a blank)
#
# A block without an exit comment is an error: a program on a page is a promise.
# On a page docs/findings/ID.md the first block must report ID, the second nothing.
import glob
import json
import os
import re
import subprocess
import sys

BLOCK = re.compile(r"^```c\n(.*?)^```$", re.S | re.M)


def comments(source, key):
    return re.findall(rf"^// {key}: *(.*)$", source, re.M)


def findings(prefix):
    records = []
    for log in glob.glob(prefix + ".*"):
        with open(log, encoding="utf-8") as lines:
            records += [json.loads(line) for line in lines]
    found = [r for r in records if r["schema"] == "weir.finding/1" and "suppressed" not in r]
    return sorted({r["id"] for r in found if r["id"] != "goroutine-dump"})


def build(weir, source, program):
    with open(program + ".c", "w") as out:
        out.write(source)
    flags = ["-O1", "-Wall", "-Wextra", "-Werror"] + " ".join(comments(source, "cc")).split()
    made = subprocess.run([weir, "cc", *flags, program + ".c", "-o", program], capture_output=True, text=True)
    return made.stdout + made.stderr if made.returncode else ""


def hangs(program, environment):
    try:
        ran = subprocess.run([program], capture_output=True, timeout=2, env=environment)
    except subprocess.TimeoutExpired:
        return ""
    return f"ended with status {ran.returncode}, and promised not to"


def check(weir, source, program):
    """What is wrong with one block, "" if nothing."""
    promised = comments(source, "exit")
    if len(promised) != 1:
        return "the block has no (or more than one) exit comment"
    status, *ids = promised[0].split()
    trouble = build(weir, source, program)
    if trouble:
        return trouble
    log = program + ".findings"
    options = f"log_path={log}:reporter={weir}"
    # On two workers two accesses at the very same moment can miss each other, and what is only
    # predicted can happen.
    if {"data-race", "lock-order"} & set(ids):
        options += ":procs=1"
    environment = {**os.environ, "WEIR_OPTIONS": options}
    if status == "never":
        return hangs(program, environment)
    ran = subprocess.run([program], capture_output=True, text=True, timeout=50, env=environment)
    said = f"\n--- stdout\n{ran.stdout}--- stderr\n{ran.stderr}"
    if ran.returncode != int(status):
        return f"status {ran.returncode}, promised {status}{said}"
    if findings(log) != sorted(ids):
        return f"findings {findings(log)}, promised {sorted(ids)}{said}"
    for text in comments(source, "prints"):
        if text not in " ".join(ran.stdout.split("\n")).replace("  ", " "):
            return f"did not print '{text}'{said}"
    return ""


def page_rules(page, blocks):
    """What a finding's page promises beyond its blocks."""
    name = os.path.splitext(os.path.basename(page))[0]
    if os.path.basename(os.path.dirname(page)) != "findings":
        return ""
    promised = [" ".join(comments(b, "exit")) for b in blocks]
    wanted = [f"66 {name}", "0"]
    return "" if promised == wanted else f"promises {promised}, a page of a finding {wanted}"


def main():
    weir, folder, *pages = sys.argv[1:]
    failed = ran = 0
    os.makedirs(folder, exist_ok=True)
    for page in pages:
        with open(page) as text:
            blocks = [b for b in BLOCK.findall(text.read()) if "main(" in b]
        label = os.path.splitext(os.path.basename(page))[0]
        problems = [(0, page_rules(page, blocks))]
        problems += [
            (n, check(weir, b, os.path.join(folder, f"{label}-{n}"))) for n, b in enumerate(blocks, 1)
        ]
        ran += len(blocks)
        for n, problem in problems:
            if problem:
                failed += 1
                print(f"{page}, program {n}: {problem}")
    print(f"{ran} programs on {len(pages)} pages, {failed} problems")
    sys.exit(1 if failed or not ran else 0)


main()
