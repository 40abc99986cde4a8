// SPDX-License-Identifier: Apache-2.0
//
// The locks as the condition variable uses them: on behalf of a caller at `pc`, and named by a site
// that is not this call's. And what the `kind` of a lock's head says (weir/sync.h): 0 is a mutex,
// or an object not used yet.
#ifndef WEIR_SYNC_LOCKS_H
#define WEIR_SYNC_LOCKS_H

#include <stdatomic.h>
#include <weir/sync.h>

#include "base/hooks.h"
#include "sched/sched.h"
#include "sync/clock.h"

enum { WEIR_LOCK_IS_RWMUTEX = WEIR_EDGES_BEGUN, WEIR_LOCK_IS_ONCE };
enum { WEIR_LOCK_KIND_BITS = 8 };

// For the prediction of deadlocks, before a lock is given back that `owner` took; NULL: not known
// who.
static inline void weir_lock_tell_unlock(void *lock, struct weir_g *owner, uint32_t number,
                                         const void *taken_at) {
  if (__builtin_expect(!number || owner != weir_self(), 0))
    weir_hook_unlock(owner, lock, taken_at);
  else
    weir_held_lately(owner, lock, number, taken_at);
}

// The caller has got it by trying.
static inline void weir_lock_tried(const void *lock) {
  if (__builtin_expect(weir_lock_order_on, 0)) weir_held_tried(lock);
}

// The caller has described its wait for a lock that another holds, and has not looked at it since.
static inline void weir_blocked_on_lock(struct weir_g *g, const void *lock) {
  if (!WEIR_DETECTS || !weir_held_any(g)) return; // it is in no cycle: nobody waits for it
  // pairs with itself in the other goroutines of a cycle: described, then looked
  atomic_thread_fence(memory_order_seq_cst);
  weir_hook_blocked_on_lock(g, lock);
}

// The readers that hold an rwmutex in this state: rwmutex.c keeps them above three bits.
enum { WEIR_RWMUTEX_ONE_READER = 1 << 3 };
static inline uint32_t weir_rwmutex_readers(uint32_t state) {
  return state / WEIR_RWMUTEX_ONE_READER;
}

bool weir_mutex_is_held(const weir_mutex *m);
bool weir_rwmutex_is_held(const weir_rwmutex *m, bool read);
void weir_mutex_lock_at(weir_mutex *m, const struct weir_site *site, const void *pc);
void weir_mutex_unlock_at(weir_mutex *m, const struct weir_site *site, const void *pc);
void weir_rwmutex_lock_at(weir_rwmutex *m, const struct weir_site *site, const void *pc);
void weir_rwmutex_unlock_at(weir_rwmutex *m, const struct weir_site *site, const void *pc);
void weir_rwmutex_rlock_at(weir_rwmutex *m, const struct weir_site *site, const void *pc);
void weir_rwmutex_runlock_at(weir_rwmutex *m, const struct weir_site *site, const void *pc);

// Under a race detector, by who unlocks for writing, while it is still locked. A holder that has
// ended may have left its struct to the caller. To announce one's own lock does no harm.
static inline void weir_lock_announce_unlock(const void *lock, const struct weir_g *owner) {
  struct weir_g *self = weir_self();
  if (owner == self && weir_held_has(self, lock)) return;
  weir_hb_use_(lock, WEIR_USE_UNLOCK);
}

#endif
