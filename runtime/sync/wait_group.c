// SPDX-License-Identifier: Apache-2.0
//
// The wait group. One 64-bit word holds the counter (upper half, signed) and the number of
// waiters (lower half), so that the `done` that reaches zero learns in one step whether
// anybody waits: if not, it never touches the wait group again, which a waiter that
// came later may already have left and destroyed. With waiters it takes them all off
// the queue, gives the lock back, and only then readies them.
//
// A waiter counts itself in the word with the queue's lock held and keeps it until it is
// parked; so the waker, which takes that lock, finds it queued.
#include <weir/sync.h>

#include "base/hooks.h"
#include "base/trace.h"
#include "os/lock.h"
#include "sched/shake.h"
#include "sync/clock.h"
#include "sync/waitq.h"

static int32_t counter_of(uint64_t state) {
  return (int32_t)(state >> 32);
}
static uint32_t waiters_of(uint64_t state) {
  return (uint32_t)state;
}
static struct weir_lock *lock_of(weir_wg *wg) {
  return (struct weir_lock *)&wg->queue;
}

static __attribute__((noinline)) void wake_all(weir_wg *wg) {
  weir_lock_acquire(lock_of(wg));
  struct weir_waiter *w = wg->waiters.first, *next;
  wg->waiters = (struct weir_waitq_){NULL, NULL};
  // The counter may have been raised again by a goroutine that reuses the wait group too
  // early; only the waiters are taken back.
  for (next = w; next; next = next->next)
    __atomic_fetch_sub(&wg->state, 1, __ATOMIC_RELAXED);
  weir_lock_release(lock_of(wg));
  for (; w; w = next) {
    next = w->next;
    weir_ready(w->g);
  }
}

// With a race detector all such adds and waits are known, and not only those that meet.
static void meets(const weir_wg *wg, const struct weir_site *site, const void *pc) {
  if (weir_hb_on) return;
  struct weir_object_desc d;
  weir_object_describe(WEIR_OBJ_WAIT_GROUP, wg, &d);
  weir_hook_by_chance(WEIR_F_WAIT_GROUP_RACE, &d, site, pc);
}

// Waiters at zero are those of the round before, whom the last done is about to wake.
static void add_from_zero(weir_wg *wg, uint64_t now, const struct weir_site *site, const void *pc) {
  WEIR_HB(use, wg, WEIR_USE_ADD);
  if (__builtin_expect(waiters_of(now) != 0, 0)) meets(wg, site, pc);
  if (__builtin_expect(weir_lock_order_on, 0)) weir_object_end_set_number(wg, WEIR_END_WAIT, 0);
}

// Before the count changes: see hb/use.c.
static void announce_count(weir_wg *wg, int n) {
  enum { ADDED = 4 }; // of edges, above WEIR_EDGES_BEGUN
  if (n > 0) WEIR_HB(count_up, wg, &wg->edges, ADDED, weir_g_id(weir_self()));
  if (n < 0) WEIR_HB(count_down, wg);
}

void weir_wg_add_(weir_wg *wg, int n, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  weir_api_enter(pc);
  if (n < 0 && __builtin_expect(weir_lock_order_on, 0))
    weir_hook_end_served(weir_self(), WEIR_END_WAIT, wg, site, pc);
  WEIR_EDGE_IF {
    weir_edges_begin(&wg->edges, wg, false);
    announce_count(wg, n);
    const struct weir_site *named = __atomic_load_n(&wg->site, __ATOMIC_RELAXED);
    weir_hb_call_(pc, n < 0 ? WEIR_SYNC_DONE : WEIR_SYNC_ADD, named ? named : site);
    if (n < 0) weir_hb_release_(wg);
  }
  // Who adds or waits mostly has the wait group itself, who is done a pointer to it under another
  // name; so a done leaves the name as it is.
  if (WEIR_DETECTS && (n >= 0 || !__atomic_load_n(&wg->site, __ATOMIC_RELAXED)))
    __atomic_store_n(&wg->site, site, __ATOMIC_RELAXED);
  WEIR_TRACE_IF weir_trace_call_(n < 0 ? WEIR_SYNC_DONE : WEIR_SYNC_ADD, weir_self(), wg, site, pc,
                                 0);
  uint64_t delta = (uint64_t)(uint32_t)n << 32;
  // release: what precedes a done is seen by the waiter; acquire: by the one that wakes it
  uint64_t now = __atomic_add_fetch(&wg->state, delta, __ATOMIC_ACQ_REL);
  if (__builtin_expect(counter_of(now) < 0, 0))
    weir_hook_misuse(WEIR_F_NEGATIVE_WAIT_GROUP, WEIR_OBJ_WAIT_GROUP, wg, site, pc, NULL, 0);
  if (n > 0 && counter_of(now) == n) add_from_zero(wg, now, site, pc);
  if (n < 0 && counter_of(now) == 0 && waiters_of(now)) wake_all(wg);
  weir_api_leave();
}

// Counts the caller as a waiter, with the queue's lock held. False: nothing to wait for.
static bool count_in(weir_wg *wg) {
  uint64_t s = __atomic_load_n(&wg->state, __ATOMIC_ACQUIRE);
  do
    if (counter_of(s) == 0) return false;
  while (!__atomic_compare_exchange_n(&wg->state, &s, s + 1, false, __ATOMIC_ACQ_REL,
                                      __ATOMIC_ACQUIRE));
  return true;
}

static __attribute__((noinline)) void wait_slow(weir_wg *wg, const struct weir_site *site,
                                                const void *pc) {
  struct weir_g *g = weir_self();
  struct weir_waiter w = {
      .g = g, .object = wg, .kind = WEIR_OBJ_WAIT_GROUP, .op = WEIR_WAIT_WAIT_GROUP};
  weir_lock_acquire(lock_of(wg));
  if (!count_in(wg)) {
    weir_lock_release(lock_of(wg));
    return;
  }
  weir_waitq_push(&wg->waiters, &w);
  weir_park_describe(g, WEIR_WAIT_WAIT_GROUP, &w, 1, pc);
  weir_park(g, lock_of(wg));
  // The counter has been zero: who has raised it since did not wait for this return.
  if (__builtin_expect(counter_of(__atomic_load_n(&wg->state, __ATOMIC_RELAXED)) != 0, 0))
    meets(wg, site, pc);
}

void weir_wg_wait_(weir_wg *wg, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  WEIR_HB_IF {
    weir_hb_api_enter_(pc);
    weir_hb_use_(wg, WEIR_USE_WAIT);
  }
  if (__builtin_expect(weir_lock_order_on, 0))
    weir_hook_end_wanted(weir_self(), WEIR_END_WAIT, wg, site, pc);
  // acquire pairs with the release of each done
  if (counter_of(__atomic_load_n(&wg->state, __ATOMIC_ACQUIRE)) != 0) {
    __atomic_store_n(&wg->site, site, __ATOMIC_RELAXED);
    wait_slow(wg, site, pc);
  }
  WEIR_TRACE(WAIT, weir_self(), wg, site, pc);
  WEIR_HB(call, pc, WEIR_SYNC_WAIT, site);
  if (__atomic_load_n(&wg->edges, __ATOMIC_ACQUIRE)) WEIR_EDGE(acquire, wg);
  weir_api_leave();
}
