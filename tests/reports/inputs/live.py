# SPDX-License-Identifier: Apache-2.0
#
# Plays the runtime to `weir report --live`: live.py WEIR RECORDS. Standard error is a
# SEQPACKET socket, where each write(2) is one message, so "one write per report" can be seen.
import os
import signal
import socket
import subprocess
import sys

weir, records = sys.argv[1], open(sys.argv[2], "rb").read().splitlines(keepends=True)


def start(stderr):
    ours, theirs = socket.socketpair()
    child = subprocess.Popen([weir, "report", "--live"], stdin=theirs, stderr=stderr)
    theirs.close()
    return child, ours


def is_report(message):
    lines = message.decode().splitlines()
    return lines[0] == lines[-1] == "=" * 18 and message.endswith(b"\n")


def one_write_each():
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child, pipe = start(theirs)
    theirs.close()
    mine.settimeout(30)
    for record in records:  # the next is sent only when the last was printed
        pipe.sendall(record)
        assert is_report(mine.recv(1 << 20)), record
    for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        child.send_signal(sig)
    pipe.sendall(b"noise\n" + records[0])  # seen before: counted, not printed
    pipe.sendall(records[0].replace(b'"total"', b'"other"'))
    message = mine.recv(1 << 20)
    assert is_report(message) and b"global 'other'" in message, message
    pipe.close()
    rest = b""
    while part := mine.recv(1 << 20):
        rest += part
    assert b"seen at least 2 times" in rest and b"skipped 1 line" in rest, rest
    assert child.wait(30) == 0


def closed_stderr():
    read_end, write_end = os.pipe()
    child, pipe = start(write_end)
    os.close(read_end)
    os.close(write_end)
    for record in records * 50:  # more than the socket holds: it must go on reading
        pipe.sendall(record)
    pipe.close()
    assert child.wait(30) == 0


one_write_each()
closed_stderr()
