# SPDX-License-Identifier: Apache-2.0
#
# faults.py PROGRAM WEIR FOLDER : the program of faults.c, with what may go wrong in a report.
import json
import os
import random
import signal
import subprocess
import sys
import time

program, weir, folder = sys.argv[1:]


def run(args, options, **more):
    env = dict(os.environ, WEIR_REPORTER=weir, WEIR_OPTIONS=options)
    return subprocess.Popen([program] + args, env=env, stdout=subprocess.PIPE, **more)


def finish(child):
    text, errors = child.communicate(timeout=40)
    return child.returncode, text.decode(), (errors or b"").decode(errors="replace")


def expect(what, wanted, got):
    if wanted != got:
        sys.exit("%s: expected %r, got %r" % (what, wanted, got))


def log_of(child, path):
    return "%s.%d" % (path, child.pid)


# Standard error is full: nobody sees the report, which is no success.
with open("/dev/full", "w") as full:
    child = run(["1"], "reporter=none", stderr=full)
    status, text, _ = finish(child)
    expect("full standard error", (3, "went on\n"), (status, text))

# The file of findings is on a full disk: said once, status 3, and the reports are seen.
path = os.path.join(folder, "full")
script = 'ln -sf /dev/full "$0.$$" && exec "$@"'
env = dict(os.environ, WEIR_REPORTER=weir, WEIR_OPTIONS="leak_at_exit=0:leak_check=0:log_path=" + path)
child = subprocess.Popen(["sh", "-c", script, path, program, "3"], env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
status, text, errors = finish(child)
expect("full disk", (3, "went on\n"), (status, text))
expect("full disk, said", 1, errors.count("findings cannot be kept in"))
# equal ones are counted, not shown again
expect("full disk, seen", 1, errors.count("SUMMARY: Weir: partial deadlock"))

# No memory left: the finding comes without it, the leak check says that it cannot.
child = run(["2", "memory"], "reporter=none:verbosity=1:leak_at_exit=0", stderr=subprocess.PIPE)
status, text, errors = finish(child)
expect("no memory", 66, status)
expect("no memory, found", 2, errors.count("WEIR: partial-deadlock"))
expect("no memory, said", 1, errors.count("no leak check: out of memory"))
expect("no memory, went on", True, text.endswith("went on\n"))

# Two stacks overflow at once: one is reported, and the program ends.
child = run(["2", "overflow"], "procs=2", stderr=subprocess.PIPE)
status, text, errors = finish(child)
expect("two overflows", 66, status)
expect("two overflows, reported", True, 1 <= errors.count("SUMMARY: Weir:") <= 2)

# Killed in the middle: whole lines are there, and readable.
path = os.path.join(folder, "killed")
chance = random.Random(7)
for round in range(12):
    child = run(["3000"], "reporter=none:log_path=" + path, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 20
    while not os.path.exists(log_of(child, path)) and time.monotonic() < until:
        pass
    time.sleep(chance.random() / 20)
    child.send_signal(signal.SIGKILL)
    finish(child)
    log = log_of(child, path)
    with open(log, "rb") as file:
        lines = file.read().split(b"\n")
    for line in lines[:-1]:
        expect("a line", "partial-deadlock", json.loads(line)["id"])
    shown = subprocess.run([weir, "report", "list", log], stdout=subprocess.PIPE, check=False)
    expect("listed after a kill", True, (shown.stdout.count(b"partial deadlock") > 0) == (len(lines) > 1))
