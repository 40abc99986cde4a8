// SPDX-License-Identifier: Apache-2.0
//
// The queue of goroutines that wait for an object: a doubly linked list of waiters
// that live on the stacks of the waiting goroutines. Oldest first. Guarded by the
// lock of the object that owns the queue; `queued` tells under that same lock
// whether a waiter is still linked.
//
// One waiter may be linked into several queues' worth of objects only through a
// select, which has one waiter per case and one claim for all: weir_waitq_take skips
// waiters whose select was won elsewhere.
#ifndef WEIR_SYNC_WAITQ_H
#define WEIR_SYNC_WAITQ_H

#include <stdatomic.h>
#include <weir/sync.h>

#include "sched/sched.h"
#include "sync/clock.h"

// Shared by all waiters of one select. Exactly one waker turns `claimed` from 0 to
// 1, under the lock of its channel, and then owns the right to ready the goroutine.
struct weir_select_state {
  _Atomic uint32_t claimed;
  struct weir_waiter *winner; // written by the claimer, read after waking
  struct weir_wait_clocks clocks;
};

static inline void weir_waitq_push(struct weir_waitq_ *q, struct weir_waiter *w) {
  w->next = NULL;
  w->prev = q->last;
  w->queued = true;
  if (q->last)
    q->last->next = w;
  else
    __atomic_store_n(&q->first, w, __ATOMIC_RELAXED); // peeked at without the lock
  q->last = w;
}

static inline void weir_waitq_push_front(struct weir_waitq_ *q, struct weir_waiter *w) {
  w->prev = NULL;
  w->next = q->first;
  w->queued = true;
  if (q->first)
    q->first->prev = w;
  else
    q->last = w;
  __atomic_store_n(&q->first, w, __ATOMIC_RELAXED);
}

static inline void weir_waitq_remove(struct weir_waitq_ *q, struct weir_waiter *w) {
  if (w->prev)
    w->prev->next = w->next;
  else
    __atomic_store_n(&q->first, w->next, __ATOMIC_RELAXED);
  if (w->next)
    w->next->prev = w->prev;
  else
    q->last = w->prev;
  w->queued = false;
}

// Wins the right to wake w: always for a plain waiter, once per select. The claim
// needs no order of its own: all that is passed on is under the channel's lock or
// goes through weir_ready.
static inline bool weir_waiter_claim(struct weir_waiter *w) {
  struct weir_select_state *s = w->select;
  if (!s) return true;
  uint32_t unclaimed = 0;
  if (!atomic_compare_exchange_strong_explicit(&s->claimed, &unclaimed, 1, memory_order_acq_rel,
                                               memory_order_relaxed))
    return false;
  s->winner = w;
  return true;
}

// Unlinks and claims the oldest waiter that can still be woken; NULL if none.
static inline struct weir_waiter *weir_waitq_take(struct weir_waitq_ *q) {
  struct weir_waiter *w;
  while ((w = q->first)) {
    weir_waitq_remove(q, w);
    if (weir_waiter_claim(w)) return w;
  }
  return NULL;
}

#endif
