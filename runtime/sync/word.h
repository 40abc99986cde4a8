// SPDX-License-Identifier: Apache-2.0
//
// A lock's state word in which one bit guards the queues beside it. The bit stands in the same word
// as the state, so that the store that makes the object free also gives the queue back: it is
// the last access, and who sees the object free may destroy it.
//
// The bit's holder runs a few instructions, or was descheduled by the kernel; it never parks but
// through weir_park_unlock.
#ifndef WEIR_SYNC_WORD_H
#define WEIR_SYNC_WORD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "os/futex.h"

static inline uint32_t weir_word_load(const uint32_t *word) {
  return __atomic_load_n(word, __ATOMIC_RELAXED);
}

// acquire pairs with the release of who changed the word before
static inline bool weir_word_swap(uint32_t *word, uint32_t *from, uint32_t to) {
  return __atomic_compare_exchange_n(word, from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

// The word as it is once somebody else may have given `bit` back.
static inline uint32_t weir_word_pause(uint32_t *word, uint32_t bit, unsigned *round) {
  enum { SPINS = 200, SLEEP_NS = 50000 };
  uint32_t s = weir_word_load(word);
  if (++*round % SPINS || !(s & bit))
    weir_cpu_relax();
  else
    weir_futex_wait((_Atomic uint32_t *)word, s, SLEEP_NS);
  return weir_word_load(word);
}

// Takes `bit`.
static inline void weir_word_lock(uint32_t *word, uint32_t bit) {
  unsigned round = 0;
  for (uint32_t s = weir_word_load(word);;) {
    if (s & bit)
      s = weir_word_pause(word, bit, &round);
    else if (weir_word_swap(word, &s, s | bit))
      return;
  }
}

// The same, but for a word in which `end` will be set for good: false as soon as it is, and `bit`
// is not taken. acquire pairs with the release of who set it.
static inline bool weir_word_lock_unless(uint32_t *word, uint32_t bit, uint32_t end) {
  unsigned round = 0;
  for (uint32_t s = __atomic_load_n(word, __ATOMIC_ACQUIRE);;) {
    if (s & end) return __atomic_load_n(word, __ATOMIC_ACQUIRE), false;
    if (s & bit)
      s = weir_word_pause(word, bit, &round);
    else if (weir_word_swap(word, &s, s | bit))
      return true;
  }
}

static inline void weir_word_unlock(uint32_t *word, uint32_t bit) {
  __atomic_fetch_and(word, ~bit, __ATOMIC_RELEASE);
}

#endif
