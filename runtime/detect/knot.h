// SPDX-License-Identifier: Apache-2.0
//
// Private to detect: goroutines that will never run again, who waits for whom among them, and
// the partial deadlocks that this makes. A check (leak_check.c) opens the notes before it stops
// the others, knot_find.c writes them while they are stopped (or in a copy: they are in memory that
// is shared with it), knot.c reports from them later: those it speaks of stay where they are.
//
// One check at a time has the notes: from open to close.
#ifndef WEIR_DETECT_KNOT_H
#define WEIR_DETECT_KNOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum weir_verdict {
  WEIR_MAY_RUN,
  WEIR_HELD_UP, // unless somebody gives back for another what that one has (leak_bond.c)
  WEIR_NEVER,   // nothing alive leads to what could wake it
};

struct weir_wait_edge { // slots of goroutines, of which none can run
  uint32_t waiter, waker;
  bool has; // the waker is to give the object back; else it could get at it
  const void *object;
};

struct weir_knot_notes {
  size_t slots, n_edges;
  uint8_t *verdict;   // of each slot
  uint32_t *park_seq; // of those that cannot run
  struct weir_wait_edge *edge;
};

void weir_knot_note(struct weir_knot_notes *notes, size_t slot, enum weir_verdict verdict);

struct weir_knot_notes *weir_knot_open(size_t slots); // NULL: no memory
void weir_knot_clear(struct weir_knot_notes *notes);  // what an earlier look has left
void weir_knot_close(void);

// With the others stopped, after a marking with bonds; knot_find.c.
void weir_knot_find(struct weir_knot_notes *notes);

// Reports what is new. True: to end now.
bool weir_knot_report(const struct weir_knot_notes *notes, unsigned doubts);

#endif
