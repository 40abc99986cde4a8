// SPDX-License-Identifier: Apache-2.0
//
// __attribute__((const)) does not hold across a switch for what depends on the thread:
// functions without arguments and those that use a thread-local variable.
// RUN: %clang -O2 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s
static _Thread_local int table[4];
extern void may_switch(void);
extern int *mine(void) __attribute__((const));
extern int square(int) __attribute__((const));
__attribute__((const, noinline)) int *slot(int i) {
  return &table[i];
}

// CHECK-LABEL: @use(
// CHECK-DAG: call ptr @mine()
// CHECK-DAG: call {{.*}}ptr @slot(
// CHECK: call {{.*}}@may_switch
// CHECK-DAG: call ptr @mine()
// CHECK-DAG: call {{.*}}ptr @slot(
// CHECK: ret
void use(void) {
  *mine() = *slot(1);
  may_switch();
  *mine() = *slot(1);
}

// What depends on its argument alone stays const.
// CHECK-LABEL: @twice(
// CHECK: call i32 @square(
// CHECK-NOT: @square(
// CHECK: ret
int twice(int n) {
  int a = square(n);
  may_switch();
  return a + square(n);
}
