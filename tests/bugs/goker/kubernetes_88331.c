// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_88331: The flusher pops from the backoff queue with the lock, the test asks
// for the queue's length without. That the flusher is never told to stop is the test's own leak.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: flush pop len length run tester lock
//
// CHECK-DAG: data race
#include <stdlib.h>
#include <weir/weir.h>

struct data {
  int items[2];
  int length;
};

struct heap {
  struct data *data;
  void (*pop)(struct data *);
};

struct queue {
  weir_chan(char) stop;
  weir_rwmutex lock; // guards the heaps
  struct heap active, backoff;
};

static weir_wg running;

static void pop(struct data *d) {
  // CHECK-DAG: at kubernetes_88331.c:[[@LINE+1]] in pop
  d->length--;
}

static int len(struct heap *h) {
  // CHECK-DAG: ead of size 4 {{.*}} (tester):
  // CHECK-DAG: at kubernetes_88331.c:[[@LINE+1]] in len
  return h->data->length;
}

static struct heap new_heap(void) {
  struct data *d = calloc(1, sizeof *d);
  d->length = sizeof d->items / sizeof d->items[0];
  return (struct heap){d, pop};
}

static void flush(struct queue *q) {
  weir_rwmutex_lock(&q->lock);
  q->backoff.pop(q->backoff.data);
  weir_rwmutex_unlock(&q->lock);
}

static void jitter_until(void (*f)(struct queue *), struct queue *q) {
  while (weir_select(weir_on_recv(q->stop, NULL, NULL), weir_on_default()) == WEIR_DEFAULT) {
    f(q);
    if (weir_select(weir_on_recv(q->stop, NULL, NULL)) == 0) return;
  }
}

// CHECK-DAG: rite of size 4 {{.*}} (until), holding rwmutex queue.lock
static void until(void (*f)(struct queue *), struct queue *q) {
  jitter_until(f, q);
  weir_wg_done(&running);
}

static struct queue *new_queue(void) {
  struct queue *q = calloc(1, sizeof *q);
  q->stop = weir_chan_make(char, 0);
  q->active = new_heap();
  q->backoff = new_heap();
  return q;
}

static void run(struct queue *q) {
  weir_wg_add(&running, 1);
  // CHECK-DAG: kubernetes_88331.c:[[@LINE+1]]:
  weir_go(until, flush, q);
}

static void tester(weir_wg *wg) {
#ifndef FIXED
  weir_wg_done(wg);
#endif
  struct queue *q = new_queue();
  run(q);
#ifdef FIXED
  weir_rwmutex_rlock(&q->lock);
#endif
  volatile int left = len(&q->backoff);
  (void)left;
#ifdef FIXED
  weir_rwmutex_runlock(&q->lock);
  weir_close(q->stop);
  weir_wg_wait(&running);
  weir_wg_done(wg);
#endif
}

int main(void) {
  static weir_wg wg;
  weir_wg_add(&wg, 1);
  weir_go(tester, &wg);
  weir_wg_wait(&wg);
  return 0;
}
