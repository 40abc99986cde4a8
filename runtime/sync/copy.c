// SPDX-License-Identifier: Apache-2.0
//
// The general case of copy.h: blocks of 32 bytes, then of 8, then bytes. Source and
// destination never overlap (a channel's buffer, a stack temporary, a user's variable).
#include "sync/copy.h"

#include <stdint.h>

// Keeps the loop a loop.
#define OPAQUE() __asm__ volatile("" ::: "memory")

void weir_copy_slow(void *dst, const void *src, size_t n) {
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
