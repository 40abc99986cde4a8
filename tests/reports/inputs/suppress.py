# SPDX-License-Identifier: Apache-2.0
#
# suppress.py WEIR RECORDS: for each line of suppressions, which of the findings of kinds.py it hides.
import json
import subprocess
import sys

weir, records = sys.argv[1:]
with open(records) as lines:
    ids = [json.loads(line)["id"] for line in lines]
ids.remove("goroutine-dump")  # shown whatever the lines say
MISUSE = {"send-on-closed", "close-of-closed", "close-of-nil", "free-of-channel-in-use", "unlock-of-unlocked",
          "negative-wait-group", "goroutine-stack-overflow", "crash", "semaphore-over-release"}
PRINT = subprocess.run([weir, "report", "json", records], capture_output=True, text=True, check=True).stdout
RACE = json.loads(PRINT.splitlines()[0])["fingerprint"]

CASES = {
    # types
    "*:*": set(ids), "race:*": {"data-race"}, "data-race:*": {"data-race"}, "mutex:*": {"unlock-of-unlocked"},
    "deadlock:*": {"deadlock", "partial-deadlock", "lock-order"}, "thread:*": {"goroutine-leak-at-exit"},
    "partial-deadlock:*": {"partial-deadlock"}, "stuck-goroutine:*": {"stuck-goroutine"},
    "called_from_lib:*": set(), "signal:*": set(),
    # the texts: function, file, module, goroutine, object, variable, creation, the other side
    "race:transfer": {"data-race"}, "race:/src/bank.c": {"data-race"}, "*:fetch.c": MISUSE | {"goroutine-leak-at-exit", "deadlock"},
    "race:src/bank$": {"data-race"}, "race:^audit$": {"data-race"}, "race:total": {"data-race"},
    "race:^main$": {"data-race"}, "*:^jobs$": {"deadlock", "send-on-closed", "close-of-closed", "free-of-channel-in-use"},
    "race:account.mu": {"data-race"}, "send-on-closed:^main$": {"send-on-closed"},
    # a substring, tied or not, and stars
    "*:writ": {"stuck-goroutine"}, "*:^writ": {"stuck-goroutine"}, "*:riter$": {"stuck-goroutine"},
    "*:^riter": set(), "*:write$": set(), "*:^w*r$": {"stuck-goroutine"} | {"deadlock", "data-race"},
    "*:^wr*er$": {"stuck-goroutine"}, "*:wr*xr": set(), "*:^*writer*$": {"stuck-goroutine"},
    "*:w**r*i*t*e*r": {"stuck-goroutine"}, "*:^writerwriter$": set(), "*:Writer": set(),
    "stuck-goroutine:^rea*der$": {"stuck-goroutine"}, "stuck-goroutine:^read*eader$": set(),
    # the innermost function of either access, not the callers
    "race_top:transfer": {"data-race"}, "race_top:audit": {"data-race"}, "race_top:worker": set(), "race_top:main": set(),
    # narrow lines: a text of its own for each part
    "race:transfer && audit": {"data-race"}, "data-race:^audit$ && ^transfer$ && ^total$": {"data-race"},
    "race:transfer && transfer": set(), "race:audit && worker": set(), "race:* && * && *": {"data-race"},
    "race:* && * && * && *": set(), "race:t && ^transfer$": {"data-race"}, "race:^transfer$ && a && a": {"data-race"},
    "partial-deadlock:transfer && account.mu": {"partial-deadlock"}, "deadlock:main && worker && wg && jobs": {"deadlock"},
    "deadlock:main && worker && wg && results": set(), "send-on-closed:producer && main && jobs": {"send-on-closed"},
    # fingerprints
    "fingerprint:" + RACE: {"data-race"}, "fingerprint:0123456789abcdef": set(),
    # comments and blanks
    "#race:*": set(), "  # race:*": set(), "\t race:*\t\r": {"data-race"}, "\ufeffrace:*": {"data-race"}, "": set(),
}

for line, want in CASES.items():
    with open(records + ".supp", "w", newline="") as out:
        out.write(line + "\n")
    ran = subprocess.run([weir, "report", "json", "--suppressions", records + ".supp", records],
                         capture_output=True, text=True)
    assert ran.returncode == 0, (line, ran.stderr)
    left = [json.loads(one)["id"] for one in ran.stdout.splitlines()]
    assert "goroutine-dump" in left, line
    hidden = set(ids) - set(left)
    assert hidden == want, (line, "hides", hidden, "should hide", want)
    assert (f"{len(want)} finding" in ran.stderr) == bool(want), (line, ran.stderr)
    ours = line and not line.strip().startswith(("#", "called_from_lib", "signal"))
    assert ("unused" in ran.stderr) == bool(ours and not want), (line, ran.stderr)
