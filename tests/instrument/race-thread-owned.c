// SPDX-License-Identifier: Apache-2.0
//
// Thread-local memory whose address never leaves is not checked: goroutines that take
// turns on a thread share it without a race. The rest is.
// RUN: for o in 0 1 2 3; do for tls in on off; do %clang -O$o -fplugin=%weir_plugin -fplugin-arg-weir-tls=$tls -S -emit-llvm %s -o - | FileCheck %s || exit 1; done; done
// RUN: %clang -O2 -fplugin=%weir_plugin -fsanitize=thread -S -emit-llvm %s -o - | FileCheck %s
// RUN: %clang -O2 -fplugin=%weir_plugin -fsanitize=address -S -emit-llvm %s -o - | FileCheck %s --check-prefix=ASAN
// ASAN-NOT: load {{.*}}nosanitize
#include <errno.h>
_Thread_local int own, table[4], shown, given;
int *published;
extern void keep(int *);

// CHECK-LABEL: @direct(
// CHECK-NOT: call void @__tsan_{{read|write}}
// CHECK: ret void
void direct(void) {
  own++;
  table[own & 3] += errno;
  errno = own;
}
// CHECK-LABEL: @publish(
// CHECK: call void @__tsan_write8
// CHECK: ret void
void publish(void) {
  published = &shown;
}
// CHECK-LABEL: @write_shown(
// CHECK: call void @__tsan_write4
// CHECK: ret void
void write_shown(void) {
  shown = 1;
}
// CHECK-LABEL: @write_given(
// CHECK: call void @__tsan_write4
// CHECK: ret void
void write_given(void) {
  given = 1;
  keep(&given);
}
// CHECK-LABEL: @through_pointer(
// CHECK: call void @__tsan_write4
// CHECK: ret void
void through_pointer(void) {
  *published = 2;
}
