# SPDX-License-Identifier: Apache-2.0
#
# echo_mute.py CLIENT: runs the echo client against a server that takes connections and never
# answers. Ends 0 if the client has given up with status 1.
import socket
import subprocess
import sys

with socket.create_server(("127.0.0.1", 0)) as server:
    port = str(server.getsockname()[1])
    sys.exit(subprocess.run([sys.argv[1], "-c", "3", "-t", "1", port]).returncode != 1)
