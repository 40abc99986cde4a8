// SPDX-License-Identifier: Apache-2.0
//
// Contexts: a tree in which cancelling a node cancels what is below it. A cancelled
// context leaves the tree at once, with its whole subtree, so a context needs its parent
// only while both are alive and no counting of references is needed: freeing a parent
// cancels and cuts loose its children. The background context is no node: children
// of it are roots, and nothing refers to them but the program (a leaked one can be proven).
//
// A child's deadline is the earlier of its own and its parent's. Each context with a
// deadline of its own has a timer; one that inherits it relies on its parent's.
//
// Values hang on no node, since they outlive cancellation: each is an immutable link in a chain
// that leads to older ones, counted by the contexts and links that point to it.
//
// A function to be called at the end of a context is a node below it, which starts a goroutine when
// it is cancelled.
//
// Lock: one for all trees, rank before the channels', held while done channels are closed.
#include <weir/ctx.h>

#include <errno.h>

#include "base/check.h"
#include "sched/sched.h"
#include "sched/shake.h"
#include "sync/chan.h"
#include "sync/ctx.h"
#include "sync/later.h"
#include "sync/slab.h"

struct value {
  _Atomic uint32_t holders;
  struct value *next;
  const void *key;
  void *value;
};

struct weir_ctx {
  struct weir_ctx *parent, *child, *next, *prev; // tree lock; parent NULL: a root, or cut loose
  struct weir_chan_ *done;
  _Atomic int err;          // 0 until cancelled; written under the tree lock
  int cause;                // set before err
  int64_t when;             // INT64_MAX: no deadline
  bool timed;               // has a timer of its own
  int timeout_cause;        // what its timer will say
  struct value *values;     // newest first
  struct weir_later *later; // to be started; NULL: none, or it was; tree lock
  struct weir_timer_ timer;
  struct weir_clock *start; // of the maker, for edges from the deadline
};

static struct weir_lock tree;
static struct weir_ctx background = {.when = INT64_MAX};

weir_ctx *weir_ctx_background(void) {
  return &background;
}

// --- the tree, under its lock --------------------------------------------------------------------

static void link_child(struct weir_ctx *parent, struct weir_ctx *c) {
  c->parent = parent;
  c->prev = NULL;
  c->next = parent->child;
  if (c->next) c->next->prev = c;
  parent->child = c;
}

static void unlink(struct weir_ctx *c) {
  if (!c->parent) return;
  if (c->prev)
    c->prev->next = c->next;
  else
    c->parent->child = c->next;
  if (c->next) c->next->prev = c->prev;
  c->parent = NULL;
}

// Who cancels: a goroutine, or a deadline (pc NULL), which speaks for the makers.
struct canceller {
  int err, cause;
  const void *pc;
  uint64_t goid;
};

// What the goroutine knows: its maker's doings and, if it is a deadline, who made the context.
static void start_later(struct weir_ctx *c) {
  weir_later_start(c->later, weir_clock_share(c->done->closed_clock));
  weir_later_drop(c->later);
  c->later = NULL;
  if (c->when != INT64_MAX) weir_timer_starts_(-1);
}

// err is set with the lock of done held: it comes before done for those that done wakes, and
// whoever sees it and then takes that lock finds done closed.
static void cancel_one(struct weir_ctx *c, const struct canceller *by) {
  weir_lock_acquire(&c->done->lock);
  c->cause = by->cause ? by->cause : by->err;
  atomic_store_explicit(&c->err, by->err, memory_order_release); // pairs with weir_ctx_err
  struct weir_clock *closer = NULL;
  if (by->err == ETIMEDOUT) {
    closer = c->start;
    c->start = NULL;
  }
  __atomic_store_n(&c->done->timer_pending, false, __ATOMIC_RELEASE);
  weir_chan_shut(c->done, by->pc, by->goid, closer); // releases it
  if (c->later) start_later(c);
}

// Depth first without recursion: a node goes when it has no child left.
static void cancel_tree(struct weir_ctx *root, const struct canceller *by) {
  unlink(root);
  if (atomic_load_explicit(&root->err, memory_order_relaxed)) return;
  for (struct weir_ctx *c = root;;) {
    if (!atomic_load_explicit(&c->err, memory_order_relaxed)) cancel_one(c, by);
    if (c->child) {
      c = c->child;
      continue;
    }
    if (c == root) return;
    struct weir_ctx *up = c->parent;
    unlink(c);
    c = up;
  }
}

static void cancel(struct weir_ctx *c, const struct canceller *by) {
  weir_lock_acquire(&tree);
  cancel_tree(c, by);
  weir_lock_release(&tree);
}

static void deadline_passed(struct weir_timer_ *t) {
  struct weir_ctx *c = t->arg;
  cancel(c, &(struct canceller){.err = ETIMEDOUT, .cause = c->timeout_cause});
}

// --- values ----------------------------------------------------------------------------------

static struct value *hold(struct value *v) {
  if (v) atomic_fetch_add_explicit(&v->holders, 1, memory_order_relaxed);
  return v;
}

static void let_go(struct value *v) {
  // acq_rel: the last holder frees what all others have read
  while (v && atomic_fetch_sub_explicit(&v->holders, 1, memory_order_acq_rel) == 1) {
    struct value *next = v->next;
    weir_slab_free(v, sizeof *v);
    v = next;
  }
}

void *weir_ctx_value(weir_ctx *c, const void *key) {
  for (struct value *v = c ? c->values : NULL; v; v = v->next)
    if (v->key == key) return v->value;
  return NULL;
}

// --- the calls -------------------------------------------------------------------------------

int64_t weir_ctx_after_(int64_t ns) {
  return weir_clock_after(ns);
}

static struct weir_ctx *make(int64_t when, const struct weir_site *site) {
  struct weir_ctx *c = weir_slab_alloc(sizeof *c);
  if (!c) weir_fatal("weir_ctx: out of memory");
  weir_zero(c, sizeof *c);
  c->when = when;
  c->done = weir_chan_make_(sizeof(char), 0, site);
  c->done->owned = WEIR_CHAN_OF_CONTEXT;
  return c;
}

// Puts c, which is ready but for that, below parent.
static struct weir_ctx *put_below(struct weir_ctx *parent, struct weir_ctx *c, const void *pc) {
  int64_t when = c->when;
  weir_api_enter(pc);
  weir_lock_acquire(&tree);
  if (parent && parent->when <= c->when)
    c->when = parent->when;
  else
    c->timed = when != INT64_MAX;
  c->done->timer_pending = c->when != INT64_MAX;
  WEIR_EDGE_IF {
    if (c->when != INT64_MAX) c->start = weir_clock_new();
  }
  if (c->later && c->when != INT64_MAX) weir_timer_starts_(1);
  int err = parent ? atomic_load_explicit(&parent->err, memory_order_relaxed) : 0;
  if (err) {
    c->timed = false;
    weir_clock_acquire(parent->done->closed_clock);
    cancel_one(c, &(struct canceller){err, parent->cause, pc, weir_g_id(weir_self())});
  } else if (c->timed && c->when <= weir_clock_now()) { // at once, not when the timers get to it
    c->timed = false;
    cancel_one(c, &(struct canceller){.err = ETIMEDOUT, .cause = c->timeout_cause});
  } else if (parent && parent != &background) {
    link_child(parent, c);
  }
  weir_lock_release(&tree);
  if (c->timed) {
    c->timer = (struct weir_timer_){.when = c->when, .fire = deadline_passed, .arg = c};
    weir_timer_start_(&c->timer);
  }
  weir_api_leave();
  return c;
}

static struct weir_ctx *make_below(struct weir_ctx *parent, int64_t when, int timeout_cause,
                                   const struct weir_site *site, const void *pc) {
  struct weir_ctx *c = make(when, site);
  c->timeout_cause = timeout_cause;
  c->values = parent ? hold(parent->values) : NULL;
  return put_below(parent, c, pc);
}

weir_ctx *weir_ctx_make_(weir_ctx *parent, int64_t when, const struct weir_site *site) {
  return make_below(parent, when, 0, site, __builtin_return_address(0));
}

weir_ctx *weir_ctx_make_cause_(weir_ctx *parent, int64_t when, int cause,
                               const struct weir_site *site) {
  return make_below(parent, when, cause, site, __builtin_return_address(0));
}

weir_ctx *weir_ctx_make_value_(weir_ctx *parent, const void *key, void *value,
                               const struct weir_site *site) {
  struct value *v = weir_slab_alloc(sizeof *v);
  if (!v) weir_fatal("weir_ctx: out of memory");
  struct weir_ctx *c = make(INT64_MAX, site);
  *v = (struct value){
      .holders = 1, .next = parent ? hold(parent->values) : NULL, .key = key, .value = value};
  c->values = v;
  return put_below(parent, c, __builtin_return_address(0));
}

weir_ctx *weir_ctx_make_values_of_(weir_ctx *of, const struct weir_site *site) {
  struct weir_ctx *c = make(INT64_MAX, site);
  c->values = of ? hold(of->values) : NULL;
  return put_below(NULL, c, __builtin_return_address(0));
}

void weir_ctx_after_func_(const void *block, const struct weir_site *site, weir_ctx *ctx,
                          weir_ctx_func **out) {
  struct weir_ctx *c = make(INT64_MAX, site);
  c->later = weir_later_new(block, site);
  *out = (weir_ctx_func *)put_below(ctx, c, __builtin_return_address(0));
}

bool weir_ctx_deadline(weir_ctx *c, int64_t *when) {
  if (!c || c->when == INT64_MAX) return false;
  *when = c->when;
  WEIR_HB(write, when, sizeof *when, __builtin_return_address(0));
  return true;
}

struct weir_chan_ *weir_ctx_done_(weir_ctx *c) {
  return c ? c->done : NULL; // nil for the background context
}

int weir_ctx_err(weir_ctx *c) {
  if (!c) return 0;
  int err = atomic_load_explicit(&c->err, memory_order_acquire); // pairs with cancel_one
  if (!err) return 0;
  if (!weir_chan_is_closed(c->done)) { // about to be
    weir_lock_acquire(&c->done->lock);
    weir_lock_release(&c->done->lock);
  }
  WEIR_HB(call, __builtin_return_address(0), WEIR_SYNC_CTX_ERR, c->done->site);
  WEIR_EDGE_IF weir_clock_acquire(c->done->closed_clock);
  return err;
}

int weir_ctx_cause(weir_ctx *c) {
  return weir_ctx_err(c) ? c->cause : 0;
}

void weir_ctx_cancel_at(weir_ctx *c, int cause, const void *pc) {
  if (!c || c == &background) return;
  weir_api_enter(pc);
  WEIR_TRACE(CANCEL, weir_self(), c->done, c->done->site, pc);
  WEIR_HB(call, pc, WEIR_SYNC_CANCEL, c->done->site);
  cancel(c, &(struct canceller){ECANCELED, cause, pc, weir_g_id(weir_self())});
  // A pending timer is only work for nothing; one that fires now finds err set.
  if (c->timed) weir_timer_cancel_(&c->timer, false);
  weir_api_leave();
}

void weir_ctx_cancel(weir_ctx *c) {
  weir_shake();
  weir_ctx_cancel_at(c, 0, __builtin_return_address(0));
}

void weir_ctx_cancel_cause(weir_ctx *c, int cause) {
  weir_shake();
  weir_ctx_cancel_at(c, cause, __builtin_return_address(0));
}

// Nobody waits on done any more, or may.
static void destroy(struct weir_ctx *c, const void *pc) {
  weir_lock_acquire(&c->done->lock);
  weir_chan_retire(c->done, pc, weir_g_id(weir_self()));
  weir_clock_free(c->start);
  let_go(c->values);
  weir_slab_free(c, sizeof *c);
}

void weir_ctx_free(weir_ctx *c) {
  if (!c || c == &background) return;
  const void *pc = __builtin_return_address(0);
  weir_ctx_cancel_at(c, 0, pc);
  if (c->timed) weir_timer_cancel_(&c->timer, true); // no fire is under way after this
  destroy(c, pc);
}

bool weir_ctx_func_stop(weir_ctx_func *f) {
  struct weir_ctx *c = (struct weir_ctx *)f;
  if (!c) return false;
  weir_lock_acquire(&tree);
  struct weir_later *later = c->later;
  if (later && c->when != INT64_MAX) weir_timer_starts_(-1);
  unlink(c);
  weir_lock_release(&tree);
  weir_later_drop(later);
  destroy(c, __builtin_return_address(0));
  return later != NULL;
}
