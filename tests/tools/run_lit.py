# SPDX-License-Identifier: Apache-2.0
#
# run_lit.py BUILD [lit options]: runs the tests with lit and ends with one line,
# `N passed, N failed` (and `, N skipped` if there were). The counts come from lit's
# own result file, not from its text. No tests at all is a failure.
import json
import os
import subprocess
import sys

PASSED = {"PASS", "FLAKYPASS", "XFAIL"}
SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def cached(build, key):
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as cache:
        for line in cache:
            if line.startswith(key + ":"):
                return line.split("=", 1)[1].strip()
    sys.exit("run_lit: no %s in the CMake cache of %s" % (key, build))


def main():
    build, options = sys.argv[1], sys.argv[2:]
    result = os.path.join(build, "tests", "result.json")
    if os.path.exists(result):
        os.remove(result)
    command = [cached(build, "WEIR_PYTHON"), cached(build, "WEIR_LIT"), "-o", result]
    code = subprocess.call(command + options + [os.path.join(build, "tests")])
    try:
        with open(result, encoding="utf-8") as file:
            codes = [test["code"] for test in json.load(file)["tests"]]
    except (OSError, ValueError) as error:
        sys.exit("run_lit: lit ended with status %d and left no result: %s" % (code, error))
    passed = sum(code_ in PASSED for code_ in codes)
    skipped = sum(code_ in SKIPPED for code_ in codes)
    failed = len(codes) - passed - skipped
    tail = ", %d skipped" % skipped if skipped else ""
    print("%d passed, %d failed%s" % (passed, failed, tail), flush=True)
    return 1 if failed or not passed else code


if __name__ == "__main__":
    sys.exit(main())
