// SPDX-License-Identifier: Apache-2.0
//
// weir VERB: finds the verb in verbs.h and hands over. Help goes to standard
// output and ends 0; a wrong word gets one message on standard error, with the
// verb that was perhaps meant, and ends 2.
#include <stdio.h>
#include <string.h>

#include "cli/exit.h"
#include "cli/options.h"
#include "cli/verbs.h"

static const struct verb {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *help;
} verbs[] = {
#define WEIR_VERB_ENTRY(function, name, help) {name, weir_verb_##function, help},
    WEIR_VERBS(WEIR_VERB_ENTRY)};

enum { N_VERBS = sizeof verbs / sizeof verbs[0] };

static int help(FILE *out) {
  fprintf(out, "usage: weir VERB [options]\n\n"
               "Weir finds concurrency bugs in C programs that use its goroutines and channels.\n\n"
               "Verbs:\n");
  for (int i = 0; i < N_VERBS; i++)
    fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].help);
  fprintf(out, "  %-10s %s\n", "help", "weir help VERB: what `weir VERB --help` prints");
  fprintf(out, "\n  --version  print the version\n\n"
               "Exit status: 0 clean, 66 findings, 2 usage error, 3 a check could not run.\n\n"
               "Example:\n"
               "  weir cc prog.c -o prog && weir run -- ./prog\n");
  return WEIR_EXIT_CLEAN;
}

static int unknown(const char *word) {
  const char *names[N_VERBS + 1];
  for (int i = 0; i < N_VERBS; i++)
    names[i] = verbs[i].name;
  names[N_VERBS] = "help";
  const char *near = weir_nearest(word, names, N_VERBS + 1);
  fprintf(stderr, "weir: unknown %s '%s'", word[0] == '-' ? "option" : "verb", word);
  if (near) fprintf(stderr, "; did you mean '%s'?", near);
  fprintf(stderr, " (see 'weir --help')\n");
  return WEIR_EXIT_USAGE;
}

static int dispatch(int argc, char **argv) {
  for (int i = 0; i < N_VERBS; i++)
    if (strcmp(verbs[i].name, argv[0]) == 0) return verbs[i].run(argc, argv);
  return unknown(argv[0]);
}

// Help that could not be written (a full disk, a closed pipe) is a failure.
static int flushed(int status) {
  if (status == WEIR_EXIT_CLEAN && fflush(stdout) != 0) {
    fprintf(stderr, "weir: cannot write to standard output\n");
    return WEIR_EXIT_FAILED;
  }
  return status;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "weir: which verb? (see 'weir --help')\n");
    return WEIR_EXIT_USAGE;
  }
  const char *word = argv[1];
  if (strcmp(word, "--version") == 0) {
    printf("weir %s\n", WEIR_CLI_VERSION);
    return flushed(WEIR_EXIT_CLEAN);
  }
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return flushed(help(stdout));
  if (strcmp(word, "help") == 0) {
    if (argc == 2) return flushed(help(stdout));
    char *ask[] = {argv[2], "--help", NULL};
    return flushed(dispatch(2, ask));
  }
  return flushed(dispatch(argc - 1, argv + 1));
}
