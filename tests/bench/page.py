#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the page of benchmarks from the figures that run.py took, and the plot beside it.

usage: page.py FIGURES.json OUT.md

Keeps race.py's table, which follows in OUT. A ratio is that of the medians, Weir / Go. Nothing is
said of a target whose figures are missing but that they are.
"""
import json
import pathlib
import statistics
import sys

import catalog
import plot

OTHER_HEADING = "# Cost of "  # sections that other scripts write: overhead.py, race.py
NAMES = {"weir": "Weir", "go": "Go"}
PEERS = ("libdill", "neco")  # on one thread; medians only
UNITS = [(1, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")]

FIRST_TOUCH, THREAD_SWITCH = 1600, 2000  # ns of one, at least: from a fifth of the time on it is said

# Why a target is missed; said when it is.
LOCK = "a lock notes for reports who has it, where it was taken, and that this goroutine has it: ten stores"
CHECKED = "who has to wait for a lock looks for a partial deadlock first"
GROUP = ("a thousand goroutines of 0.05 µs end on one count; where two workers share them, the count and the stacks "
         "travel from cache to cache at every start and end")
SELECT = "a select that waits queues on each of its channels and takes itself off each of them again, under their locks"
WHY = {"mutex-1": LOCK, "mutex-8": LOCK, "mutex-8-yield": CHECKED, "growth-mutex": CHECKED, "wait-group-1000": GROUP,
       "select-4": SELECT}


def median(figures, procs, name, who):
    samples = figures.get(str(procs), {}).get(name, {}).get(who)
    return statistics.median(samples) if samples else None


def lowest(figures, procs, name, who):
    return min(figures[str(procs)][name][who])


def nanoseconds(value):
    size, unit = next((u for u in reversed(UNITS) if value >= u[0]), UNITS[0])
    return f"{value / size:.3g} {unit}" if value < 100 * size else f"{value / size:.0f} {unit}"


def whole(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def count(n):
    return f"{n:,}"


class Missed:
    """Targets that were not reached, in the order of the page."""

    def __init__(self):
        self.lines = []

    def judge(self, what, value, target, text, why=None):
        """yes or no, for the table."""
        if value <= target:
            return "yes"
        over = 100 * (value / target - 1)
        self.lines.append(f"- {what}: {text(value)}, target {text(target)}, {over:.0f} % over"
                          + (f": {why}" if why else ""))
        return "no"

    def text(self):
        return "\n".join(self.lines) if self.lines else "None of those measured."


def heading(results):
    m, load, runs = results["machine"], results["load"], results["runs"]
    lines = ["# Benchmarks", "",
             f"Written by `make bench`; never by hand. Medians of {runs} interleaved runs, each a process "
             "of its own, and the lowest of them. A ratio is Weir / Go: below 1, Weir is better. On 1 processor "
             "it is CPU time and the process is bound to that CPU (echo: wall time), on 2 wall time.", "",
             f"Machine: {m['cpu']}, {m['processors']} processors, Linux {m['linux']}. {m['weir']}; {m['clang']}; "
             f"Go: {m['go'] or 'not installed'}.", "",
             f"Load average {load['start']:.2f} at the start and {load['end']:.2f} at the end, the benchmarks' "
             f"own included; other programs had {100 * load['others']:.0f} % of the machine, "
             f"the hypervisor took {100 * load['stolen']:.0f} %."]
    if load["start"] > 1 or load["others"] > 0.05 or load["stolen"] > 0.05:
        lines += ["", "**Warning: the machine was busy with other things. These figures are noisy, those "
                  "on 2 processors most.**"]
    if results.get("quick"):
        lines += ["", "**A trial run: these figures mean nothing.**"]
    return lines


# --- times ------------------------------------------------------------------------------------


def evidence(figures, procs, name):
    """What the kernel had to do with a time of ours, where that is much."""
    kernel, faults, switches = (median(figures, procs, f"{name}-{what}", "weir")
                                for what in ("kernel", "faults", "switches"))
    ours, said = median(figures, procs, name, "weir"), []
    if kernel is not None and kernel > 0.2 * ours:
        said.append(f"{nanoseconds(kernel)} of CPU time are the kernel's")
    if faults and faults * FIRST_TOUCH > 0.2 * ours:
        said.append(f"{whole(faults)} pages are touched first")
    if switches and switches * THREAD_SWITCH > 0.2 * ours:
        said.append(f"{whole(switches)} switches of threads")
    return ", ".join(said)


def peers_of(figures, procs):
    return [who for who in PEERS if any(who in by for by in figures.get(str(procs), {}).values())]


def time_row(figures, procs, name, missed):
    ours, go = (median(figures, procs, name, who) for who in NAMES)
    cells = [name]
    for who, value in (("weir", ours), ("go", go)):
        cells += ["–", "–"] if value is None else [nanoseconds(value),
                                                   nanoseconds(lowest(figures, procs, name, who))]
    ratio = ours / go if ours is not None and go else None
    target = catalog.TARGETS.get(name, (None, None))[procs - 1]
    cells += [f"{ratio:.2f}" if ratio is not None else "–", f"{target:.2f}" if target else "–"]
    cells.append("–" if ratio is None or target is None else
                 missed.judge(f"{name}, {processors(procs)}", ratio, target, "{:.2f}".format,
                              "; ".join(filter(None, [WHY.get(name), evidence(figures, procs, name)]))))
    for who in peers_of(figures, procs):
        value = median(figures, procs, name, who)
        cells.append("–" if value is None else nanoseconds(value))
    return "| " + " | ".join(cells) + " |"


def processors(n):
    return f"{n} processor{'s' if n > 1 else ''}"


def times(figures, procs, missed):
    names = catalog.MICRO + [f"echo-{n}{what}" for n in catalog.ECHO for what in ("", "-connect")]
    rows = [time_row(figures, procs, name, missed) for name in names
            if name in figures.get(str(procs), {})]
    if not rows:
        return []
    columns = ["Weir", "lowest", "Go", "lowest", "Weir / Go", "target", "met", *peers_of(figures, procs)]
    return ["", f"## {processors(procs).capitalize()}", "", "| benchmark | " + " | ".join(columns) + " |",
            "| --- |" + " ---: |" * len(columns), *rows]


# --- many goroutines --------------------------------------------------------------------------


def row(what, values, form, target="–", met="–"):
    cells = ["–" if v is None else form(v) for v in values]
    return f"| {what} | " + " | ".join(cells) + f" | {target} | {met} |"


def can_be_done(n, bytes_, failed, missed):
    """Whether n goroutines can wait at once, for each of NAMES."""
    why = {who: text for who in NAMES for text in failed if text.startswith(f"parked-{n}, {NAMES[who]}, ")}
    can = ["yes" if value is not None else "no" if who in why else None
           for who, value in zip(NAMES, bytes_)]
    if "weir" in why:
        missed.lines.append(f"- {count(n)} parked at once: no: {why['weir']}")
    return row(f"{count(n)} parked at once", can, str, "yes", can[0] or "–")


def parked_rows(results, n, missed):
    bytes_, start, wake = ([median(results["figures"], 1, f"parked-{n}-{what}", who) for who in NAMES]
                           for what in ("memory", "start", "wake"))
    done = can_be_done(n, bytes_, results["failed"], missed)
    if bytes_ == [None, None]:
        return [] if "| no |" not in done else [done]
    limit = catalog.PARKED_BYTES
    met = "–" if bytes_[0] is None else missed.judge(f"memory of one of {count(n)} parked goroutines",
                                                     bytes_[0], limit, in_bytes)
    start, wake = ([v and v * n for v in values] for values in (start, wake))
    return [done,
            row(f"{count(n)} parked: bytes each, page tables included", bytes_, in_bytes, in_bytes(limit), met),
            row(f"{count(n)} parked: until all wait", start, nanoseconds),
            *first_touch(results["figures"], n),
            row(f"{count(n)} parked: until all have ended", wake, nanoseconds)]


def first_touch(figures, n):
    cost = median(figures, 1, f"growth-{catalog.TOUCH}-{n}-first", "weir")
    return [] if cost is None else [row(f"of that, what the machine asks to touch one page in each of {count(n)} stacks",
                                        [cost * n, None], nanoseconds)]


def in_bytes(value):
    return f"{value:,.0f} B"


def many(results, missed):
    rows = [line for n in (catalog.MEMORY, catalog.MILLION) for line in parked_rows(results, n, missed)]
    if not rows:
        return []
    return ["", "## Many goroutines", "",
            "All wait on one channel; 1 processor. Until they wait, most of the time is the first touch of a page "
            f"for each stack. {count(catalog.MILLION)} were run once, in wall time.", "",
            "| what | Weir | Go | target | met |", "| --- |" + " ---: |" * 4, *rows]


# --- leak checks ------------------------------------------------------------------------------

CHECKED = {"leak": "plain", "leak-race": "checked for races"}


def leak_row(figures, name, what, text, target, missed):
    value = median(figures, 2, f"{name}-{what}", "weir")
    met = "–" if value is None else missed.judge(f"leak check, {CHECKED[name]}: {text}", value, target, nanoseconds)
    return row(f"{CHECKED[name]}: {text}", [value], nanoseconds, nanoseconds(target), met)


def leak_checks(figures, missed):
    rows = [leak_row(figures, name, what, text, target, missed)
            for name, targets in catalog.LEAK.items()
            for what, text, target in zip(("pause", "answer"), ("the program stands still", "until the answer is there"),
                                          targets)
            if median(figures, 2, f"{name}-{what}", "weir") is not None]
    if not rows:
        return []
    return ["", "## Leak checks", "",
            f"{count(catalog.LEAK_GOROUTINES)} goroutines wait, one in a thousand of them leaked, beside {catalog.LEAK_MIB} MiB of "
            "small blocks that point to each other at random; 2 processors. Exactly the leaked ones are found. The pause is what a "
            "thread saw that sleeps 0.2 ms at a time.", "",
            "| what | Weir | target | met |", "| --- |" + " ---: |" * 3, *rows]


# --- growth -----------------------------------------------------------------------------------


def series(figures, case, who):
    values = [median(figures, 1, f"growth-{case}-{n}", who) for n in catalog.ALL_SIZES]
    return None if None in values else values


def grows(values):
    return max(values) / values[0]


def why_it_grows(figures, case, values, touch):
    faults = median(figures, 1, f"growth-{case}-{catalog.ALL_SIZES[-1]}-faults", "weir")
    more = max(values) - values[0]
    text = WHY.get(f"growth-{case}", "")
    text += "; " if text else ""
    text += f"{faults:.2f} first touches of a page per operation" if faults >= 0.01 else "no page is touched first"
    if touch and touch[-1] > touch[0]:
        text += (f"; a word in each of {count(catalog.ALL_SIZES[-1])} stacks costs {nanoseconds(touch[-1])} on this "
                 f"machine, in each of {catalog.ALL_SIZES[0]} {nanoseconds(touch[0])}: cache and TLB misses. "
                 f"The {nanoseconds(more)} more are as much as {more / (touch[-1] - touch[0]):.1f} such misses")
    return text


def growth_row(figures, case, what, touch, missed):
    ours, go = (series(figures, case, who) for who in NAMES)
    cells = [what]
    for values in (ours, go):
        cells += ["–"] * 4 if values is None else [*map(nanoseconds, values), f"{grows(values):.1f}"]
    cells.append("–" if ours is None or case == catalog.TOUCH else
                 missed.judge(f"growth of {what}", grows(ours), catalog.FLAT, "{:.1f} times".format,
                              why_it_grows(figures, case, ours, touch)))
    return "| " + " | ".join(cells) + " |"


def growth(figures, missed, picture):
    touch = series(figures, catalog.TOUCH, "weir")
    cases = {**catalog.GROWTH, catalog.TOUCH: "the machine: a word in each of N stacks"}
    rows = [growth_row(figures, case, what, touch, missed) for case, what in cases.items()
            if series(figures, case, "weir") or series(figures, case, "go")]
    if not rows:
        return []
    sizes = " | ".join(f"{who} {count(n)}" if n != "grows" else "grows" for who in NAMES.values()
                       for n in [*catalog.ALL_SIZES, "grows"])
    text = ["", "## Growth", "",
            f"Cost of one operation among {', '.join(map(count, catalog.ALL_SIZES))} goroutines or channels, 1 processor, "
            f"CPU time. Flat means: at most {catalog.FLAT:.0f} times the cost among {catalog.ALL_SIZES[0]}.", ""]
    if picture:
        text += [f"![Cost of an operation over the number of goroutines or channels]({picture})", ""]
    return text + [f"| operation | {sizes} | flat |",
                   "| --- |" + " ---: |" * 9, *rows]


def curves(figures):
    return {what: {NAMES[who]: values for who in NAMES if (values := series(figures, case, who))}
            for case, what in catalog.GROWTH.items() if series(figures, case, "weir")}


# --- the page ---------------------------------------------------------------------------------


def make(results, picture=None):
    figures, missed = results["figures"], Missed()
    lines = heading(results)
    for procs in (1, 2):
        lines += times(figures, procs, missed)
    lines += many(results, missed)
    lines += leak_checks(figures, missed)
    lines += growth(figures, missed, picture)
    lines += ["", "## Targets missed, by how much", "", missed.text()]
    absent = results["failed"] + ([] if results["machine"]["go"] else ["Go: not installed, so no ratio"]) \
        + results["peers"]
    lines += ["", "## Not measured", "", *[f"- {why}" for why in absent]] if absent else []
    return "\n".join(lines) + "\n"


def write(results, out):
    picture = None
    drawn = curves(results["figures"])
    if drawn:
        picture = out.with_name(f"{out.stem}-growth.svg")
        picture.write_text(plot.growth(drawn, catalog.ALL_SIZES), encoding="utf-8")
    text = make(results, picture and picture.name)
    old = out.read_text(encoding="utf-8") if out.exists() else ""
    kept = old[old.index(OTHER_HEADING):] if OTHER_HEADING in old else ""
    out.write_text(text + ("\n" + kept if kept else ""), encoding="utf-8")
    return text


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: page.py FIGURES.json OUT.md")
    write(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")), pathlib.Path(sys.argv[2]))
