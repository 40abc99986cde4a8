// SPDX-License-Identifier: Apache-2.0
//
// A worker counts itself in: main may wait before it does. The twin adds before it starts it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: wait group race {{.*}} [predicted]
// CHECK: goroutine 1 (main) waited for wait group workers at
// CHECK-SAME: whether the wait waits for what is added is chance
#include "hidden.h"

static void work(weir_wg *workers) {
#ifndef FIXED
  // CHECK: Previous add by goroutine 2 (work)
  // CHECK-NEXT: add_inside.c:[[@LINE+1]]
  weir_wg_add(workers, 1);
#endif
  hidden_post();
  weir_wg_done(workers);
}

int main(void) {
  weir_wg workers = {0};
#ifdef FIXED
  weir_wg_add(&workers, 1);
#endif
  weir_go(work, &workers);
  hidden_wait(1);
  weir_wg_wait(&workers);
  return 0;
}
