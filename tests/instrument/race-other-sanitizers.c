// SPDX-License-Identifier: Apache-2.0
//
// Beside other sanitizers: never two instrumentations, and never silently none.
// RUN: rm -rf %t && mkdir %t
// RUN: %clang -O1 -fplugin=%weir_plugin -fsanitize=thread -S -emit-llvm %s -o %t/both.ll 2> %t/note
// RUN: FileCheck %s --check-prefix=NOTE < %t/note
// NOTE: remark: weir: -fsanitize=thread instruments this file
// NOTE-NOT: weir:
// RUN: %clang -O1 -fblocks -fno-omit-frame-pointer -fsanitize=thread -S -emit-llvm %s -o %t/clang.ll
// RUN: diff %t/clang.ll %t/both.ll
//
// Saying it makes it silent.
// RUN: %clang -O1 -fplugin=%weir_plugin -fplugin-arg-weir-race=off -fsanitize=thread -S -emit-llvm %s -o %t/off.ll 2>&1 | count 0
// RUN: diff %t/clang.ll %t/off.ll
//
// RUN: %clang -fplugin=%weir_plugin -fsanitize=address -S -emit-llvm %s -o - 2>&1 | FileCheck %s --check-prefix=ASAN
// ASAN: warning: weir: races are not checked: another sanitizer
// ASAN-NOT: tsan
//
// RUN: %clang -fplugin=%weir_plugin -fsanitize=undefined -S -emit-llvm %s -o - | FileCheck %s --check-prefix=UBSAN
// UBSAN: @__tsan_write4
int store(int *p) {
  return *p = 1;
}
