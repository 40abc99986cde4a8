// SPDX-License-Identifier: Apache-2.0
//
// Copying bytes without libc: a race detector intercepts memcpy and would see the runtime's
// own memory. Regions must not overlap.
#ifndef WEIR_OS_COPY_H
#define WEIR_OS_COPY_H

#include <stddef.h>

static inline void weir_copy(void *dst, const void *src, size_t n) {
  __asm__ volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
}

// The same for some tens of bytes, where `rep movsb` takes too long to start.
static inline void weir_copy_small(void *dst, const void *src, size_t n) {
  char *to = dst;
  const char *from = src;
  for (; n >= 8; n -= 8, to += 8, from += 8) {
    __builtin_memcpy_inline(to, from, 8);
    __asm__ volatile("" : : : "memory"); // or the compiler makes a call of memcpy of the loop
  }
  if (n) weir_copy(to, from, n);
}

// At most size - 1 bytes of a string, always ended.
static inline void weir_copy_text(char *dst, const char *src, size_t size) {
  size_t n = 0;
  while (src[n] && n + 1 < size)
    n++;
  weir_copy(dst, src, n);
  dst[n] = 0;
}

#endif
