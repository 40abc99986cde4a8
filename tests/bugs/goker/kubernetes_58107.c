// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_58107: A worker takes the read lock and only then waits for work. While it
// sleeps, the sync cannot have the lock, and behind the sync no other worker either; and a signal
// that nobody waited for wakes nobody later.
//
// A tool must name the worker that sleeps, its condition variable, and the lock that it has
// meanwhile. The fixed worker locks when it has got work, and a queue remembers what was put.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit partial-deadlock
// names: worker get worker_lock
#include <stdlib.h>
#include <weir/weir.h>

enum { SIGNALS = 1000, TURNS = 1000 };

struct queue {
  weir_mutex mu;
  weir_cond filled; // on mu
  void (*get)(struct queue *q);
  void (*put)(struct queue *q);
#ifdef FIXED
  int length; // under mu
#endif
};
struct controller {
  weir_rwmutex worker_lock;
  struct queue *resources, *missing;
  weir_wg running;
};

static void get(struct queue *q) {
  weir_guard(&q->mu);
#ifdef FIXED
  while (q->length == 0)
    weir_cond_wait(&q->filled, &q->mu);
  q->length--;
#else
  weir_cond_wait(&q->filled, &q->mu); // CHECK-DAG: kubernetes_58107.c:[[@LINE]]
#endif
}

static void put(struct queue *q) {
#ifdef FIXED
  weir_mutex_lock(&q->mu);
  q->length++;
  weir_mutex_unlock(&q->mu);
#endif
  weir_cond_signal(&q->filled);
}

static bool work(struct controller *c, struct queue *q) {
#ifdef FIXED
  q->get(q);
  weir_rguard(&c->worker_lock);
#else
  // CHECK-DAG: kubernetes_58107.c:[[@LINE+1]]
  weir_rguard(&c->worker_lock);
  q->get(q);
#endif
  return false;
}

static void worker(struct controller *c, struct queue *q) {
  while (work(c, q)) {
  }
  weir_wg_done(&c->running);
}

static void run(struct controller *c) {
  weir_go(worker, c, c->resources);
  weir_go(worker, c, c->missing);
}

static void sync_monitors(struct controller *c) {
  for (int i = 0; i < TURNS; i++) {
    weir_rwmutex_lock(&c->worker_lock);
    weir_sleep(1);
    weir_rwmutex_unlock(&c->worker_lock);
  }
  weir_wg_done(&c->running);
}

static struct queue *new_queue(void) {
  struct queue *q = calloc(1, sizeof *q);
  q->get = get;
  q->put = put;
  return q;
}

int main(void) {
  struct controller *c = calloc(1, sizeof *c);
  c->resources = new_queue();
  c->missing = new_queue();
  weir_wg_add(&c->running, 3);
  weir_go(run, c);
  weir_go(sync_monitors, c);
  for (int i = 0; i < SIGNALS; i++) {
    c->resources->put(c->resources);
    c->missing->put(c->missing);
  }
#ifdef FIXED
  weir_wg_wait(&c->running);
#endif
  return 0;
}
