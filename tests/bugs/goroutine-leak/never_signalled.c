// SPDX-License-Identifier: Apache-2.0
//
// The queue is filled and nobody is told; then it is dropped.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [sync.Cond.Wait]:
#include "leaks.h"

struct queue {
  weir_mutex mu;
  weir_cond filled;
  int n;
  weir_wg taken;
};

static void take(struct queue *q) {
  weir_mutex_lock(&q->mu);
  while (q->n == 0)
    // CHECK-DAG: never_signalled.c:[[@LINE+1]]
    weir_cond_wait(&q->filled, &q->mu);
  q->n--;
  weir_mutex_unlock(&q->mu);
}

static void put(struct queue *q) {
  weir_mutex_lock(&q->mu);
  q->n++;
#ifdef FIXED
  weir_cond_signal(&q->filled);
#endif
  weir_mutex_unlock(&q->mu);
}

// Waits until the taker is in its wait: it holds the lock until then.
static void use(void) {
  struct queue *q = calloc(1, sizeof *q);
  weir_mutex_lock(&q->mu);
  weir_go(take, q);
  weir_mutex_unlock(&q->mu);
  for (bool waits = false; !waits; weir_yield()) {
    weir_mutex_lock(&q->mu);
    waits = q->filled.waiters.first != NULL;
    weir_mutex_unlock(&q->mu);
  }
  put(q);
}

int main(void) {
  EXPECT_LEAKED(5, 5, use);
  return 0;
}
