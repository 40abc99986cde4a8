// SPDX-License-Identifier: Apache-2.0
//
// On each worker two goroutines hand a job to and fro, and compute in between: each wakes the other
// to run next, which the scheduler allows some dozens of times before it looks at its queue. With
// short jobs nobody notices.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=starvation_ms=200:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: starvation
// CHECK: has been runnable and has not run for
#include <stdatomic.h>
#include <weir/weir.h>

#include "compute.h"

#ifdef FIXED
enum { ROUNDS = 400, TURN_MS = 0 };
#else
enum { ROUNDS = 400, TURN_MS = 30 };
#endif

static atomic_bool over;

static void bystander(void) {
  while (!atomic_load(&over))
    weir_yield();
}

static void plays(weir_chan(int) in, weir_chan(int) out, weir_wg *playing) {
  weir_defer(weir_wg_done(playing));
  for (int i = 0, ball; i < ROUNDS; i++) {
    weir_recv(in, &ball);
    compute(TURN_MS);
    weir_send(out, ball + 1);
  }
}

int main(void) {
  enum { PAIRS = 2 };
  weir_wg playing = {0}, others = {0};
  weir_chan(int) to[2 * PAIRS];
  for (int i = 0; i < 2 * PAIRS; i++)
    to[i] = weir_chan_make(int, 1);
  weir_wg_add(&playing, 2 * PAIRS);
  for (int i = 0; i < 4; i++)
    weir_wg_go(&others, bystander);
  for (int i = 0; i < 2 * PAIRS; i++)
    // CHECK-DAG: wake_each_other.c:[[#@LINE+1]]
    weir_go(plays, to[i], to[i ^ 1], &playing);
  for (int i = 0; i < PAIRS; i++)
    weir_send(to[2 * i], 0);
  weir_wg_wait(&playing);
  atomic_store(&over, true);
  weir_wg_wait(&others);
  for (int i = 0; i < 2 * PAIRS; i++)
    weir_chan_free(to[i]);
}
