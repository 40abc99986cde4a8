// SPDX-License-Identifier: Apache-2.0
//
// The object pool: a cache of idle objects per worker, newest first, and one for OS threads. A get
// that finds its own cache empty takes from another before it makes an object. The worker is a hint
// that spreads callers, no more: each cache has a lock, held for a push or a pop.
//
// Caches are allocated at the first put, by malloc, so that who looks for what the program can
// still reach finds the objects. All are in one list, for draining when memory is short; they carry
// what that needs, so a pool that went without weir_pool_free leaves memory behind but no pointer.
//
// Each idle object carries the clock of who put it, not at its own address, where the program may
// have a lock with edges of its own.
//
// Locks: the list's, then a cache's. The program's functions are called with none.
#include <weir/pool.h>

#include <stdlib.h>
#include <weir/go.h>

#include "base/trace.h"
#include "os/copy.h"
#include "os/lock.h"
#include "sched/sched.h"
#include "sync/clock.h"

enum { IDLE_MAX = 62, CACHES_MAX = 64, BATCH = 16 };

struct idle {
  void *object;
  struct weir_clock *put; // with a race detector
};

struct cache {
  _Alignas(64) struct weir_lock lock;
  uint32_t n; // atomic, relaxed: looked at without the lock
  struct idle idle[IDLE_MAX];
};

struct weir_pool_caches_ {
  struct weir_pool_caches_ *next, *prev; // all.lock
  void (*drop)(void *object);
  uint32_t count;
  struct cache cache[];
};

// Through it every idle object can come back to the program, as the argument of its drop.
static WEIR_OF_THE_PROGRAM struct {
  struct weir_lock lock;
  struct weir_pool_caches_ *first;
} all;

// --- caches ------------------------------------------------------------------------------------

static size_t size_with(uint32_t count) {
  return sizeof(struct weir_pool_caches_) + count * sizeof(struct cache);
}

static struct weir_pool_caches_ *caches_of(weir_pool *p) {
  return __atomic_load_n(&p->caches, __ATOMIC_ACQUIRE); // pairs with make_caches
}

static void enlist(struct weir_pool_caches_ *c) {
  weir_lock_acquire(&all.lock);
  c->next = all.first;
  if (c->next) c->next->prev = c;
  all.first = c;
  weir_lock_release(&all.lock);
}

static void delist(struct weir_pool_caches_ *c) {
  weir_lock_acquire(&all.lock);
  if (c->next) c->next->prev = c->prev;
  if (c->prev)
    c->prev->next = c->next;
  else
    all.first = c->next;
  weir_lock_release(&all.lock);
}

// NULL: no memory. Of several that come at once one succeeds.
static struct weir_pool_caches_ *make_caches(weir_pool *p) {
  uint32_t count = 1 + (uint32_t)weir_set_procs(0);
  if (count > CACHES_MAX) count = CACHES_MAX;
  struct weir_pool_caches_ *theirs = NULL;
  struct weir_pool_caches_ *c = aligned_alloc(_Alignof(struct cache), size_with(count));
  if (!c) return NULL;
  weir_zero(c, size_with(count));
  c->drop = p->drop;
  c->count = count;
  // release pairs with caches_of
  if (__atomic_compare_exchange_n(&p->caches, &theirs, c, false, __ATOMIC_ACQ_REL,
                                  __ATOMIC_ACQUIRE)) {
    enlist(c);
    return c;
  }
  free(c);
  return theirs;
}

static bool push(struct cache *c, struct idle idle) {
  weir_lock_acquire(&c->lock);
  uint32_t n = c->n;
  if (n < IDLE_MAX) {
    c->idle[n] = idle;
    __atomic_store_n(&c->n, n + 1, __ATOMIC_RELAXED);
  }
  weir_lock_release(&c->lock);
  return n < IDLE_MAX;
}

static size_t pop(struct cache *c, struct idle *out, size_t max) {
  size_t n = 0;
  if (!__atomic_load_n(&c->n, __ATOMIC_RELAXED)) return 0;
  weir_lock_acquire(&c->lock);
  uint32_t left = c->n;
  while (left && n < max) {
    out[n++] = c->idle[--left];
    c->idle[left].object = NULL; // nobody's any more
  }
  __atomic_store_n(&c->n, left, __ATOMIC_RELAXED);
  weir_lock_release(&c->lock);
  return n;
}

// From the caller's own cache, or else from the others in turn.
static size_t pop_any(struct weir_pool_caches_ *c, struct idle *out, size_t max) {
  uint32_t own = weir_worker_index() % c->count;
  for (uint32_t i = 0; i < c->count; i++) {
    size_t n = pop(&c->cache[(own + i) % c->count], out, max);
    if (n) return n;
  }
  return 0;
}

static void follow(struct idle idle) {
  WEIR_EDGE_IF {
    weir_clock_acquire(idle.put);
    weir_clock_free(idle.put);
  }
}

// --- draining ----------------------------------------------------------------------------------

static void drop_all(struct idle *idle, size_t n, void (*drop)(void *)) {
  for (size_t i = 0; i < n; i++) {
    follow(idle[i]);
    if (drop) drop(idle[i].object);
  }
}

static size_t drain(struct weir_pool_caches_ *c) {
  struct idle batch[BATCH];
  size_t n, total = 0;
  for (; (n = pop_any(c, batch, BATCH)); total += n)
    drop_all(batch, n, c->drop);
  return total;
}

// The list is looked through anew for each batch, as any pool may go while its objects are dropped.
static size_t drain_everything(void) {
  struct idle batch[BATCH];
  size_t n, total = 0;
  do {
    void (*drop)(void *) = NULL;
    n = 0;
    weir_lock_acquire(&all.lock);
    for (struct weir_pool_caches_ *c = all.first; c && !n; c = c->next) {
      n = pop_any(c, batch, BATCH);
      drop = c->drop;
    }
    weir_lock_release(&all.lock);
    drop_all(batch, n, drop);
    total += n;
  } while (n);
  return total;
}

size_t weir_pool_drain(weir_pool *p) {
  weir_api_enter(__builtin_return_address(0));
  struct weir_pool_caches_ *c = p ? caches_of(p) : NULL;
  size_t n = !p ? drain_everything() : c ? drain(c) : 0;
  weir_api_leave();
  return n;
}

void weir_pool_free(weir_pool *p) {
  struct weir_pool_caches_ *c = caches_of(p);
  if (!c) return;
  weir_api_enter(__builtin_return_address(0));
  delist(c);
  drain(c);
  p->caches = NULL;
  WEIR_HB_IF weir_hb_stack_reuse(c,
                                 size_with(c->count)); // who allocated it is not ordered before us
  free(c);
  weir_api_leave();
}

// --- the calls -----------------------------------------------------------------------------------

static void *make(weir_pool *p) {
  if (!p->make) return NULL;
  void *object = p->make();
  if (!object && drain_everything()) object = p->make();
  return object;
}

void *weir_pool_get(weir_pool *p) {
  const void *pc = __builtin_return_address(0);
  struct weir_pool_caches_ *c = caches_of(p);
  struct idle idle;
  weir_api_enter(pc);
  WEIR_TRACE_FILE(GET, weir_self(), p, NULL, pc);
  if (c && pop_any(c, &idle, 1)) {
    WEIR_HB(call, pc, WEIR_SYNC_GET, NULL);
    follow(idle);
    WEIR_HB(write, idle.object, p->size, pc);
  } else {
    idle.object = make(p);
  }
  weir_api_leave();
  return idle.object;
}

void weir_pool_put(weir_pool *p, void *object) {
  const void *pc = __builtin_return_address(0);
  if (!object) return;
  weir_api_enter(pc);
  struct weir_pool_caches_ *c = caches_of(p);
  if (!c) c = make_caches(p);
  struct idle idle = {.object = object};
  WEIR_TRACE_FILE(PUT, weir_self(), p, NULL, pc);
  WEIR_HB_IF {
    weir_hb_write_(object, p->size, pc);
    weir_hb_call_(pc, WEIR_SYNC_PUT, NULL);
  }
  WEIR_EDGE_IF idle.put = weir_clock_new();
  if (!c || !push(&c->cache[weir_worker_index() % c->count], idle)) {
    WEIR_EDGE_IF weir_clock_free(idle.put);
    if (p->drop) p->drop(object);
  }
  weir_api_leave();
}
