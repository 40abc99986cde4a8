// SPDX-License-Identifier: Apache-2.0
//
// A clock that is cheap to read and the same on all processors: the processor's counter where it
// runs at one rate for ever, else the kernel's monotonic clock in ns. What its unit is follows
// from comparing it with that clock at two moments.
#ifndef WEIR_OS_TICKS_H
#define WEIR_OS_TICKS_H

#include <stdbool.h>
#include <stdint.h>

extern bool weir_ticks_of_processor; // set by init
void weir_ticks_init(void);
uint64_t weir_ticks_of_kernel(void); // monotonic ns; no system call where the kernel offers that

static inline uint64_t weir_ticks(void) {
#if defined(__x86_64__)
  if (__builtin_expect(weir_ticks_of_processor, 1)) return __builtin_ia32_rdtsc();
#endif
  return weir_ticks_of_kernel();
}

#endif
