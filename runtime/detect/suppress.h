// SPDX-License-Identifier: Apache-2.0
//
// Findings that are not wanted: where the suppressions come from. The runtime does not read them;
// the reporter does, which alone knows names, and answers for each record (sink.c).
#ifndef WEIR_DETECT_SUPPRESS_H
#define WEIR_DETECT_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { WEIR_SUPPRESS_ARGS = 7 };

void weir_suppress_start(void); // once, flags read; while the current folder is the user's
bool weir_suppress_on(void);
bool weir_suppress_failed(void); // a file cannot be read; it was said
// The process that reports at its exit what was not used; a forked child is not.
bool weir_suppress_is_mine(void);
// Adds the reporter's arguments at argv and returns how many, at most WEIR_SUPPRESS_ARGS.
size_t weir_suppress_args(char **argv);

#endif
