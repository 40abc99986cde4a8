// SPDX-License-Identifier: Apache-2.0
//
// The fence: OPEN once and for ever, which is all that most calls read. Before that waits queue,
// guarded by the QUEUE bit (word.h). The store of OPEN gives the queue back and is the last access
// of the goroutine that opens, so who then returns from its wait may destroy the fence.
//
// A wait with a context is a select of two (waitq.h): a waiter here and one among the receivers of
// the context's done channel, which is pinned meanwhile. Awake, the goroutine takes the waiter
// that lost back. The state of the fence alone decides what it returns.
//
// Locks: QUEUE, then a channel's. Goroutines are readied with none held.
#include <weir/fence.h>

#include "sched/shake.h"
#include "sync/chan.h"
#include "sync/word.h"

enum {
  OPEN = 1,
  QUEUE = 2, // guards `waiters`; held briefly, never across a park
};

struct fence_wait {
  struct weir_waiter here, done;
  struct weir_select_state state;
  weir_fence *fence;
  struct weir_lock *done_lock;
};

static bool is_open(const weir_fence *f) {
  // acquire pairs with the release in weir_fence_open_
  return __atomic_load_n(&f->state, __ATOMIC_ACQUIRE) & OPEN;
}

static void set_site(weir_fence *f, const struct weir_site *site) {
  __atomic_store_n(&f->site, site, __ATOMIC_RELAXED); // detectors read it at any time
}

// Takes all waiters off the queue; returns those that are ours to wake, linked by next.
static struct weir_waiter *claim_all(weir_fence *f) {
  struct weir_waiter *claimed = NULL, **end = &claimed, *w;
  while ((w = weir_waitq_take(&f->waiters))) {
    *end = w;
    end = &w->next;
  }
  *end = NULL;
  return claimed;
}

bool weir_fence_open_(weir_fence *f, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  weir_api_enter(pc);
  bool opens = !is_open(f) && weir_word_lock_unless(&f->state, QUEUE, OPEN);
  if (opens) {
    set_site(f, site);
    WEIR_TRACE(OPEN, weir_self(), f, site, pc);
    WEIR_EDGE_IF {
      weir_hb_call_(pc, WEIR_SYNC_OPEN, site);
      weir_hb_release_store_(f);
    }
    struct weir_waiter *w = claim_all(f), *next;
    // release pairs with the acquire in is_open; gives QUEUE back
    __atomic_store_n(&f->state, OPEN, __ATOMIC_RELEASE);
    for (; w; w = next) {
      next = w->next;
      weir_ready(w->g);
    }
  }
  weir_api_leave();
  return opens;
}

static bool pass(weir_fence *f, const struct weir_site *site, const void *pc) {
  if (!is_open(f)) return false;
  WEIR_EDGE_IF {
    weir_hb_call_(pc, WEIR_SYNC_PASS, site);
    weir_hb_acquire_(f);
  }
  return true;
}

bool weir_fence_is_open(weir_fence *f) {
  return pass(f, __atomic_load_n(&f->site, __ATOMIC_RELAXED), __builtin_return_address(0));
}

// --- waiting ---------------------------------------------------------------------------------

static void queue_release(void *fence) {
  weir_word_unlock(&((weir_fence *)fence)->state, QUEUE);
}

static __attribute__((noinline)) void wait(weir_fence *f, const struct weir_site *site,
                                           const void *pc) {
  struct weir_g *g = weir_self();
  struct weir_waiter w = {.g = g, .object = f, .kind = WEIR_OBJ_FENCE, .op = WEIR_WAIT_FENCE};
  if (!weir_word_lock_unless(&f->state, QUEUE, OPEN)) return;
  set_site(f, site);
  weir_waitq_push(&f->waiters, &w);
  weir_park_describe(g, WEIR_WAIT_FENCE, &w, 1, pc);
  weir_park_unlock(g, queue_release, f);
  WEIR_TRACE(PASS, g, f, site, pc);
}

// By the scheduler, when the goroutine is parked. A context may wake it as soon as the first lock
// is free; it still needs QUEUE to leave, so `arg` is good until that is released.
static void release_locks(void *arg) {
  struct fence_wait *w = arg;
  weir_fence *f = w->fence;
  weir_lock_release(w->done_lock);
  queue_release(f);
}

static void enqueue(struct fence_wait *w, struct weir_chan_ *done) {
  struct weir_g *g = weir_self();
  w->here = (struct weir_waiter){.g = g,
                                 .select = &w->state,
                                 .object = w->fence,
                                 .kind = WEIR_OBJ_FENCE,
                                 .op = WEIR_WAIT_FENCE};
  w->done = (struct weir_waiter){.g = g,
                                 .select = &w->state,
                                 .object = done,
                                 .kind = WEIR_OBJ_CHAN,
                                 .op = WEIR_WAIT_CHAN_RECV};
  weir_waitq_push(&w->fence->waiters, &w->here);
  weir_waitq_push(&done->receivers, &w->done);
  done->pins++;
}

static void leave(struct fence_wait *w, struct weir_chan_ *done) {
  weir_lock_acquire(&done->lock);
  if (w->done.queued) weir_waitq_remove(&done->receivers, &w->done);
  weir_chan_unpin(done); // releases the lock
  if (w->state.winner != &w->done) return;
  // While the fence is not open the waiter is queued. Once it is, nobody looks at the queue.
  if (!weir_word_lock_unless(&w->fence->state, QUEUE, OPEN)) return;
  weir_waitq_remove(&w->fence->waiters, &w->here);
  queue_release(w->fence);
}

static __attribute__((noinline)) void wait_until(weir_fence *f, struct weir_chan_ *done,
                                                 const struct weir_site *site, const void *pc) {
  struct fence_wait w = {.fence = f, .done_lock = &done->lock};
  if (!weir_word_lock_unless(&f->state, QUEUE, OPEN)) return;
  weir_lock_acquire(&done->lock);
  if (done->closed) {
    release_locks(&w);
    return;
  }
  set_site(f, site);
  enqueue(&w, done);
  weir_park_describe(w.here.g, WEIR_WAIT_FENCE, &w.here, 2, pc); // and w.done, which follows it
  weir_park_unlock(w.here.g, release_locks, &w);
  leave(&w, done);
}

void weir_fence_wait_(weir_fence *f, const struct weir_site *site) {
  const void *pc = __builtin_return_address(0);
  weir_api_enter(pc);
  if (!is_open(f)) wait(f, site, pc);
  pass(f, site, pc);
  weir_api_leave();
}

int weir_fence_wait_ctx_(weir_fence *f, weir_ctx *ctx, const struct weir_site *site) {
  const void *pc = __builtin_return_address(0);
  struct weir_chan_ *done = ctx ? weir_ctx_done_(ctx) : NULL;
  weir_api_enter(pc);
  if (!is_open(f) && done)
    wait_until(f, done, site, pc);
  else if (!is_open(f))
    wait(f, site, pc);
  // Woken by the fence it is open. Woken by the context it may have been opened since.
  int err = pass(f, site, pc) ? 0 : weir_ctx_err(ctx);
  weir_api_leave();
  return err;
}
