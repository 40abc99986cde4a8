# SPDX-License-Identifier: Apache-2.0
#
# readme.py WEIR SOURCE FOLDER [--write]: the output that README.md shows is what
# Weir prints. Builds and runs examples/bank/buggy.c in FOLDER, takes the report of
# the partial deadlock and compares it with the block after the marker; with --write
# puts it there. Numbers that differ from run to run (process, goroutines, which
# lock is #1, durations) are not compared, nor is what the goroutines did before; two of them may be
# in either order.
import os
import re
import subprocess
import sys

MARKER = "<!-- the output of: weir run -- ./bank -t 1 -->\n"
FENCE = "=" * 18
weir, source, folder = sys.argv[1:4]
readme = os.path.join(source, "README.md")


def report():
    os.makedirs(folder, exist_ok=True)
    program = os.path.join(folder, "bank")
    cc = [weir, "cc", "-O1", "bank/buggy.c", "-o", program]
    subprocess.run(cc, cwd=os.path.join(source, "examples"), check=True)
    ran = subprocess.run([weir, "run", "--quiet", "--", "./bank", "-t", "1"], cwd=folder, capture_output=True, text=True)
    for text in re.findall(rf"^{FENCE}\n(.*?)^{FENCE}$", ran.stderr, re.S | re.M):
        if "partial deadlock" in text:
            text = text.replace(os.path.join(source, "examples") + "/", "")
            return f"{FENCE}\n{text}{FENCE}\n"
    sys.exit(f"no partial deadlock was reported:\n{ran.stderr}")


def same_in_all_runs(text):
    text = re.sub(r"  What they did last:\n\n(  .*\n)+\n", "", text)
    text = re.sub(r"pid=\d+", "pid=N", text)
    text = re.sub(r"goroutine \d+", "goroutine N", text)
    text = re.sub(r"#\d+", "#N", text)
    text = re.sub(r", for [\d.]+ (ms|s|µs|us|ns)", "", text)
    return [" ".join(line.split()) for line in text.splitlines()]


with open(readme) as page:
    before, _, rest = page.read().partition(MARKER)
shown, end, after = rest.partition("```\n\n")
output = report()
if "--write" in sys.argv:
    with open(readme, "w") as page:
        page.write(f"{before}{MARKER}```text\n{output}{end}{after}")
elif not end or same_in_all_runs(shown.replace("```text\n", "")) != same_in_all_runs(output):
    print(f"README.md shows\n{shown}\nbut the output is\n{output}")
    print("To put it there: readme.py WEIR SOURCE FOLDER --write")
    sys.exit(1)
