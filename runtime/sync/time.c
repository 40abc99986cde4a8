// SPDX-License-Identifier: Apache-2.0
//
// Sleep, and channels that a timer sends on.
//
// A sleeper's timer stands on its stack. The goroutine holds a lock of its own while it
// starts the timer and parks, and the timer's fire function takes that lock, so a
// timer that fires at once waits for the context to be saved.
//
// weir_after's channel belongs to the runtime. Once its value was received nobody has a use
// for it, but a select in a loop may still name it, where it must block like any empty
// channel; so it goes through a queue of RETIRED_MAX others before its memory is
// reused, and one that somebody waits on goes round again. A channel whose value is
// never received is kept until exit: nothing tells whether the program still has it.
#include <weir/time.h>

#include "base/check.h"
#include "os/lock.h"
#include "sched/sched.h"
#include "sync/chan.h"
#include "sync/slab.h"

int64_t weir_now(void) {
  return weir_clock_now();
}

// --- sleep -------------------------------------------------------------------------------------

struct sleeper {
  struct weir_timer_ timer;
  struct weir_lock lock;
  struct weir_g *g;
};

static void wake_sleeper(struct weir_timer_ *t) {
  struct sleeper *s = t->arg;
  weir_lock_acquire(&s->lock); // until parked
  struct weir_g *g = s->g;
  weir_lock_release(&s->lock);
  weir_ready(g);
}

void weir_sleep(int64_t ns) {
  if (ns <= 0) return;
  struct weir_g *g = weir_self();
  struct sleeper s = {.timer = {.when = weir_clock_after(ns), .fire = wake_sleeper, .arg = &s},
                      .g = g};
  struct weir_waiter w = {
      .g = g, .object = &s.timer, .kind = WEIR_OBJ_TIMER, .op = WEIR_WAIT_SLEEP};
  weir_park_describe(g, WEIR_WAIT_SLEEP, &w, 1, __builtin_return_address(0));
  weir_lock_acquire(&s.lock);
  weir_timer_start_(&s.timer);
  weir_park(g, &s.lock);
}

// --- after -------------------------------------------------------------------------------------

enum { RETIRED_MAX = 1024 };

static struct {
  struct weir_lock lock;
  struct weir_chan_ *ring[RETIRED_MAX];
  uint32_t next;
} retired;

// The timer of an `after` with what it sends on; freed when it has fired.
struct after {
  struct weir_timer_ timer;
  struct weir_chan_ *c;
  struct weir_clock *start; // of the goroutine that called weir_after
};

static void send_now(struct weir_timer_ *t) {
  struct after *a = t->arg;
  struct weir_chan_ *c = a->c;
  struct weir_clock *start = a->start;
  weir_slab_free(a, sizeof *a);
  int64_t now = weir_clock_now();
  weir_lock_acquire(&c->lock);
  // before the value: whoever receives it must find no timer
  __atomic_store_n(&c->timer_pending, false, __ATOMIC_RELEASE);
  struct weir_g *wake = weir_chan_post(c, &now, start);
  weir_lock_release(&c->lock);
  if (wake) weir_ready(wake);
}

struct weir_chan_ *weir_after_(int64_t ns, const struct weir_site *site) {
  struct weir_chan_ *c = weir_chan_make_(sizeof(int64_t), 1, site);
  struct after *a = weir_slab_alloc(sizeof *a);
  if (!a) weir_fatal("weir_after: out of memory");
  c->once = c->timer_pending = true;
  c->owned = WEIR_CHAN_OF_TIMER;
  a->timer = (struct weir_timer_){.when = weir_clock_after(ns), .fire = send_now, .arg = a};
  a->c = c;
  a->start = NULL;
  WEIR_EDGE_IF {
    weir_hb_call_(__builtin_return_address(0), WEIR_SYNC_TIMER, NULL);
    a->start = weir_clock_new();
  }
  weir_timer_start_(&a->timer);
  return c;
}

static bool waited_on(struct weir_chan_ *c) {
  weir_lock_acquire(&c->lock);
  bool waited = c->receivers.first || c->senders.first || c->count;
  if (waited)
    weir_lock_release(&c->lock);
  else
    weir_chan_retire(c, NULL, 0);
  return waited;
}

void weir_after_received(struct weir_chan_ *c) {
  for (int tries = 0; c && tries < 2; tries++) {
    weir_lock_acquire(&retired.lock);
    uint32_t i = retired.next++ % RETIRED_MAX;
    struct weir_chan_ *oldest = retired.ring[i];
    retired.ring[i] = c;
    weir_lock_release(&retired.lock);
    c = oldest && waited_on(oldest) ? oldest : NULL;
  }
}
