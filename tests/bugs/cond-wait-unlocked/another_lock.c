// SPDX-License-Identifier: Apache-2.0
//
// Waits with the lock of another object than the one that it holds.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: cond wait unlocked
// CHECK: goroutine 2 (consume) waited on condition variable {{.*}}arrived without its lock
#include <weir/weir.h>

struct queue {
  weir_mutex mu; // guards length
  weir_cond arrived;
  int length;
};
static struct queue urgent, usual;

static void consume(struct queue *q, struct queue *other) {
  weir_guard(&q->mu);
  while (!q->length)
    // CHECK-DAG: another_lock.c:[[@LINE+1]]
    weir_cond_wait(&q->arrived, &other->mu);
  q->length--;
}

static void produce(struct queue *q) {
  weir_guard(&q->mu);
  q->length++;
  weir_cond_signal(&q->arrived);
}

int main(void) {
  weir_wg all = {0};
#ifdef FIXED
  weir_wg_go(&all, consume, &urgent, &urgent);
#else
  weir_wg_go(&all, consume, &urgent, &usual);
  weir_wg_wait(&all);
#endif
  produce(&urgent);
  weir_wg_wait(&all);
  return 0;
}
