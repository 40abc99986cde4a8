# SPDX-License-Identifier: Apache-2.0
#
# attach.py [--file OUT] WEIR PROGRAM [LINES]: starts the program, attaches to it LINES times (1) once it
# has said "ready", prints the last outcome, and sees that the program goes on: it is sent a line and must
# say so and end with 0.
import subprocess
import sys

arguments = sys.argv[1:]
extra = []
if arguments[0] == "--file":
    extra = ["--output=" + arguments[1]]
    arguments = arguments[2:]
weir, program = arguments[:2]
times = int(arguments[2]) if len(arguments) > 2 else 1
with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as p:
    if p.stdout.readline() != "ready\n":
        sys.exit("the program is not ready")
    for _ in range(times):
        done = subprocess.run([weir, "attach", *extra, str(p.pid)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
    out, _ = p.communicate("go on\n", timeout=50)
print(done.stdout + done.stderr)
print("status", done.returncode)
if p.returncode or not out.endswith("went on\n"):
    sys.exit("the program was harmed: status %s, %r" % (p.returncode, out))
print("the program went on")
