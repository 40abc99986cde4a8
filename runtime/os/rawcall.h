// SPDX-License-Identifier: Apache-2.0
//
// System calls without the C library: no interceptor of a sanitizer sees them, none is a
// cancellation point, and errno stays as it was. Needed where a report is written while a race
// detector holds its locks, and in a child that shares its parent's memory.
// Results are the kernel's: negative errno on failure.
#ifndef WEIR_OS_RAWCALL_H
#define WEIR_OS_RAWCALL_H

#include <stdint.h>
#include <sys/syscall.h>

#if !defined(__x86_64__)
#error "raw system calls are written for x86-64 only"
#endif

static inline long weir_raw6(long n, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#define WEIR_RAW_PICK_(n, a, b, c, d, e, f, ...) \
  weir_raw6((long)(n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define weir_raw(...) WEIR_RAW_PICK_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

struct weir_raw_dirent { // as SYS_getdents64 writes it
  uint64_t ino;
  int64_t off;
  uint16_t size;
  uint8_t type;
  char name[];
};

#endif
