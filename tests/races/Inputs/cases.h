// SPDX-License-Identifier: Apache-2.0
//
// What the programs of tests/races share. A case is a rule: NAME_racy has the race and marks its
// two lines with "RACE: NAME" in a comment (one mark: both sides are on that line), NAME_quiet has
// the same shape and no race. `PROGRAM NAME racy|quiet` runs one, `PROGRAM` lists them;
// run_cases.py runs all and compares.
//
// Order in time is forced by a barrier that makes no edge (hidden.h) or by the synchronisation that
// the case is about. What is to race is external, or an optimizer would drop the accesses.
#ifndef CASES_H
#define CASES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bugs/Inputs/hidden.h"

int x, y, z;

// A value is looked at, and nothing else.
HIDDEN static void use(long value) {
  __asm__ volatile("" : : "r"(value));
}

// A number the optimizer does not know.
HIDDEN static int opaque(int value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

// The program is not what it claims to be: neither clean (0) nor a finding (66).
HIDDEN static void must(bool held, const char *what) {
  if (held) return;
  fprintf(stderr, "not true: %s\n", what);
  _Exit(1);
}
#define MUST(condition) must((condition), #condition)

struct race_case {
  const char *name;
  void (*racy)(void), (*quiet)(void);
};
#define CASE(name) {#name, name##_racy, name##_quiet}

#define CASES(...)                                          \
  int main(int argc, char **argv) {                         \
    static const struct race_case all[] = {__VA_ARGS__};    \
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) { \
      if (argc < 3)                                         \
        puts(all[i].name);                                  \
      else if (!strcmp(argv[1], all[i].name))               \
        return run_case(&all[i], argv[2]);                  \
    }                                                       \
    return argc < 3 ? 0 : 2;                                \
  }

static int run_case(const struct race_case *c, const char *which) {
  if (!strcmp(which, "racy"))
    c->racy();
  else
    c->quiet();
  return 0;
}

#endif
