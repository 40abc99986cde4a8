// SPDX-License-Identifier: Apache-2.0
//
// The general case of copy.h: blocks of 32 bytes, then of 8, then bytes; much at once by the
// processor's own instruction, which takes long to begin. An empty asm keeps the compiler from
// making calls of memcpy and memset of the loops.
#include "os/copy.h"

#include <stdint.h>

#define OPAQUE() __asm__ volatile("" ::: "memory")
enum { MUCH = 1024 };

void weir_copy_slow(void *dst, const void *src, size_t n) {
  if (n >= MUCH) {
    __asm__ volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
    return;
  }
  char *d = dst;
  const char *s = src;
  for (; n >= 32; n -= 32, d += 32, s += 32) {
    __builtin_memcpy_inline(d, s, 32);
    OPAQUE();
  }
  for (; n >= 8; n -= 8, d += 8, s += 8) {
    __builtin_memcpy_inline(d, s, 8);
    OPAQUE();
  }
  for (; n; n--) {
    *d++ = *s++;
    OPAQUE();
  }
}

void weir_zero(void *dst, size_t n) {
  static const uint64_t zero[4];
  char *d = dst;
  for (; n >= 32; n -= 32, d += 32) {
    __builtin_memcpy_inline(d, zero, 32);
    OPAQUE();
  }
  for (; n; n--) {
    *d++ = 0;
    OPAQUE();
  }
}

void weir_copy_text(char *dst, const char *src, size_t size) {
  size_t n = 0;
  while (src[n] && n + 1 < size)
    n++;
  weir_copy(dst, src, n);
  dst[n] = 0;
}
