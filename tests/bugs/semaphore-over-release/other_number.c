// SPDX-License-Identifier: Apache-2.0
//
// Takes one unit and gives two back, which is noticed when nobody else holds any.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: semaphore over release
// CHECK: semaphore pool.slots below zero
#include <weir/weir.h>

struct pool {
  weir_sem slots;
  int used;
};

static void use(struct pool *p, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_sem_acquire(&p->slots, NULL, 1);
#ifdef FIXED
  weir_sem_release(&p->slots, 1);
#else
  // CHECK-DAG: other_number.c:[[@LINE+1]]
  weir_sem_release(&p->slots, 2);
#endif
}

int main(void) {
  static struct pool p;
  weir_wg wg = {0};
  weir_sem_init(&p.slots, 3);
  weir_wg_add(&wg, 1);
  weir_go(use, &p, &wg);
  weir_wg_wait(&wg);
  return 0;
}
