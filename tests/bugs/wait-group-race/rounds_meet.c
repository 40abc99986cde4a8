// SPDX-License-Identifier: Apache-2.0
//
// The next round begins while those who waited for the last one have been woken, but have not come
// back. Where the two meet, no check of races is needed to see it; on one worker they do.
//
// REQUIRES: races
// RUN: %weircc_plain -g %s -o %t && %weircc_plain -DFIXED %s -o %t.fixed
// RUN: not env WEIR_OPTIONS=procs=1:reporter=%weir %t 2>&1 | FileCheck %s
// RUN: env WEIR_OPTIONS=procs=1 %t.fixed 2>&1 | count 0
//
// CHECK: wait group race {{.*}} [observed]
// CHECK: goroutine {{[23]}} (watch) used wait group round_ at rounds_meet.c:[[#]] in watch before
// all
#include <weir/weir.h>

static weir_wg round_;

static void watch(void) {
  weir_wg_wait(&round_);
}

int main(void) {
  weir_wg watchers = {0};
  weir_wg_add(&round_, 1);
  weir_wg_go(&watchers, watch);
  weir_wg_go(&watchers, watch);
  for (int i = 0; i < 100; i++) // both wait by then
    weir_yield();
  weir_wg_done(&round_);
#ifdef FIXED
  weir_wg_wait(&watchers);
#endif
  weir_wg_add(&round_, 1);
#ifndef FIXED
  weir_wg_wait(&watchers);
#endif
  weir_wg_done(&round_);
  return 0;
}
