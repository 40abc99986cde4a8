# SPDX-License-Identifier: Apache-2.0
#
# ci_jobs.py PREFIX PAGE PROJECT FOLDER: the page's jobs for GitHub Actions and GitLab CI, read as those
# read them and run in a project with its sources: as they are, where every step must end well, and
# with a race in them, where the check must fail and what the job keeps must be there all the same.
# Of what is not a command (`uses`, artifacts) the files that it names must exist.
import glob
import os
import re
import shutil
import subprocess
import sys

import yaml
from ci_race import RACE

prefix, page, project, folder = map(os.path.abspath, sys.argv[1:5])
MAKEFILE = """all: prog
prog: main.c part.c
\t$(CC) $(CFLAGS) main.c part.c -o prog
check: prog
\t./prog
"""
environment = dict(os.environ, PATH=prefix + "/bin:" + os.environ["PATH"], WEIR_OPTIONS="procs=1",
                   GITHUB_STEP_SUMMARY=folder + "/summary")


def run(command):
    done = subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    print(f"$ {command.strip()}\n{done.stdout}status {done.returncode}")
    return done.returncode


def kept(paths):
    for path in paths:
        full = os.path.join(folder, path)
        good = os.listdir(full) if os.path.isdir(full) else os.path.exists(full) and os.path.getsize(full)
        yield path, bool(good)


def github(steps):
    """The steps in their order; after one that fails only those that say always()."""
    failed, files = 0, []
    for step in steps:
        if failed and step.get("if") != "always()":
            continue
        if "run" in step:
            failed = run(step["run"]) or failed
        else:
            assert re.fullmatch(r"[\w./-]+@v\d+", step["uses"]), step
            with_ = step["with"]
            files += [with_["sarif_file"]] if "sarif_file" in with_ else with_["path"].split()
    return failed, files


def gitlab(jobs):
    """One shell for all of the script, another for what comes after it."""
    (_, job), = jobs.items()
    failed = run("\n".join(job["script"]))
    assert run("\n".join(job["after_script"])) == 0
    kept_files = job["artifacts"]
    assert kept_files["when"] == "always"
    return failed, kept_files["paths"] + list(kept_files["reports"].values())


def set_up(race):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for source in "main.c", "part.c", "part.h":
        shutil.copy(os.path.join(project, source), folder)
    with open(folder + "/Makefile", "w") as file:
        file.write(MAKEFILE)
    if race:
        with open(folder + "/main.c") as file:
            text = file.read().replace("int main(void) {", RACE)
        with open(folder + "/main.c", "w") as file:
            file.write(text)


with open(page) as file:
    jobs = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", file.read(), re.S | re.M)]
assert [type(job) for job in jobs] == [list, dict], "a job for GitHub and one for GitLab"
for job in jobs:
    for race in False, True:
        set_up(race)
        failed, files = github(job) if isinstance(job, list) else gitlab(job)
        assert bool(failed) == race, f"status {failed}, with race: {race}"
        there = dict(kept(files))
        # without findings .weir is empty
        assert all(good for path, good in there.items() if race or path != ".weir/"), there
        print("kept", *sorted(there))
print("4 jobs")
