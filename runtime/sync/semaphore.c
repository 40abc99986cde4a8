// SPDX-License-Identifier: Apache-2.0
//
// The weighted semaphore: a counter and a queue of requests, oldest first, all under one lock.
// While anybody waits nobody passes, however little he asks for; so each release, and each request
// that leaves the head of the queue, serves from the head as far as the units go.
//
// A wait with a context is a select of two (waitq.h): a waiter here and one among the receivers of
// the context's done channel, which is pinned meanwhile. Whoever claims the wait decides; awake,
// the goroutine takes the other waiter back. A context that is done wins over units that came
// first: they are given back, as in Go.
//
// Locks: `queue`, then a channel's. Goroutines are readied with none held: a woken one may destroy
// the semaphore.
#include <weir/semaphore.h>

#include <errno.h>

#include "base/check.h"
#include "sched/shake.h"
#include "sync/chan.h"

struct sem_wait {
  struct weir_waiter units, done; // `units` first: the queue links it
  struct weir_select_state state;
  struct weir_lock *locks[2]; // what the park gives back
  int64_t n;
};

static struct weir_lock *lock_of(weir_sem *s) {
  return (struct weir_lock *)&s->queue;
}

void weir_sem_init(weir_sem *s, int64_t n) {
  if (n < 0) weir_fatal("weir_sem_init: the capacity is negative (%lld)", (long long)n);
  *s = (weir_sem){.capacity = n};
}

// --- under the lock
// --------------------------------------------------------------------------------

static bool fits(const weir_sem *s, int64_t n) {
  return s->capacity - s->taken >= n;
}

static void set_taken(weir_sem *s, int64_t n) {
  __atomic_store_n(&s->taken, n, __ATOMIC_RELAXED); // detectors read it at any time
}

static bool take(weir_sem *s, int64_t n) {
  if (s->waiters.first || !fits(s, n)) return false;
  set_taken(s, s->taken + n);
  return true;
}

// Serves the queue from its head; returns those served, linked by next, to be readied.
static struct weir_waiter *serve(weir_sem *s) {
  struct weir_waiter *served = NULL, **end = &served, *w;
  while ((w = s->waiters.first)) {
    int64_t n = ((struct sem_wait *)w)->n;
    if (!fits(s, n)) break;
    weir_waitq_remove(&s->waiters, w);
    if (!weir_waiter_claim(w)) continue; // its context was done first
    set_taken(s, s->taken + n);
    *end = w;
    end = &w->next;
  }
  *end = NULL;
  return served;
}

static void ready_all(struct weir_waiter *w) {
  for (struct weir_waiter *next; w; w = next) {
    next = w->next;
    weir_ready(w->g);
  }
}

static void give_back(weir_sem *s, int64_t n, const struct weir_site *site, const void *pc) {
  weir_lock_acquire(lock_of(s));
  if (n < 0 || n > s->taken) {
    weir_lock_release(lock_of(s));
    weir_hook_misuse(WEIR_F_SEMAPHORE_OVER_RELEASE, WEIR_OBJ_SEM, s, site, pc, NULL, 0);
  }
  set_taken(s, s->taken - n);
  struct weir_waiter *served = serve(s);
  weir_lock_release(lock_of(s));
  ready_all(served);
}

// --- waiting
// ---------------------------------------------------------------------------------------

// By the scheduler, when the goroutine is parked. Claimed as soon as one lock is free, it still
// needs the other to leave, so `arg` is good until the last is released.
static void release_locks(void *arg) {
  struct sem_wait *w = arg;
  struct weir_lock *outer = w->locks[0], *inner = w->locks[1];
  if (inner) weir_lock_release(inner);
  weir_lock_release(outer);
}

static void enqueue(weir_sem *s, struct sem_wait *w, struct weir_chan_ *done) {
  struct weir_g *g = weir_self();
  w->locks[0] = lock_of(s);
  w->units = (struct weir_waiter){.g = g, .object = s, .kind = WEIR_OBJ_SEM, .op = WEIR_WAIT_SEM};
  weir_waitq_push(&s->waiters, &w->units);
  if (!done) return;
  w->locks[1] = &done->lock;
  w->done = (struct weir_waiter){.g = g,
                                 .select = &w->state,
                                 .object = done,
                                 .kind = WEIR_OBJ_CHAN,
                                 .op = WEIR_WAIT_CHAN_RECV};
  w->units.select = &w->state;
  weir_waitq_push(&done->receivers, &w->done);
  done->pins++;
}

static void leave_channel(struct sem_wait *w, struct weir_chan_ *done) {
  weir_lock_acquire(&done->lock);
  if (w->done.queued) weir_waitq_remove(&done->receivers, &w->done);
  weir_chan_unpin(done); // releases the lock
}

// The context ended the wait. The next in the queue may be content with less.
static void leave_queue(weir_sem *s, struct sem_wait *w) {
  struct weir_waiter *served = NULL;
  weir_lock_acquire(lock_of(s));
  bool first = s->waiters.first == &w->units;
  if (w->units.queued) weir_waitq_remove(&s->waiters, &w->units);
  if (first) served = serve(s);
  weir_lock_release(lock_of(s));
  ready_all(served);
}

// Holds the lock; released on return. 0: the units are taken. Else the context is done.
static int wait(weir_sem *s, weir_ctx *ctx, int64_t n, const struct weir_site *site,
                const void *pc) {
  struct sem_wait w = {.n = n};
  struct weir_chan_ *done = weir_ctx_done_(ctx);
  if (done) {
    weir_lock_acquire(&done->lock);
    if (done->closed) {
      weir_lock_release(&done->lock);
      weir_lock_release(lock_of(s));
      return weir_ctx_err(ctx);
    }
  }
  enqueue(s, &w, done);
  weir_park_describe(w.units.g, WEIR_WAIT_SEM, &w.units, done ? 2 : 1, pc);
  weir_park_unlock(w.units.g, release_locks, &w);
  if (!done) return 0;
  leave_channel(&w, done);
  int err = weir_ctx_err(ctx);
  if (w.state.winner == &w.done)
    leave_queue(s, &w);
  else if (err)
    give_back(s, n, site, pc);
  return err;
}

// --- the calls
// -------------------------------------------------------------------------------------

int weir_sem_acquire_(weir_sem *s, weir_ctx *ctx, int64_t n, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  int err = weir_ctx_err(ctx);
  if (err) return err;
  if (n < 0 || n > s->capacity) return EINVAL;
  weir_api_enter(pc);
  WEIR_EDGE_IF weir_edges_begin(&s->edges, s, false);
  __atomic_store_n(&s->site, site, __ATOMIC_RELAXED);
  weir_lock_acquire(lock_of(s));
  if (take(s, n))
    weir_lock_release(lock_of(s));
  else
    err = wait(s, ctx, n, site, pc);
  WEIR_TRACE_IF {
    if (!err) weir_trace_call_(WEIR_SYNC_ACQUIRE, weir_self(), s, site, pc, 0);
  }
  WEIR_HB(call, pc, WEIR_SYNC_ACQUIRE, site);
  if (!err) WEIR_EDGE(acquire, s);
  weir_api_leave();
  return err;
}

bool weir_sem_try_(weir_sem *s, int64_t n, const struct weir_site *site) {
  if (n < 0) return false;
  __atomic_store_n(&s->site, site, __ATOMIC_RELAXED);
  WEIR_EDGE_IF weir_edges_begin(&s->edges, s, false);
  weir_lock_acquire(lock_of(s));
  bool got = take(s, n);
  weir_lock_release(lock_of(s));
  WEIR_TRACE_IF {
    if (got)
      weir_trace_call_(WEIR_SYNC_ACQUIRE, weir_self(), s, site, __builtin_return_address(0), 0);
    else
      WEIR_TRACE_FILE(TRY, weir_self(), s, site, __builtin_return_address(0));
  }
  WEIR_HB(call, __builtin_return_address(0), WEIR_SYNC_ACQUIRE, site);
  if (got)
    WEIR_EDGE(acquire, s);
  else // who has the units is not known
    weir_hook_try_failed(weir_self(), WEIR_OBJ_SEM, s, __builtin_return_address(0), NULL);
  return got;
}

void weir_sem_release_(weir_sem *s, int64_t n, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  weir_api_enter(pc);
  WEIR_EDGE_IF {
    weir_edges_begin(&s->edges, s, false);
    weir_hb_call_(pc, WEIR_SYNC_RELEASE, site);
    weir_hb_release_(s);
  }
  WEIR_TRACE(RELEASE, weir_self(), s, site, pc);
  give_back(s, n, site, pc);
  weir_api_leave();
}
