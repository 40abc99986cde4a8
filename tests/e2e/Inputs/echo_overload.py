# SPDX-License-Identifier: Apache-2.0
#
# echo_overload.py PORT PLACES MORE: more clients than the echo server has places. All that fit are
# served; of the others each is served when one of the first has gone.
import socket
import sys


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=40)


def served(client, text):
    client.sendall(text)
    got = b""
    while len(got) < len(text):
        part = client.recv(len(text) - len(got))
        if not part:
            return False
        got += part
    return got == text


def main():
    port, places, more = map(int, sys.argv[1:])
    first = [connect(port) for _ in range(places)]
    good = all(served(c, b"first %d" % i) for i, c in enumerate(first))
    late = [connect(port) for _ in range(more)]  # wait in the kernel's queue
    for i, client in enumerate(late):
        first[i].close()
        good = good and served(client, b"late %d" % i)
    good = good and served(first[-1], b"still there")
    sys.exit(0 if good else 1)


main()
