// SPDX-License-Identifier: Apache-2.0
//
// Which atomic operations libweir is told of, so that fences can give them an order; and that a
// file with fences says so when the program starts.
//
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-fences=on -O1 -S -emit-llvm %s -o %t.ll
// RUN: FileCheck %s < %t.ll
// RUN: FileCheck --check-prefix=START %s < %t.ll
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-unseen=off -O1 -S -emit-llvm %s -o %t.ll
// RUN: FileCheck --check-prefix=OFF %s < %t.ll
// START: @llvm.global_ctors = {{.*}}@__weir_fences_used
// OFF-NOT: __weir_fence
#include <stdatomic.h>

// CHECK-LABEL: @load(
// CHECK: call i32 @__tsan_atomic32_load
// CHECK: load i8, ptr @__weir_fences
// CHECK: call void @__weir_fence_load
int load(atomic_int *p) {
  return atomic_load_explicit(p, memory_order_relaxed);
}
// CHECK-LABEL: @store(
// CHECK: call void @__weir_fence_store
// CHECK: call void @__tsan_atomic32_store
// CHECK-NOT: __weir_fence
void store(atomic_int *p) {
  atomic_store_explicit(p, 1, memory_order_relaxed);
}
// CHECK-LABEL: @ordered(
// CHECK-NOT: __weir_fence
int ordered(atomic_int *p, int *expected) {
  atomic_store_explicit(p, 1, memory_order_release);
  atomic_fetch_add_explicit(p, 1, memory_order_acq_rel);
  atomic_compare_exchange_strong(p, expected, 3);
  return atomic_load_explicit(p, memory_order_acquire);
}
// CHECK-LABEL: @half(
// CHECK-NOT: __weir_fence_store
// CHECK: fetch_sub
// CHECK: call void @__weir_fence_load
// CHECK: call void @__weir_fence_store
// CHECK: exchange
// CHECK-NOT: __weir_fence_load
// CHECK: ret
void half(atomic_int *p) {
  atomic_fetch_sub_explicit(p, 1, memory_order_release);
  atomic_exchange_explicit(p, 1, memory_order_acquire);
}
// CHECK-LABEL: @failing(
// CHECK-NOT: __weir_fence_store
// CHECK: compare_exchange
// CHECK: call void @__weir_fence_load
void failing(atomic_int *p, int *expected) {
  atomic_compare_exchange_strong_explicit(p, expected, 1, memory_order_acq_rel,
                                          memory_order_relaxed);
}
// CHECK-LABEL: @fence(
// CHECK: call void @__tsan_atomic_thread_fence(i32 [[ORDER:[0-9]+]])
// CHECK: call void @__weir_fence(i32 [[ORDER]])
void fence(void) {
  atomic_thread_fence(memory_order_release);
}
