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

// At most size - 1 bytes of a string, always ended.
static inline void weir_copy_text(char *dst, const char *src, size_t size) {
  size_t n = 0;
  while (src[n] && n + 1 < size)
    n++;
  weir_copy(dst, src, n);
  dst[n] = 0;
}

#endif
