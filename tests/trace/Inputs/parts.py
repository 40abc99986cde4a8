# SPDX-License-Identifier: Apache-2.0
#
# parts.py WEIR TRACE CHROME: a trace is cut at some of its moments. Of each part, `list` must have the
# lines of the whole that lie in it, and Perfetto's form be whole; the times that `summary` has in
# neighbouring parts must add up. The same for single goroutines.
import re
import subprocess
import sys

weir, trace, chrome = sys.argv[1:4]


def run(form, *options):
    return subprocess.run([weir, "trace", form, trace, *options], check=True, capture_output=True, text=True).stdout


def waited(*options):
    """ns that goroutines waited, by the summary's first table"""
    units = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "min": 6e10}
    rows = re.findall(r"^ +([\d.]+) (ns|us|ms|s|min) +\d+ +[\d.]+ \w+ ", run("summary", *options), re.M)
    return sum(float(n) * units[unit] for n, unit in rows)


def need(what, true):
    if not true:
        sys.exit("not so: " + what)


whole = run("list").splitlines()
times = [line.split()[0] for line in whole]
moments = [times[len(times) * i // 7] for i in range(1, 7)]
checked = 0
for since, to in zip(moments, moments[1:]):
    if since == to:
        continue
    part = ["--from=" + since, "--to=" + to]
    wanted = [line for line, at in zip(whole, times) if float(since) <= float(at) <= float(to)]
    need(f"the lines of {part}", run("list", *part).splitlines() == wanted)
    with open("part.json", "w") as out:
        out.write(run("perfetto", *part))
    subprocess.run([sys.executable, chrome, "part.json"], check=True, stdout=subprocess.DEVNULL)
    need("the summary says what it is of", "Only from " + since in run("summary", *part))
    checked += 1
middle = moments[3]
halves = waited("--to=" + middle) + waited("--from=" + middle)
need(f"halves wait as the whole: {halves}, {waited()}", abs(halves - waited()) < 0.02 * waited())
goroutine = re.search(r"goroutine (\d+) \((?!main)", whole[-1] + "\n".join(whole))[1]
own = [line for line in whole if re.match(rf" *[\d.]+ goroutine {goroutine}\b", line)]
need("the lines of one goroutine", run("list", "--goroutine=" + goroutine).splitlines() == own)
need("its summary", f"Only goroutine {goroutine}." in run("summary", "--goroutine=" + goroutine))
need("and no other's", waited("--goroutine=" + goroutine) < waited())
print(checked, "parts")
