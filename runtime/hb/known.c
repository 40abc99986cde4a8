// SPDX-License-Identifier: Apache-2.0
//
// known.h: vectors, and who has them. A vector has room for 8, 32 or 128 dimensions, as many as
// were given out when it was made; its count of holders is all that ever changes in it. Blocks come
// from maps of their own and go back to free lists.
//
// A dimension is given to the next goroutine that needs one, those that nobody alive has first.
// The epochs of a dimension are one sequence, whoever has it: so what a later owner publishes
// covers all that went before.
//
// Lock: pool.lock, a leaf.
#include "hb/known.h"

#include <stdatomic.h>

#include "base/check.h"
#include "os/copy.h"
#include "os/lock.h"
#include "os/memory.h"

enum { CLASSES = 3, CHUNK = 1 << 16, MEMORY_MAX = 64 << 20 };
static const uint32_t class_size[CLASSES] = {8, 32, WEIR_DIMENSIONS};

struct weir_known {
  _Atomic uint32_t holders; // release by each that lets go, acquire by the last
  uint32_t n;
  struct weir_known *next; // free
  uint64_t epoch[];
};

static struct {
  struct weir_lock lock;
  struct weir_known *free[CLASSES];
  struct weir_knower *free_knowers;
  char *chunk;
  size_t chunk_left, mapped;
  int next; // dimension to be given out
  uint32_t owners[WEIR_DIMENSIONS];
} pool;

static _Atomic uint64_t epochs[WEIR_DIMENSIONS];   // the newest of each
static _Atomic uint64_t ended_at[WEIR_DIMENSIONS]; // up to here known to all
static _Atomic int dimensions;                     // given out so far
static _Atomic uint64_t knowers;

bool weir_lock_order_on;

void weir_lock_order_give_up(void) {
  if (!__atomic_exchange_n(&weir_lock_order_on, false, __ATOMIC_RELAXED)) return;
  weir_warn("no memory for the prediction of lock orders: it is off from here on");
}

// --- memory ------------------------------------------------------------------------------------

static void *carve(size_t size) {
  if (pool.chunk_left < size) {
    if (pool.mapped >= MEMORY_MAX || !(pool.chunk = weir_mem_map(CHUNK))) return NULL;
    pool.chunk_left = CHUNK;
    pool.mapped += CHUNK;
  }
  void *p = pool.chunk;
  pool.chunk += size;
  pool.chunk_left -= size;
  return p;
}

static struct weir_known *vector_new(uint32_t n) {
  int class = 0;
  while (class_size[class] < n)
    class ++;
  weir_lock_acquire(&pool.lock);
  struct weir_known *v = pool.free[class];
  if (v)
    pool.free[class] = v->next;
  else
    v = carve(sizeof *v + class_size[class] * sizeof v->epoch[0]);
  weir_lock_release(&pool.lock);
  if (!v) {
    weir_lock_order_give_up();
    return NULL;
  }
  atomic_store_explicit(&v->holders, 1, memory_order_relaxed);
  v->n = class_size[class];
  return v;
}

struct weir_known *weir_known_share(struct weir_known *v) {
  if (v) atomic_fetch_add_explicit(&v->holders, 1, memory_order_relaxed);
  return v;
}

void weir_known_drop(struct weir_known *v) {
  if (!v || atomic_fetch_sub_explicit(&v->holders, 1, memory_order_acq_rel) != 1) return;
  int class = 0;
  while (class_size[class] != v->n)
    class ++;
  weir_lock_acquire(&pool.lock);
  v->next = pool.free[class];
  pool.free[class] = v;
  weir_lock_release(&pool.lock);
}

// --- vectors -----------------------------------------------------------------------------------

uint64_t weir_known_epoch(const struct weir_known *v, int dimension) {
  return v && (uint32_t)dimension < v->n ? v->epoch[dimension] : 0;
}

static bool covers(const struct weir_known *a, const struct weir_known *b) {
  for (uint32_t i = 0; i < b->n; i++)
    if (b->epoch[i] > (i < a->n ? a->epoch[i] : 0)) return false;
  return true;
}

static void replace(struct weir_known **a, struct weir_known *by) {
  struct weir_known *was = *a;
  *a = by;
  weir_known_drop(was);
}

void weir_known_join(struct weir_known **a, struct weir_known *b) {
  struct weir_known *was = *a;
  if (!b || was == b) return;
  if (!was || covers(b, was)) {
    replace(a, weir_known_share(b));
    return;
  }
  if (covers(was, b)) return;
  struct weir_known *v = vector_new(was->n > b->n ? was->n : b->n);
  if (!v) return;
  for (uint32_t i = 0; i < v->n; i++) {
    uint64_t x = i < was->n ? was->epoch[i] : 0, y = i < b->n ? b->epoch[i] : 0;
    v->epoch[i] = x > y ? x : y;
  }
  replace(a, v);
}

// --- goroutines --------------------------------------------------------------------------------

static struct weir_knower *knower_new(void) {
  weir_lock_acquire(&pool.lock);
  struct weir_knower *k = pool.free_knowers;
  if (k)
    pool.free_knowers = k->next;
  else
    k = carve((sizeof *k + 15) / 16 * 16);
  weir_lock_release(&pool.lock);
  if (!k) {
    weir_lock_order_give_up();
    return NULL;
  }
  uint64_t id = atomic_fetch_add_explicit(&knowers, 1, memory_order_relaxed) + 1;
  weir_zero(k, sizeof *k);
  k->id = id;
  k->dimension = -1;
  return k;
}

struct weir_knower *weir_knower_self(void) {
  struct weir_own *own = weir_own_of_self();
  if (own && !own->knower) own->knower = knower_new();
  return own ? own->knower : NULL;
}

// Under the lock. Of those that most recently came to an end the dimension is the last to be used.
static int choose_dimension(void) {
  int at = pool.next;
  for (int i = 0; i < WEIR_DIMENSIONS; i++)
    if (!pool.owners[(at + i) % WEIR_DIMENSIONS]) {
      at = (at + i) % WEIR_DIMENSIONS;
      break;
    }
  pool.next = (at + 1) % WEIR_DIMENSIONS;
  pool.owners[at]++;
  return at;
}

static void take_dimension(struct weir_knower *k) {
  weir_lock_acquire(&pool.lock);
  k->dimension = choose_dimension();
  if (k->dimension >= atomic_load_explicit(&dimensions, memory_order_relaxed))
    atomic_store_explicit(&dimensions, k->dimension + 1, memory_order_relaxed);
  weir_lock_release(&pool.lock);
}

uint64_t weir_knower_stamp(struct weir_knower *k) {
  if (k->stamped) return k->epoch;
  if (k->dimension < 0) take_dimension(k);
  k->epoch = atomic_fetch_add_explicit(&epochs[k->dimension], 1, memory_order_relaxed) + 1;
  k->stamped = true;
  return k->epoch;
}

// Puts what it has done since into what it knows.
static void tell(struct weir_knower *k) {
  if (!k->stamped) return;
  uint32_t need = (uint32_t)k->dimension + 1, has = k->known ? k->known->n : 0;
  struct weir_known *v = vector_new(need > has ? need : has);
  if (!v) return;
  weir_zero(v->epoch, v->n * sizeof v->epoch[0]);
  if (has) weir_copy(v->epoch, k->known->epoch, has * sizeof v->epoch[0]);
  v->epoch[k->dimension] = k->epoch;
  k->stamped = false;
  replace(&k->known, v);
}

// --- edges -------------------------------------------------------------------------------------

static struct weir_known *publish(struct weir_knower *k) {
  tell(k);
  return weir_known_share(k->known);
}

// Nobody knows anything before the first dimension; a race detector's edges come all the time.
static bool carried(void) {
  return atomic_load_explicit(&dimensions, memory_order_relaxed) > 0;
}

// For a publication: what the caller had before it is now known to have been before.
static struct weir_knower *speaker(void) {
  struct weir_own *own = weir_lock_order_on ? weir_own_of_self() : NULL;
  if (!own) return NULL;
  own->lately = 0;
  return own->knower;
}

bool weir_known_any(void) {
  struct weir_knower *k = speaker();
  return k && (k->known || k->stamped);
}

struct weir_known *weir_known_release(void) {
  struct weir_knower *k = speaker();
  return k ? publish(k) : NULL;
}

void weir_known_acquire(struct weir_known *v) {
  struct weir_knower *k = v ? weir_knower_self() : NULL;
  if (k) weir_known_join(&k->known, v);
}

void weir_known_release_at(const void *sync, bool join) {
  struct weir_known *v = weir_known_release();
  if (!carried()) return;
  if (v || !join) weir_known_cell_put(sync, v, join);
}

void weir_known_acquire_at(const void *sync) {
  if (!carried()) return;
  struct weir_known *v = weir_known_cell_get(sync);
  weir_known_acquire(v);
  weir_known_drop(v);
}

void weir_known_clear_at(const void *sync) {
  if (carried()) weir_known_cell_clear(sync);
}

struct weir_knower *weir_hb_knower_start(struct weir_knower *maker) {
  struct weir_known *v = maker ? publish(maker) : NULL;
  struct weir_knower *k = v ? knower_new() : NULL;
  if (k)
    k->known = v;
  else
    weir_known_drop(v);
  return k;
}

struct weir_knower *weir_hb_knower_thread(void) {
  int n = atomic_load_explicit(&dimensions, memory_order_relaxed);
  struct weir_knower *k = n ? knower_new() : NULL;
  struct weir_known *v = k ? vector_new((uint32_t)n) : NULL;
  for (int i = 0; v && i < (int)v->n; i++)
    v->epoch[i] = i < n ? atomic_load_explicit(&epochs[i], memory_order_relaxed) : 0;
  if (k) k->known = v;
  return k;
}

bool weir_known_to_all(int dimension, uint64_t epoch) {
  return atomic_load_explicit(&ended_at[dimension], memory_order_relaxed) >= epoch;
}

void weir_hb_knower_end(struct weir_knower *k, bool thread) {
  if (thread && k->dimension >= 0)
    atomic_store_explicit(&ended_at[k->dimension],
                          atomic_load_explicit(&epochs[k->dimension], memory_order_relaxed),
                          memory_order_relaxed);
  weir_known_drop(k->known);
  weir_lock_acquire(&pool.lock);
  if (k->dimension >= 0) pool.owners[k->dimension]--;
  k->next = pool.free_knowers;
  pool.free_knowers = k;
  weir_lock_release(&pool.lock);
}
