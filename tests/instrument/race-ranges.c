// SPDX-License-Identifier: Apache-2.0
//
// What is checked once in front of a loop, and what stays in it.
// RUN: %clang -O1 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s
// RUN: %clang -O2 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s --check-prefix=O2
// RUN: %clang -O2 -mavx2 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s --check-prefix=O2
// RUN: %clang -O2 -mavx2 -fplugin=%weir_plugin -fplugin-arg-weir-ranges=off -S -emit-llvm %s -o - | FileCheck %s --check-prefix=WIDE
#include <stdatomic.h>
extern void unknown(void);

// CHECK-LABEL: @scale(
// CHECK: call void @__tsan_write_range(ptr %0, i64 %{{[0-9]+}})
// CHECK-NOT: __tsan_{{read|write}}
// CHECK: ret void
// O2-LABEL: @scale(
// O2-NOT: __tsan_unaligned
// O2: ret void
// WIDE-LABEL: @scale(
// WIDE: call void @__tsan_write_range(ptr %{{[0-9]+}}, i64 32)
// WIDE: ret void
void scale(float *p, int n) {
  for (int i = 0; i < n; i++)
    p[i] *= 2;
}
// CHECK-LABEL: @neighbours(
// CHECK: call void @__tsan_read_range
// CHECK-NOT: __tsan_read
// CHECK: ret i64
long neighbours(const long *p, int n) {
  long s = 0;
  for (int i = 1; i < n; i++)
    s ^= p[i - 1] * p[i + 1] - p[i];
  return s;
}
// CHECK-LABEL: @downwards(
// CHECK: call void @__tsan_write_range
// CHECK-NOT: __tsan_write
// CHECK: ret void
void downwards(int *p, long n) {
  for (long i = n; i-- > 0;)
    p[i] = (int)(i * i);
}
// CHECK-LABEL: @same(
// CHECK: call void @__tsan_write4(ptr %1)
// CHECK: br label
// CHECK-NOT: __tsan_write4
// CHECK: ret void
void same(const char *p, int *at, int n) {
  for (int i = 0; i < n; i++)
    *at = *at * 3 + p[7 * i];
}

// CHECK-LABEL: @every_other(
// CHECK-NOT: _range
// CHECK: ret void
void every_other(long *p, int n) {
  for (int i = 0; i < n; i++)
    p[2 * i] = i;
}
// CHECK-LABEL: @some(
// CHECK: call void @__tsan_read_range
// CHECK-NOT: write_range
// CHECK: ret void
void some(long *p, const char *which, int n) {
  for (int i = 0; i < n; i++)
    if (which[i]) p[i] = 1;
}
// CHECK-LABEL: @until(
// CHECK-NOT: _range
// CHECK: ret i64
long until(const long *p, long n, long end) {
  long i = 0;
  while (i < n && p[i] != end)
    i++;
  return i;
}
// CHECK-LABEL: @calls(
// CHECK-NOT: _range
// CHECK: ret void
void calls(long *p, int n) {
  for (int i = 0; i < n; i++) {
    p[i] = 1;
    unknown();
  }
}
// CHECK-LABEL: @waits(
// CHECK-NOT: _range
// CHECK: ret void
void waits(long *p, int n, atomic_int *turn) {
  for (int i = 0; i < n; i++) {
    while (atomic_load_explicit(turn, memory_order_acquire) < i)
      ;
    p[i] = 1;
  }
}
// CHECK-LABEL: @spins(
// CHECK-NOT: _range
// CHECK: ret void
void spins(long *p, int n, volatile int *turn) {
  for (int i = 0; i < n; i++) {
    while (*turn < i)
      ;
    p[i] = 1;
  }
}
// CHECK-LABEL: @leaves(
// CHECK-NOT: _range
// CHECK: ret void
void leaves(long *p, int n, int *q) {
  for (int i = 0; i < n; i++) {
    if (q[3 * i] == 9) __builtin_trap();
    p[i] = 1;
  }
}
