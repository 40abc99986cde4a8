# SPDX-License-Identifier: Apache-2.0
#
# tiny_trace.py [rings]: a trace of a few events in two KiB, on standard output: what the fuzzer begins with. Two
# goroutines; a send into a buffer, its receive, a wait and a wake.
import struct
import sys

EVENT, HEAD, AT = 32, 64, 1280
texts = b"sent on channel\0received from channel\0chan receive\0"
strings = b"\0jobs\0main\0tiny.c\0&worker\0"
modules = b"1000 00ff /no/such/program\n\0"
tables, offsets = b"", []
for part in (texts, struct.pack("4I", 0, 0, 0, 0) + struct.pack("4I", 1, 6, 11, 7) +
             struct.pack("4I", 18, 6, 11, 9), strings, modules):
    offsets.append(512 + len(tables))
    tables += part + b"\0" * (-len(part) % 16)
header = b"WEIRTRCE" + struct.pack(
    "22I", 2, 0x01020304, AT, 65536, EVENT, 4711, offsets[0], len(texts), 2, 1, offsets[1], 3,
    offsets[2], len(strings), offsets[3], len(modules), 3, 1, 4, 0, 0, 0)
header = header[:8 + 20 * 4] + struct.pack("Qq", 0, 1700000000000000000)
header += struct.pack("QQq", 1, 1000, 0) + struct.pack("QQq", 2, 100000, 33000) + bytes(24)
header += b"/no/such/program".ljust(256, b"\0")


def event(ticks, goid, op, what=0, site=0, where=0, argument=0):
    return struct.pack("4Q", ticks, goid | op << 40 | 1 << 48, what | site << 48, where | argument << 48)


CALL, CHAN = 32, 0x7f0000001000
events = [event(1000, 1, 1, 0x1234, 2, 2), event(2000, 2, 8), event(2100, 2, 2, 0, 2, 1),
          event(2200, 2, 6, CHAN, 1, 0x1240, 0), event(3000, 1, 8), event(3100, 1, CALL, CHAN, 1, 0x1250, 0xffff),
          event(3200, 2, 7, 0, 0, 1), event(3300, 1, CALL, CHAN, 1, 0x1250, 0), event(4000, 2, 8),
          event(4100, 2, CALL + 1, CHAN, 1, 0x1240, 0), event(4150, 2, 4, 0x646c726f77), event(4200, 2, 3)]
body = struct.pack("QII", 1, 1, 1) + bytes(48) + b"".join(events)
if sys.argv[1:] == ["rings"]:  # the recorder's file: two rings of 15 events, which carry no tags
    events = [e[:14] + bytes(2) + e[16:] for e in events]
    header += struct.pack("Q", 32 + 15 * EVENT)
    body = b"".join(struct.pack("I", n) + bytes(28) + b"".join(half).ljust(15 * EVENT, b"\0")
                    for n, half in ((6, events[:6]), (21, events[6:])))
sys.stdout.buffer.write((header.ljust(512, b"\0") + tables).ljust(AT, b"\0") + body)
