// SPDX-License-Identifier: Apache-2.0
//
// The condition variable. A wait queues itself, and only then unlocks the caller's lock: a signal
// from there on finds it. Unlocking may itself switch goroutines, so the waiter is not parked yet
// when it can be signalled; `ok` says that it was and `parked` that it must be readied, both
// under the queue's lock.
//
// A signaller gives the queue's lock back before it readies anybody, and touches the condition
// variable no more: the woken one may destroy it.
//
// Happens-before: each wake-up hands the waiter a clock of its own (clock.h), so a wait is ordered
// after the signal that ended it and no other.
//
// A signal that nobody waits for leaves its place, for reports of who then waits in vain.
//
// Lock: `queue`, before the scheduler's; never held while the caller's lock is used.
#include <weir/sync.h>

#include "base/hooks.h"
#include "base/trace.h"
#include "os/lock.h"
#include "sched/shake.h"
#include "sync/locks.h"
#include "sync/waitq.h"

struct cond_wait {
  struct weir_waiter waiter; // first: the queue links it. ok: was woken
  bool parked;
  struct weir_clock *clock; // the waker's
};

static struct weir_lock *lock_of(weir_cond *c) {
  return (struct weir_lock *)&c->queue;
}

// --- wait ----------------------------------------------------------------------------------------

static void enqueue(weir_cond *c, struct cond_wait *w, const struct weir_site *site) {
  w->waiter.g = weir_self();
  w->waiter.object = c;
  w->waiter.kind = WEIR_OBJ_COND;
  w->waiter.op = WEIR_WAIT_COND;
  __atomic_store_n(&c->site, site, __ATOMIC_RELAXED);
  weir_lock_acquire(lock_of(c));
  weir_waitq_push(&c->waiters, &w->waiter);
  weir_lock_release(lock_of(c));
}

static void sleep_until_woken(weir_cond *c, struct cond_wait *w, const struct weir_site *site,
                              const void *pc) {
  weir_lock_acquire(lock_of(c));
  if (w->waiter.ok) {
    weir_lock_release(lock_of(c));
  } else {
    w->parked = true;
    weir_park_describe(w->waiter.g, WEIR_WAIT_COND, &w->waiter, 1, pc);
    weir_park(w->waiter.g, lock_of(c));
  }
  WEIR_TRACE(COND_WAIT, w->waiter.g, c, site, pc);
  WEIR_EDGE_IF {
    weir_hb_call_(pc, WEIR_SYNC_COND_WAIT, site);
    weir_clock_acquire(w->clock);
    weir_clock_free(w->clock);
  }
}

// Whether somebody holds it can be told, not whether it is the caller: another may have locked it.
static _Noreturn void wait_unlocked(const weir_cond *c, const struct weir_site *site,
                                    const void *pc) {
  weir_hook_misuse(WEIR_F_COND_WAIT_UNLOCKED, WEIR_OBJ_COND, c, site, pc, NULL, 0);
}

// The lock keeps the name that it was locked by.
void weir_cond_wait_(weir_cond *c, weir_mutex *lock, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  const struct weir_site *named = lock->site;
  struct cond_wait w = {0};
  if (__builtin_expect(!weir_mutex_is_held(lock), 0)) wait_unlocked(c, site, pc);
  enqueue(c, &w, site);
  weir_mutex_unlock_at(lock, named, pc);
  sleep_until_woken(c, &w, site, pc);
  weir_mutex_lock_at(lock, named, pc);
}

void weir_cond_wait_rw_(weir_cond *c, weir_rwmutex *lock, const struct weir_site *site) {
  const void *pc = __builtin_return_address(0);
  const struct weir_site *named = lock->site;
  struct cond_wait w = {0};
  if (__builtin_expect(!weir_rwmutex_is_held(lock, false), 0)) wait_unlocked(c, site, pc);
  enqueue(c, &w, site);
  weir_rwmutex_unlock_at(lock, named, pc);
  sleep_until_woken(c, &w, site, pc);
  weir_rwmutex_lock_at(lock, named, pc);
}

void weir_cond_rwait_(weir_cond *c, weir_rwmutex *lock, const struct weir_site *site) {
  const void *pc = __builtin_return_address(0);
  const struct weir_site *named = __atomic_load_n(&lock->site, __ATOMIC_RELAXED);
  struct cond_wait w = {0};
  if (__builtin_expect(!weir_rwmutex_is_held(lock, true), 0)) wait_unlocked(c, site, pc);
  enqueue(c, &w, site);
  weir_rwmutex_runlock_at(lock, named, pc);
  sleep_until_woken(c, &w, site, pc);
  weir_rwmutex_rlock_at(lock, named, pc);
}

// --- wake ----------------------------------------------------------------------------------------

// Under the lock, off the queue. True: it is parked, and its goroutine must be readied after.
// If not, it may be gone as soon as the lock is given back.
static bool wake(struct weir_waiter *waiter, const struct weir_site *site, const void *pc) {
  struct cond_wait *w = (struct cond_wait *)waiter;
  WEIR_TRACE(SIGNAL, weir_self(), waiter->object, site, pc);
  WEIR_EDGE_IF {
    weir_hb_call_(pc, WEIR_SYNC_SIGNAL, site);
    w->clock = weir_clock_new();
  }
  waiter->ok = true;
  return w->parked;
}

// Read without the lock: who queued itself before it unlocked what this caller locked since, or
// is ordered before this call by anything else, is seen.
static bool nobody_waits(const weir_cond *c) {
  return !__atomic_load_n(&c->waiters.first, __ATOMIC_RELAXED);
}

// NULL: it was not missed. Mostly it is the same one again: then nothing is written that others
// share.
static void missed(weir_cond *c, const void *pc) {
  if (!WEIR_DETECTS) return;
  uint64_t by = pc ? weir_g_id(weir_self()) : 0;
  if (__atomic_load_n(&c->missed_at, __ATOMIC_RELAXED) != pc)
    __atomic_store_n(&c->missed_at, pc, __ATOMIC_RELAXED);
  if (__atomic_load_n(&c->missed_by, __ATOMIC_RELAXED) != by)
    __atomic_store_n(&c->missed_by, by, __ATOMIC_RELAXED);
}

void weir_cond_signal_(weir_cond *c, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  if (nobody_waits(c)) {
    missed(c, pc);
    return;
  }
  struct weir_g *g = NULL;
  weir_lock_acquire(lock_of(c));
  missed(c, NULL);
  struct weir_waiter *w = weir_waitq_take(&c->waiters);
  if (w && wake(w, site, pc)) g = w->g;
  weir_lock_release(lock_of(c));
  if (g) weir_ready(g);
}

void weir_cond_broadcast_(weir_cond *c, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  if (nobody_waits(c)) {
    missed(c, pc);
    return;
  }
  struct weir_waiter *parked = NULL, **end = &parked, *w, *next;
  weir_lock_acquire(lock_of(c));
  missed(c, NULL);
  for (w = c->waiters.first; w; w = next) {
    next = w->next;
    if (!wake(w, site, pc)) continue;
    *end = w;
    end = &w->next;
  }
  *end = NULL;
  c->waiters = (struct weir_waitq_){NULL, NULL};
  weir_lock_release(lock_of(c));
  for (w = parked; w; w = next) {
    next = w->next;
    weir_ready(w->g);
  }
}
