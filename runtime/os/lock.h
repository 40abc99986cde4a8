// SPDX-License-Identifier: Apache-2.0
//
// The runtime's own lock: short critical sections only, never held across a
// park other than through weir_park. Spins briefly, then sleeps in a futex. Invisible to
// race detectors. Zero value is unlocked.
#ifndef WEIR_OS_LOCK_H
#define WEIR_OS_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct weir_lock {
  _Atomic uint32_t word; // 0 free, 1 held, 2 held and somebody may sleep
};

void weir_lock_slow(struct weir_lock *l);
void weir_lock_wake(struct weir_lock *l);

static inline bool weir_lock_try(struct weir_lock *l) {
  uint32_t free_ = 0;
  // acquire pairs with the release in weir_lock_release
  return atomic_compare_exchange_strong_explicit(&l->word, &free_, 1, memory_order_acquire,
                                                 memory_order_relaxed);
}

static inline void weir_lock_acquire(struct weir_lock *l) {
  if (__builtin_expect(!weir_lock_try(l), 0)) weir_lock_slow(l);
}

static inline void weir_lock_release(struct weir_lock *l) {
  if (__builtin_expect(atomic_exchange_explicit(&l->word, 0, memory_order_release) == 2, 0))
    weir_lock_wake(l);
}

#endif
