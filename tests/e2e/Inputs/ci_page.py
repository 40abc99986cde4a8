# SPDX-License-Identifier: Apache-2.0
#
# ci_page.py WEIR PAGE FINDINGS FOLDER: runs every `weir report` command of the page, in its order, in
# a folder with findings, as a CI job would: each must end well and write what it names.
import os
import re
import shutil
import subprocess
import sys

weir, page, findings, folder = sys.argv[1:5]
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder + "/.weir")
shutil.copy(findings, folder + "/.weir/prog.12")
environment = dict(os.environ, PATH=os.path.dirname(weir) + ":" + os.environ["PATH"],
                   GITHUB_STEP_SUMMARY=folder + "/summary")
with open(page) as f:
    commands = [m[1].strip() for m in re.finditer(r"^\s*(?:- )?(weir report [^#\n]*)", f.read(), re.M)]
for command in commands:
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment)
    if done.returncode:
        sys.exit(f"status {done.returncode}: {command}")
    for out in re.findall(r"(?:-o|>>) ?\"?([\w$.-]+)", command):
        name = environment.get(out[1:], "") if out[0] == "$" else os.path.join(folder, out)
        if not os.path.getsize(name):
            sys.exit("nothing in " + name)
print(len(commands), "commands")
