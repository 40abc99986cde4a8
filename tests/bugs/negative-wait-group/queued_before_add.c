// SPDX-License-Identifier: Apache-2.0
//
// A queue under a lock: what is put in is counted only when the lock was given back. In the twin it
// is counted before, and handed to a second worker by a C11 atomic, which orders, too.
//
// REQUIRES: races
// RUN: env CERTAINTY=predicted bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: negative wait group {{.*}} [predicted]
// CHECK: (drain) counted down wait group queue.open at
#include <stdatomic.h>

#include "hidden.h"

#ifdef FIXED
enum { ITEMS = 4 };
#else
enum { ITEMS = 1 }; // the lock of a second put would order the first add
#endif
struct queue {
  weir_mutex mu;
  int n, taken;
  atomic_int passed_on;
  weir_wg open;
};

static bool take(struct queue *q) {
  weir_mutex_lock(&q->mu);
  bool got = q->taken < q->n;
  q->taken += got;
  weir_mutex_unlock(&q->mu);
  return got;
}

static void drain(struct queue *q) {
  for (int done = 0; done < ITEMS; weir_yield()) {
    if (!take(q)) continue;
    done++;
#ifdef FIXED
    atomic_fetch_add(&q->passed_on, 1);
#else
    hidden_wait(ITEMS);
    // CHECK: Done by goroutine {{[0-9]+}} (drain)
    // CHECK-NEXT: queued_before_add.c:[[@LINE+1]]
    weir_wg_done(&q->open);
#endif
  }
}

static void finish(struct queue *q) {
  for (int done = 0; done < ITEMS; weir_yield())
    for (; done < atomic_load(&q->passed_on); done++)
      weir_wg_done(&q->open);
}

static void put(struct queue *q) {
#ifdef FIXED
  weir_wg_add(&q->open, 1);
#endif
  weir_mutex_lock(&q->mu);
  q->n++;
  weir_mutex_unlock(&q->mu);
#ifndef FIXED
  // CHECK: Previous add by goroutine 1 (main)
  // CHECK-NEXT: queued_before_add.c:[[@LINE+1]]
  weir_wg_add(&q->open, 1);
  hidden_post();
#endif
}

int main(void) {
  static struct queue q;
  weir_go(drain, &q);
#ifdef FIXED
  weir_go(finish, &q);
#else
  (void)finish;
#endif
  for (int i = 0; i < ITEMS; i++)
    put(&q);
  weir_wg_wait(&q.open);
  return 0;
}
