// SPDX-License-Identifier: Apache-2.0
//
// Which functions are checked for races.
// RUN: %clang -O1 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s
// RUN: %clang -O1 -fplugin=%weir_plugin -fplugin-arg-weir-race=off -S -emit-llvm %s -o - | FileCheck %s --check-prefix=OFF
// OFF-NOT: tsan
// OFF-NOT: sanitize_thread

// CHECK-LABEL: @ordinary(
// CHECK: call void @__tsan_write4
int ordinary(int *p) {
  return *p = 1;
}
// CHECK-LABEL: @no_thread(
// CHECK-NOT: call void @__tsan_write
// CHECK: ret i32
__attribute__((no_sanitize("thread"))) int no_thread(int *p) {
  return *p = 1;
}
// CHECK-LABEL: @disabled(
// CHECK-NOT: __tsan
// CHECK: ret i32
__attribute__((disable_sanitizer_instrumentation)) int disabled(int *p) {
  return *p = 1;
}
// CHECK-LABEL: @bare(
// CHECK-NOT: __tsan
// CHECK: unreachable
__attribute__((naked)) void bare(void) {
  __asm__("ret");
}
// CHECK-LABEL: @in_block
// CHECK-LABEL: block_invoke
// CHECK: call void @__tsan_write4
void (^in_block(int *p))(void) {
  extern void keep(void (^)(void));
  keep(^{
    *p = 1;
  });
  return 0;
}
