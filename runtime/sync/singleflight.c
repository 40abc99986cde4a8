// SPDX-License-Identifier: Apache-2.0
//
// Singleflight. A flight, one execution with those who wait for it, stands on the stack of the
// goroutine that executes; those who wait stand in its queue with a place for the result,
// so nothing is allocated and nobody looks at a flight after it landed.
//
// Flights hang in a hash table by key: eight buckets in the object itself, an array of the
// slab's once there are many, given back when none is left.
//
// The table leads to the stacks of those who execute, but by it nobody can wake them. So that a
// look for leaks does not take it for a way, it holds complements of addresses.
//
// Lock: the object's own; nothing but the slab's is taken inside it.
#include <weir/singleflight.h>

#include "base/check.h"
#include "base/hooks.h"
#include "base/trace.h"
#include "os/copy.h"
#include "os/lock.h"
#include "sched/sched.h"
#include "sync/clock.h"
#include "sync/slab.h"
#include "sync/waitq.h"

enum { FEW = sizeof((weir_singleflight *)0)->few / sizeof(uintptr_t), CROWDED = 2, GROWTH = 8 };

struct weir_flight_ {
  uintptr_t next; // in its bucket; hidden
  const char *key;
  uint64_t hash;
  const void *pc; // of the call
  bool listed;    // in the table: neither landed nor forgotten
  bool shared;
  struct weir_waitq_ waiting;
  void *result;
};

struct passenger {
  struct weir_waiter waiter;
  struct weir_clock *landed; // the executing goroutine's, after fn
  void *result;
};

static struct weir_lock *lock_of(weir_singleflight *sf) {
  return (struct weir_lock *)&sf->lock;
}

// --- the table, under the lock ---------------------------------------------------------------

static uint64_t hash_of(const char *key) { // FNV-1a, and its high bits folded in
  uint64_t h = 0xcbf29ce484222325u;
  for (; *key; key++)
    h = (h ^ (unsigned char)*key) * 0x100000001b3u;
  return h ^ h >> 32;
}

static uintptr_t hidden(struct weir_flight_ *f) {
  return f ? ~(uintptr_t)f : 0;
}
static struct weir_flight_ *shown(uintptr_t f) {
  return f ? (struct weir_flight_ *)~f : NULL;
}

static uintptr_t *bucket(weir_singleflight *sf, uint64_t hash) {
  return sf->many ? &sf->many[hash % sf->size] : &sf->few[hash % FEW];
}

// Not strcmp: the key in the table is another goroutine's, which ends its flight under the
// lock before it changes it. A race detector that intercepts strcmp knows nothing of that lock.
static bool same(const char *a, const char *b) {
  for (; *a && *a == *b; a++, b++)
    ;
  return *a == *b;
}

static struct weir_flight_ *find(weir_singleflight *sf, const char *key, uint64_t hash) {
  for (struct weir_flight_ *f = shown(*bucket(sf, hash)); f; f = shown(f->next))
    if (f->hash == hash && same(f->key, key)) return f;
  return NULL;
}

static void move_all(weir_singleflight *sf, const uintptr_t *from, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (struct weir_flight_ *f = shown(from[i]), *next; f; f = next) {
      next = shown(f->next);
      uintptr_t *b = bucket(sf, f->hash);
      f->next = *b;
      *b = hidden(f);
    }
}

// Without memory the table stays crowded: slower, but right.
static void grow(weir_singleflight *sf) {
  uintptr_t *old = sf->many;
  uint32_t old_size = old ? sf->size : FEW, size = old_size * GROWTH;
  uintptr_t *bigger = weir_slab_alloc(size * sizeof *bigger);
  if (!bigger) return;
  weir_zero(bigger, size * sizeof *bigger);
  sf->many = bigger;
  sf->size = size;
  move_all(sf, old ? old : sf->few, old_size);
  if (old) weir_slab_free(old, old_size * sizeof *old);
  weir_zero(sf->few, sizeof sf->few);
}

static void list(weir_singleflight *sf, struct weir_flight_ *f) {
  if (sf->count >= CROWDED * (sf->many ? sf->size : FEW) && sf->size < UINT32_MAX / GROWTH)
    grow(sf);
  uintptr_t *b = bucket(sf, f->hash);
  f->next = *b;
  *b = hidden(f);
  f->listed = true;
  sf->count++;
}

static void unlist(weir_singleflight *sf, struct weir_flight_ *f) {
  uintptr_t *b = bucket(sf, f->hash);
  while (*b != hidden(f))
    b = &shown(*b)->next;
  *b = f->next;
  f->listed = false;
  if (--sf->count == 0 && sf->many) {
    weir_slab_free(sf->many, sf->size * sizeof *sf->many);
    sf->many = NULL;
    sf->size = 0;
  }
}

// --- flights ---------------------------------------------------------------------------------

static void land(weir_singleflight *sf, struct weir_flight_ *f) {
  weir_lock_acquire(lock_of(sf));
  WEIR_HB(call, f->pc, WEIR_SYNC_FLIGHT, NULL);
  WEIR_EDGE(release, sf);
  if (f->listed) unlist(sf, f);
  struct weir_waiter *w = f->waiting.first, *next;
  weir_lock_release(lock_of(sf)); // nobody can join any more
  for (; w; w = next) {
    struct passenger *p = (struct passenger *)w;
    next = w->next;
    p->result = f->result;
    WEIR_EDGE_IF p->landed = weir_clock_new();
    weir_ready(w->g);
  }
}

// Executions follow each other: a cache that only fn touches needs no lock of its own, as in Go.
// Memory that was another object before starts without that one's edges, for a race detector; for
// others it may have been used before they did.
static void order_executions(weir_singleflight *sf) {
  if (sf->edges || !weir_hb_on)
    weir_hb_acquire_(sf);
  else
    weir_hb_release_store_(sf);
  sf->edges = 1;
}

// Holds the lock, which the park releases.
static void *join(weir_singleflight *sf, struct weir_flight_ *f, const void *pc) {
  struct weir_g *g = weir_self();
  struct passenger p = {.waiter = {.g = g, .op = WEIR_WAIT_SINGLEFLIGHT, .object = f}};
  f->shared = true;
  weir_waitq_push(&f->waiting, &p.waiter);
  weir_park_describe(g, WEIR_WAIT_SINGLEFLIGHT, &p.waiter, 1, pc);
  weir_park(g, lock_of(sf));
  WEIR_EDGE_IF {
    WEIR_HB(call, pc, WEIR_SYNC_FLIGHT, NULL);
    weir_clock_acquire(p.landed);
    weir_clock_free(p.landed);
  }
  return p.result;
}

// Listed already. Lands also when fn leaves by weir_goexit.
static void fly(weir_singleflight *sf, struct weir_flight_ *f, void *(*fn)(void *), void *arg) {
  struct weir_defer_ landing = {0, (const void *)^{
                                       land(sf, f);
}
}
;
weir_defer_push_(&landing);
f->result = fn(arg);
weir_defer_run_(&landing);
}

void *weir_singleflight_do(weir_singleflight *sf, const char *key, void *(*fn)(void *arg),
                           void *arg, bool *shared) {
  const void *pc = __builtin_return_address(0);
  struct weir_flight_ own = {.key = key, .hash = hash_of(key), .pc = pc};
  void *result;
  weir_api_enter(pc);
  WEIR_TRACE_FILE(FLIGHT, weir_self(), sf, NULL, pc);
  weir_lock_acquire(lock_of(sf));
  struct weir_flight_ *f = find(sf, key, own.hash);
  if (f) {
    result = join(sf, f, pc);
  } else {
    list(sf, &own);
    WEIR_HB(call, pc, WEIR_SYNC_FLIGHT, NULL);
    WEIR_EDGE_IF order_executions(sf);
    weir_lock_release(lock_of(sf));
    fly(sf, &own, fn, arg);
    result = own.result;
  }
  if (shared) {
    *shared = f || own.shared;
    WEIR_HB(write, shared, sizeof *shared, pc);
  }
  weir_api_leave();
  return result;
}

void weir_singleflight_forget(weir_singleflight *sf, const char *key) {
  weir_lock_acquire(lock_of(sf));
  struct weir_flight_ *f = find(sf, key, hash_of(key));
  if (f) unlist(sf, f);
  weir_lock_release(lock_of(sf));
}
