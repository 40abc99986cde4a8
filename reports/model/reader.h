// SPDX-License-Identifier: Apache-2.0
//
// Reads JSON Lines of findings, one line at a time, so a file of any size needs the
// memory of its longest record only. Between them may stand notes on findings that came before
// (docs/design/findings.md). Other lines are counted and skipped; a last line that was cut off is
// told apart, since a crash does that.
#ifndef WEIR_MODEL_READER_H
#define WEIR_MODEL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "model/finding.h"

struct weir_read_stats {
  size_t lines; // not blank
  size_t findings;
  size_t notes;
  size_t foreign; // skipped
  bool truncated; // the last line ends without newline and cannot be read
};

struct weir_seen_note { // finding `seq` of process `pid` was met that often again
  int64_t pid, seq;
  uint64_t more;
};

struct weir_reader {
  void (*finding)(struct weir_finding *f, void *arg); // takes it over
  void (*seen)(const struct weir_seen_note *note, void *arg);
  void (*other)(void *arg); // a line that is none of them; may be NULL
  void *arg;
};

// Reads to the end. 0, or -errno if reading itself failed (stats are filled anyway).
int weir_read_findings(FILE *in, struct weir_symbolizer *symbolizer,
                       const struct weir_reader *reader, struct weir_read_stats *stats);

// --- equal findings become one -------------------------------------------------------

struct weir_collection {
  struct weir_finding **at; // in order of first appearance
  size_t count, room;
  size_t *table; // by fingerprint; index + 1, 0 = free
  size_t table_room;
  struct weir_record_ref *records; // every record that was added, in order
  size_t record_count, record_room;
};

// Adds f, or counts it as seen again and frees it. Returns the one that is kept.
// Dumps are never merged: each is a moment.
struct weir_finding *weir_collection_add(struct weir_collection *c, struct weir_finding *f);
// Counts the note at the latest record that it can mean; one of a finding that was not added
// is dropped.
void weir_collection_seen(struct weir_collection *c, const struct weir_seen_note *note);
// The one with the same fingerprint, or NULL. Dumps are equal to none.
const struct weir_finding *weir_collection_find(const struct weir_collection *c,
                                                const struct weir_finding *f);
// Frees those that `known` has too; what is left keeps its order. Returns how many. Nothing may be
// added afterwards.
size_t weir_collection_drop(struct weir_collection *c, const struct weir_collection *known);
void weir_collection_free(struct weir_collection *c);

#endif
