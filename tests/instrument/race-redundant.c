// SPDX-License-Identifier: Apache-2.0
//
// Which checks are left out because another one stands for them, and which are not.
// RUN: %clang -O1 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s
// RUN: %clang -O1 -fplugin=%weir_plugin -fplugin-arg-weir-redundant=off -S -emit-llvm %s -o - | FileCheck %s --check-prefix=OFF
// RUN: %clang -O0 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s --check-prefix=O0
#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>

extern void unknown(void);
struct pair {
  long a, b;
};

// CHECK-LABEL: @write_read(
// CHECK: call void @__tsan_write8
// CHECK-NOT: __tsan_read
// CHECK: ret
// OFF-LABEL: @write_read(
// OFF: call void @__tsan_read4
// OFF: ret
// O0-LABEL: @write_read(
// O0: call void @__tsan_read4
// O0: ret
int write_read(long *p, long *q) {
  *p = 1;
  *q = 2;
  return ((int *)p)[1];
}
// CHECK-LABEL: @read_then_write(
// CHECK: call void @__tsan_read8
// CHECK: call void @__tsan_write8
// CHECK: ret
long read_then_write(long *p, int c) {
  long a = *p;
  if (c) *p = 2;
  return a;
}
// CHECK-LABEL: @either_way(
// CHECK-NOT: __tsan_read
// CHECK: call void @__tsan_write8
// CHECK: ret
void either_way(struct pair *p, int c) {
  if (p->a)
    p->a = c;
  else
    p->a = p->b = 5;
}
// CHECK-LABEL: @wider(
// CHECK: call void @__tsan_write4
// CHECK: call void @__tsan_read8
// CHECK: ret
long wider(long *p, long *q) {
  *(int *)p = 1;
  *q = 2;
  return *p;
}
// CHECK-LABEL: @call_between(
// CHECK: call void @__tsan_write8
// CHECK: call void @__tsan_read8
// CHECK: ret
long call_between(long *p) {
  *p = 1;
  unknown();
  return *p;
}
// CHECK-LABEL: @atomic_between(
// CHECK: call void @__tsan_write8
// CHECK: call void @__tsan_read8
// CHECK: ret
long atomic_between(long *p, atomic_int *a) {
  *p = 1;
  atomic_store(a, 1);
  return *p;
}
// CHECK-LABEL: @fence_between(
// CHECK: call void @__tsan_write8
// CHECK: call void @__tsan_read8
// CHECK: ret
long fence_between(long *p) {
  *p = 1;
  atomic_thread_fence(memory_order_seq_cst);
  return *p;
}
// CHECK-LABEL: @asm_between(
// CHECK: call void @__tsan_write8
// CHECK: call void @__tsan_read8
// CHECK: ret
long asm_between(long *p) {
  *p = 1;
  __asm__ volatile("" : : : "memory");
  return *p;
}
// CHECK-LABEL: @is_volatile(
// CHECK: call void @__tsan_write8
// CHECK: call void @__tsan_read8
// CHECK: ret
long is_volatile(volatile long *p) {
  *p = 1;
  return *p;
}
// CHECK-LABEL: @on_one_path(
// CHECK: call void @unknown
// CHECK: call void @__tsan_read8
// CHECK: ret
long on_one_path(long *p, int c) {
  *p = 1;
  if (c) unknown();
  return *p;
}
// CHECK-LABEL: @may_not_return(
// CHECK: call void @__tsan_read8
// CHECK: ret
long may_not_return(long *p, int c) {
  long a = *p;
  if (c > a) exit(1);
  *p = c;
  return a;
}
// CHECK-LABEL: @next_iteration(
// CHECK: call void @unknown
// CHECK: call void @__tsan_write8
void next_iteration(long *p, int n) {
  *p = 1;
  for (int i = 0; i < n; i++) {
    unknown();
    *p = i;
  }
}
// CHECK-LABEL: @twice(
// CHECK: call void @__tsan_write8
// CHECK: call void @__tsan_read8
// CHECK: ret
long twice(jmp_buf *env, long *p, long *q) {
  setjmp(*env);
  *p = 1;
  *q = 2;
  return *p;
}

// A small block just allocated is marked as written; until the next call.
// CHECK-LABEL: @fresh(
// CHECK-NOT: __tsan_write8(
// CHECK: call void @unknown
// CHECK: call void @__tsan_write8(
// CHECK: ret
struct pair *fresh(int i) {
  struct pair *p = malloc(sizeof *p);
  p->a = 1;
  (&p->a)[i] = 2;
  unknown();
  p->b = 3;
  return p;
}
// CHECK-LABEL: @large(
// CHECK: call void @__tsan_write8
// CHECK: ret
long *large(void) {
  long *p = malloc(1 << 20);
  p[1 << 16] = 1;
  return p;
}
