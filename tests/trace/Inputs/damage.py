# SPDX-License-Identifier: Apache-2.0
#
# damage.py TRACE WEIR: bytes of the trace are changed, cut out and doubled, from a seed; each time every
# form must come to an end by itself, with status 0 or 3.
import random
import subprocess
import sys

trace, weir = sys.argv[1:3]
with open(trace, "rb") as file:
    whole = file.read()
random.seed(4711)
forms = (["summary"], ["list"], ["perfetto"], ["pprof"])
for i in range(24):
    data = bytearray(whole)
    for _ in range(random.choice((1, 20, 2000))):
        at = random.randrange(random.choice((512, 200000, len(data))))
        data[at] = random.choice((0, 255, random.randrange(256)))
    if i % 3 == 0:
        at = random.randrange(len(data))
        del data[at:at + random.randrange(100000)]
    with open("damaged", "wb") as file:
        file.write(data)
    done = subprocess.run([weir, "trace", *forms[i % 4], "damaged"], capture_output=True, timeout=20)
    assert done.returncode in (0, 3), (i, done.returncode, done.stderr[-500:])
