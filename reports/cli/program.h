// SPDX-License-Identifier: Apache-2.0
//
// A program before it is run: where it is, and what Weir can check in it.
#ifndef WEIR_CLI_PROGRAM_H
#define WEIR_CLI_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

struct weir_program {
  char path[PATH_MAX];
  bool elf;          // else a script, or something the kernel knows
  bool weir;         // linked with libweir, statically or not
  bool instrumented; // has the race runtime in it
};

// Finds name as execvp does and looks into it. False: not there or not executable,
// after one message on standard error that begins "weir VERB: ".
bool weir_program_find(struct weir_program *program, const char *verb, const char *name);

#endif
