// SPDX-License-Identifier: Apache-2.0
//
// A pointer is sent, and what it points to is written afterwards. The send orders what came
// before it, not what comes after.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
#include "hidden.h"
#include <stdlib.h>

struct job {
  int id, done;
};

static void serve(weir_chan(struct job *) jobs, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  struct job *j;
  weir_recv(jobs, &j);
  hidden_wait(1);
  // CHECK-DAG: Read of size 4
  // CHECK-DAG: send_then_write.c:[[@LINE+1]]
  if (j->id != 7) abort();
}

int main(void) {
  weir_chan(struct job *) jobs = weir_chan_make(struct job *, 1);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(serve, jobs, &wg);
  // CHECK-DAG: heap
  // CHECK-DAG: send_then_write.c:[[@LINE+1]]
  struct job *j = calloc(1, sizeof *j);
#ifdef FIXED
  j->id = 7;
  weir_send(jobs, j);
#else
  weir_send(jobs, j);
  // CHECK-DAG: rite of size 4
  // CHECK-DAG: send_then_write.c:[[@LINE+1]]
  j->id = 7;
#endif
  hidden_post();
  weir_wg_wait(&wg);
  free(j);
  weir_chan_free(jobs);
  return 0;
}
