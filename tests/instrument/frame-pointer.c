// SPDX-License-Identifier: Apache-2.0
//
// Every function keeps its frame pointer, leaves and made-up ones too, whatever
// the command line says.
// RUN: for how in '-O0 -fomit-frame-pointer' -O2 '-O3 -fomit-frame-pointer' '-O2 -mno-omit-leaf-frame-pointer'; do %clang $how -fplugin=%weir_plugin -S %s -o - | FileCheck %s || exit 1; done
// RUN: %clang -O2 -S %s -o - | FileCheck %s --check-prefix=WITHOUT
// CHECK-LABEL: leaf:
// CHECK: movq %rsp, %rbp
// CHECK-LABEL: tsan.module_ctor:
// CHECK: movq %rsp, %rbp
// WITHOUT-NOT: movq %rsp, %rbp
int leaf(int *p) {
  return *p + 1;
}
