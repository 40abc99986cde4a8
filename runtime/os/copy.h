// SPDX-License-Identifier: Apache-2.0
//
// Copying bytes without libc's memcpy and memset: a race detector intercepts those and would take
// the runtime's access, made by another goroutine than the owner of the memory, for one of the
// program's. The sizes that channel elements mostly have are inlined. Regions must not overlap.
#ifndef WEIR_OS_COPY_H
#define WEIR_OS_COPY_H

#include <stddef.h>

void weir_copy_slow(void *dst, const void *src, size_t n);
void weir_zero(void *dst, size_t n);
void weir_copy_text(char *dst, const char *src,
                    size_t size); // at most size - 1 bytes; always ended

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
