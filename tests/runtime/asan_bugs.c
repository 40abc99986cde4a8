// SPDX-License-Identifier: Apache-2.0
//
// What AddressSanitizer finds in goroutines, each with the stack of the goroutine down to its first
// function, also after the goroutine has changed its thread and its stack was another's.
// REQUIRES: asan
// RUN: %weircc_plain -fsanitize=address -O0 %s -o %t
// RUN: for bug in heap stack scope return recycled leak; do \
// RUN:   WEIR_OPTIONS=procs=2 not %t $bug 2> %t.err && FileCheck %s --check-prefix=$bug < %t.err || exit 1; done
#include <stdlib.h>
#include <string.h>

#include "check.h"

static volatile int at = 8;

static void heap(void) {
  char *p = malloc(8);
  weir_yield();
  p[at] = 1;
  free(p);
}
// heap: heap-buffer-overflow
// heap-NEXT: WRITE of size 1
// heap-NEXT: in heap {{.*}}asan_bugs.c:[[#@LINE-5]]
// heap-NEXT: in {{.*}}_block_invoke
// heap: allocated by
// heap: in heap {{.*}}asan_bugs.c:[[#@LINE-10]]

static void stack(void) {
  volatile char frame[8] = {0};
  weir_yield();
  frame[at] = 1;
}
// stack: stack-buffer-overflow
// stack: in stack {{.*}}asan_bugs.c:[[#@LINE-3]]
// stack: 'frame'

static void scope(void) {
  volatile int *p;
  {
    volatile int inner = 1;
    p = &inner;
  }
  weir_yield();
  *p = 2;
}
// scope: stack-use-after-scope
// scope: in scope {{.*}}asan_bugs.c:[[#@LINE-3]]
// scope: 'inner'

static volatile int *returned;
static __attribute__((noinline)) void leaves(void) {
  volatile int gone = 1;
  returned = &gone;
  weir_yield();
}
static void return_(void) {
  leaves();
  weir_yield();
  *returned = 2;
}
// return: stack-use-after-return
// return: in return_ {{.*}}asan_bugs.c:[[#@LINE-3]]
// return: 'gone'

static void goes_away(void) {
  volatile char frame[64];
  frame[0] = 1;
  weir_goexit();
}
static void recycled(void) {
  for (int i = 0; i < 50; i++) {
    weir_wg wg = {0};
    weir_wg_go(&wg, goes_away);
    weir_wg_wait(&wg);
  }
  weir_wg wg = {0};
  weir_wg_go(&wg, stack);
  weir_wg_wait(&wg);
}
// recycled: stack-buffer-overflow
// recycled: in stack {{.*}}asan_bugs.c
// recycled-NEXT: in {{.*}}recycled_block_invoke

static void leak(void) {
  char *volatile lost = malloc(1234);
  weir_yield();
  lost = NULL;
}
// leak: LeakSanitizer
// leak: leak of 1234 byte
// leak: in leak {{.*}}asan_bugs.c:[[#@LINE-6]]

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*fn)(void);
  } bugs[] = {{"heap", heap},      {"stack", stack},       {"scope", scope},
              {"return", return_}, {"recycled", recycled}, {"leak", leak}};
  CHECK(argc == 2);
  for (size_t i = 0; i < sizeof bugs / sizeof *bugs; i++) {
    if (strcmp(argv[1], bugs[i].name) != 0) continue;
    weir_wg wg = {0};
    weir_wg_go(&wg, weir_yield);
    weir_wg_go(&wg, bugs[i].fn);
    weir_wg_wait(&wg);
  }
}
