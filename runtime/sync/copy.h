// SPDX-License-Identifier: Apache-2.0
//
// Copies of channel elements. Never by libc's memcpy or memset: a race detector
// intercepts those and would take the runtime's access, made by another goroutine than
// the owner of the memory, for a race. The common sizes are inlined; the rest goes
// through loops that an empty asm keeps from being recognised as memcpy.
#ifndef WEIR_SYNC_COPY_H
#define WEIR_SYNC_COPY_H

#include <stddef.h>

void weir_copy_slow(void *dst, const void *src, size_t n);
void weir_zero(void *dst, size_t n);

static inline void weir_copy(void *dst, const void *src, size_t n) {
  switch (n) {
  case 0:
    return;
  case 1:
    __builtin_memcpy_inline(dst, src, 1);
    return;
  case 2:
    __builtin_memcpy_inline(dst, src, 2);
    return;
  case 4:
    __builtin_memcpy_inline(dst, src, 4);
    return;
  case 8:
    __builtin_memcpy_inline(dst, src, 8);
    return;
  case 16:
    __builtin_memcpy_inline(dst, src, 16);
    return;
  default:
    weir_copy_slow(dst, src, n);
  }
}

#endif
