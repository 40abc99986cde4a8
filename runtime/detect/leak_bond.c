// SPDX-License-Identifier: Apache-2.0
//
// leak.h: bonds. Who waits for a lock waits for the goroutines that have it: one for a mutex, the
// writer or each reader of an rwmutex, the one that runs the function of a once. Who waits for a
// wait group waits, among others, for each goroutine that was started with it (weir_wg_go). So as
// long as one of those can never run, neither can the waiter, whoever else can reach the object.
//
// A bond is what programs mean, not what they must do: the language lets anybody unlock a mutex.
// Hence two kinds of marking, with bonds and without; and who has a lock counts only if both sides
// say so, the lock that names its owner and the list of what that goroutine holds. A lock of which
// nobody can be told to have it is a thing like any other: to be reached.
//
// Called with all other threads stopped; memory is the arena's.
#include <errno.h>

#include "detect/hooks.h"
#include "detect/leak.h"
#include "detect/lock_cycle.h"

enum { BONDS_MORE = 1 << 16 }; // beyond one for each that waits; what does not fit is left out

struct waiting { // a goroutine, for something that others have to give back
  const void *object;
  uint32_t slot, next; // next with this hash: 1 + index
  bool lock;
};
struct bond {
  uint32_t holder, waiter, next; // next of the holder's: 1 + index
  const void *object;
};

static struct {
  struct waiting *waiting;
  uint32_t *hash; // 1 + index
  size_t n_waiting, mask;
  struct bond *bond;
  size_t n, max;
  uint32_t *first; // of each holder's bonds: 1 + index
  uint32_t *count; // bonds of each waiter
  uint32_t *left;  // of these, not released yet
  uint8_t *lock;   // of each waiter: it is a lock that it waits for
  size_t slots;
  bool on, any_group;
} bonds;

static uint32_t *place_of(const void *object) {
  return &bonds.hash[((uintptr_t)object / 8 * 0x9e3779b97f4a7c15ull >> 32) & bonds.mask];
}

// --- who waits
// ---------------------------------------------------------------------------------------

static bool given_back(enum weir_wait_op op) {
  return weir_waits_for_lock(op) || op == WEIR_WAIT_WAIT_GROUP;
}

static bool wait_of(size_t slot, struct weir_wait_on *on) {
  return weir_inspect_waits_stopped(slot, on, 1, 0) == 1 && on->object && given_back(on->op);
}

static int find_waiting(size_t slots, bool (*waits)(size_t slot)) {
  struct weir_wait_on on;
  size_t n = 0;
  for (size_t i = 0; i < slots; i++)
    n += waits(i) && wait_of(i, &on);
  for (bonds.mask = 63; bonds.mask < n; bonds.mask = 2 * bonds.mask + 1)
    ;
  bonds.waiting = weir_leak_take(n * sizeof *bonds.waiting);
  bonds.hash = weir_leak_take((bonds.mask + 1) * sizeof *bonds.hash);
  bonds.max = n ? n + BONDS_MORE : 0;
  if (!bonds.waiting || !bonds.hash) return -ENOMEM;
  for (size_t i = 0; i < slots; i++) {
    if (!waits(i) || !wait_of(i, &on)) continue;
    uint32_t *place = place_of(on.object);
    bonds.waiting[bonds.n_waiting] =
        (struct waiting){on.object, (uint32_t)i, *place, on.op != WEIR_WAIT_WAIT_GROUP};
    *place = (uint32_t)++bonds.n_waiting;
    bonds.any_group |= on.op == WEIR_WAIT_WAIT_GROUP;
  }
  return 0;
}

// --- who has it
// --------------------------------------------------------------------------------------

static void bind(size_t holder, const struct waiting *w) {
  if (bonds.n == bonds.max) return;
  bonds.bond[bonds.n] = (struct bond){(uint32_t)holder, w->slot, bonds.first[holder], w->object};
  bonds.first[holder] = (uint32_t)++bonds.n;
  bonds.count[w->slot]++;
  bonds.lock[w->slot] = w->lock;
}

static void bind_all(size_t holder, const void *object, bool lock) {
  for (uint32_t i = *place_of(object); i; i = bonds.waiting[i - 1].next)
    if (bonds.waiting[i - 1].object == object && bonds.waiting[i - 1].lock == lock)
      bind(holder, &bonds.waiting[i - 1]);
}

static bool awaited(const void *object) {
  for (uint32_t i = *place_of(object); i; i = bonds.waiting[i - 1].next)
    if (bonds.waiting[i - 1].object == object) return true;
  return false;
}

// It lists the lock; does the lock agree?
static bool has(size_t slot, const void *lock) {
  struct weir_g *owner = weir_lock_owner_of(lock);
  if (owner) return owner == weir_inspect_slot(slot);
  if (weir_object_lock_kind(lock) != WEIR_OBJ_RWMUTEX) return false;
  struct weir_object_desc d;
  weir_object_describe(WEIR_OBJ_RWMUTEX, lock, &d);
  return !d.owner_goid && d.len > 0 && !d.readers_unknown;
}

static void bind_holder(size_t slot) {
  const void *held[WEIR_HELD_MAX];
  size_t n = weir_inspect_held_stopped(slot, held);
  for (size_t i = 0; i < n; i++)
    if (held[i] && awaited(held[i]) && has(slot, held[i])) bind_all(slot, held[i], true);
  const void *group = bonds.any_group ? weir_inspect_member_of(slot) : NULL;
  if (group) bind_all(slot, group, false);
}

int weir_bonds_gather(size_t slots, bool (*waits)(size_t slot)) {
  bonds.n = bonds.n_waiting = 0;
  bonds.slots = slots;
  bonds.on = bonds.any_group = false;
  int err = find_waiting(slots, waits);
  if (err || !bonds.n_waiting) return err;
  bonds.bond = weir_leak_take(bonds.max * sizeof *bonds.bond);
  bonds.first = weir_leak_take(slots * sizeof *bonds.first);
  bonds.count = weir_leak_take(slots * sizeof *bonds.count);
  bonds.left = weir_leak_take(slots * sizeof *bonds.left);
  bonds.lock = weir_leak_take(slots);
  if (!bonds.bond || !bonds.first || !bonds.count || !bonds.left || !bonds.lock) return -ENOMEM;
  for (size_t i = 0; i < slots; i++)
    bind_holder(i);
  return 0;
}

// --- in a marking
// ------------------------------------------------------------------------------------

void weir_bonds_reset(bool on) {
  bonds.on = on && bonds.n > 0;
  for (size_t i = 0; bonds.on && i < bonds.slots; i++)
    bonds.left[i] = bonds.count[i];
}

bool weir_bond_holds(size_t slot) {
  return bonds.on && bonds.left[slot] > 0;
}

bool weir_bond_suffices(size_t slot) {
  return bonds.on && bonds.lock[slot];
}

void weir_bonds_release(size_t holder, void (*let_go)(size_t waiter)) {
  if (!bonds.on) return;
  for (uint32_t i = bonds.first[holder]; i; i = bonds.bond[i - 1].next)
    if (--bonds.left[bonds.bond[i - 1].waiter] == 0) let_go(bonds.bond[i - 1].waiter);
}

bool weir_bonds_any(void) {
  return bonds.n > 0;
}

void weir_bonds_each(void (*fn)(size_t holder, size_t waiter, const void *object)) {
  for (size_t i = 0; i < bonds.n; i++)
    fn(bonds.bond[i].holder, bonds.bond[i].waiter, bonds.bond[i].object);
}
