// SPDX-License-Identifier: Apache-2.0
//
// One of the workers returns early and is never done.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [sync.WaitGroup.Wait]:
#include "leaks.h"

struct job {
  weir_wg wg;
  int parts[3];
};

static void work(struct job *j, int part) {
#ifndef FIXED
  if (part == 1) return;
#endif
  j->parts[part] = part;
  weir_wg_done(&j->wg);
}

static void supervise(struct job *j) {
  // CHECK-DAG: never_done.c:[[@LINE+1]]
  weir_wg_wait(&j->wg);
  free(j);
}

static void start(void) {
  struct job *j = calloc(1, sizeof *j);
  weir_wg_add(&j->wg, 3);
  for (int i = 0; i < 3; i++)
    weir_go(work, j, i);
  weir_go(supervise, j);
}

int main(void) {
  EXPECT_LEAKED(5, 5, start);
  return 0;
}
