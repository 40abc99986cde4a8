# SPDX-License-Identifier: Apache-2.0
"""Runs exhaustion.c with the n-th thread, and the n-th mapping, refused; see there."""
import os
import subprocess
import sys

PROGRAM = sys.argv[1]
ENOUGH = 40


def run(*args, procs=2, seconds=20):
    env = {**os.environ, "WEIR_OPTIONS": f"procs={procs}"}
    done = subprocess.run([PROGRAM, *map(str, args)], env=env, text=True, timeout=seconds,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    fatal = [line for line in done.stdout.splitlines() if line.startswith("weir: fatal: ")]
    good = done.returncode == 0 and not fatal or done.returncode == 3 and len(fatal) == 1
    if not good:
        sys.exit(f"{args} procs={procs}: status {done.returncode}\n{done.stdout}")
    return done.returncode, done.stdout


def refuse(what):
    """With few it must end, with many go on; what it says is returned."""
    results = [run(what, n, procs=procs) for procs in (1, 3) for n in range(ENOUGH)]
    assert any(status == 3 for status, _ in results), f"{what}: never fatal, so nothing was refused"
    assert results[-1][0] == 0, f"{what}: still fatal: {results[-1]}"
    return "".join(text for _, text in results)


text = refuse("threads")
for expected in ("cannot start the monitor thread", "cannot start more than 1 worker threads",
                 "weir_lock_os_thread: cannot start a thread for the other goroutines"):
    assert expected in text, expected + "\n" + text
text = refuse("maps")
for expected in ("out of memory for", "out of address space for"):
    assert expected in text, expected + "\n" + text
status, text = run("as")
assert status == 3 and "out of address space for stacks after" in text, text
try:
    run("held", procs=1, seconds=2)
    sys.exit("held: the call that holds the only thread ended")
except subprocess.TimeoutExpired as late:
    said = (late.stdout or b"").decode()
    assert said.count("no thread can be started") == 1, said
