// SPDX-License-Identifier: Apache-2.0
//
// A thread-local address is computed after each call that may switch, once between
// two such calls, and in a function of its own; errno's likewise.
// RUN: for o in 1 2 3; do for race in on off; do %clang -O$o -fplugin=%weir_plugin -fplugin-arg-weir-race=$race -S -emit-llvm %s -o - | FileCheck %s || exit 1; done; done
// RUN: %clang -O2 -fplugin=%weir_plugin -fplugin-arg-weir-tls=off -S -emit-llvm %s -o - | FileCheck %s --check-prefix=OFF
// OFF-NOT: __weir_tls
#include <ctype.h>
#include <errno.h>

_Thread_local int counter, table[8];
extern _Thread_local int elsewhere;
extern int may_switch(void);

// CHECK-LABEL: @counts(
// CHECK: call {{.*}}@__weir_tls.counter()
// CHECK: call i32 @may_switch
// CHECK: call {{.*}}@__weir_tls.counter()
// CHECK-NOT: __weir_tls
// CHECK: call i32 @may_switch
// CHECK: call {{.*}}@__errno_location()
// CHECK: ret i32
int counts(void) {
  int before = counter;
  may_switch();
  before += counter;
  counter++;
  may_switch();
  return before + errno;
}

// The subscript switches; the table is that of the thread it returned on.
// CHECK-LABEL: @subscript(
// CHECK-NOT: __weir_tls
// CHECK: call i32 @may_switch
// CHECK: call {{.*}}@__weir_tls.table()
void subscript(void) {
  table[may_switch()] = 1;
}

// CHECK-LABEL: @either(
// CHECK-DAG: call {{.*}}@__weir_tls.counter()
// CHECK-DAG: call {{.*}}@__weir_tls.elsewhere()
// CHECK: ret ptr
int *either(int c) {
  return c ? &counter : &elsewhere;
}

// The tables behind isdigit are found by a thread-local address as well.
// CHECK-LABEL: @digits(
// CHECK: [[LOOP:^[0-9]+]]:
// CHECK: call {{.*}}@__ctype_b_loc()
// CHECK: call i32 @may_switch
// CHECK: br i1 {{.*}}label %[[LOOP]]
int digits(const char *p) {
  int n = 0;
  for (; *p; p++) {
    n += !!isalpha(*p);
    may_switch();
  }
  return n;
}

// CHECK-LABEL: define internal {{.*}}@__weir_tls.counter()
// CHECK-NOT: __tsan
// CHECK: call {{.*}}@llvm.threadlocal.address.p0(ptr align 4 @counter)
