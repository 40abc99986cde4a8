// SPDX-License-Identifier: Apache-2.0
//
// Every kind of output that a build may ask for, at every level.
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: for o in 0 1 2 3; do for how in '' -fPIC -g '-g -fPIE' -S '-S -emit-llvm' -emit-llvm -flto=thin -flto=full -fsyntax-only; do \
// RUN:   %clang -O$o $how -Werror -fplugin=%weir_plugin -I%include -c %s -o %t/out || exit 1; done; done
// RUN: for o in 0 3; do %clang -O$o -Werror -shared -fPIC -fplugin=%weir_plugin -I%include %s -o %t/lib.so || exit 1; done
// RUN: %clang -fplugin=%weir_plugin -E -I%include %s | %clang -x cpp-output -fplugin=%weir_plugin -c - -o %t/preprocessed.o
//
// A precompiled header made with the plugin; its functions have names, too.
// RUN: cp %s %t/all.h && %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=off -I%include -x c-header %t/all.h -o %t/all.pch
// RUN: echo 'int unused;' > %t/user.c
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=off -I%include -include-pch %t/all.pch -S -emit-llvm %t/user.c -o - | FileCheck %s
// CHECK-DAG: c"queue.items\00"
// CHECK-DAG: c"queue.mu\00"
//
// C++ compiles, and its accesses are checked.
// RUN: echo 'struct s { virtual int f() { return ++n; } int n; }; template <class T> int g(T &t) { return t.f(); } int h(s &x) { return g(x); }' > %t/x.cpp
// RUN: %clang -x c++ -std=c++20 -O1 -Werror -fplugin=%weir_plugin -S -emit-llvm %t/x.cpp -o - | FileCheck %s --check-prefix=CXX
// CXX: call void @__tsan_vptr_read
#include <errno.h>
#include <weir/weir.h>

struct queue {
  weir_mutex mu;
  weir_chan(int) items;
};
extern _Thread_local int last_error;

static void worker(struct queue *q) {
  weir_guard(&q->mu);
  weir_send(q->items, 1);
  last_error = errno;
}
void queue_start(struct queue *q) {
  q->items = weir_chan_make(int, 8);
  weir_go(worker, q);
}
