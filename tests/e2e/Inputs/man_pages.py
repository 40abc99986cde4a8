# SPDX-License-Identifier: Apache-2.0
#
# man_pages.py ROOT PAGES WEIR: there is a page for each verb, every option in weir-options(7), every
# finding in weir-findings(7), and every long option that a verb's help names in its page.
import os
import re
import subprocess
import sys

root, pages, weir = sys.argv[1:4]


def page(name):
    with open(os.path.join(pages, name)) as f:
        return f.read().replace("\\-", "-").replace("\\(aq", "'").replace("\\(ga", "`")


def table(name, pattern):
    with open(os.path.join(root, "runtime/include/weir", name)) as f:
        return re.findall(pattern, f.read(), re.M)


def need(words, name):
    missing = [w for w in words if w not in page(name)]
    if missing or not words:
        sys.exit("%s lacks %s" % (name, missing))
    return len(words)


def help_of(*words):
    return subprocess.run([weir, *words, "--help"], check=True, stdout=subprocess.PIPE, text=True).stdout


count = need([f + "=" for f in table("flags.def", r"^WEIR_FLAG\((\w+)")], "weir-options.7")
count += need(["\\fB%s\\fR" % i for i in table("findings.def", r'^WEIR_FINDING\(\w+,\s*"([a-z-]+)"')],
              "weir-findings.7")
count += need(["info goroutines", "goroutine all bt", "share/weir/weir-gdb.py"], "weir-gdb.7")
verbs = re.findall(r"^  ([a-z+]+) ", help_of().split("Verbs:")[1].split("\n\n")[0], re.M)
for verb in verbs:
    if verb != "help":
        options = re.findall(r"^  (--[a-z-]+)", help_of(verb), re.M)
        count += need(options + ["weir " + verb], "weir-%s.1" % verb)
print(count, "words found")
