// SPDX-License-Identifier: Apache-2.0
//
// What main has on its stack is whole as long as goroutines that outlive it are watched; a
// main that is no program's end says nothing, and a program without the runtime needs none.
//
// REQUIRES: races
// RUN: for how in '-O0' '-O2' '--weir-no-race -O0' '--weir-no-race -O2'; do \
// RUN:   %weir cc $how -g %s -o %t || exit 1; \
// RUN:   for i in 1 2 3 4 5; do %t 2>%t.err || { cat %t.err; exit 1; }; done; \
// RUN:   test ! -s %t.err || exit 1; \
// RUN: done
// RUN: %weircc -O1 -g -DLEAK %s -o %t.leak
// RUN: not %t.leak 2>&1 | FileCheck %s --check-prefix=LEAK
// RUN: for d in PLAIN CALLED; do %weir cc -O1 -D$d -S -emit-llvm %s -o %t.$d.ll || exit 1; done
// RUN: grep -c 'call void @__weir_main_returns' %t.PLAIN.ll | grep -x 1
// RUN: not grep __weir_main_returns %t.CALLED.ll
// RUN: %clang -O1 -DPLAIN -fplugin=%weir_plugin -fplugin-arg-weir-race=off %s -o %t && %t
#if defined(PLAIN) || defined(CALLED)
int main(int argc, char **argv) {
  (void)argv;
#ifdef CALLED
  if (argc > 1) return main(argc - 1, argv);
#endif
  return argc == 1 ? 0 : 1;
}
#else
#include <weir/weir.h>

static void go_on(weir_mutex *mu, long *rounds) {
  for (int i = 0; i < 100; i++) {
    weir_yield();
    weir_guard(mu);
    ++*rounds;
  }
}

static void stay(weir_chan(int) never) {
  // LEAK: goroutine leak at exit
  // LEAK: main-returns.c:[[@LINE+2]] in stay
  // LEAK-NOT: WARNING: Weir
  weir_recv(never, NULL);
}

int main(void) {
  weir_wg wg = {0};
  weir_mutex mu = {0};
  long rounds = 0;
  for (int i = 0; i < 3; i++)
    weir_wg_go(&wg, go_on, &mu, &rounds);
#ifdef LEAK
  weir_wg_go(&wg, stay, weir_chan_make(int, 0));
#else
  (void)stay;
#endif
  return 0;
}
#endif
