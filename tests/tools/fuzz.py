# SPDX-License-Identifier: Apache-2.0
#
# fuzz.py [--seconds N | --runs N] [--only NAME] [--seed N] OUT: builds each parser of the reporter that
# tests/fuzz drives, with libFuzzer, AddressSanitizer and UBSan, into the folder OUT, and feeds it what
# comes from one record of each kind and a page of suppressions. Inputs that reached new code stay
# in OUT/NAME and are where the next run begins. Ends 1 with the input that broke it.
import argparse
import concurrent.futures
import glob
import json
import os
import re
import resource
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECKS = ["-fsanitize=fuzzer-no-link,address,undefined", "-fno-sanitize-recover=undefined"]
PARSERS = {"findings": ("model", "render"), "suppressions": ("model", "render"), "traces": ("model", "trace")}


def compile_one(source, folder, flags):
    target = os.path.join(folder, re.sub(r"\W", "_", os.path.relpath(source, ROOT)) + ".o")
    deps = target + ".d"
    if os.path.exists(deps):
        with open(deps) as f:
            names = f.read().replace("\\\n", " ").split()[1:]
        if all(os.path.exists(n) and os.path.getmtime(n) < os.path.getmtime(target) for n in names):
            return target
    subprocess.run([compiler, "-c", "-O1", "-g", "-std=gnu17", *CHECKS, "-D_GNU_SOURCE", "-MD", "-MF",
                    deps, "-I" + os.path.join(ROOT, "reports"),
                    "-I" + os.path.join(ROOT, "runtime", "include"), *flags, source, "-o", target],
                   check=True)
    return target


def build(out, parsers):
    flags = subprocess.run(["pkg-config", "--cflags", "jansson", "libdw"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    parts = {part: sorted(glob.glob(os.path.join(ROOT, "reports", part, "*.c")))
             for parser in parsers for part in PARSERS[parser]}
    sources = [s for part in parts.values() for s in part]
    harnesses = [os.path.join(ROOT, "tests", "fuzz", p + ".c") for p in parsers]
    os.makedirs(out, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        objects = dict(zip(sources + harnesses,
                           pool.map(lambda s: compile_one(s, out, flags), sources + harnesses)))
    for parser, harness in zip(parsers, harnesses):
        wanted = [objects[s] for part in PARSERS[parser] for s in parts[part]]
        subprocess.run([compiler, "-fsanitize=fuzzer,address,undefined", objects[harness], *wanted,
                        "-ljansson", "-ldw", "-lelf", "-o", os.path.join(out, "fuzz-" + parser)],
                       check=True)


def records():
    made = subprocess.run([sys.executable, os.path.join(ROOT, "tests/reports/inputs/kinds.py")],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    return made.splitlines(keepends=True)


def words(value):
    if isinstance(value, dict):
        for k, v in value.items():
            yield '"%s":' % k
            yield from words(v)
    elif isinstance(value, list):
        for v in value:
            yield from words(v)
    elif isinstance(value, str):
        yield '"%s"' % value


def seed(parser, folder, dictionary):
    os.makedirs(folder, exist_ok=True)
    tokens = {"WEIRTRCE"}
    if parser == "traces":
        seeds = [subprocess.run([sys.executable, os.path.join(ROOT, "tests/fuzz/tiny_trace.py"), *kind],
                                check=True, stdout=subprocess.PIPE).stdout for kind in ([], ["rings"])]
    elif parser == "findings":
        seeds = records()
        tokens = {w for line in seeds for w in words(json.loads(line))}
    else:
        seeds = ["# until 2027-01-31\nrace:^a$ && b*c && ^d\n*:e*$\nfingerprint:0123456789abcdef\n"]
        with open(os.path.join(ROOT, "runtime/include/weir/findings.def")) as f:
            tokens = {i + ":" for i in re.findall(r'^WEIR_FINDING\(\w+,\s*"([a-z-]+)"', f.read(), re.M)}
        tokens |= {"race:", "race_top:", " && ", "# until ", "2027-01-31"}
    for i, text in enumerate(seeds):
        with open(os.path.join(folder, "seed-%d" % i), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
    with open(dictionary, "w") as f:
        for t in sorted(tokens):
            f.write('"%s"\n' % "".join(c if c.isalnum() else "\\x%02x" % ord(c) for c in t if ord(c) < 128))


def run(parser, out, options):
    corpus, dictionary = os.path.join(out, parser), os.path.join(out, parser + ".words")
    seed(parser, corpus, dictionary)
    limit = ["-runs=%d" % options.runs] if options.runs else ["-max_total_time=%d" % options.seconds]
    command = [os.path.join(out, "fuzz-" + parser), *limit, "-seed=%d" % options.seed, "-timeout=20",
               "-rss_limit_mb=2048", "-max_len=20000", "-dict=" + dictionary, "-print_final_stats=1",
               "-artifact_prefix=" + os.path.join(out, "broke-" + parser + "-"), corpus]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(done.stdout[-6000:], "\nfuzz: %s broke; again: %s" % (parser, " ".join(command)))
        return False
    count = re.search(r"number_of_executed_units: (\d+)", done.stdout)
    covered = re.findall(r" cov: (\d+) ft: (\d+) corp: (\d+)", done.stdout)
    print("%s: %s inputs, none broke it; %.1f minutes of processor time, %s edges, %s features, %s inputs kept"
          % (parser, count[1] if count else "?",
             (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 60,
             *(covered[-1] if covered else "???")), flush=True)
    return True


arguments = argparse.ArgumentParser(usage="fuzz.py [options] OUT")
arguments.add_argument("--seconds", type=int, default=60)
arguments.add_argument("--runs", type=int)
arguments.add_argument("--only", choices=PARSERS, action="append")
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("out")
options = arguments.parse_args()
compiler = os.environ.get("WEIR_CLANG") or "clang-19"
chosen = options.only or list(PARSERS)
build(options.out, chosen)
sys.exit(not all([run(p, options.out, options) for p in chosen]))
