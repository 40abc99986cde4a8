// SPDX-License-Identifier: Apache-2.0
//
// weir_lock_os_thread: a goroutine that keeps its thread, and the thread to itself. The goroutine
// then has a home, the worker of that thread, and the worker names it in `locked`; rights.c moves
// the right to run there and back. While it is parked, the worker has no right and sleeps.
//
// The main thread is for goroutine 1 alone: any other that asks for its thread there is given a
// new one, and goroutine 1 is brought back to it. A thread that was locked by a goroutine that ends
// ends, too, since nobody knows what state it was left in; the main thread cannot.
//
// A locked worker runs nothing else, so there must be a thread for the other goroutines; it
// is made here, where its lack can be told.
#include <string.h>
#include <weir/go.h>

#include "base/check.h"
#include "sched/switch.h"

static void keep(struct weir_worker *w, struct weir_g *g) {
  g->home = w;
  w->locked = g;
  atomic_fetch_or(&w->attention, WEIR_ATTEND_LOCKED);
}

static void need(int err) {
  if (err)
    weir_fatal("weir_lock_os_thread: cannot start a thread for the other goroutines: %s",
               strerror(-err));
}

// Runs in the context that comes next, which hands g over.
static void leave_for_home(void *arg) {
  struct weir_worker *w = weir_worker_self();
  w->handoff = arg;
  atomic_fetch_or(&w->attention, WEIR_ATTEND_HANDOFF);
}

// g goes on at home.
static void move(struct weir_worker *w, struct weir_g *g) {
  atomic_store_explicit(&g->state, WEIR_G_RUNNABLE, memory_order_release);
  weir_switch_away(w, &w->g0, (struct weir_after_switch){WEIR_AFTER_CALL, g, leave_for_home});
}

// Worker 0 may be asleep, with a right or without, or run another goroutine at this moment.
static void keep_main_thread(struct weir_g *g) {
  struct weir_worker *zero = weir_sched.workers[0];
  weir_lock_acquire(&weir_sched.idle.lock);
  keep(zero, g);
  weir_lock_release(&weir_sched.idle.lock);
}

void weir_lock_os_thread(void) {
  struct weir_g *g = weir_self();
  if (g->thread || g->thread_locks++ > 0) return;
  if (g->thread_locks == 0) weir_fatal("weir_lock_os_thread: called too often without unlock");
  weir_sched_ensure();
  struct weir_worker *w = weir_worker_self();
  if (g == &weir_sched.main_g) {
    need(weir_spare_worker());
    keep_main_thread(g);
    if (w->index != 0) move(w, g);
  } else if (w->index == 0) {
    need(weir_worker_add(true, g));
    move(w, g);
  } else {
    need(weir_spare_worker());
    keep(w, g);
    weir_policy_hand_in(w); // nobody here will run it
    weir_wake_a_worker();
  }
}

static void release(struct weir_worker *w, struct weir_g *g, uint32_t ends) {
  weir_lock_acquire(&weir_sched.idle.lock);
  g->home = NULL;
  w->locked = NULL;
  atomic_fetch_and(&w->attention, ~(uint32_t)WEIR_ATTEND_LOCKED);
  atomic_fetch_or(&w->attention, ends);
  weir_lock_release(&weir_sched.idle.lock);
}

void weir_unlock_os_thread(void) {
  struct weir_g *g = weir_self();
  if (g->thread || g->thread_locks == 0 || --g->thread_locks > 0) return;
  release(weir_worker_self(), g, 0);
}

void weir_lock_os_thread_ends(struct weir_worker *w, struct weir_g *g) {
  g->thread_locks = 0;
  release(w, g, g == &weir_sched.main_g ? 0 : WEIR_ATTEND_ENDS);
}
