// SPDX-License-Identifier: Apache-2.0
//
// Where known accesses are told without a call: in loops, with a state of the goroutine
// that is of the same region.
// RUN: %clang -O2 -fplugin=%weir_plugin -fplugin-arg-weir-inline=on -S -emit-llvm %s -o - | FileCheck %s
// RUN: %weircc -g0 -O2 -S -emit-llvm %s -o - | FileCheck %s
// RUN: %clang -O2 -mavx2 -fplugin=%weir_plugin -fplugin-arg-weir-inline=on -S -emit-llvm %s -o - | FileCheck %s --check-prefix=AVX
// AVX: call ptr @__weir_race_state()
// AVX-NOT: preserve_all
//
// Not by default, not where it is turned off, not in small code, not on other machines.
// RUN: rm -f %t && for how in -O2 '-O0 -fplugin-arg-weir-inline=on' '-Os -fplugin-arg-weir-inline=on' '-O2 -fplugin-arg-weir-inline=on -fplugin-arg-weir-race=stock' '-O2 -fplugin-arg-weir-inline=on --target=aarch64-linux-gnu'; do %clang $how -fplugin=%weir_plugin -S -emit-llvm %s -o - >> %t || exit 1; done
// RUN: FileCheck %s --check-prefix=NONE < %t
// NONE-NOT: __weir_race
extern void unknown(void);

struct list {
  struct list *next;
};

// CHECK-LABEL: @length(
// CHECK: [[STATE:%.*]] = call ptr @__weir_race_state()
// CHECK: load i32, ptr [[STATE]]
// CHECK: br
// CHECK: icmp eq <4 x i32>
// CHECK: call preserve_allcc void @__weir_race_read8(
// CHECK: load ptr
// CHECK: ret i32
int length(const struct list *l) {
  int n = 0;
  for (; l; l = l->next)
    n++;
  return n;
}

// The call may synchronise: the state is read after it.
// CHECK-LABEL: @with_calls(
// CHECK: [[STATE:%.*]] = call ptr @__weir_race_state()
// CHECK: call void @unknown()
// CHECK-NEXT: load i32, ptr [[STATE]]
// CHECK: call preserve_allcc void @__weir_race_read8(
// CHECK: ret void
void with_calls(const struct list *l) {
  for (; l; l = l->next)
    unknown();
}

// CHECK-LABEL: @no_loop(
// CHECK-NOT: __weir_race
// CHECK: ret
struct list *no_loop(const struct list *l) {
  return l->next;
}
