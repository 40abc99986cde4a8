// SPDX-License-Identifier: Apache-2.0
//
// Reads JSON Lines of findings, one line at a time, so a file of any size needs the
// memory of its longest record only. Lines that are no finding are counted and
// skipped; a last line that was cut off is told apart, since a crash does that.
#ifndef WEIR_MODEL_READER_H
#define WEIR_MODEL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "model/finding.h"

struct weir_read_stats {
  size_t lines; // not blank
  size_t findings;
  size_t foreign; // skipped
  bool truncated; // the last line ends without newline and cannot be read
};

// Takes ownership of the finding.
typedef void weir_finding_fn(struct weir_finding *f, void *arg);

// Reads to the end. 0, or -errno if reading itself failed (stats are filled anyway).
int weir_read_findings(FILE *in, struct weir_symbolizer *symbolizer, weir_finding_fn *fn, void *arg,
                       struct weir_read_stats *stats);

// --- equal findings become one -------------------------------------------------------

struct weir_collection {
  struct weir_finding **at; // in order of first appearance
  size_t count, room;
  size_t *table; // by fingerprint; index + 1, 0 = free
  size_t table_room;
};

// Adds f, or counts it as seen again and frees it. Returns the one that is kept.
// Dumps are never merged: each is a moment.
struct weir_finding *weir_collection_add(struct weir_collection *c, struct weir_finding *f);
void weir_collection_free(struct weir_collection *c);

#endif
