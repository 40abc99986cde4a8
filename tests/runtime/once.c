// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// Once: the function runs once, everybody waits until it is over, weir_goexit ends it too,
// and it may be destroyed as soon as everybody has returned.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

static int runs, finished; // ordered by the once alone

static void slow(void) {
  runs++;
  for (int i = 0; i < 50; i++)
    weir_yield();
  finished = runs;
}

static void call(weir_once *once) {
  weir_once_do(once, slow);
  CHECK_EQ(finished, runs);
  weir_once_do(once, abort); // done is done, for whatever function
}

static void many(int rounds, int goroutines) {
  for (int i = 1; i <= rounds; i++) {
    weir_once *once = calloc(1, sizeof *once);
    weir_wg wg = {0};
    for (int g = 0; g < goroutines; g++)
      weir_wg_go(&wg, call, once);
    weir_wg_wait(&wg);
    CHECK_EQ(runs, i);
    free(once);
  }
}

static weir_once leaves;
static int left;
static void leave(void) {
  left++;
  weir_yield();
  weir_goexit();
}
static void call_leaving(atomic_int *returned) {
  weir_once_do(&leaves, leave);
  CHECK_EQ(left, 1);
  atomic_fetch_add(returned, 1);
}
static void goexit_is_done(void) {
  atomic_int returned = 0;
  weir_wg wg = {0};
  for (int i = 0; i < 5; i++)
    weir_wg_go(&wg, call_leaving, &returned);
  weir_wg_wait(&wg);
  CHECK_EQ(atomic_load(&returned), 4); // all but the one that left
  weir_once_do(&leaves, abort);
}

static weir_once outer, inner;
static int depth;
static void count(void) {
  depth++;
}
static void nest(void) {
  weir_once_do(&inner, count);
  depth++;
}

int main(void) {
  many(100, 8);
  goexit_is_done();
  weir_once_do(&outer, nest);
  weir_once_do(&inner, abort);
  CHECK_EQ(depth, 2);
}
