# SPDX-License-Identifier: Apache-2.0
#
# Prints one record of each kind, with names already in the frames, for the
# renderers' tests. kinds.py ID... prints only those; kinds.py --vary changes what a fingerprint
# must not depend on (pids, addresses, lines, goroutine ids, order).
import json
import sys

vary = "--vary" in sys.argv
wanted = [a for a in sys.argv[1:] if not a.startswith("-")]
shift = 100 if vary else 0


def frame(function, file, line, **more):
    return {"module": 0, "offset": 4096 + line + shift, "function": function,
            "file": "/src/" + file, "line": line + shift, "column": 3, **more}


def goroutine(id, name, op, stack, created=None, **more):
    g = {"id": id + shift if id > 1 else id, "name": name, "count": 1, "stack": stack,
         "state": "waiting" if op else "running"}
    if op:
        g |= {"op": op, "since_ns": 2300000000}
    if created:
        g["created_by"] = {"id": 1, "stack": [created]}
    return g | more


def mutex(name, owner=None, at=None, address=0x1000):
    o = {"kind": "mutex", "name": name, "address": hex(address + shift),
         "site": {"func": "transfer", "file": "bank.c", "line": 30 + shift}}
    if owner:
        o |= {"owner": owner + shift, "owner_at": at}
    return o


def channel(name, **more):
    return {"kind": "channel", "name": name, "address": hex(0x3000 + shift), "len": 0, "cap": 0,
            "elem_size": 4, "closed": False,
            "site": {"func": "main", "file": "fetch.c", "line": 31 + shift}} | more


def waits(op, *objects):
    return {"waits": [{"op": op, "object": o} for o in objects]}


def event(id, ns, kind, line=None, **more):
    if line:
        more["at"] = frame("transfer", "bank.c", line)
    if "partner" in more and more["partner"] > 1:
        more["partner"] += shift
    return {"goroutine": id + shift if id > 1 else id, "ns": ns, "kind": kind, **more}


SPAWN = frame("main", "bank.c", 50)
kinds = {}


def kind(id, certainty, goroutines, objects=(), **more):
    kinds[id] = {"schema": "weir.finding/1", "id": id, "certainty": certainty,
                 "message": "message of " + id, "pid": 4711 + shift, "seq": len(kinds) + 1,
                 "time": "2026-01-31T09:30:00.123Z",
                 "program": {"exe": "/src/bank", "argv": ["./bank", "2"], "cwd": "/src"},
                 "goroutines": list(reversed(goroutines)) if vary else goroutines,
                 "objects": list(objects),
                 "modules": [{"path": "/src/bank", "build_id": "", "base": hex(0x5000 + shift)}],
                 "reproduce": {"argv": ["./bank", "2"], "options": "procs=2"}, "trace": None} | more


def access(id, write, function, line, holds=()):
    return {"goroutine": id + shift, "write": write, "atomic": False, "size": 4,
            "address": hex(0x4010 + shift), "holds": list(holds),
            "stack": [frame(function, "bank.c", line, function_line=line - 6 + shift), frame("worker", "bank.c", 60)]}


kind("data-race", "observed",
     [goroutine(7, "transfer", None, [], SPAWN),
      goroutine(8, "audit", None, [], SPAWN, state="finished")],
     [mutex("&account.mu")],
     accesses=[access(7, True, "transfer", 31, [0]), access(8, False, "audit", 44)],
     location={"kind": "global", "name": "total", "address": hex(0x4010 + shift), "size": 4},
     order=[{"from": 8 + shift, "to": 7 + shift, "complete": True, "hops": [
                {"from": 8 + shift, "to": 7 + shift,
                 "released": {"op": "unlocked", "name": "&log.mu", "at": frame("audit", "bank.c", 40)},
                 "acquired": {"op": "locked", "name": "&log.mu", "at": frame("transfer", "bank.c", 28)}}]},
            {"from": 7 + shift, "to": 8 + shift, "complete": False, "hops": []}])

TAKEN, LOCK = frame("transfer", "bank.c", 30), frame("transfer", "bank.c", 33)
pair = [goroutine(7, "transfer", "sync.Mutex.Lock", [LOCK], SPAWN,
                  holds=[{"object": 1, "at": TAKEN}], **waits("sync.Mutex.Lock", 0)),
        goroutine(8, "transfer", "sync.Mutex.Lock", [LOCK], SPAWN,
                  holds=[{"object": 0, "at": TAKEN}], **waits("sync.Mutex.Lock", 1))]
kind("partial-deadlock", "proven", pair,
     [mutex("account.mu", 8, TAKEN, 0x1000), mutex("account.mu", 7, TAKEN, 0x2000)],
     cycle=[{"goroutine": 7 + shift, "object": 0}, {"goroutine": 8 + shift, "object": 1}],
     events=[
         event(1, -5200000, "go", 50, partner=7),
         event(1, -5190000, "go", 51, partner=8),
         event(7, -5100000, "start", partner=1, **{"from": 0}),
         event(8, -5080000, "start", partner=1, **{"from": 1}),
         event(8, -5060000, "block", 25, op="chan receive", name="ready", address="0x3000"),
         event(7, -5020000, "call", 24, op="sent on channel", name="ready", address="0x3000",
               partner=8),
         event(8, -5010000, "wake", partner=7, **{"from": 5}),
         event(7, -4000000, "call", 30, op="locked", object=1, name="account.mu",
               address=hex(0x2000 + shift)),
         event(8, -3990000, "call", 30, op="locked", object=0, name="account.mu",
               address=hex(0x1000 + shift)),
         event(7, -2000000, "block", 33, op="sync.Mutex.Lock", object=0, name="account.mu",
               address=hex(0x1000 + shift)),
         event(8, -1200, "block", 33, op="sync.Mutex.Lock", object=1, name="account.mu",
               address=hex(0x2000 + shift))])

ENTRY = frame("serve", "bank.c", 52)
kind("lock-order", "predicted",
     [g | {"state": "finished", "holds": [g["holds"][0] | {"stack": [TAKEN, ENTRY]}]}
      for g in ({k: v for k, v in g.items() if k != "since_ns"} for g in pair)],
     [mutex("account.mu", address=0x1000), mutex("account.mu", address=0x2000)],
     cycle=[{"goroutine": 7 + shift, "object": 0}, {"goroutine": 8 + shift, "object": 1}])

kind("deadlock", "proven",
     [goroutine(1, "main", "sync.WaitGroup.Wait", [frame("main", "bank.c", 70)],
                **waits("sync.WaitGroup.Wait", 0))] +
     [goroutine(i, "worker", "chan receive", [frame("worker", "bank.c", 20)], SPAWN,
                **waits("chan receive", 1)) for i in (2, 3, 4)],
     [{"kind": "wait group", "name": "wg", "len": 3,
       "site": {"func": "main", "file": "bank.c", "line": 70}}, channel("jobs")])

kind("goroutine-leak-at-exit", "observed",
     [goroutine(9, "fetch", "chan send", [frame("fetch", "fetch.c", 12)], SPAWN,
                **waits("chan send", 0))],
     [channel("results", last_receiver=1)])

kind("stuck-goroutine", "suspected",
     [goroutine(5, "reader", "sync.Mutex.Lock", [frame("reader", "bank.c", 80)], SPAWN,
                **waits("sync.Mutex.Lock", 0), since_ns=125000000000)],
     [mutex("cache.mu", 6, frame("writer", "bank.c", 90))])

user = [goroutine(6, "producer", None, [frame("producer", "fetch.c", 22)], SPAWN)]
closed = channel("jobs", closed=True, closed_by=1, closed_at=frame("main", "fetch.c", 40))
by = {"goroutine": 1, "what": "closed by", "at": frame("main", "fetch.c", 40)}
kind("send-on-closed", "observed", user, [closed], other=by)
kind("close-of-closed", "observed", user, [closed], other=by)
kind("close-of-nil", "observed", user)
kind("free-of-channel-in-use", "observed", user, [channel("jobs")])
kind("unlock-of-unlocked", "observed", user, [mutex("mu")])
kind("negative-wait-group", "observed", user, [{"kind": "wait group", "name": "wg", "len": 0}])
kind("goroutine-stack-overflow", "observed", user)
kind("crash", "observed", user, crash={"signal": "SIGSEGV", "address": "0x8"})
kind("semaphore-over-release", "observed", user,
     [{"kind": "semaphore", "name": "slots", "len": 0, "cap": 2}])
kind("goroutine-dump", "observed",
     [goroutine(1, "main", "sleep", [frame("main", "bank.c", 70)])])

for id in wanted or kinds:
    print(json.dumps(kinds[id]))
