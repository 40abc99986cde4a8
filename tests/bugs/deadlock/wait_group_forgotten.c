// SPDX-License-Identifier: Apache-2.0
//
// One of three goroutines returns early and is never done. The wait group is called after the
// variable that it is, not after the parameter through which the others were done.
//
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: waiting for wait group pending at wait_group_forgotten.c:[[@LINE+19]] in main
// CHECK: wait group pending: counter 1; last added to or waited for at
#include <weir/weir.h>

static void part(weir_wg *wg, int n) {
#ifdef FIXED
  weir_defer(weir_wg_done(wg));
#endif
  if (n == 0) return;
#ifndef FIXED
  weir_wg_done(wg);
#endif
}

int main(void) {
  weir_wg pending = {0};
  weir_wg_add(&pending, 3);
  for (int i = 0; i < 3; i++)
    weir_go(part, &pending, i);
  weir_wg_wait(&pending);
  return 0;
}
