// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_30872: The queue calls back with itself locked, and the callback locks the
// informer; the reconciler asks the informer, locked, whether its queue has synced. Nobody sees
// both nestings, as they go through three interfaces.
//
// A tool must name the controller and the reconciler, both locks, and where each is taken. The
// stopper behind them is a victim. In the fixed form the reconciler asks without the lock.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: lock-order partial-deadlock goroutine-leak goroutine-leak-at-exit
// names: run_controller reconciler informer_mu queue_mu
#include <stdlib.h>
#include <weir/weir.h>

struct informer;
struct event_handler {
  void (*on_add)(struct informer *f);
};
struct queue {
  weir_rwmutex queue_mu;
  void (*pop)(struct queue *q, void (*process)(struct informer *f), struct informer *f);
  bool (*has_synced)(struct queue *q);
};
struct informer {
  weir_mutex informer_mu;
  weir_chan(char) stop; // under informer_mu until it is started
  struct queue *queue;
  struct event_handler *handler;
  int clusters; // under informer_mu
  weir_wg running;
};

static void pop(struct queue *q, void (*process)(struct informer *f), struct informer *f) {
  // CHECK-DAG: kubernetes_30872.c:[[@LINE+1]]
  weir_guard(&q->queue_mu);
  process(f);
}

static bool has_synced(struct queue *q) {
  // CHECK-DAG: kubernetes_30872.c:[[@LINE+1]]
  weir_guard(&q->queue_mu);
  return true;
}

static void add_cluster(struct informer *f) {
  // CHECK-DAG: kubernetes_30872.c:[[@LINE+1]]
  weir_guard(&f->informer_mu);
  f->clusters++;
}

static void process_delta(struct informer *f) {
  f->handler->on_add(f);
}

static void run_controller(struct informer *f, weir_chan(char) stop) {
  while (weir_select(weir_on_recv(stop, NULL, NULL), weir_on_default()) == WEIR_DEFAULT) {
    f->queue->pop(f->queue, process_delta, f);
    weir_yield(); // there are no more changes for now
  }
  weir_wg_done(&f->running);
}

static bool controller_has_synced(struct informer *f) {
  return f->queue->has_synced(f->queue);
}

static bool clusters_synced(struct informer *f) {
#ifdef FIXED
  return controller_has_synced(f);
#else
  // CHECK-DAG: kubernetes_30872.c:[[@LINE+1]]
  weir_guard(&f->informer_mu);
  return controller_has_synced(f);
#endif
}

static void reconcile(struct informer *f) {
  clusters_synced(f);
}

static void reconciler(struct informer *f) {
  reconcile(f);
  weir_wg_done(&f->running);
}

static void deliver(struct informer *f) {
  weir_go(reconciler, f);
}

static void stopper(struct informer *f, weir_chan(char) stop) {
  weir_recv(stop, NULL);
  weir_mutex_lock(&f->informer_mu);
  weir_close(f->stop);
  weir_mutex_unlock(&f->informer_mu);
  weir_wg_done(&f->running);
}

static void start(struct informer *f) {
  weir_guard(&f->informer_mu);
  f->stop = weir_chan_make(char, 0);
  weir_go(run_controller, f, f->stop);
}

static void run(struct informer *f, weir_chan(char) stop) {
  weir_wg_add(&f->running, 3);
  start(f);
  weir_go(stopper, f, stop);
  deliver(f);
}

int main(void) {
  struct informer *f = calloc(1, sizeof *f);
  f->queue = calloc(1, sizeof *f->queue);
  f->queue->pop = pop;
  f->queue->has_synced = has_synced;
  f->handler = calloc(1, sizeof *f->handler);
  f->handler->on_add = add_cluster;
  weir_chan(char) stop = weir_chan_make(char, 0);
  run(f, stop);
  weir_close(stop);
#ifdef FIXED
  weir_wg_wait(&f->running);
#endif
  return 0;
}
