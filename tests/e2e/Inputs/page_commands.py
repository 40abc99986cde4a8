# SPDX-License-Identifier: Apache-2.0
#
# page_commands.py WEIR FOLDER PAGE: what a page tells its reader to do, done in FOLDER: C blocks are
# written to the file that their "// file:" names, ```sh blocks run by bash, with weir on PATH, and
# must succeed. Of a ```text block after one, each line must be in what that printed, but for
# numbers and their units.
import os
import re
import subprocess
import sys

weir, folder, page = sys.argv[1:4]
with open(page, encoding="utf-8") as file:
    blocks = re.findall(r"^```(c|sh|text)\n(.*?)^```$", file.read(), re.S | re.M)


def plain(line):
    return " ".join(re.sub(r"(?<![\w.:])[\d.,]+( (ns|us|ms|s|min)\b)?", "#", line).split())


os.makedirs(folder, exist_ok=True)
environment = {**os.environ, "PATH": os.path.dirname(weir) + ":" + os.environ["PATH"]}
printed, ran, compared = "", 0, 0
for kind, text in blocks:
    if kind == "c":
        name = re.search(r"^// file: (\S+)$", text, re.M)
        with open(os.path.join(folder, name[1]), "w") as out:
            out.write(text)
    elif kind == "sh":
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", text], cwd=folder, env=environment,
                              capture_output=True, text=True, timeout=50)
        printed, ran = done.stdout, ran + 1
        assert done.returncode == 0, f"{text}{done.stdout}{done.stderr}"
    else:
        there = [plain(line) for line in printed.splitlines()]
        for line in filter(str.strip, text.splitlines()):
            assert plain(line) in there, f"not printed: {line}\n" + printed
            compared += 1
assert ran, "nothing to run"
print(f"{ran} commands, {compared} lines")
