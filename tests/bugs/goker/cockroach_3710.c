// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_3710: The scanner reads the store's replicas under its read lock, and four
// calls down takes the same read lock again. A writer that comes in between keeps it out, and waits
// for it to leave.
//
// A tool must name the scanner with both its read locks, the writer, and the store's lock. Without
// the writer in between it can be predicted. The fixed scanner copies the replicas and asks them
// without the lock.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock lock-order
// names: scanner raft_status process_raft mu
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

enum { REPLICAS = 2 };

struct store;
struct replica {
  struct store *store;
};
struct queue_impl {
  bool (*should_queue)(struct replica *r);
};
struct store {
  weir_rwmutex mu;
  struct replica *replicas[REPLICAS];
  struct {
    weir_mutex mu;
    const struct queue_impl *impl;
  } raft_log_queue;
  weir_wg running;
};

static uint64_t raft_status(struct store *s) {
  // CHECK-DAG: cockroach_3710.c:[[@LINE+1]]
  weir_rguard(&s->mu);
  return 0;
}

static uint64_t truncatable_indexes(struct replica *r) {
  return raft_status(r->store);
}

static bool should_queue(struct replica *r) {
  return truncatable_indexes(r) > 0;
}

static const struct queue_impl raft_log_queue = {should_queue};

static void maybe_add(struct store *s, struct replica *r) {
  weir_guard(&s->raft_log_queue.mu);
  s->raft_log_queue.impl->should_queue(r);
}

static void scanner(struct store *s) {
  // CHECK-DAG: cockroach_3710.c:[[@LINE+1]]
  weir_rwmutex_rlock(&s->mu);
#ifdef FIXED
  struct replica *replicas[REPLICAS];
  memcpy(replicas, s->replicas, sizeof replicas);
  weir_rwmutex_runlock(&s->mu);
  for (int i = 0; i < REPLICAS; i++)
    maybe_add(s, replicas[i]);
#else
  for (int i = 0; i < REPLICAS; i++)
    maybe_add(s, s->replicas[i]);
  weir_rwmutex_runlock(&s->mu);
#endif
  weir_wg_done(&s->running);
}

static void process_raft(struct store *s) {
  struct replica *pending[REPLICAS];
  // CHECK-DAG: cockroach_3710.c:[[@LINE+1]]
  weir_rwmutex_lock(&s->mu);
  memcpy(pending, s->replicas, sizeof pending);
  weir_rwmutex_unlock(&s->mu);
  weir_wg_done(&s->running);
}

static void start_raft(struct store *s) {
  weir_go(process_raft, s);
}

int main(void) {
  struct store *s = calloc(1, sizeof *s);
  s->raft_log_queue.impl = &raft_log_queue;
  for (int i = 0; i < REPLICAS; i++) {
    s->replicas[i] = calloc(1, sizeof *s->replicas[i]);
    s->replicas[i]->store = s;
  }
  weir_wg_add(&s->running, 2);
  weir_go(scanner, s);
  weir_go(start_raft, s);
#ifdef FIXED
  weir_wg_wait(&s->running);
#endif
  return 0;
}
