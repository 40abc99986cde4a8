# SPDX-License-Identifier: Apache-2.0
#
# ci_tests.py PREFIX PAGE PROJECT FOLDER: the page's make and CMake snippets and its commands for CTest, with the
# project's sources: first as they are, then with a race in them.
import os
import re
import shutil
import subprocess
import sys

from ci_race import RACE

prefix, page, project, folder = map(os.path.abspath, sys.argv[1:5])
environment = dict(os.environ, PATH=prefix + "/bin:" + os.environ["PATH"], CMAKE_PREFIX_PATH=prefix, WEIR_OPTIONS="procs=1")
checks = 0


def check(what, true):
    global checks
    checks += 1
    if not true:
        sys.exit("not so: " + what)


def run(command):
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    with open(folder + "/log", "a") as log:
        log.write(done.stdout)
    return done.returncode, done.stdout


def there(name):
    path = os.path.join(folder, name)
    return os.path.exists(path) and os.path.getsize(path) > 0


shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
with open(page) as file:
    text = file.read()
snippet = {kind: re.findall(rf"^```{kind}\n(.*?)^```$", text, re.S | re.M) for kind in ("make", "cmake", "sh")}
for source in "main.c", "part.c", "part.h":
    shutil.copy(os.path.join(project, source), folder)
with open(folder + "/Makefile", "w") as file:
    file.write(snippet["make"][0] + "\nprog: main.c part.c\n\t$(CC) -g -O1 main.c part.c -o prog\n")
with open(folder + "/CMakeLists.txt", "w") as file:
    file.write(next(s for s in snippet["cmake"] if "weir_add_test" in s))
ctest = next(s for s in snippet["sh"] if "ctest" in s)

check("make check passes", run('make CC="weir cc" check')[0] == 0 and not there("findings.html"))
status, said = run(ctest)
check("ctest passes", status == 0 and "100% tests passed" in said)
check("the file of a clean run is there", os.path.exists(folder + "/build-weir/weir-findings/numbers.jsonl"))
check("no page was needed", not there("build-weir/weir-findings/report.html"))

with open(folder + "/main.c") as file:
    source = file.read()
with open(folder + "/main.c", "w") as file:
    file.write(source.replace("int main(void) {", RACE, 1))
status, said = run('make CC="weir cc" check')
check("make check fails", status == 2 and "Error 66" in said and "SUMMARY: Weir: data race" in said)
check("its page was kept", there("findings.html"))
status, said = run(ctest)
check("ctest fails, and the text is in its output", "tests failed" in said and "SUMMARY: Weir: data race" in said)
check("the findings were kept", there("build-weir/weir-findings/numbers.jsonl"))
check("the page was made", status == 0 and there("build-weir/weir-findings/report.html"))
print(checks, "checks")
