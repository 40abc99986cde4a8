// SPDX-License-Identifier: Apache-2.0
//
// A goroutine on every worker spins until a flag is set, and the one that would set it waits for a
// worker: the program never ends. The fixed ones yield while they spin.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=cpu_hog_ms=300:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: cpu hog
// CHECK: (spin) has kept its worker for
// CHECK-SAME: while 1 goroutine waits to run
#include <stdatomic.h>
#include <weir/weir.h>

static atomic_bool flag;
static atomic_int spinning;
static weir_wg all;

static void set(void) {
  atomic_store(&flag, true);
}

static void spin(int spinners) {
  if (atomic_fetch_add(&spinning, 1) + 1 == spinners) weir_wg_go(&all, set);
  // CHECK-DAG: spins_on_a_flag.c:[[#@LINE+1]]
  while (!atomic_load(&flag)) {
#ifdef FIXED
    weir_yield();
#endif
  }
}

int main(void) {
  int workers = weir_set_procs(0);
  for (int i = 0; i < workers; i++)
    weir_wg_go(&all, spin, workers);
  weir_wg_wait(&all);
}
