// SPDX-License-Identifier: Apache-2.0
//
// A download that fails keeps its place, and the next of the same batch waits for it; the batch
// itself was given up meanwhile.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [semacquire]:
#include "leaks.h"

static int fetch(int n) {
  return n == 0 ? -1 : 0;
}

static void download(weir_sem *places, int n) {
  // CHECK-DAG: semaphore_kept.c:[[@LINE+1]]
  weir_sem_acquire(places, NULL, 1);
#ifdef FIXED
  weir_defer(weir_sem_release(places, 1));
#endif
  if (fetch(n) < 0) return;
#ifndef FIXED
  weir_sem_release(places, 1);
#endif
}

static void batch(void) {
  weir_sem *places = malloc(sizeof *places);
  weir_sem_init(places, 1);
  weir_wg first = {0};
  weir_wg_go(&first, download, places, 0);
  weir_wg_wait(&first);
  weir_go(download, places, 1);
}

int main(void) {
  EXPECT_LEAKED(5, 5, batch);
  return 0;
}
