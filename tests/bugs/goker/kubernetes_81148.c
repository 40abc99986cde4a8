// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_81148: A pod is put into the queue, and only then made to look old. By then
// the flusher may read its time, with the lock that the store does not take.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: test_flush flush new_queue timestamp lock
//
// CHECK-DAG: data race
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

enum { PODS = 4 };

struct pod {
  const char *name;
  int64_t timestamp;
};

struct queue {
  weir_rwmutex lock; // guards pods
  weir_chan(char) stop;
  struct pod *pods[PODS];
  const char *(*key)(const struct pod *);
};

static weir_wg flushers;

static const char *name_of(const struct pod *p) {
  return p->name;
}

static struct pod *new_pod(const char *name, int64_t timestamp) {
  struct pod *p = malloc(sizeof *p);
  *p = (struct pod){name, timestamp};
  return p;
}

static void add_or_update(struct queue *q, struct pod *p) {
  weir_rwmutex_lock(&q->lock);
  int i = 0;
  while (q->pods[i] && strcmp(q->key(q->pods[i]), q->key(p)) != 0)
    i++;
  q->pods[i] = p;
  weir_rwmutex_unlock(&q->lock);
}

#ifndef FIXED
static struct pod *look_up(struct queue *q, const char *name) {
  int i = 0;
  while (strcmp(q->key(q->pods[i]), name) != 0)
    i++;
  return q->pods[i];
}
#endif

static void flush(struct queue *q) {
  int64_t oldest = INT64_MAX;
  // CHECK-DAG: ead of size 8 {{.*}} (until), holding rwmutex queue.lock
  weir_rwmutex_lock(&q->lock);
  for (int i = 0; q->pods[i]; i++)
    // CHECK-DAG: at kubernetes_81148.c:[[@LINE+1]] in flush
    if (q->pods[i]->timestamp < oldest) oldest = q->pods[i]->timestamp;
  volatile int64_t least = oldest;
  (void)least;
  weir_rwmutex_unlock(&q->lock);
}

static void until(void (*f)(struct queue *), struct queue *q) {
  if (weir_select(weir_on_recv(q->stop, NULL, NULL), weir_on_default()) == WEIR_DEFAULT) {
    f(q);
    weir_select(weir_on_recv(q->stop, NULL, NULL));
  }
  weir_wg_done(&flushers);
}

static struct queue *new_queue(weir_chan(char) stop) {
  struct queue *q = calloc(1, sizeof *q);
  q->stop = stop;
  q->key = name_of;
  weir_wg_add(&flushers, 1);
  // CHECK-DAG: kubernetes_81148.c:[[@LINE+1]]:
  weir_go(until, flush, q);
  return q;
}

static void test_flush(weir_chan(char) stop, weir_wg *done) {
  struct queue *q = new_queue(stop);
#ifdef FIXED
  add_or_update(q, new_pod("1", weir_now() - WEIR_S(60)));
#else
  add_or_update(q, new_pod("1", weir_now()));
  // CHECK-DAG: rite of size 8 {{.*}} (test_flush):
  // CHECK-DAG: at kubernetes_81148.c:[[@LINE+1]] in test_flush
  look_up(q, "1")->timestamp = weir_now() - WEIR_S(60);
#endif
  weir_wg_done(done);
}

int main(void) {
  weir_chan(char) stop = weir_chan_make(char, 0);
  weir_wg done = {0};
  weir_wg_add(&done, 1);
  weir_go(test_flush, stop, &done);
  weir_wg_wait(&done);
  weir_close(stop);
#ifdef FIXED
  weir_wg_wait(&flushers);
#endif
  return 0;
}
