# SPDX-License-Identifier: Apache-2.0
"""What is measured and what it must reach: the one list that run.py and page.py go by.

A benchmark is one call of a program, with arguments; what it prints are its figures. Those with
a target are in TARGETS: a ratio Weir / Go, for 1 and for 2 processors, or for some a limit of their own.
"""
from typing import NamedTuple

ALL_SIZES = (10, 1000, 100000)
GROWTH = {  # case: what one operation is
    "start": "start and finish, N parked",
    "yield": "yield among N",
    "channel": "send, receive: each of N channels",
    "wake": "round trip to each of N",
    "select": "select of 2, N parked elsewhere",
    "mutex": "mutex handed around N",
}
TOUCH = "touch"  # of growth.c: what the machine asks for a word in each of N stacks


class Bench(NamedTuple):
    name: str
    program: str
    args: tuple
    procs: tuple = (1, 2)
    once: bool = False  # one run only: dear, and what counts is whether it can be done
    only_weir: bool = False
    cpu_time: bool = True  # on one processor; false where programs wait for each other


MICRO = ["start-finish", "yield-2", "yield-1000", "round-trip", "buffered-1:1", "buffered-4:4",
         "select-4", "select-ready", "mutex-1", "mutex-8", "mutex-8-yield", "rwmutex-read-1",
         "rwmutex-read-8", "wait-group-1000", "once", "ctx-cancel-100", "timer-start-stop",
         "sieve-12000", "skynet-1M"]
ECHO = {100: 200, 1000: 20, 10000: 3}  # connections: messages on each
MEMORY = 100000
LEAK = {"leak": (50e6, 3e9), "leak-race": (200e6, 3e9)}  # ns: the program stands still, until the answer is there
LEAK_GOROUTINES, LEAK_MIB = 100000, 1024
MILLION = 1000000

BENCHES = (
    [Bench(name, "micro", (name,)) for name in MICRO] +
    [Bench(f"echo-{n}", "echo", (str(n), str(rounds)), cpu_time=False)
     for n, rounds in ECHO.items()] +
    [Bench(f"parked-{MEMORY}", "parked", (str(MEMORY),), procs=(1,)),
     Bench(f"parked-{MILLION}", "parked", (str(MILLION),), procs=(1,), once=True, cpu_time=False)] +
    [Bench(f"growth-{case}-{n}", "growth", (case, str(n)), procs=(1,), only_weir=case == TOUCH)
     for case in [*GROWTH, TOUCH] for n in ALL_SIZES] +
    [Bench(name, name, (name, str(LEAK_GOROUTINES), str(LEAK_MIB)), procs=(2,), once=True, only_weir=True)
     for name in LEAK])

TARGETS = {  # at most this much of Go's time, on 1 and on 2 processors
    "start-finish": (0.33, 0.33), "yield-2": (0.33, 0.33), "yield-1000": (0.33, 0.33),
    "round-trip": (0.37, 0.5), "buffered-1:1": (0.7, 1.0), "buffered-4:4": (0.7, 1.0),
    "select-4": (0.35, 0.35), "select-ready": (0.35, 0.35), "mutex-1": (1.0, 1.0),
    "mutex-8": (1.0, 1.0), "mutex-8-yield": (0.5, 0.5), "wait-group-1000": (0.36, 0.36),
    "sieve-12000": (0.6, 0.6), "skynet-1M": (1.0, 1.0),
}
PARKED_BYTES = 4.5 * 1024
FLAT = 2.0  # cost among the most over cost among the fewest


def wanted(name, only):
    """only: names, or beginnings of names up to a dash; none means all."""
    return not only or any(name == o or name.startswith(o + "-") for o in only)
