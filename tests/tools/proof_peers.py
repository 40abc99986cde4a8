# SPDX-License-Identifier: Apache-2.0
#
# Other detectors on the kernels of tests/proof: the bugs of tests/bugs/goker written with POSIX
# threads, for tools that know nothing of goroutines. Each tool gets the options with which it finds
# most, and nothing else that runs: what it prints on its own is what it found. A program that hangs or
# crashes without a word of the tool is not found by it.
#
#   proof_peers.py TEMP [TOOL...] [KERNEL...]    a table, for people
#
# proof.py takes versions, programs and measure. They keep no state, so several may be under way.
import glob
import os
import re
import subprocess
import sys

TOOLS = ("helgrind", "drd", "tsan")
RUNS, FIXED_RUNS = 10, 5
LIMIT = 10  # seconds of a run, when nobody says otherwise
HANGS = 3  # a program that hangs unseen is not run more often than this
CC = ["clang-19", "-std=gnu17", "-D_GNU_SOURCE", "-O1", "-gdwarf-4", "-pthread", "-Wall", "-Wextra", "-Werror"]
# Deadlocks that need not happen, conflicts with accesses long ago, and the stacks of locals too.
COMMANDS = {
    "helgrind": ["valgrind", "--quiet", "--tool=helgrind", "--track-lockorders=yes",
                 "--history-level=full", "--check-stack-refs=yes", "--free-is-write=yes", "--fair-sched=yes"],
    "drd": ["valgrind", "--quiet", "--tool=drd", "--check-stack-var=yes", "--free-is-write=yes",
            "--fair-sched=yes"],
    "tsan": [],
}
TSAN_OPTIONS = "detect_deadlocks=1:second_deadlock_stack=1:history_size=7:halt_on_error=0"
SAID = {  # the first line of a report
    "helgrind": re.compile(r"^==\d+== (Possible data race|Thread #\d+: )", re.M),
    "drd": re.compile(r"^==\d+== (Conflicting |Recursive locking|Mutex |Destroying|Probably a race|The )", re.M),
    "tsan": re.compile(r"^(WARNING|FATAL): ThreadSanitizer: ", re.M),
}


def program_output(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout.strip()
    except OSError:
        return ""


def versions():
    """What each tool calls itself; None for one that is not installed."""
    valgrind = program_output(["valgrind", "--version"]).replace("valgrind-", "Valgrind ") or None
    clang = program_output([CC[0], "--version"]).partition("\n")[0] or None
    return {"helgrind": valgrind, "drd": valgrind, "tsan": clang}


def programs(root):
    found = glob.glob(os.path.join(root, "tests/proof/*.c"))
    return {os.path.basename(path)[:-2]: path for path in sorted(found)}


def build(root, temp, kernel, tool, fixed):
    program = os.path.join(temp, "%s.%s.%s" % (kernel, tool, "fixed" if fixed else "buggy"))
    flags = ["-DFIXED"] * fixed + ["-fsanitize=thread"] * (tool == "tsan")
    subprocess.run(CC + flags + [programs(root)[kernel], "-o", program], check=True)
    return program


def run(tool, program, limit):
    """Whether the tool said anything, and whether the program came to an end."""
    environment = dict(os.environ, TSAN_OPTIONS=TSAN_OPTIONS)
    child = subprocess.Popen(COMMANDS[tool] + [program], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             env=environment)
    try:
        said, ended = child.communicate(timeout=limit)[1], True
    except subprocess.TimeoutExpired:
        child.kill()
        said, ended = child.communicate()[1], False
    return bool(SAID[tool].search(said.decode("utf-8", "replace"))), ended


def count(tool, program, runs, limit):
    """In how many of how many runs the tool said something."""
    said = done = hung = 0
    while done < runs and hung < HANGS:
        spoke, ended = run(tool, program, limit)
        done, said, hung = done + 1, said + spoke, hung + (not ended)
    return said, done


def measure(root, temp, kernel, tool, limit):
    """(found, runs, false alarms, runs of the fixed form) of one tool on one kernel."""
    if versions()[tool] is None:
        return 0, 0, 0, 0
    buggy, fixed = (build(root, temp, kernel, tool, form) for form in (False, True))
    return count(tool, buggy, RUNS, limit) + count(tool, fixed, FIXED_RUNS, limit)


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    temp, words = sys.argv[1], sys.argv[2:]
    os.makedirs(temp, exist_ok=True)
    tools = [tool for tool in TOOLS if versions()[tool] and (tool in words or not set(TOOLS) & set(words))]
    for kernel in [word for word in words if word not in TOOLS] or programs(root):
        cells = ["%s %d/%d, fixed %d/%d" % ((tool,) + measure(root, temp, kernel, tool, LIMIT)) for tool in tools]
        print("%-18s %s" % (kernel, "; ".join(cells)), flush=True)


if __name__ == "__main__":
    main()
