# SPDX-License-Identifier: Apache-2.0
#
# proof_page.py: docs/proof.md from what proof.py measured. Rows are in the order of the sources and hold
# counts only, so the page changes where a count does. The published results stand here, as each was
# measured on more kernels than these and by other rules: they are printed beside, not compared.
import collections

KINDS = {
    ("blocking", "channel and wait group"):
        "cockroach_1055",
    ("blocking", "channel and context"):
        "cockroach_10790 cockroach_13197 cockroach_18101 grpc_862",
    ("blocking", "read lock twice"):
        "cockroach_16167 cockroach_3710 kubernetes_58107",
    ("blocking", "channel"):
        "cockroach_2448 cockroach_25456 cockroach_35931 grpc_1275 istio_17860 kubernetes_38669 "
        "moby_21233 moby_33293 syncthing_5795",
    ("blocking", "locks in two orders"):
        "cockroach_7504 kubernetes_30872 moby_4951",
    ("blocking", "double locking"):
        "cockroach_9935 grpc_3017 hugo_5379 moby_17176 moby_36114 moby_7559",
    ("blocking", "channel and lock"):
        "etcd_7902 kubernetes_10182 kubernetes_1321 kubernetes_26980 kubernetes_6632 moby_28462",
    ("blocking", "channel and condition variable"):
        "kubernetes_11298",
    ("blocking", "condition variable"):
        "moby_30408",
    ("non-blocking", "data race"):
        "grpc_1748 grpc_3090 istio_8214 kubernetes_77796 kubernetes_80284 kubernetes_81091 "
        "kubernetes_81148 kubernetes_88331 kubernetes_89164 serving_3148",
    ("non-blocking", "misuse of a channel"):
        "grpc_2371 serving_3068 serving_5865",
    ("non-blocking", "wait group"):
        "kubernetes_13058",
    ("non-blocking", "shared variable of a function"):
        "kubernetes_70892 moby_27037",
    ("non-blocking", "order violation"):
        "moby_18412",
    ("non-blocking", "testing library"):
        "serving_4908",
}
# GoBench's GoKer has 103 kernels, 68 blocking and 35 not. What is said of them, and by whom.
PUBLISHED = (
    ("GoAT, up to 1,000 runs", "68 of 68 blocking; 67 within 100 runs"),
    ("GoPie+", "84 of 103"),
    ("Go's race detector", "32 of 35 non-blocking"),
    ("goleak", "42 of 68 blocking"),
    ("go-deadlock", "28 of 68 blocking"),
    ("static tools, the best", "46 of 78"),
    ("Go's own check for deadlock, a leak check, a watchdog, go-deadlock and -race together",
     "78 of 103 in one run, 91 in 100"),
    ("a rewriter that yields at random before each operation", "99 of 103 within 100 runs"),
)

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# Real bugs, found and left alone

Written by `make proof` (`tests/tools/proof.py`), not by hand; only the counts change from one time to the next.

`tests/bugs/goker` has 52 bugs of real Go programs (GoBench's GoKer, CGO 2021), written anew in C from their description: who locks,
sends, closes and waits, in which order. Each has a fixed form in the same source, which is right under every schedule. A bug counts as
found when what is reported is of a kind that its header allows, has the names that it wants, and points at the guilty lines.

- *Plain*: `weir run`, %(plain)d times, one half on one worker, the other on two.
- *Shaken*: `weir run --runs=10 --shake=SEED` from %(seeds)d seeds, every other one on one worker or on two. *Within 10*: the seeds from which it was
  found; *within 100*: those from which it was found when the others went on. *First after*: runs until then, mean and most.
- *False alarms*: the fixed form in 10 shaken runs from each of these seeds.
- *Analyzer*: what `weir analyze` says of the source, which is not run, and of the fixed form (a false alarm).

"""
CLASS_HEAD = """| kernels | plain: in every run | plain: in more than half | plain: in any | shaken, within 10: from every seed | shaken, within 100: from every seed | false alarms | analyzer | its false alarms |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""
KERNEL_HEAD = """| kernel | bug | reported as | plain | within 10 | within 100 | first after | false alarms | analyzer |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def of_kind(results, kind):
    return {name: r for (of, name), r in results.items() if of == kind}


def kind_of(name):
    return next((kind for kind, names in KINDS.items() if name in names.split()), ("", "?"))


def within(r, runs):
    return sum(0 < first <= runs for first in r["first"])


def per(part, whole):
    return "%d of %d" % (part, whole)


# --- kernels -------------------------------------------------------------------------------------

def class_row(title, kernels, analyzed):
    rs, n = list(kernels.values()), len(kernels)
    static = [analyzed[name] for name in kernels if name in analyzed]

    def count(test):
        return per(sum(map(test, rs)), n)

    return "| %s | %s |" % (title, " | ".join((
        count(lambda r: r["plain"] == r["plain_runs"]),
        count(lambda r: 2 * r["plain"] > r["plain_runs"]),
        count(lambda r: r["plain"] > 0),
        count(lambda r: within(r, 10) == len(r["first"])),
        count(lambda r: within(r, 100) == len(r["first"])),
        per(sum(len(r["alarms"]) for r in rs), sum(r["fixed_runs"] for r in rs)) + " runs",
        per(sum(bool(a["buggy"]) for a in static), len(static)),
        per(sum(bool(a["fixed"]) for a in static), len(static)))))


def classes(kernels, analyzed):
    yield CLASS_HEAD
    for title in ("blocking", "non-blocking"):
        of_class = {name: r for name, r in kernels.items() if kind_of(name)[0] == title}
        if of_class:
            yield class_row(title, of_class, analyzed)
    yield class_row("all", kernels, analyzed)


def ids(found):
    return ", ".join("`%s`" % i for i in found) or "–"


def analyzer_cell(a):
    return ids(a["buggy"]) + (", false alarm: " + ids(a["fixed"]) if a["fixed"] else "") if a else ""


def kernel_row(name, r, a):
    first = [f for f in r["first"] if f]
    after = "%.1f, %d" % (sum(first) / len(first), max(first)) if first else "–"
    return "| [`%s`](../tests/bugs/goker/%s.c) | %s | %s | %s | %s | %s | %s | %d | %s |" % (
        name, name, kind_of(name)[1], ids(r["ids"]),
        per(r["plain"], r["plain_runs"]), per(within(r, 10), len(r["first"])),
        per(within(r, 100), len(r["first"])), after, len(r["alarms"]), analyzer_cell(a))


def published():
    yield "\nWhat others have published, of all 103 kernels of GoKer (in Go, and counted by rules of their own):\n"
    yield "| tool | found |\n| --- | --- |"
    for tool, found in PUBLISHED:
        yield "| %s | %s |" % (tool, found)


# --- the others ----------------------------------------------------------------------------------

def bugs(results):
    yield "\n## The programs of tests/bugs\n"
    yield "Each program and its twin, twice plain and four times shaken. With a bug: runs in which something was reported; *plain* is judged"
    yield "in full on [another page](detection.md). Shaken, some bugs do not come about, as the order they need does not.\n"
    yield "| finding | programs | plain | shaken | twins, plain: false alarms | twins, shaken: false alarms |"
    yield "| --- | --- | --- | --- | --- | --- |"
    sums, programs = collections.defaultdict(collections.Counter), collections.Counter()
    for name, counts in results.items():
        id_ = name.split(".")[0]
        sums[id_].update(counts)
        programs[id_] += 1
    for id_, n in sums.items():
        cells = [per(n[way + " said"], n[way + " runs"])
                 for way in ("plain buggy", "shaken buggy", "plain fixed", "shaken fixed")]
        yield "| [`%s`](findings/%s.md) | %d | %s |" % (id_, id_, programs[id_], " | ".join(cells))


def examples(results):
    runs = sum(r["runs"] for r in results.values())
    alarms = sum(len(r["alarms"]) for r in results.values())
    yield "\n## The examples\n"
    yield "%d programs of `examples` that are right, %d shaken runs: %d false alarms." % (len(results), runs, alarms)


def cell(counts):
    found, runs, alarms, fixed = counts
    return "%s, %s" % (per(found, runs), per(alarms, fixed)) if runs else "not installed"


def peers(results, versions):
    tools = list(next(iter(results.values())))
    yield "\n## Other tools on the same bugs\n"
    yield "`tests/proof` has some of the kernels written with POSIX threads, for tools that know those: " + "; ".join(
        "%s (%s)" % (tool, versions.get(tool) or "not installed") for tool in tools) + "."
    yield "Each with the options with which it finds most (`tests/tools/proof_peers.py`). Runs of the buggy form in which it said something, runs"
    yield "of the fixed form in which it did. What hangs without a word is not found; it is run three times only.\n"
    yield "| kernel | %s |\n| --- |%s" % (" | ".join(tools), " --- |" * len(tools))
    for name, by_tool in results.items():
        yield "| `%s` | %s |" % (name, " | ".join(cell(by_tool[tool]) for tool in tools))


def page(results, seeds, versions):
    kernels, analyzed = of_kind(results, "kernels"), of_kind(results, "analyzer")
    parts = [HEAD % {"seeds": seeds, "plain": max((r["plain_runs"] for r in kernels.values()), default=0)}]
    if kernels:
        parts += [*classes(kernels, analyzed), *published(), "\n## Each of them\n", KERNEL_HEAD]
        parts += [kernel_row(name, r, analyzed.get(name)) for name, r in kernels.items()]
    for kind, part in (("bugs", bugs), ("examples", examples)):
        if of_kind(results, kind):
            parts += part(of_kind(results, kind))
    if of_kind(results, "peers"):
        parts += peers(of_kind(results, "peers"), versions)
    return parts[0] + "\n".join(parts[1:]) + "\n"


def problems(results):
    """What must not be: something right was reported, or something wrong otherwise than it should be."""
    for (kind, name), r in results.items():
        if kind == "peers":
            continue
        if kind == "bugs":
            said = r["plain fixed said"] + r["shaken fixed said"]
            texts = ["%d false alarms" % said] if said else []
        elif kind == "analyzer":
            texts = ["a false alarm of the analyzer: " + ids(r["fixed"])] if r["fixed"] else []
        else:
            texts = ["a false alarm\n" + text for text in r["alarms"]] + r.get("wrong", [])
        for text in texts:
            yield name, text
