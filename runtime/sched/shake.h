// SPDX-License-Identifier: Apache-2.0
//
// Shaking: with the option shake=SEED goroutines run in an order that they seldom run in by
// themselves, so that a bug which needs one shows within a few runs. Every order that comes of it
// is one that the scheduler could have chosen. On one worker, and without clocks and descriptors,
// the same seed gives the same order again.
#ifndef WEIR_SCHED_SHAKE_H
#define WEIR_SCHED_SHAKE_H

#include <stdbool.h>
#include <stdint.h>

struct weir_g;
struct weir_worker;

extern __attribute__((visibility("hidden"))) bool weir_shake_on;
void weir_shake_init(void); // from the constructor, flags read

// At the beginning of every operation on a channel, lock and so on, and after it gave something
// away: the calling goroutine may be made to wait for the others. No lock of the runtime is held.
void weir_shake_(void);
static inline void weir_shake(void) {
  if (__builtin_expect(weir_shake_on, 0)) weir_shake_();
}

// For decisions of the scheduler: once in n times true. Only while weir_shake_on.
bool weir_shake_once_in(uint32_t n);
uint32_t weir_shake_random(void);

// Under most seeds who runs is the one with the highest rank of those that can.
extern __attribute__((visibility("hidden"))) bool weir_shake_ranks;
uint8_t weir_shake_rank(void); // of a goroutine that is about to start
// Whether g, which yields, goes on, because nobody at hand is of its rank or higher.
bool weir_shake_keeps(struct weir_worker *w, struct weir_g *g);

#endif
