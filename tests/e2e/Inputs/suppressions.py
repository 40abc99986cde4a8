# SPDX-License-Identifier: Apache-2.0
#
# suppressions.py WEIR PROGRAM: suppressions.c with and without suppressions, by every way that gives
# them. Each check has its opposite: hidden and the program's own status, or not and 66.
import glob
import json
import os
import subprocess
import sys

weir, program = sys.argv[1], "./" + sys.argv[2]
OWN, FINDINGS, FAILED, FATAL = 5, 66, 3, 2


def write(name, *lines):
    with open(name, "w") as out:
        out.writelines(line + "\n" for line in lines)
    return name


def run(*modes, options="", command=None, **environment):
    """The status, standard output and standard error, and the records that were kept."""
    for old in glob.glob("kept.*"):
        os.unlink(old)
    options = f"procs=1:reporter={weir}:log_path=kept:{options}"
    ran = subprocess.run([*(command or [program]), *modes], capture_output=True, text=True, timeout=50,
                         env={**os.environ, "WEIR_OPTIONS": options, **environment})
    records = []
    for name in glob.glob("kept.*"):
        with open(name) as lines:
            records += [json.loads(line) for line in lines]
    return ran.returncode, ran.stdout, ran.stderr, records


def told(err):
    return err.count("SUMMARY: ")


def check(good, *evidence):
    if not good:
        raise AssertionError("\n".join(str(e) for e in evidence))


def expect(result, status, reports, *lines, absent=()):
    code, _, err, _ = result
    check(code == status and told(err) == reports, f"status {code}, {told(err)} reports; not {status}, {reports}", err)
    for line in lines:
        check(line in err, f"not said: {line}", err)
    for line in absent:
        check(line not in err, f"said: {line}", err)


def both_polarities():
    sell, stay = write("sell.supp", "race:^sell$", "# nothing"), write("stay.supp", "thread:stay")
    here = os.getcwd()
    expect(run("race"), FINDINGS, 1, absent=["finding suppressed", "unused"])
    used = f"weir: suppressed 1 time by {here}/sell.supp:1: race:^sell$\n"
    expect(run("race", options="suppressions=" + sell), OWN, 0, "weir: 1 finding suppressed\n", used, absent=["unused"])
    expect(run("race", TSAN_OPTIONS="verbosity=0:suppressions='sell.supp'"), OWN, 0, used)
    expect(run("race", COMPILED_IN="race:^sell$"), OWN, 0, "by weir_default_suppressions:1: race:^sell$\n")
    expect(run("race", options="suppressions=" + stay), FINDINGS, 1,
           f"weir: unused suppression {here}/stay.supp:1: thread:stay\n", absent=["finding suppressed"])
    expect(run("leak", options="suppressions=" + stay), OWN, 0)
    expect(run("race", "leak", options="suppressions=" + stay), FINDINGS, 1)
    expect(run("race", "leak", options="suppressions=" + stay, COMPILED_IN="race:sell"), OWN, 0, "weir: 2 findings suppressed\n")
    expect(run("audit", options="suppressions=" + sell), FINDINGS, 1)
    expect(run("unlock", options="suppressions=" + write("m.supp", "mutex:^main$")), FATAL, 0)
    expect(run("unlock", options="suppressions=" + sell), FINDINGS, 1)
    write("bin/beside.supp", "race:^sell$")
    expect(run("race", options="suppressions=beside.supp"), OWN, 0, "/bin/beside.supp:1:")


def halting():
    for options, out, status in (("", "", FINDINGS), ("suppressions=sell.supp", "after race\n", FINDINGS),
                                 ("suppressions=" + write("two.supp", "race:sell", "race:audit"), "after race\nafter audit\n", OWN)):
        code, said, err, _ = run("race", "audit", options="halt_on_error=1:" + options)
        check((code, said) == (status, out), options, code, said, err)


def records():
    *_, kept = run("race", "leak", options="suppressions=sell.supp")
    check(len(kept) == 2, kept)
    marks = {r["id"]: r.get("suppressed") for r in kept}
    check(marks == {"data-race": os.getcwd() + "/sell.supp:1", "goroutine-leak-at-exit": None}, marks)
    file = glob.glob("kept.*")[0]
    shown = subprocess.run([weir, "report", "list", file], capture_output=True, text=True)
    check("leak" in shown.stdout and "race" not in shown.stdout and "1 finding suppressed" in shown.stderr, shown)
    shown = subprocess.run([weir, "report", "list", "--show-suppressed", file], capture_output=True, text=True)
    check("leak" in shown.stdout and "(suppressed)" in shown.stdout, shown)


def one_line_for_one_finding():
    *_, kept = run("race", "audit", "leak")
    file = "three.jsonl"
    os.rename(glob.glob("kept.*")[0], file)
    named = subprocess.run([weir, "report", "json", file], capture_output=True, text=True, check=True).stdout
    findings = [json.loads(line) for line in named.splitlines()]
    check(len(findings) == len(kept) == 3, named)
    for f in findings:
        line = subprocess.run([weir, "report", "suppress", f["fingerprint"][:6], file], capture_output=True, text=True, check=True)
        expect(run("race", "audit", "leak", options="suppressions=" + write("one.supp", line.stdout)), FINDINGS, 2)
        check(not line.stdout.splitlines()[1].startswith("fingerprint"), line.stdout)


def what_cannot_be_used():
    code, out, err, _ = result = run("race", options="suppressions=no.supp")
    expect(result, FAILED, 1, "suppressions no.supp cannot be read")
    check(out == "after race\n" and err.count("no.supp") == 1, out, err)
    expect(run(options="suppressions=no.supp"), FAILED, 0)
    bad = write("bad.supp", "race:^sell$", "rice:^sell$")
    line = f"weir: suppressions {os.getcwd()}/bad.supp:2: unknown type 'rice'"
    expect(run("race", options="suppressions=" + bad), FAILED, 0, line)
    expect(run(options="suppressions=" + bad), FAILED, 0, line, absent=["bad.supp:1: unknown"])
    expect(run("race", options="suppressions=sell.supp:reporter=/no/weir"), FINDINGS, 0, "suppressions need the reporter")
    write("deaf", "#!/bin/sh", "read record")  # goes away without an answer
    os.chmod("deaf", 0o755)
    result = run("race", "leak", options="suppressions=sell.supp:reporter=./deaf")
    expect(result, FINDINGS, 0, "the reporter does not answer", "WEIR: data-race", "WEIR: goroutine-leak-at-exit")
    check(len(result[3]) == 2, result)
    result = run("race", "audit", options="suppressions=sell.supp:reporter=/no/weir")
    check(result[2].count("suppressions need the reporter") == 1, result)
    expect(run("race", COMPILED_IN="#" * 100001), FAILED, 1, "weir_default_suppressions() has more than")


def a_clean_run():
    unused = f"weir: unused suppression {os.getcwd()}/two.supp:"
    expect(run(options="suppressions=two.supp"), OWN, 0, unused + "1: race:sell\n", unused + "2: race:audit\n")
    check(run(options="suppressions=two.supp:print_suppressions=0")[2] == "", "not silent")
    check(run("fork", options="suppressions=two.supp")[2].count("unused") == 2, "the child says it too")
    check(run("forked-leak", options="suppressions=two.supp")[2].count("unused") == 2, "the child says it too")
    expect(run("forked-leak", options="suppressions=sell.supp"), OWN, 1)
    result = run("forked-leak", options="suppressions=stay.supp")
    expect(result, OWN, 0, "1 finding suppressed")
    check("suppressed" in result[3][0], result)
    expect(run("fork", "race", options="suppressions=two.supp:print_suppressions=0"), OWN, 0, "1 finding suppressed\n", absent=[" by "])


def each_process_its_own_status():
    code, out, err, _ = run("race", "fork")
    check(code == FINDINGS and told(err) == 1 and "child ended with 0\n" in out, code, out, err)
    code, out, err, _ = run("forked-leak")
    check(code == OWN and told(err) == 1 and "child ended with 66\n" in out, code, out, err)


def a_thousand():
    write("all.supp", "race:count_all")
    code, _, err, kept = run("thousand", options="suppressions=all.supp")
    n = len([r for r in kept if "suppressed" in r])
    check(code == OWN and told(err) == 0 and n == len(kept) == 1000, code, n, len(kept), err)
    check("weir: suppressed 1000 times by" in err, err)


def seen_again():
    code, _, err, kept = run("walk")
    notes = [r for r in kept if r["schema"] == "weir.seen/1"]
    check(code == FINDINGS and told(err) == 1 and len(notes) == 1 and notes[0]["more"] >= 1, code, err, kept)
    check(notes[0]["seq"] == next(r["seq"] for r in kept if r["schema"] == "weir.finding/1"), kept)
    times = notes[0]["more"] + 1
    check(f"weir: seen at least {times} times: " in err, err)
    shown = subprocess.run([weir, "report", "show", glob.glob("kept.*")[0]], capture_output=True, text=True, check=True)
    check(f"Seen at least {times} times." in shown.stdout, shown.stdout)
    once = run("race")
    check("seen at least" not in once[2] and len(once[3]) == 1, once)


def through_weir_run():
    weir_run = [weir, "run", "--suppressions=two.supp"]
    expect(run("race", command=[*weir_run, "--", program]), OWN, 0, "no findings but 1 suppressed", "two.supp:1: race:sell\n",
           "weir: unused suppression")
    expect(run("race", "leak", command=[*weir_run, "--", program]), FINDINGS, 1, "1 finding in", "not counting 1 suppressed")
    twice = run(command=[*weir_run, "--children", "--", "sh", "-c", f"{program} race; {program} race; {program}"])
    check(twice[2].count("unused") == 1 and "suppressed 2 times by" in twice[2], twice)
    for file in ("no.supp", "bad.supp"):
        code, out, err, _ = run("race", command=[weir, "run", "--suppressions=" + file, "--", program])
        check(code == FAILED and out == "" and told(err) == 0 and file in err, code, out, err)
    code, *_ = run("race", command=[weir, "run", "--quiet", "--", program])
    check(code == FINDINGS, code)


for part in (both_polarities, halting, records, one_line_for_one_finding, what_cannot_be_used, a_clean_run,
             each_process_its_own_status, a_thousand, seen_again, through_weir_run):
    part()
