// SPDX-License-Identifier: Apache-2.0
//
// Profiles, opened by `go tool pprof`: who waits, who keeps others waiting, who is left.
//
// REQUIRES: runtime, pprof
// RUN: rm -rf %t.d && mkdir %t.d && cd %t.d && %weircc_plain -g -O1 %s -o prog
// RUN: WEIR_OPTIONS=trace=t:procs=1:leak_at_exit=0:leak_check=0 ./prog
// RUN: %weir trace pprof t -o block.gz && gzip -t block.gz
// RUN: go tool pprof -sample_index=contentions -top block.gz | FileCheck %s --check-prefix=BLOCK
// RUN: %weir trace pprof --profile=mutex t -o mutex.gz
// RUN: go tool pprof -sample_index=contentions -top mutex.gz | FileCheck %s --check-prefix=MUTEX
// RUN: %weir trace pprof --profile=goroutine t -o all.gz
// RUN: go tool pprof -top all.gz | FileCheck %s --check-prefix=ALL
// RUN: %weir trace pprof --profile=leak t -o leak.gz
// RUN: go tool pprof -sample_index=goroutines -traces leak.gz | FileCheck %s --check-prefix=LEAK
// RUN: go tool pprof -list=unlocks mutex.gz | FileCheck %s --check-prefix=SOURCE
#include <weir/weir.h>

static weir_mutex mu;

// BLOCK: Type: contentions
// BLOCK-DAG: 1 {{.*}} locks{{$}}
// BLOCK-DAG: 1 {{.*}} leaks{{$}}
// MUTEX: 1   100%   100% {{.*}} unlocks{{$}}
// ALL: Type: goroutines
// ALL-DAG: 1 {{.*}} leaks{{$}}
// ALL-DAG: {{.*}} main{{$}}
// LEAK: 1   leaks
// LEAK-NEXT: {{^ +}}middle{{$}}
// LEAK-NEXT: {{^ +}}outer{{$}}
// LEAK-NEXT: {{^ +}}main{{$}}
// LEAK-NEXT: ---
// LEAK-NOT: locks
// SOURCE: 1 {{.*}} weir_mutex_unlock(&mu);
__attribute__((noinline)) static void unlocks(void) {
  weir_mutex_unlock(&mu);
  __asm__ volatile("");
}

__attribute__((noinline)) static void locks(weir_wg *wg) {
  weir_mutex_lock(&mu);
  unlocks();
  weir_wg_done(wg);
}

__attribute__((noinline)) static void leaks(weir_chan(int) c) {
  weir_recv(c, NULL);
  __asm__ volatile("");
}
__attribute__((noinline)) static void middle(weir_chan(int) c, int depth) {
  if (depth)
    middle(c, depth - 1);
  else
    leaks(c);
  __asm__ volatile("");
}
__attribute__((noinline)) static void outer(weir_chan(int) c) {
  middle(c, 0);
  __asm__ volatile("");
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_mutex_lock(&mu);
  weir_go(outer, weir_chan_make(int, 0));
  weir_go(locks, &wg);
  weir_yield();
  weir_yield();
  unlocks();
  weir_wg_wait(&wg);
}
