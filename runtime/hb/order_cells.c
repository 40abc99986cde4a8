// SPDX-License-Identifier: Apache-2.0
//
// order.h: which event published last at a synchronisation address. A table of sets of four; an
// address that finds its set full replaces the oldest publication there (the smallest count
// of the table's own), and from then on searches call themselves incomplete. Locks: one for a
// group of sets, leaves.
#include "hb/order.h"
#include "os/lock.h"
#include "os/memory.h"

enum { WAYS = 4, SETS = 1 << 14, LOCKS = 256 };

struct set {
  const void *sync[WAYS];
  weir_order_ref ref[WAYS];
};

static struct set *_Atomic sets; // [SETS], pages come on touch
static struct weir_lock locks[LOCKS], making;
static atomic_bool lossy;

bool weir_order_cells_lossy(void) {
  return atomic_load_explicit(&lossy, memory_order_relaxed);
}

static struct set *table(void) {
  struct set *t = atomic_load_explicit(&sets, memory_order_acquire);
  if (__builtin_expect(t != NULL, 1)) return t;
  weir_lock_acquire(&making);
  t = atomic_load_explicit(&sets, memory_order_relaxed);
  if (!t) {
    t = weir_mem_map(SETS * sizeof *t);
    if (t)
      atomic_store_explicit(&sets, t, memory_order_release);
    else
      atomic_store_explicit(&lossy, true, memory_order_relaxed);
  }
  weir_lock_release(&making);
  return t;
}

static uint32_t set_of(const void *sync) {
  uint64_t h = (uint64_t)(uintptr_t)sync * 0x9e3779b97f4a7c15u; // Fibonacci hashing (Knuth)
  return (uint32_t)(h >> 50) % SETS;
}

static int way_of(const struct set *s, const void *sync) {
  for (int i = 0; i < WAYS; i++)
    if (s->sync[i] == sync) return i;
  return -1;
}

// A free way, else the one that is pushed out.
static int way_for(struct set *s) {
  for (int i = 0; i < WAYS; i++)
    if (!s->ref[i]) return i;
  atomic_store_explicit(&lossy, true, memory_order_relaxed);
  int out = 0;
  for (int i = 1; i < WAYS; i++)
    if (s->ref[i] << (64 - WEIR_ORDER_SEQ_BITS) < s->ref[out] << (64 - WEIR_ORDER_SEQ_BITS))
      out = i;
  return out;
}

weir_order_ref weir_order_cell_get(const void *sync) {
  struct set *t = table();
  if (!t) return 0;
  uint32_t n = set_of(sync);
  weir_lock_acquire(&locks[n % LOCKS]);
  int way = way_of(&t[n], sync);
  weir_order_ref ref = way < 0 ? 0 : t[n].ref[way];
  weir_lock_release(&locks[n % LOCKS]);
  return ref;
}

weir_order_ref weir_order_cell_set(const void *sync, weir_order_ref ref) {
  struct set *t = table();
  if (!t) return 0;
  uint32_t n = set_of(sync);
  weir_lock_acquire(&locks[n % LOCKS]);
  int way = way_of(&t[n], sync);
  weir_order_ref was = way < 0 ? 0 : t[n].ref[way];
  if (way < 0 && ref) way = way_for(&t[n]);
  if (way >= 0) {
    t[n].sync[way] = ref ? sync : NULL;
    t[n].ref[way] = ref;
  }
  weir_lock_release(&locks[n % LOCKS]);
  return was;
}
