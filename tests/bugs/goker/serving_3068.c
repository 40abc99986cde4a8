// SPDX-License-Identifier: Apache-2.0
//
// GoKer's serving_3068: The pool is closed by the call that waits for it, and jobs still come. Also
// the wait inside the pool begins while jobs are added.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: send-on-closed send-close-race wait-group-race
// names: produce pool_go work
#include <stdatomic.h>
#include <stdlib.h>
#include <weir/weir.h>

typedef void (*job)(void);

struct pool {
  weir_wg jobs;
  weir_chan(job) work;
  weir_once closed;
};

struct pool_methods {
  void (*go)(struct pool *, job);
  void (*wait)(struct pool *);
};

static struct pool *pool; // a once takes a function without arguments
static weir_wg joined;
static atomic_int executed;

static void work(struct pool *p) {
  job j;
  while (weir_recv(p->work, &j)) {
    j();
    weir_wg_done(&p->jobs);
  }
  weir_wg_done(&joined);
}

static struct pool *new_pool(int workers, int capacity) {
  struct pool *p = calloc(1, sizeof *p);
  p->work = weir_chan_make(job, capacity);
  weir_wg_add(&joined, workers);
  for (int i = 0; i < workers; i++)
    weir_go(work, p);
  return p;
}

static void pool_go(struct pool *p, job j) {
  weir_wg_add(&p->jobs, 1);
  // CHECK-DAG: at serving_3068.c:[[@LINE+1]] in pool_go
  weir_send(p->work, j);
}

static void drain(struct pool *p) {
  weir_wg_wait(&p->jobs);
  weir_wg_done(&joined);
}

static void close_pool(void) {
  // CHECK-DAG: at serving_3068.c:[[@LINE+1]] in close_pool
  weir_close(pool->work);
  weir_wg_add(&joined, 1);
  weir_go(drain, pool);
}

static void pool_wait(struct pool *p) {
  weir_once_do(&p->closed, close_pool);
}

static const struct pool_methods methods = {pool_go, pool_wait};

static void count(void) {
  executed++;
}

static void produce(struct pool *p, weir_wg *sent) {
  for (int i = 0; i < 5; i++) {
    methods.go(p, count);
    weir_sleep(WEIR_MS(1));
    weir_wg_done(sent);
  }
}

int main(void) {
  weir_wg sent = {0};
  pool = new_pool(1, 5);
  weir_wg_add(&sent, 5);
  weir_go(produce, pool, &sent);
#ifdef FIXED
  weir_wg_wait(&sent);
  methods.wait(pool);
  weir_wg_wait(&joined);
  return executed != 5;
#else
  methods.wait(pool);
  weir_wg_wait(&sent);
  return 0;
#endif
}
