// SPDX-License-Identifier: Apache-2.0
//
// Once: RUNNING from the first call until its function is over, then DONE for ever, which is all
// that later calls read; in a program that is checked for races or orders of locks with a bit more,
// so that none of them is content with that (weir/inline.h). Meanwhile calls queue, guarded by the
// QUEUE bit (word.h). The store of DONE is the last access of the goroutine that ran the function.
//
// The function is over when it returns or its goroutine ends by weir_goexit: finish is a defer.
//
// Deadlock: as in mutex.c; the owner is the goroutine that runs the function.
#include <weir/inline.h>

#include "base/hooks.h"
#include "base/trace.h"
#include "sched/shake.h"
#include "sync/locks.h"
#include "sync/waitq.h"
#include "sync/word.h"

enum {
  RUNNING = 1,
  QUEUE = 2, // guards `waiters`; held briefly, never across a park
  DONE = 4,
  CHECKED = 8, // beside DONE: a call has edges to announce
};
_Static_assert(DONE == WEIR_ONCE_DONE, "weir/inline.h reads it, too");

static void queue_release(void *once) {
  weir_word_unlock(&((weir_once *)once)->state, QUEUE);
}

static void finish(weir_once *o) {
  weir_held_remove(weir_self(), o);
  WEIR_TRACE(ONCE, weir_self(), o, o->site, o->started_at);
  WEIR_HB(call, o->started_at, WEIR_SYNC_ONCE, o->site);
  WEIR_EDGE(release_store, o);
  weir_word_lock(&o->state, QUEUE);
  struct weir_waiter *w = o->waiters.first, *next;
  o->waiters = (struct weir_waitq_){NULL, NULL};
  __atomic_store_n(&o->owner, NULL, __ATOMIC_RELAXED);
  // release pairs with the acquire in is_done; gives QUEUE back
  __atomic_store_n(&o->state, DONE | (weir_hb_on || weir_lock_order_on ? CHECKED : 0),
                   __ATOMIC_RELEASE);
  for (; w; w = next) {
    next = w->next;
    weir_ready(w->g);
  }
}

// What to run: a function, or a block.
struct task {
  void (*fn)(void);
  const void *block;
};

static void run(weir_once *o, struct task task, const struct weir_site *site, const void *pc) {
  struct weir_g *g = weir_self();
  __atomic_store_n(&o->started_at, pc, __ATOMIC_RELAXED); // detectors read these at any time
  __atomic_store_n(&o->kind, WEIR_LOCK_IS_ONCE, __ATOMIC_RELAXED);
  __atomic_store_n(&o->site, site, __ATOMIC_RELAXED);
  __atomic_store_n(&o->owner, g, __ATOMIC_RELAXED);
  weir_held_push(g, o, pc);
  weir_defer(finish(o));
  if (task.fn)
    task.fn();
  else
    ((void (^)(void))task.block)();
}

static void wait(weir_once *o, const void *pc) {
  struct weir_g *g = weir_self();
  struct weir_waiter w = {.g = g, .object = o, .kind = WEIR_OBJ_ONCE, .op = WEIR_WAIT_ONCE};
  weir_park_describe(g, WEIR_WAIT_ONCE, &w, 1, pc);
  weir_blocked_on_lock(g, o);
  if (weir_word_lock_unless(&o->state, QUEUE, DONE)) {
    weir_waitq_push(&o->waiters, &w);
    weir_park_unlock(g, queue_release, o);
  } else {
    weir_park_forget(g);
  }
}

static __attribute__((noinline)) void do_slow(weir_once *o, struct task task,
                                              const struct weir_site *site, const void *pc) {
  weir_api_enter(pc);
  uint32_t untouched = 0;
  if (weir_word_swap(&o->state, &untouched, RUNNING))
    run(o, task, site, pc);
  else
    wait(o, pc);
  weir_api_leave();
}

// acquire pairs with the release of DONE in finish
static inline bool is_done(const weir_once *o) {
  return __builtin_expect(__atomic_load_n(&o->state, __ATOMIC_ACQUIRE) & DONE, 1);
}

static __attribute__((noinline)) void follow(const weir_once *o, const struct weir_site *site,
                                             const void *pc) {
  weir_hb_call_(pc, WEIR_SYNC_ONCE, site);
  weir_hb_acquire_(o);
}

void weir_once_do_(weir_once *o, void (*fn)(void), const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  if (!is_done(o)) do_slow(o, (struct task){.fn = fn}, site, pc);
  WEIR_EDGE_IF follow(o, site, pc);
}

void weir_once_call_(weir_once *o, const void *block, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  if (!is_done(o)) do_slow(o, (struct task){.block = block}, site, pc);
  WEIR_EDGE_IF follow(o, site, pc);
}

void weir_once_do_call_(weir_once *o, void (*fn)(void), const struct weir_site *site)
    __attribute__((alias("weir_once_do_")));
