# SPDX-License-Identifier: Apache-2.0
#
# gdb_page.py PAGE SCRIPT PROGRAM CORE: every command in a ```gdb block of the page does something, and what it says
# is no error.
import re
import subprocess
import sys

page, script, program, core = sys.argv[1:5]
with open(page) as file:
    commands = [c for block in re.findall(r"```gdb\n(.*?)```", file.read(), re.S) for c in block.splitlines()]
words = ["gdb", "-nx", "-batch", "-x", script]
for number, command in enumerate(commands):
    words += ["-ex", "echo \\n=%d\\n" % number, "-ex", command]
done = subprocess.run(words + [program, core], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
said = re.split(r"^=\d+\n", done.stdout, flags=re.M)[1:]
for command, text in zip(commands, said):
    if not text.strip():
        sys.exit("nothing comes of: %s\n%s" % (command, done.stderr))
if len(said) != len(commands) or re.search(r"Error|rror while|Undefined|No symbol", done.stdout + done.stderr):
    sys.exit(done.stdout + done.stderr)
print(len(commands), "commands")
