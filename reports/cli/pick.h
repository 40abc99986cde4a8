// SPDX-License-Identifier: Apache-2.0
//
// Which findings are wanted, by what they are: kind, certainty, file, goroutine. Several of one
// sort mean "or", different sorts "and".
#ifndef WEIR_CLI_PICK_H
#define WEIR_CLI_PICK_H

#include <stdbool.h>
#include <stddef.h>

#include "model/finding.h"

enum weir_pick_by {
  WEIR_PICK_KIND,
  WEIR_PICK_CERTAINTY,
  WEIR_PICK_FILE,
  WEIR_PICK_GOROUTINE,
  WEIR_PICK_SORTS
};

struct weir_pick {
  const char **patterns[WEIR_PICK_SORTS];
  size_t counts[WEIR_PICK_SORTS];
};

// Keeps the text. False: there is no such kind or certainty.
bool weir_pick_add(struct weir_pick *p, enum weir_pick_by by, const char *pattern);
bool weir_pick_wants(const struct weir_pick *p, const struct weir_finding *f);
void weir_pick_free(struct weir_pick *p);

#endif
