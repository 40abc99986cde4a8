// SPDX-License-Identifier: Apache-2.0
#ifndef WEIR_TARGET_RECORD_H
#define WEIR_TARGET_RECORD_H

#include <jansson.h>

#include "target/goroutines.h"

struct weir_seen_edge { // the goroutine waits for the object
  const struct weir_seen_goroutine *goroutine;
  int object;
};

// The record of a finding over these goroutines. `cycle` may be empty.
json_t *weir_seen_record(struct weir_target *t, const struct weir_seen *seen, const char *id,
                         const char *certainty, const char *message,
                         const struct weir_seen_goroutine *const *goroutines, size_t count,
                         const struct weir_seen_edge *cycle, size_t cycle_count);

// Adds what ended the process, if it was a signal to the thread of one of the goroutines.
void weir_seen_record_signal(struct weir_target *t, const struct weir_seen *seen, json_t *record);

#endif
