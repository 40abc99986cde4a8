// SPDX-License-Identifier: Apache-2.0
//
// A list of files and functions that are not checked: -fsanitize-ignorelist of weir cc,
// and of clang's compiler proper with the plugin alone.
// RUN: rm -rf %t && mkdir %t
// RUN: echo 'fun:quiet' > %t/function && echo 'src:*race-excluded.c' > %t/file
// RUN: %clang -O2 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s --check-prefix=ALL
// RUN: %clang -O2 -fplugin=%weir_plugin -Xclang -fsanitize-ignorelist=%t/function -S -emit-llvm %s -o - | FileCheck %s --check-prefix=FUN
// RUN: %clang -O2 -fplugin=%weir_plugin -Xclang -fsanitize-ignorelist=%t/file -S -emit-llvm %s -o - | FileCheck %s --check-prefix=SRC
// RUN: %weircc -O2 -fsanitize-ignorelist=%t/function -S -emit-llvm %s -o - | FileCheck %s --check-prefix=FUN
// RUN: %weircc -O2 -fsanitize-ignorelist=%t/file -S -emit-llvm %s -o - | FileCheck %s --check-prefix=SRC
// ALL-LABEL: @quiet(
// ALL: call void @__tsan_write_range
// FUN-LABEL: @quiet(
// FUN-NOT: call void @__tsan_{{write|read}}
// FUN: ret void
// SRC-NOT: call void @__tsan_{{write|read}}
void quiet(int *p, int n) {
  for (int i = 0; i < n; i++)
    p[i] = i;
}
// FUN-LABEL: @loud(
// FUN: call void @__tsan_write4
int loud(int *p) {
  return *p = 1;
}
