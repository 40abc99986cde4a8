// SPDX-License-Identifier: Apache-2.0
//
// Findings that are not wanted, as `weir report` and the live reporter leave them out: the
// options that name the suppressions, the decision on each finding, and what is said of them.
#ifndef WEIR_CLI_SIFT_H
#define WEIR_CLI_SIFT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/suppress.h"

struct weir_sift {
  struct weir_suppressions rules;
  bool any;      // suppressions were given, even if none could be used
  bool show_all; // nothing is left out
  bool mute;     // nothing is said of used and unused ones
  size_t hidden; // records left out
};

// Reads a file. `shared`: ThreadSanitizer reads it too. Problems go to standard error at once.
void weir_sift_file(struct weir_sift *s, const char *path, bool shared);
void weir_sift_text(struct weir_sift *s, const char *text); // compiled into the program

// Whether to leave the finding out; *by then says what hides it, "FILE:LINE", and is freed by the
// caller.
bool weir_sift_hides(struct weir_sift *s, const struct weir_finding *f, char **by);

// Counts as if the rule "FILE:LINE" had hidden n records.
void weir_sift_count(struct weir_sift *s, const char *by, size_t n);

// How many were left out, by which lines, and which lines hid nothing: whole lines, each begun
// with "weir: ".
void weir_sift_say(const struct weir_sift *s, struct weir_buf *out);
void weir_sift_free(struct weir_sift *s);

#endif
