# SPDX-License-Identifier: Apache-2.0
#
# kill.py TRACE MB PROGRAM...: runs the program with a trace of so many MiB and kills it when every
# byte of the file has been used twice, which its chunks' numbers say.
import os
import struct
import subprocess
import sys
import time

trace, mb, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
options = f"trace={trace}:trace_mb={mb}"
program = subprocess.Popen(command, env=os.environ | {"WEIR_OPTIONS": options}, stdout=subprocess.PIPE)
program.stdout.readline()
with open(trace, "rb") as file:
    chunks_at, size = struct.unpack_from("II", file.read(24), 16)

    def newest():
        file.seek(0, 2)
        n, most = (file.tell() - chunks_at) // size, 0
        for i in range(n):
            file.seek(chunks_at + i * size)
            most = max(most, struct.unpack("Q", file.read(8))[0])
        return n, most

    while True:
        n, most = newest()
        if n * size == mb << 20 and most > 2 * n:
            break
        assert program.poll() is None, "it ended by itself"
        time.sleep(0.02)
program.kill()
program.wait()
