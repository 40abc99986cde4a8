// SPDX-License-Identifier: Apache-2.0
//
// Where ThreadSanitizer of LLVM 19 keeps what it knows of an address: the four cells, of 32
// bits each, of its 8 bytes. Fixed per CPU and operating system; the compiler plugin computes
// the same (instrument/pass/RaceInline.cpp). hb/shadow.c finds out whether it is true.
#ifndef WEIR_OS_SHADOW_H
#define WEIR_OS_SHADOW_H

#include <stddef.h>
#include <stdint.h>

enum { WEIR_SHADOW_CELLS = 4 };

// NULL: not known for this machine.
static inline const uint32_t *weir_shadow_of(const void *addr) {
#if defined(__x86_64__) && defined(__linux__)
  return (const uint32_t *)(((uintptr_t)addr & 0xffff8ffffffffff8) * 2 + 0x100000000000);
#else
  (void)addr;
  return NULL;
#endif
}

#endif
