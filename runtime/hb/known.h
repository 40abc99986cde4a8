// SPDX-License-Identifier: Apache-2.0
//
// What goroutines know of each other's nested locks, for telling whether one lock order can
// overlap another: vector clocks on demand. Only a goroutine that has taken a lock while it held
// another, or had one where it waited or served (detect/lock_order_ends.c), has a dimension, and as
// long as there is none nothing is carried anywhere.
//
// Its epoch numbers the stretches between its publications: what happened in epoch e is known to
// whoever has got e, or more, in its dimension. A vector is never changed once it is shared, so
// it travels as a pointer with a count: from release to acquire over everything that makes an edge,
// but not over locks, because in another schedule those come in another order.
//
// Errs on one side. Dimensions are bounded; where goroutines share one, an address shares its
// place, or memory is another object's by now, somebody seems to know more than he does. That
// hides an order that could overlap; it never makes one up.
//
// Without memory for a vector all of it is given up: weir_lock_order_on goes off.
#ifndef WEIR_HB_KNOWN_H
#define WEIR_HB_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hooks.h"

enum { WEIR_DIMENSIONS = 128, WEIR_SEEN = 16 };

struct weir_known; // counted: a share is dropped by who has it. NULL knows nothing

// The calling goroutine's; no other touches it.
struct weir_knower {
  uint64_t id; // of this knower, never used again
  struct weir_known *known;
  uint64_t epoch; // of what it does now, if `stamped`
  int dimension;  // -1: none yet
  bool stamped;   // has done something that no publication has told of
  struct {        // the detector's: what it has met, and when or how often
    uint64_t what, epoch;
  } seen[WEIR_SEEN];
  struct weir_knower *next; // free
};

struct weir_knower *weir_knower_self(void); // made when needed; NULL: no goroutine, or no memory
// The epoch of what the caller is doing; from here on the next publication tells of it.
uint64_t weir_knower_stamp(struct weir_knower *k);

struct weir_known *weir_known_share(struct weir_known *v);
void weir_known_drop(struct weir_known *v);
uint64_t weir_known_epoch(const struct weir_known *v, int dimension); // 0: nothing

// What the caller publishes, a share of it; and what it gets.
bool weir_known_any(void); // the caller knows something
struct weir_known *weir_known_release(void);
void weir_known_acquire(struct weir_known *v);
// The same by way of an address. join: beside what it carries, else in its place.
void weir_known_release_at(const void *sync, bool join);
void weir_known_acquire_at(const void *sync);
void weir_known_clear_at(const void *sync);

// An OS thread that has ended: how it told others is not known, so from then on all know it all.
bool weir_known_to_all(int dimension, uint64_t epoch);

// --- known_cells.c ----------------------------------------------------------------------------
// What an address carries; a share each.
struct weir_known *weir_known_cell_get(const void *sync);
void weir_known_cell_put(const void *sync, struct weir_known *v, bool join);
void weir_known_cell_clear(const void *sync);
// The join of both, a share; *a is replaced.
void weir_known_join(struct weir_known **a, struct weir_known *b);

#endif
