// SPDX-License-Identifier: Apache-2.0
//
// Goroutines that make the C library replace memory of its own (the time zone's name) under a
// lock of its own are no race. A race through a call of the C library is one.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
#include <string.h>
#include <time.h>

#include "hidden.h"

char page[64];

static void date(int turn, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  time_t then = 1700000000;
  struct tm tm;
  hidden_wait(turn);
  localtime_r(&then, &tm);
  mktime(&tm);
#ifndef FIXED
  // CHECK-DAG: libc_state.c:[[@LINE+1]]
  memset(page, turn, sizeof page);
#endif
  hidden_post();
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(date, 0, &wg);
  weir_go(date, 1, &wg);
  weir_wg_wait(&wg);
  return page[0] > 1;
}
