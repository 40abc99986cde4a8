// SPDX-License-Identifier: Apache-2.0
//
// The floating-point environment of a thread: rounding mode, masked exceptions, flush to zero. On
// x86-64 the control bits of MXCSR, and the x87 control word. To a compiler they are as preserved
// over a call as callee-saved registers, so a goroutine must find its own again after a wait, and
// no other may find them.
//
// Nearly no program changes them, so a switch reads MXCSR alone (two nanoseconds, where saving
// and loading both takes eight) and goes on if it is as it was at the start. The <fenv.h> calls
// change both registers alike. Flags of exceptions that occurred are not kept apart.
#ifndef WEIR_OS_FP_H
#define WEIR_OS_FP_H

#include <stdbool.h>
#include <stdint.h>

#if !defined(__x86_64__)
#error "the floating-point environment is known for x86-64 only"
#endif

struct weir_fp {
  uint32_t mxcsr;
  uint16_t x87;
};
extern struct weir_fp weir_fp_usual; // of the process as the scheduler started

enum { WEIR_FP_FLAGS = 0x3f }; // exceptions that occurred

static inline struct weir_fp weir_fp_get(void) {
  struct weir_fp fp;
  __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(fp.mxcsr), "=m"(fp.x87));
  return fp;
}

static inline void weir_fp_set(struct weir_fp fp) {
  uint32_t now;
  __asm__ volatile("stmxcsr %0" : "=m"(now));
  fp.mxcsr = (fp.mxcsr & ~(uint32_t)WEIR_FP_FLAGS) | (now & WEIR_FP_FLAGS);
  __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(fp.mxcsr), "m"(fp.x87));
}

static inline bool weir_fp_changed(void) {
  uint32_t now;
  __asm__ volatile("stmxcsr %0" : "=m"(now));
  return __builtin_expect(((now ^ weir_fp_usual.mxcsr) & ~(uint32_t)WEIR_FP_FLAGS) != 0, 0);
}

#endif
