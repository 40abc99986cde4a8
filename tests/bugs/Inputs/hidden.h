// SPDX-License-Identifier: Apache-2.0
//
// A barrier that no detector sees: it forces an order in time without making an edge of
// happens-before, as two accesses that only happen to come one after the other.
#ifndef HIDDEN_H
#define HIDDEN_H

#include <weir/weir.h>

#define HIDDEN __attribute__((disable_sanitizer_instrumentation, noinline, unused))

static int hidden_count;

HIDDEN static void hidden_post(void) {
  __atomic_fetch_add(&hidden_count, 1, __ATOMIC_SEQ_CST);
}

// Waits until hidden_post was called n times in all.
HIDDEN static void hidden_wait(int n) {
  while (__atomic_load_n(&hidden_count, __ATOMIC_SEQ_CST) < n)
    weir_yield();
}

#endif
