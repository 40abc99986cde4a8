// SPDX-License-Identifier: Apache-2.0
//
// One party of a barrier meets an error and returns; the others wait for it at the barrier. In
// the twin it leaves the barrier first.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK-DAG: [sync.Cond.Wait]:
#include <weir/weir.h>

struct barrier {
  weir_mutex mu; // guards the rest
  weir_cond opened;
  int parties, arrived;
  unsigned phase;
};

static void open_if_complete(struct barrier *b) {
  if (b->arrived < b->parties) return;
  b->arrived = 0;
  b->phase++;
  weir_cond_broadcast(&b->opened);
}

static void barrier_wait(struct barrier *b) {
  weir_guard(&b->mu);
  unsigned phase = b->phase;
  b->arrived++;
  open_if_complete(b);
  while (phase == b->phase)
    // CHECK-DAG: pattern_barrier.c:[[@LINE+1]]
    weir_cond_wait(&b->opened, &b->mu);
}

static void barrier_leave(struct barrier *b) {
  weir_guard(&b->mu);
  b->parties--;
  open_if_complete(b);
}

static void step(struct barrier *b, int party) {
  if (party == 1) {
#ifdef FIXED
    barrier_leave(b);
#endif
    return;
  }
  barrier_wait(b);
}

int main(void) {
  struct barrier meeting = {.parties = 3};
  weir_wg all = {0};
  for (int i = 0; i < 3; i++)
    weir_wg_go(&all, step, &meeting, i);
  // CHECK-DAG: pattern_barrier.c:[[@LINE+1]]
  weir_wg_wait(&all);
  (void)barrier_leave;
  return 0;
}
