// SPDX-License-Identifier: Apache-2.0
//
// However often weir.so is given and its passes are run, a module is instrumented once.
// RUN: rm -rf %t && mkdir %t
// RUN: %clang -O1 -fplugin=%weir_plugin -S -emit-llvm %s -o %t/once.ll
// RUN: %clang -O1 -fplugin=%weir_plugin -fplugin=%weir_plugin -S -emit-llvm %s -o %t/again.ll
// RUN: %clang -O1 -fplugin=%weir_plugin -fpass-plugin=%weir_plugin -S -emit-llvm %s -o %t/both.ll
// RUN: diff %t/once.ll %t/again.ll && diff %t/once.ll %t/both.ll
// RUN: FileCheck %s < %t/once.ll
//
// As a pass plugin alone, beside clang's own instrumentation, and in opt.
// RUN: %clang -O1 -fpass-plugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s
// RUN: %clang -O1 -fpass-plugin=%weir_plugin -fsanitize=thread -S -emit-llvm %s -o - | FileCheck %s
// RUN: %clang -O1 -Xclang -disable-llvm-passes -S -emit-llvm %s -o %t/raw.ll
// RUN: opt -load-pass-plugin=%build/lib/weir-passes.so -passes='default<O1>' -S %t/raw.ll -o %t/opt.ll
// RUN: FileCheck %s < %t/opt.ll
// RUN: opt -load-pass-plugin=%build/lib/weir-passes.so -passes='default<O1>,weir-thread-local,weir-thread-owned,weir-race' -S %t/opt.ll | FileCheck %s
// CHECK-LABEL: @add(
// CHECK: call void @__tsan_read4
// CHECK-NOT: call void @__tsan_read4
// CHECK: call {{.*}}@__weir_tls.total()
// CHECK-NOT: call void @__tsan_read4
// CHECK: call void @__tsan_write4
// CHECK-NOT: call void @__tsan_write4
// CHECK-LABEL: define internal {{.*}}@__weir_tls.total()
// CHECK-NOT: @__weir_tls
_Thread_local int total;
void add(int *to, const int *from) {
  *to = *from + total;
}
