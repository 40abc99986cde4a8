// SPDX-License-Identifier: Apache-2.0
//
// known.h: what a synchronisation address carries. A table of sets of four; what belongs to an
// address that finds its set full goes to the rest of the set, which all get who ask there for
// an address that has no place of its own. So nothing is ever forgotten but by a clear. Locks: one
// for a group of sets, leaves but for the vectors' own.
#include "hb/known.h"
#include "os/lock.h"
#include "os/memory.h"

enum { WAYS = 4, SETS = 1 << 13, LOCKS = 128 };

struct set {
  const void *sync[WAYS];
  struct weir_known *known[WAYS], *rest;
};

static struct set *_Atomic sets; // [SETS], pages come on touch
static struct weir_lock locks[LOCKS], making;
static struct set everything; // in place of a table that there is no memory for

static struct set *make_table(void) {
  weir_lock_acquire(&making);
  struct set *t = atomic_load_explicit(&sets, memory_order_relaxed);
  if (!t) {
    t = weir_mem_map(SETS * sizeof *t);
    if (!t) t = &everything;
    atomic_store_explicit(&sets, t, memory_order_release);
  }
  weir_lock_release(&making);
  return t;
}

// Locked.
static struct set *find(const void *sync, struct weir_lock **lock) {
  struct set *t = atomic_load_explicit(&sets, memory_order_acquire);
  if (__builtin_expect(!t, 0)) t = make_table();
  uint64_t h = (uint64_t)(uintptr_t)sync * 0x9e3779b97f4a7c15u; // Fibonacci hashing (Knuth)
  size_t n = t == &everything ? 0 : (size_t)(h >> 51) % SETS;
  *lock = &locks[n % LOCKS];
  weir_lock_acquire(*lock);
  return &t[n];
}

static int way_of(const struct set *s, const void *sync) {
  for (int i = 0; i < WAYS; i++)
    if (s->sync[i] == sync) return i;
  return -1;
}

struct weir_known *weir_known_cell_get(const void *sync) {
  struct weir_lock *lock;
  struct set *s = find(sync, &lock);
  int way = way_of(s, sync);
  struct weir_known *v = weir_known_share(way < 0 ? s->rest : s->known[way]);
  weir_lock_release(lock);
  return v;
}

// Takes over the share.
void weir_known_cell_put(const void *sync, struct weir_known *v, bool join) {
  struct weir_lock *lock;
  struct set *s = find(sync, &lock);
  int way = way_of(s, sync);
  if (way < 0 && v) way = way_of(s, NULL);
  if (way < 0) {
    weir_known_join(&s->rest, v);
  } else {
    s->sync[way] = sync;
    if (!join) {
      weir_known_drop(s->known[way]);
      s->known[way] = NULL;
    }
    weir_known_join(&s->known[way], v);
  }
  weir_lock_release(lock);
  weir_known_drop(v);
}

void weir_known_cell_clear(const void *sync) {
  struct weir_lock *lock;
  struct set *s = find(sync, &lock);
  int way = way_of(s, sync);
  if (way >= 0) {
    weir_known_drop(s->known[way]);
    s->known[way] = NULL;
    s->sync[way] = NULL;
  }
  weir_lock_release(lock);
}
