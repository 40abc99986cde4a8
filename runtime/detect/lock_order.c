// SPDX-License-Identifier: Apache-2.0
//
// The finding `lock-order`, as the runtime tells of it: a goroutine has taken a lock while it held
// others. What it did before in the same stretch (hb/known.h) it is asked for once: a small cache
// in its knower answers most calls. Beyond that the order is looked up, stamped, and, when
// something about it is new, searched for circles with what others have done.
//
// Not told of: locks that were only tried for, because who tries does not wait; they count as
// held. Orders below more locks than a goroutine's list has room for are left out, as a gate might
// be among those it has lost. A once is no lock here: one goroutine alone ever runs its function.
#include "detect/lock_order.h"

#include <string.h>

#include "base/flags.h"
#include "detect/hooks.h"
#include "hb/tsan.h"

void weir_lock_order_start(void) {
  weir_lock_order_on = weir_flags.lock_order;
  weir_hb_edges |= weir_lock_order_on;
}

static uint64_t mix(uint64_t h, uint64_t x) { // the finalizer of MurmurHash3 (Appleby)
  h = (h ^ x) * 0xff51afd7ed558ccdu;
  return h ^ h >> 33;
}

// Of what the goroutine does, by addresses: another lock at the address of one that it has in its
// hand already is taken for that one, which can only hide something.
static uint64_t hash_of(const struct weir_held *held, unsigned n, const void *lock, bool read) {
  uint64_t h = mix(weir_object_lock_number(lock), read);
  for (unsigned i = 0; i < n; i++)
    h = mix(mix(h, (uintptr_t)held[i].mutex), (uintptr_t)held[i].pc);
  return h;
}

static bool met_before(struct weir_knower *k, uint64_t what) {
  return k->stamped && k->seen[what % WEIR_SEEN].what == what &&
         k->seen[what % WEIR_SEEN].epoch == k->epoch;
}

static void remember(struct weir_knower *k, uint64_t what) {
  k->seen[what % WEIR_SEEN].what = what;
  k->seen[what % WEIR_SEEN].epoch = k->epoch;
}

// What stands in a goroutine's list it holds, so it is there; unless others have given back locks
// for it, when an entry may stay behind.
static bool look_at(const void *lock, struct weir_g *g, struct weir_lock_look *out) {
  bool sure = !__atomic_load_n(&weir_lo.lists_stale, __ATOMIC_RELAXED);
  return weir_object_lock_look(lock, g, sure, out);
}

// With the stack of where it comes from, which is not read under the lock.
static struct weir_lo_order *add(uint64_t key, const struct weir_lo_event *e) {
  uintptr_t stack[WEIR_LO_FRAMES];
  weir_lock_release(&weir_lo.lock);
  size_t n = weir_inspect_stack(e->g, e->from, stack, WEIR_LO_FRAMES);
  weir_lock_acquire(&weir_lo.lock);
  struct weir_lo_order *o = weir_lo_find(key);
  if (o) return o;
  o = weir_lo_add(key, e);
  o->frames = n < WEIR_LO_FRAMES ? n : WEIR_LO_FRAMES;
  memcpy(o->stack, stack, o->frames * sizeof stack[0]);
  return o;
}

static bool record(struct weir_knower *k, struct weir_lo_event *e, struct weir_lo_circle *circle) {
  bool found = false;
  weir_lock_acquire(&weir_lo.lock);
  if (weir_lo_ready()) {
    uint64_t key = weir_lo_key(e);
    struct weir_lo_order *o = weir_lo_find(key);
    if (!o) o = add(key, e);
    found = weir_lo_search(o, weir_lo_stamp(o, k, e->g), circle);
  }
  weir_lock_release(&weir_lo.lock);
  return found;
}

bool weir_lo_meet(struct weir_knower *k, struct weir_lo_event *e) {
  struct weir_lo_circle circle;
  return record(k, e, &circle) && weir_lo_report(&circle);
}

bool weir_lo_look_held(struct weir_lo_event *e, const struct weir_held *held, unsigned n) {
  for (unsigned i = 0; i < n; i++) {
    struct weir_lock_look *l = &e->held_look[e->n_held];
    if (!held[i].mutex || !look_at(held[i].mutex, e->g, l)) continue;
    if (held[i].mutex == e->lock) return false; // reads it twice
    if (l->kind == WEIR_OBJ_ONCE) continue;
    e->held[e->n_held++] = held[i];
  }
  return e->n_held > 0;
}

static __attribute__((noinline)) bool meet(struct weir_knower *k, struct weir_g *g, void *lock,
                                           const void *pc, const struct weir_held *held,
                                           unsigned n) {
  struct weir_lo_event e = {.g = g, .lock = lock, .pc = pc, .from = pc};
  return look_at(lock, g, &e.look) && weir_lo_look_held(&e, held, n) && weir_lo_meet(k, &e);
}

void weir_hook_lock_nested(struct weir_g *g, void *lock, bool read, const struct weir_site *site,
                           const void *pc) {
  (void)site;
  struct weir_held held[WEIR_HELD_MAX];
  struct weir_knower *k = weir_knower_self();
  unsigned n = weir_inspect_held(g, held);
  if (!k || !n || n > WEIR_HELD_MAX) return;
  bool turns = weir_object_lock_kind(lock) == WEIR_OBJ_RWMUTEX;
  if (n < 2 && (read || !turns)) return;
  uint64_t what = mix(hash_of(held, n - 1, lock, read), (uintptr_t)pc);
  if (met_before(k, what)) return;
  weir_tsan_ignore_begin();
  bool end = n > 1 && meet(k, g, lock, pc, held, n - 1);
  if (turns && !end) end = weir_lo_turn(k, g, lock, read, pc, held, n - 1);
  weir_tsan_ignore_end();
  remember(k, what);
  if (end) weir_end_program();
}

// Outside the lock's own critical section nothing of it may be touched, so it gets its number here.
static uint32_t number_of(void *lock, struct weir_g *g) {
  struct weir_lock_look look;
  uint32_t number = weir_object_lock_number(lock);
  if (number || !look_at(lock, g, &look) || look.kind == WEIR_OBJ_ONCE) return number;
  weir_lock_acquire(&weir_lo.lock);
  if (weir_lo_ready()) number = weir_lo_number(lock, &look);
  weir_lock_release(&weir_lo.lock);
  return number;
}

static void handed(const void *lock) {
  __atomic_store_n(&weir_lo.lists_stale, true, __ATOMIC_RELAXED);
  uint32_t number = weir_object_lock_number(lock);
  if (!number) return;
  weir_lock_acquire(&weir_lo.lock);
  struct weir_lo_lock *l = weir_lo.locks ? weir_lo_lock_of(number) : NULL;
  if (l) l->handed = true;
  weir_lock_release(&weir_lo.lock);
}

void weir_hook_unlock(struct weir_g *taker, void *lock, const void *taken_at) {
  struct weir_held held[WEIR_HELD_MAX];
  struct weir_own *own = weir_own_of_self();
  weir_tsan_ignore_begin();
  if (taker != weir_inspect_self()) {
    handed(lock);
  } else if (own->tried == lock) {
    own->tried = NULL;
  } else if (weir_inspect_held(taker, held) == 1 && held[0].mutex == lock) {
    own->lately = number_of(lock, taker);
    own->lately_at = taken_at;
  }
  weir_tsan_ignore_end();
}
