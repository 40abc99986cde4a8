// SPDX-License-Identifier: Apache-2.0
//
// Where Weir's own parts are: relative to the running program, by the same rules in
// a build tree and in an installation. Nothing is read from the environment.
#ifndef WEIR_CLI_PATHS_H
#define WEIR_CLI_PATHS_H

#include <limits.h>
#include <stdbool.h>

enum weir_part {
  WEIR_PART_SELF,     // this program
  WEIR_PART_PLUGIN,   // weir.so
  WEIR_PART_LIBRARY,  // libweir.a
  WEIR_PART_INCLUDE,  // the folder that holds weir/weir.h
  WEIR_PART_SELFTEST, // the program of planted bugs
  WEIR_PART_ANALYZE,  // the program that checks sources
};

// Writes the absolute path; false, after one message on standard error, when the
// part is not there.
bool weir_part_find(enum weir_part part, char path[PATH_MAX]);

#endif
