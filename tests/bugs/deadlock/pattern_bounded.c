// SPDX-License-Identifier: Apache-2.0
//
// Bounded parallelism whose error path keeps its place. The last items wait for a place
// that nobody will give back.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK-DAG: semaphore places
#include <weir/weir.h>

static weir_sem places = WEIR_SEM(2);

static void convert(int item) {
  // CHECK-DAG: pattern_bounded.c:[[@LINE+1]]
  if (weir_sem_acquire(&places, NULL, 1)) return;
#ifdef FIXED
  weir_defer(weir_sem_release(&places, 1));
#endif
  if (item % 2) return;
#ifndef FIXED
  weir_sem_release(&places, 1);
#endif
}

int main(void) {
  weir_wg converting = {0};
  for (int i = 0; i < 10; i++)
    weir_wg_go(&converting, convert, i);
  // CHECK-DAG: pattern_bounded.c:[[@LINE+1]]
  weir_wg_wait(&converting);
  return 0;
}
