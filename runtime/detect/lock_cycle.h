// SPDX-License-Identifier: Apache-2.0
//
// Private to detect: a cycle of goroutines that wait for each other's locks, and its report. Found
// by partial_deadlock.c when it closes, or by lock_suspects.c later.
#ifndef WEIR_DETECT_LOCK_CYCLE_H
#define WEIR_DETECT_LOCK_CYCLE_H

#include "sched/inspect.h"

enum { WEIR_CYCLE_MAX = 128 };

struct weir_lock_edge {
  struct weir_g *g; // waits for the lock, which the next one has
  const void *lock;
  uint32_t park_seq;
};
struct weir_lock_walk {
  size_t n;
  struct weir_lock_edge edge[WEIR_CYCLE_MAX];
};

bool weir_lock_walk_equal(const struct weir_lock_walk *a, const struct weir_lock_walk *b);
const void *weir_lock_wait_of(struct weir_g *g);     // what g waits for, if it is a lock
struct weir_g *weir_lock_owner_of(const void *lock); // NULL: nobody, or readers
// Whether who took the lock has ended and nobody has unlocked it since; then *id is who, or 0 if
// the goroutine's struct has another one by now. False as long as that other one runs.
bool weir_lock_owner_ended(const void *lock, uint64_t *id);
// Reports the cycle unless that was done before. True: the program must end.
bool weir_lock_cycle_report(const struct weir_lock_walk *w);
// Whether such a report was made, and not suppressed, of goroutines that still wait so.
bool weir_lock_cycle_stands(void);
// A cycle that no report was made of yet, with everybody at rest.
bool weir_lock_suspects_cycle(struct weir_lock_walk *out);

#endif
