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
// Lock: one for all trees, rank before the channels', held while done channels are closed.
#include <weir/ctx.h>

#include <errno.h>

#include "base/check.h"
#include "sched/sched.h"
#include "sync/chan.h"
#include "sync/slab.h"

struct weir_ctx {
  struct weir_ctx *parent, *child, *next, *prev; // tree lock; parent NULL: a root, or cut loose
  struct weir_chan_ *done;
  _Atomic int err; // 0 until cancelled; written under the tree lock
  int64_t when;    // INT64_MAX: no deadline
  bool timed;      // has a timer of its own
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
  int err;
  const void *pc;
  uint64_t goid;
};

static void cancel_one(struct weir_ctx *c, const struct canceller *by) {
  atomic_store_explicit(&c->err, by->err, memory_order_release); // pairs with weir_ctx_err
  struct weir_clock *closer = NULL;
  if (by->err == ETIMEDOUT) {
    closer = c->start;
    c->start = NULL;
  }
  __atomic_store_n(&c->done->timer_pending, false, __ATOMIC_RELEASE);
  weir_lock_acquire(&c->done->lock);
  weir_chan_shut(c->done, by->pc, by->goid, closer); // releases it
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
  cancel(t->arg, &(struct canceller){.err = ETIMEDOUT});
}

// --- the calls
// -------------------------------------------------------------------------------------

int64_t weir_ctx_after_(int64_t ns) {
  int64_t when;
  return __builtin_add_overflow(weir_clock_now(), ns, &when) ? INT64_MAX : when;
}

static struct weir_ctx *make(int64_t when, const struct weir_site *site) {
  struct weir_ctx *c = weir_slab_alloc(sizeof *c);
  if (!c) weir_fatal("weir_ctx: out of memory");
  weir_zero(c, sizeof *c);
  c->when = when;
  c->done = weir_chan_make_(sizeof(char), 0, site);
  return c;
}

weir_ctx *weir_ctx_make_(weir_ctx *parent, int64_t when, const struct weir_site *site) {
  const void *pc = __builtin_return_address(0);
  struct weir_ctx *c = make(when, site);
  weir_api_enter(pc);
  weir_lock_acquire(&tree);
  if (parent && parent->when <= c->when)
    c->when = parent->when;
  else
    c->timed = when != INT64_MAX;
  c->done->timer_pending = c->when != INT64_MAX;
  WEIR_HB_IF {
    if (c->when != INT64_MAX) c->start = weir_clock_new();
  }
  int err = parent ? atomic_load_explicit(&parent->err, memory_order_relaxed) : 0;
  if (err) {
    c->timed = false;
    weir_clock_acquire(parent->done->closed_clock);
    cancel_one(c, &(struct canceller){err, pc, weir_g_id(weir_self())});
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

struct weir_chan_ *weir_ctx_done_(weir_ctx *c) {
  return c ? c->done : NULL; // nil for the background context
}

int weir_ctx_err(weir_ctx *c) {
  if (!c) return 0;
  int err = atomic_load_explicit(&c->err, memory_order_acquire); // pairs with cancel_one
  if (err) WEIR_HB_IF weir_clock_acquire(c->done->closed_clock);
  return err;
}

static void cancel_by_caller(weir_ctx *c, const void *pc) {
  if (!c || c == &background) return;
  weir_api_enter(pc);
  cancel(c, &(struct canceller){ECANCELED, pc, weir_g_id(weir_self())});
  // A pending timer is only work for nothing; one that fires now finds err set.
  if (c->timed) weir_timer_cancel_(&c->timer, false);
  weir_api_leave();
}

void weir_ctx_cancel(weir_ctx *c) {
  cancel_by_caller(c, __builtin_return_address(0));
}

void weir_ctx_free(weir_ctx *c) {
  if (!c || c == &background) return;
  const void *pc = __builtin_return_address(0);
  cancel_by_caller(c, pc);
  if (c->timed) weir_timer_cancel_(&c->timer, true); // no fire is under way after this
  weir_lock_acquire(&c->done->lock);
  weir_chan_retire(c->done, pc, weir_g_id(weir_self())); // closed, so nobody waits
  weir_clock_free(c->start);
  weir_slab_free(c, sizeof *c);
}
