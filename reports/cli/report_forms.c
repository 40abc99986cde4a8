// SPDX-License-Identifier: Apache-2.0
//
// The forms of `weir report`: name, a line for the list, its help. The main help is made from them.
#include "cli/report_forms.h"

#include <stdio.h>
#include <string.h>

static const char show_help[] =
    "usage: weir report show [--color=WHEN] [-o FILE] [FILE...]\n"
    "\n"
    "Prints every finding in full: what happened in one sentence, the stacks, who holds\n"
    "and who waits, the objects, and the command that reproduces it.\n"
    "\n"
    "Example: weir report show | less\n";

static const char list_help[] =
    "usage: weir report list [--color=WHEN] [-o FILE] [FILE...]\n"
    "\n"
    "Prints one line for each finding: fingerprint, certainty, kind, place.\n"
    "\n"
    "Example: weir report list\n";

static const char html_help[] =
    "usage: weir report html -o OUT.html [FILE...]\n"
    "\n"
    "Writes one self-contained page: list with search and filters, stacks with source, and\n"
    "pictures of who waits for whom, of what a race has no order for, and of the last events.\n"
    "It loads nothing from anywhere.\n"
    "\n"
    "Example: weir report html -o report.html\n";

static const char json_help[] =
    "usage: weir report json [-o FILE] [FILE...]\n"
    "\n"
    "Writes the records with function names, files, lines and the fingerprint in them, one\n"
    "line of JSON for each (schema weir.finding/1). They need no binaries any more.\n"
    "\n"
    "Example: weir report json | jq -r .answer\n";

static const char merge_help[] =
    "usage: weir report merge -o OUT [FILE...]\n"
    "\n"
    "Makes one file of many, from one machine or several: each distinct finding once, with names\n"
    "and with how often it was seen. The outcome is a report file again.\n"
    "\n"
    "Example: weir report merge runs/*/.weir -o all.jsonl\n";

static const char diff_help[] =
    "usage: weir report diff --baseline OLD [-o FILE] [FILE...]\n"
    "\n"
    "Compares with earlier findings, by fingerprint: + new, = still there, - gone. Ends with\n"
    "status 66 if there is a new one, so that a known finding does not stop a build.\n"
    "\n"
    "Example: weir report diff --baseline main.jsonl\n";

static const char sarif_help[] =
    "usage: weir report sarif [--root DIR] [--baseline OLD] -o OUT.sarif [FILE...]\n"
    "\n"
    "Writes SARIF 2.1.0 for code scanning and editors: paths from the root of the project, all\n"
    "places and stacks, a flow for each goroutine, a fingerprint that survives moved lines.\n"
    "A file has at most what GitHub takes, 25,000 results and 10 MB packed; of more, the most\n"
    "severe, with those first that --baseline has not. What is left out is said, there too.\n"
    "\n"
    "Example: weir report sarif -o weir.sarif\n";

static const char junit_help[] =
    "usage: weir report junit -o OUT.xml [FILE...]\n"
    "\n"
    "Writes JUnit's XML: a failed test case for each finding, with its report; one that passed\n"
    "where there is none.\n"
    "\n"
    "Example: weir report junit -o weir.xml\n";

static const char github_help[] =
    "usage: weir report github [--root DIR] [FILE...]\n"
    "\n"
    "Prints the commands that make GitHub Actions mark the lines in a review.\n"
    "\n"
    "Example: weir report github\n";

static const char gitlab_help[] =
    "usage: weir report gitlab [--root DIR] -o OUT.json [FILE...]\n"
    "\n"
    "Writes a Code Quality report, which GitLab shows in merge requests.\n"
    "\n"
    "Example: weir report gitlab -o gl-code-quality-report.json\n";

static const char markdown_help[] =
    "usage: weir report markdown [-o FILE] [FILE...]\n"
    "\n"
    "Writes a table of the findings and each report, folded up: the summary of a CI job.\n"
    "\n"
    "Example: weir report markdown >>$GITHUB_STEP_SUMMARY\n";

static const char suppress_help[] =
    "usage: weir report suppress [--exact] [--reason TEXT] [--until DAY] FINGERPRINT [FILE...]\n"
    "\n"
    "Prints the line for a suppressions file that hides this finding and no other one in\n"
    "the files (.weir if none is given). The first digits of the fingerprint will do.\n"
    "\n"
    "  --exact            by fingerprint, which holds until a function on the stacks changes\n"
    "  --reason TEXT      a comment that says why\n"
    "  --until DAY        the last day on which it holds, YYYY-MM-DD\n"
    "\n"
    "Example: weir report suppress 4fd3 >>weir.supp\n";

const struct weir_report_form weir_report_forms[WEIR_REPORT_FORMS] = {
    [WEIR_REPORT_SHOW] = {"show", "text, the answer first, then stacks and objects", show_help},
    [WEIR_REPORT_LIST] = {"list", "one line for each", list_help},
    [WEIR_REPORT_HTML] = {"html", "one page that needs nothing else", html_help},
    [WEIR_REPORT_JSON] = {"json", "one line of JSON for each, with names and fingerprint",
                          json_help},
    [WEIR_REPORT_MERGE] = {"merge", "many files into one, equal findings counted", merge_help},
    [WEIR_REPORT_DIFF] = {"diff", "what is new, still there or gone since --baseline", diff_help},
    [WEIR_REPORT_SARIF] = {"sarif", "SARIF 2.1.0, for code scanning and editors", sarif_help},
    [WEIR_REPORT_JUNIT] = {"junit", "JUnit's XML, for any CI system", junit_help},
    [WEIR_REPORT_GITHUB] = {"github", "marks at lines, for GitHub Actions", github_help},
    [WEIR_REPORT_GITLAB] = {"gitlab", "a Code Quality report, for GitLab", gitlab_help},
    [WEIR_REPORT_MARKDOWN] = {"markdown", "a summary for a page", markdown_help},
    [WEIR_REPORT_SUPPRESS] = {"suppress", "the line of a suppressions file that hides one of them",
                              suppress_help},
};

static const char head[] =
    "usage: weir report FORM [options] [FILE|FOLDER...]\n"
    "\n"
    "Shows findings: the files that `weir run` keeps in .weir/, or that a program writes\n"
    "to its log_path. FILE - is standard input; of a FOLDER all files are read; without\n"
    "either it is .weir. Equal findings are shown once, with how often they were seen.\n"
    "\n"
    "Forms:\n";

static const char tail[] =
    "\n"
    "Options:\n"
    "  -o FILE            write to FILE instead of standard output\n"
    "  --kind=ID          only findings of this kind; may be repeated, as the next three\n"
    "  --certainty=WORD   proven, observed, predicted or suspected; of checks likely, advice\n"
    "  --file=PATTERN     only those with a shown frame in such a file (as a shell's *, ?)\n"
    "  --goroutine=PATTERN  only those with a goroutine of such a name\n"
    "  --baseline=OLD     leave out what the findings in OLD have (SARIF: mark it)\n"
    "  --suppressions=FILE  leave out what a line of FILE matches (may be repeated);\n"
    "                     docs/guide/suppressions.md tells the form\n"
    "  --show-suppressed  also what was suppressed when the program ran\n"
    "  --root=DIR         the project's folder, for paths in CI (the one with .git)\n"
    "  --map-path=FROM=TO sources that were at FROM when compiled are at TO\n"
    "  --color=WHEN       auto, always or never (auto obeys NO_COLOR)\n"
    "  --live             print findings to standard error as they arrive on standard\n"
    "                     input; this is how a program's runtime uses the reporter\n"
    "  -h, --help         this; `weir report show --help` for each form\n"
    "\n"
    "Example: weir report show\n"
    "\n"
    "Exit status: 0 rendered, 66 diff found something new, 2 wrong usage, 3 could not read\n"
    "or write.\n";

int weir_report_form_find(const char *word) {
  for (int i = 0; i < WEIR_REPORT_FORMS; i++)
    if (!strcmp(word, weir_report_forms[i].name)) return i;
  return -1;
}

void weir_report_help(int form) {
  if (form >= 0) {
    fputs(weir_report_forms[form].help, stdout);
    return;
  }
  fputs(head, stdout);
  for (int i = 0; i < WEIR_REPORT_FORMS; i++)
    printf("  %-9s %s\n", weir_report_forms[i].name, weir_report_forms[i].brief);
  fputs(tail, stdout);
}
