// SPDX-License-Identifier: Apache-2.0
//
// The switch from one goroutine to the next. Inline in its few callers, since a return after
// a switch is always mispredicted (the return predictor remembers the other stack): the
// fewer frames between the API call and the switch, the better.
#ifndef WEIR_SCHED_SWITCH_H
#define WEIR_SCHED_SWITCH_H

#include "base/hooks.h"
#include "os/asan.h"
#include "os/fp.h"
#include "sched/g.h"

#define WEIR_ALWAYS_INLINE static inline __attribute__((always_inline))

// What the context we came from left to do. Runs in the incoming context.
WEIR_ALWAYS_INLINE void weir_after_switch(struct weir_worker *w) {
  enum weir_after_kind kind = w->after.kind;
  w->after.kind = WEIR_AFTER_NOTHING;
  switch (kind) {
  case WEIR_AFTER_NOTHING:
    break;
  case WEIR_AFTER_RELEASE:
    weir_lock_release(w->after.arg);
    break;
  case WEIR_AFTER_CALL:
    w->after.call(w->after.arg);
    break;
  case WEIR_AFTER_REQUEUE:
    weir_policy_yield(w, w->after.arg);
    break;
  case WEIR_AFTER_RECYCLE:
    weir_g_finish(w, w->after.arg);
    break;
  }
}

// weir_ctx_switch, told to the sanitizer that is linked; returns, as that does, the worker it is
// resumed on. worker.c.
struct weir_worker *weir_switch_told(struct weir_g *self, struct weir_g *next,
                                     struct weir_worker *w);
extern bool weir_switch_tells; // a sanitizer is linked; constant once the constructor ran

// Runs `next` on this worker; returns when this goroutine is resumed, on any worker.
WEIR_ALWAYS_INLINE void weir_switch_to(struct weir_worker *w, struct weir_g *next) {
  struct weir_g *self = w->cur;
  uint32_t tick = atomic_load_explicit(&w->tick, memory_order_relaxed);
  atomic_store_explicit(&w->tick, tick + 1, memory_order_relaxed);
  w->cur = next;
  atomic_store_explicit(&next->state, WEIR_G_RUNNING, memory_order_relaxed);
  weir_after_switch(__builtin_expect(weir_switch_tells, 0)
                        ? weir_switch_told(self, next, w)
                        : weir_ctx_switch(&self->sp, next->sp, w));
}

// weir_switch_to for a goroutine that has changed its floating-point environment. worker.c.
void weir_switch_fp(struct weir_worker *w, struct weir_g *next);

// The same for the current goroutine, which keeps its errno and wants `after` done.
WEIR_ALWAYS_INLINE void weir_switch_away(struct weir_worker *w, struct weir_g *next,
                                         struct weir_after_switch after) {
  int saved_errno = *w->errno_at;
  w->after.arg = after.arg; // stored one by one: they are read one by one
  w->after.call = after.call;
  w->after.kind = after.kind;
  if (weir_fp_changed())
    weir_switch_fp(w, next);
  else
    weir_switch_to(w, next);
  *weir_worker_self()->errno_at = saved_errno;
}

#endif
