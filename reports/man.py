# SPDX-License-Identifier: Apache-2.0
#
# man.py WEIR ROOT OUT VERSION: the manual pages, made from what is there already: `weir VERB --help` for
# section 1, the script for gdb for weir-gdb(7), flags.def for weir-options(7), findings.def and the first words of docs/findings for
# weir-findings(7). So a page says what the program says.
import os
import re
import subprocess
import sys

weir, root, out, version = sys.argv[1:5]


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return "\\&" + text if text.startswith(".") else text


def prose(text):
    """`code` in bold, the rest as it is."""
    parts = re.split(r"`([^`]*)`", text)
    return "".join("\\fB%s\\fR" % roff(p) if i % 2 else roff(p) for i, p in enumerate(parts))


class Page:
    def __init__(self, name, section, brief):
        self.name, self.section = name, section
        self.lines = ['.TH "%s" "%s" "" "Weir %s" "Weir"' % (name.upper(), section, version),
                      ".SH NAME", "%s \\- %s" % (roff(name), prose(brief))]

    def heading(self, text):
        self.lines += [".SH " + text.upper()]

    def paragraph(self, text):
        self.lines += [".PP", prose(text)]

    def example(self, lines):
        self.lines += [".PP", ".nf", ".RS 4", *map(roff, lines), ".RE", ".fi"]

    def item(self, tag, text):
        self.lines += [".TP", "\\fB%s\\fR" % roff(tag), prose(text)]

    def write(self, *more):
        see = sorted({"weir(1)", "weir-options(7)", "weir-findings(7)", *more} -
                     {"%s(%s)" % (self.name, self.section)})
        self.heading("See also")
        self.lines += [prose(", ".join(see))]
        with open(os.path.join(out, "%s.%s" % (self.name, self.section)), "w") as f:
            f.write("\n".join(self.lines) + "\n")


def help_of(*words):
    done = subprocess.run([weir, *words, "--help"], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.rstrip("\n").split("\n")


def items(lines):
    """Rows "  word  what it is", whose text goes on in deeper lines."""
    found = []
    for line in lines:
        row = re.match(r"  (\S.*?)(?:\s{2,}(\S.*))?$", line)
        if line.startswith("   ") and found:
            found[-1][1] += " " + line.strip()
        elif row:
            tag, text = row[1], row[2]
            if not text:  # the word is long, and one blank follows it
                tag, _, text = row[1].partition(" ")
            found.append([tag, text])
    return found


def body(page, lines):
    """Help text: paragraphs, indented rows, and parts that begin with a word and a colon."""
    for block in re.split(r"\n\n+", "\n".join(lines).strip("\n")):
        rows = block.split("\n")
        title = re.fullmatch(r"(Options|Verbs|Forms|Example):(.*)", rows[0])
        if title and title[2].strip():
            page.heading("Example")
            page.example([title[2].strip()])
        elif title and title[1] == "Example":
            page.heading("Example")
            page.example([r.strip() for r in rows[1:]])
        elif title or all(r.startswith("  ") for r in rows):
            if title:
                page.heading(title[1])
            for tag, text in items(rows[1:] if title else rows):
                page.item(tag, text)
        elif rows[0].startswith("Exit status:"):
            page.heading("Exit status")
            page.paragraph(" ".join(rows).removeprefix("Exit status:").strip())
        else:
            page.paragraph(" ".join(rows))


def command(name, brief, words):
    lines = help_of(*words)
    page = Page(name, 1, brief)
    page.heading("Synopsis")
    page.lines += ["\\fB%s\\fR" % roff(lines[0].removeprefix("usage: "))]
    page.heading("Description")
    body(page, lines[1:])
    return page


def verbs():
    for row in items(help_of()[help_of().index("Verbs:") + 1:]):
        if row[0] == "help" or row[0].startswith("--"):
            return
        yield row


def forms():
    lines = help_of("report")
    start = lines.index("Forms:") + 1
    return [tag for tag, _ in items(lines[start:lines.index("", start)])]


def table(name, macro):
    with open(os.path.join(root, "runtime/include/weir", name)) as f:
        text = re.sub(r"//[^\n]*", "", f.read())
    for row in re.findall(macro + r"\((.*?)\)\s*(?=\n\s*%s|\n#|\Z)" % macro, text, re.S):
        parts = re.findall(r'"((?:[^"\\]|\\.)*)"|([\w-]+)', row)
        yield row, [a or b for a, b in parts]


def options():
    page = Page("weir-options", 7, "what a program built with Weir can be told when it starts")
    page.heading("Synopsis")
    page.lines += ["\\fBWEIR_OPTIONS=key=value:key=value\\fR \\fIprogram\\fR"]
    page.heading("Options")
    for row, _ in table("flags.def", "WEIR_FLAG"):
        name, kind, initial, text = [p.strip() for p in row.split(",", 3)]
        text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text))
        shown = initial.strip('"') or "empty"
        page.item("%s=%s" % (name, kind.upper()), "%s (%s)" % (text[0].upper() + text[1:], shown))
    page.write("weir-run(1)")


def findings():
    page = Page("weir-findings", 7, "what Weir finds, and how certain it is of it")
    page.heading("Findings")
    for _, (_, id, certainty, title) in table("findings.def", "WEIR_FINDING"):
        with open(os.path.join(root, "docs/findings", id + ".md")) as f:
            says = [p for p in f.read().split("\n\n") if not p.startswith(("#", "`" + id, "**", "<!--"))]
        page.item(id, "%s (%s). %s" % (title, certainty, " ".join(says[0].split())))
    page.write("weir-report(1)")


def gdb():
    """What the script's commands say of themselves."""
    page = Page("weir-gdb", 7, "goroutines, channels and locks in gdb")
    page.heading("Synopsis")
    page.lines += ["\\fBgdb \\-x\\fR \\fIPREFIX\\fR\\fB/share/weir/weir\\-gdb.py\\fR \\fIprogram\\fR [\\fIcore\\fR]"]
    page.heading("Commands")
    with open(os.path.join(root, "reports/gdb/weir-gdb.py.in")) as f:
        commands = re.findall(r'\(gdb\.Command\):\n    """(.*?)""".*?__init__\("(.*?)"', f.read(), re.S)
    for text, name in commands:
        first, *rest = text.split("\n\n")
        page.item(name, first)
        for block in rest:
            page.example(block.split("\n"))
    page.heading("Printing")
    page.paragraph("Channels, mutexes, rwmutexes, onces, wait groups, semaphores, condition variables and fences print as what "
                   "they are: name, state, who holds them since where, how many goroutines wait; `print/r` shows the struct.")
    page.write("weir-core(1)", "weir-attach(1)", "gdb(1)")


os.makedirs(out, exist_ok=True)
names = []
for verb, brief in verbs():
    page = command("weir-" + verb, brief, [verb])
    for form in forms() if verb == "report" else []:
        lines = help_of("report", form)
        page.heading(form)
        page.lines += ["\\fB%s\\fR" % roff(lines[0].removeprefix("usage: "))]
        body(page, [line for line in lines[1:] if not line.startswith("Example")])
        page.example([line.removeprefix("Example: ") for line in lines if line.startswith("Example")])
    page.write()
    names.append("weir-%s(1)" % verb)
command("weir", "find concurrency bugs in C programs", []).write(*names)
options()
findings()
gdb()
