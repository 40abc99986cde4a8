# SPDX-License-Identifier: Apache-2.0
#
# Runs findings_ways_out.c in each mode and looks at the status, the text and the kept file.
import json
import os
import subprocess
import sys

weir, programs = sys.argv[1], sys.argv[2:]


def run(program, mode="", options="", reporter=weir, stderr=subprocess.PIPE, shell=None):
    environment = dict(os.environ, WEIR_OPTIONS=options, WEIR_REPORTER=reporter)
    command = ["bash", "-c", shell, "bash", program, mode] if shell else [program, mode]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=stderr,
                          text=True, timeout=50)
    return done.returncode, done.stdout, done.stderr or ""


def expect(what, condition, *shown):
    if not condition:
        sys.exit("%s: not as expected\n%s" % (what, "\n".join(map(str, shown))))


def kept(program, mode, count):
    before = set(os.listdir("."))
    status, _, text = run(program, mode, "log_path=kept")
    files = [f for f in set(os.listdir(".")) - before if f.startswith("kept.")]
    expect("one file", len(files) == 1, files)
    lines = open(files[0], encoding="utf-8").read().splitlines()
    records = [json.loads(line) for line in lines]
    expect("records", len(records) == count and status == 66, status, records, text)
    for record in records:
        expect("schema", record["schema"] == "weir.finding/1" and record["modules"], record)
        modules = len(record["modules"])
        for goroutine in record["goroutines"]:
            for frame in goroutine["stack"]:
                expect("frame", frame.get("module", 0) < modules, record)
    return text


for program in programs:
    status, out, text = run(program)
    expect("plain", status == 66 and "goroutine leak at exit" in text, status, text)
    expect("output", out == "program's own output\n", out)
    expect("clean", run(program, "clean") == (5, "", ""))
    kept(program, "", 1)
    for mode in ("wait", "fork"):
        text = kept(program, mode, 2)
        expect(mode, text.count("SUMMARY: Weir") == 2, text)

    status, out, text = run(program, "close", "log_path=kept")
    expect("close", status == 66 and "weir.finding" not in out + text, status, out, text)
    expect("close", "partial deadlock" in text and "leak" in text, text)

    status, _, text = run(program, options="reporter=/nonexistent/weir")
    expect("no reporter", status == 66 and "chan send" in text and "+0x" in text, status, text)
    expect("no reporter", "cannot be run" in text and "reporter=/path/to/weir" in text, text)

    for path in ("/nonexistent/folder/log", "x" * 5000):
        status, _, text = run(program, options="log_path=" + path)
        expect("unwritable", status == 3 and text.count("cannot be kept") == 1, status, text)
        expect("unwritable", "goroutine leak at exit" in text, text)
    status, _, text = run(program, options="exitcode=0")
    expect("exitcode=0", status == 0 and "goroutine leak" in text, status, text)

    status, _, _ = run(program, stderr=None, shell='"$@" 2>&-')
    expect("standard error closed", status in (3, 66), status)
    status, _, _ = run(program, stderr=None, shell='"$@" 2> >(exec 0<&-)')
    expect("broken pipe", status in (3, 66), status)
    status, _, _ = run(program, options="reporter=/nonexistent", stderr=None,
                       shell='"$@" 2> >(exec 0<&-; exit)')
    expect("broken pipe, no reporter", status in (3, 66), status)
