// SPDX-License-Identifier: Apache-2.0
//
// Wait for and wake on a 32-bit word; raw system calls, so that no interceptor of a
// race detector sees them. Waits may return early: callers re-check.
#ifndef WEIR_OS_FUTEX_H
#define WEIR_OS_FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

// Sleeps while *word == expect, at most ns (negative: no limit).
void weir_futex_wait(_Atomic uint32_t *word, uint32_t expect, int64_t ns);
void weir_futex_wake(_Atomic uint32_t *word, int count);
static inline void weir_cpu_relax(void) {
  __builtin_ia32_pause();
}

#endif
