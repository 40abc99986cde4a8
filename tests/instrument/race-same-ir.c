// SPDX-License-Identifier: Apache-2.0
//
// With race=stock the IR is that of -fsanitize=thread, but for the frame pointer attribute, which
// clang also puts on functions that are only declared, and the order of module flags. There
// is no main: that one gets a call (main-returns.c).
// RUN: rm -rf %t && mkdir %t
// RUN: for how in -O0 -O1 -O2 -O3 -Os '-O2 -fPIC' '-O2 -xc++' '-O0 -xc++' '-O2 -flto=thin' '-O2 -flto'; do \
// RUN:   %clang $how -fplugin=%weir_plugin -fplugin-arg-weir-race=stock -S -emit-llvm %s -o %t/ours.ll || exit 1; \
// RUN:   %clang $how -fsanitize=thread -fblocks -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -S -emit-llvm %s -o %t/clang.ll || exit 1; \
// RUN:   for f in ours clang; do sed -i -e 's/ "frame-pointer"="all"//' -e '/^![0-9]* = !{i32 /d' %t/$f.ll; done; \
// RUN:   diff %t/clang.ll %t/ours.ll || exit 1; \
// RUN:   grep -q 'call void @__tsan_write' %t/ours.ll || exit 1; \
// RUN: done
#ifndef __cplusplus
#include <stdatomic.h>
static atomic_int hits;
#endif
#include <stdlib.h>
#include <string.h>

struct list {
  struct list *next;
  int value;
  char text[64];
};
volatile int seen;
#if __has_feature(thread_sanitizer)
int feature = 1;
#endif

static inline int twice(const int *p) {
  return *p * 2;
}
int sum(const int *p, int n) {
  int s = 0;
  for (int i = 0; i < n; i++)
    s += twice(p + i);
  return s;
}
void put(struct list *l, int value) {
  struct list *x = (struct list *)malloc(sizeof *x);
  x->next = l->next;
  x->value = value;
  memcpy(x->text, l->text, sizeof x->text);
  l->next = x;
  seen++;
#ifndef __cplusplus
  atomic_fetch_add(&hits, 1);
#endif
}
__attribute__((no_sanitize("thread"))) int quiet(int *p) {
  *p = 1;
  return seen;
}
__attribute__((disable_sanitizer_instrumentation)) int silent(int *p) {
  return *p = 1;
}
#ifdef __cplusplus
struct shape {
  virtual ~shape() { seen++; }
  virtual int area() = 0;
};
int area(shape *s) {
  static int calls = sum(&calls, 0);
  return s->area() + calls;
}
#endif
int program(void) {
  struct list head;
  memset(&head, 0, sizeof head);
  put(&head, 3);
  return sum(&head.value, 1) + quiet(&head.value) + silent(&head.value);
}
