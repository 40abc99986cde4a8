// SPDX-License-Identifier: Apache-2.0
//
// Nobody asks whether the attempt to take a place was successful, and what was not taken is given
// back. The fixed twin asks.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: semaphore over release
#include <stdbool.h>
#include <weir/weir.h>

static weir_sem seats = WEIR_SEM(3);

static void sit(int64_t wanted, weir_wg *wg) {
  bool seated = weir_sem_try(&seats, wanted);
#ifdef FIXED
  if (seated)
#else
  (void)seated;
#endif
    // CHECK-DAG: try_ignored.c:[[@LINE+1]]
    weir_sem_release(&seats, wanted);
  weir_wg_done(wg);
}

int main(void) {
  static weir_wg wg;
  weir_wg_add(&wg, 2);
  weir_go(sit, 3, &wg);
  weir_go(sit, 4, &wg);
  weir_wg_wait(&wg);
  return 0;
}
