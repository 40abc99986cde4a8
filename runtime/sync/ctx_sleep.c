// SPDX-License-Identifier: Apache-2.0
//
// Sleep that ends with a context: a wait for a timer, which stands on the sleeper's stack, and for
// the context's done channel, of which one wins (waitq.h). No allocation.
//
// The timer's fire function takes the sleeper's lock, which is held until the goroutine is
// parked. A goroutine that was woken takes that lock, too, before it leaves, because who
// parked it may still be about to release it, and waits for a fire that is under way.
//
// Locks: the sleeper's, then done's; the timers' inside both.
#include <weir/ctx.h>
#include <weir/time.h>

#include "sched/sched.h"
#include "sync/chan.h"

struct sleeper {
  struct weir_timer_ timer;
  struct weir_lock lock;
  struct weir_chan_ *done;
  struct weir_select_state state;
  struct weir_waiter up, ended; // as one array for detectors
};

static void wake(struct weir_timer_ *t) {
  struct sleeper *s = t->arg;
  weir_lock_acquire(&s->lock); // until parked
  struct weir_g *g = weir_waiter_claim(&s->up) ? s->up.g : NULL;
  weir_lock_release(&s->lock);
  if (g) weir_ready(g); // else it waits for us to be over
}

static void release_locks(void *arg) {
  struct sleeper *s = arg;
  weir_lock_release(&s->done->lock); // from here on it may be awake, and waits for the other
  weir_lock_release(&s->lock);
}

static void enqueue(struct sleeper *s, struct weir_g *g) {
  s->up = (struct weir_waiter){.g = g,
                               .select = &s->state,
                               .object = &s->timer,
                               .kind = WEIR_OBJ_TIMER,
                               .op = WEIR_WAIT_SLEEP};
  s->ended = (struct weir_waiter){.g = g,
                                  .select = &s->state,
                                  .object = s->done,
                                  .kind = WEIR_OBJ_CHAN,
                                  .op = WEIR_WAIT_CHAN_RECV};
  weir_waitq_push(&s->done->receivers, &s->ended);
  s->done->pins++;
}

static void leave(struct sleeper *s) {
  weir_lock_acquire(&s->lock);
  weir_lock_release(&s->lock);
  if (s->state.winner == &s->ended) weir_timer_cancel_(&s->timer, true);
  weir_lock_acquire(&s->done->lock);
  if (s->ended.queued) weir_waitq_remove(&s->done->receivers, &s->ended);
  weir_chan_unpin(s->done); // releases the lock
}

int weir_ctx_sleep(weir_ctx *ctx, int64_t ns) {
  struct weir_chan_ *done = weir_ctx_done_(ctx);
  if (!done) weir_sleep(ns);
  if (!done || ns <= 0) return weir_ctx_err(ctx);
  struct weir_g *g = weir_self();
  struct sleeper s = {.timer = {.when = weir_clock_after(ns), .fire = wake, .arg = &s},
                      .done = done};
  weir_lock_acquire(&s.lock);
  weir_lock_acquire(&done->lock);
  if (done->closed) {
    release_locks(&s);
    return weir_ctx_err(ctx);
  }
  enqueue(&s, g);
  weir_park_describe(g, WEIR_WAIT_SLEEP, &s.up, 2, __builtin_return_address(0));
  weir_timer_start_(&s.timer);
  weir_park_unlock(g, release_locks, &s);
  leave(&s);
  return s.state.winner == &s.up ? 0 : weir_ctx_err(ctx);
}
