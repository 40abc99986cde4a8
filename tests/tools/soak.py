# SPDX-License-Identifier: Apache-2.0
#
# soak.py [--seconds N] [--only VARIANT] [--seed N] BUILD: the long form of tests/torture. Runs the
# torture program in turns of some seconds, each with a new seed, on 1, 2 and 8 workers, as
#
#   plain         weir cc --weir-no-race
#   races         weir cc: memory accesses checked, edges of the runtime tested by that
#   asan          weir cc --weir-no-race -fsanitize=address,undefined
#   checked-asan  the runtime, too, under ASan and UBSan, with WEIR_DEBUG
#   checked-tsan  the runtime's own locks and atomics under ThreadSanitizer, with WEIR_DEBUG
#
# until each has had N seconds (default 60). Ends at the first failure with the command that
# shows it again. BUILD is a build tree; the checked runtimes are built into it when missing or old.
import argparse
import glob
import os
import shlex
import signal
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INPUTS = os.path.join(SOURCE, "tests", "torture", "Inputs")
PROCS = (1, 2, 8)
TURN = 4.0  # seconds at a time
PATIENCE = 120  # then it hangs
UB = "-fno-sanitize-recover=undefined"


def checked(build, kind, sanitize):
    """Command that links against a runtime that is itself instrumented."""
    subprocess.run(["cmake", "--build", build, "--target", "weir_" + kind], check=True,
                   stdout=subprocess.DEVNULL)
    library = os.path.join(build, "lib", "libweir-%s.a" % kind)
    return [os.environ.get("WEIR_CLANG") or "clang-19", *sanitize, "-fblocks",
            "-fno-omit-frame-pointer", "-fplugin-arg-weir-race=off",
            "-fplugin=" + os.path.join(build, "lib", "weir.so"), "-I" + os.path.join(build, "include"),
            "-Wl,--whole-archive," + library + ",--no-whole-archive",
            "-Wl,--export-dynamic-symbol=weir_*", "-lpthread", "-lrt", "-lm", "-ldl", "-lunwind"]


def compilers(build):
    weir = os.path.join(build, "bin", "weir")
    return {
        "plain": lambda: [weir, "cc", "--weir-no-race"],
        "races": lambda: [weir, "cc"],
        "asan": lambda: [weir, "cc", "--weir-no-race", "-fsanitize=address,undefined", UB],
        "checked-asan": lambda: checked(build, "asan", ["-fsanitize=address,undefined", UB]),
        "checked-tsan": lambda: checked(build, "tsan", ["-fsanitize=thread"]),
    }


def environment(variant, procs):
    env = dict(os.environ, WEIR_OPTIONS="procs=%d" % procs)
    if variant == "checked-tsan":  # its reports as they are, not as findings
        env["WEIR_OPTIONS"] += ":races=0:print_suppressions=0"
        env["TSAN_OPTIONS"] = "symbolize=1:exitcode=66:suppressions=" + os.path.join(INPUTS, "tsan.supp")
    return env


def turn(command, env):
    """Output and status; a program that hangs shows its goroutines and counts as failed."""
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as p:
        try:
            return p.communicate(timeout=PATIENCE)[0], p.returncode
        except subprocess.TimeoutExpired:
            p.send_signal(signal.SIGQUIT)
        try:
            return p.communicate(timeout=PATIENCE)[0], -1
        except subprocess.TimeoutExpired:
            p.kill()
            return p.communicate()[0], -1


def soak(variant, program, seconds, seed):
    used, turns = 0.0, 0
    while used < seconds:
        env = environment(variant, PROCS[turns % len(PROCS)])
        length = min(TURN, seconds - used)
        command = [program, "-t", str(int(length * 1000) + 1), "-s", str(seed + turns)]
        out, status = turn(command, env)
        if status != 0:
            sys.stdout.flush()
            os.write(1, out)
            shown = " ".join("%s=%s" % (k, shlex.quote(env[k])) for k in ("WEIR_OPTIONS", "TSAN_OPTIONS")
                             if k in env and env[k] != os.environ.get(k))
            print("soak: %s failed with status %d: %s %s" % (variant, status, shown, shlex.join(command)))
            return False
        used += length
        turns += 1
    print("soak: %-12s %4d turns, %d s, seeds from %d" % (variant, turns, used, seed), flush=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1000000)
    args = parser.parse_args()
    makers = compilers(os.path.abspath(args.build))
    for variant in [args.only] if args.only else makers:
        folder = os.path.join(args.build, "soak")
        os.makedirs(folder, exist_ok=True)
        program = os.path.join(os.path.abspath(folder), variant)
        sources = sorted(glob.glob(os.path.join(INPUTS, "*.c")))
        maker = makers[variant]()
        head = 2 if maker[1] == "cc" else 1  # archives come after what needs them
        subprocess.run(maker[:head] + ["-O1", "-g", *sources, "-o", program] + maker[head:], check=True)
        if not soak(variant, program, args.seconds, args.seed):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
