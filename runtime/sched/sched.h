// SPDX-License-Identifier: Apache-2.0
//
// The scheduler as sync sees it: who am I, park, ready, and timers. All blocking
// in Weir goes through the one pair weir_park / weir_ready.
//
// The protocol. The parking goroutine holds the object's lock, has put its waiter on
// the object's queue, and calls weir_park, which gives the lock back only once the
// goroutine's context is saved; so whoever takes the waiter off the queue may
// call weir_ready at once. weir_ready is called exactly once per park, by the one that
// dequeued the waiter. It may be called by any thread, with object locks held.
//
// A foreign OS thread is a goroutine too (struct weir_g with `thread` set): it
// parks in a futex. weir_self() makes one on first use.
#ifndef WEIR_SCHED_SCHED_H
#define WEIR_SCHED_SCHED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hooks.h"
#include "os/lock.h"
#include "os/thread.h"
#include "sched/inspect.h"

struct weir_g;

// A goroutine waiting on an object. Lives on the waiting goroutine's stack (one per
// case of a select) and belongs to the object's lock while queued.
struct weir_waiter {
  struct weir_waiter *next, *prev;
  struct weir_g *g;
  struct weir_select_state *select; // NULL: a plain operation
  const void *object;
  enum weir_object_kind kind;
  enum weir_wait_op op;
  void *elem; // channel: value to send or place to receive into
  int index;  // select: case
  bool ok;    // set by the waker: a receive got a value; a send was taken
  bool queued;
};

// The first members of struct weir_g are a struct weir_self_ (weir/inline.h), for the inlined calls
// below; only sched knows the rest.

// Who am I: never NULL; do not keep across threads. Reads the first member of struct weir_worker.
struct weir_g *weir_self_slow(void);
static inline struct weir_g *weir_self_fast(void) { // NULL where weir_self_slow has to be asked
  uintptr_t word = (uintptr_t)weir_tls_get();       // a worker, or a thread's goroutine | 1, or 0
  return __builtin_expect(word != 0 && !(word & 1), 1) ? *(struct weir_g **)word : NULL;
}
static inline struct weir_g *weir_self(void) {
  struct weir_g *g = weir_self_fast();
  return __builtin_expect(g != NULL, 1) ? g : weir_self_slow();
}
static inline uint64_t weir_g_id(const struct weir_g *g) {
  return ((const struct weir_self_ *)g)->id;
}
// Is it on a processor at this moment? (A lock's owner that is not is not worth spinning for.)
bool weir_g_is_running(const struct weir_g *g);
// g, the caller, has got what it tried to get: the tries that failed before are over.
void weir_took_part(struct weir_g *g);
struct weir_defer_;
struct weir_defer_ **weir_g_defers(struct weir_g *g); // head of its pending defers

// Return addresses on the caller's stack, from `frame` (__builtin_frame_address) outwards.
size_t weir_self_stack(const void *frame, uintptr_t *pcs, size_t max);

// Bytes of a block that a goroutine is to run: fatal when it cannot be copied as bytes.
size_t weir_block_size(const void *block);

// What the goroutine is about to wait for, for detectors. `waiters` has n entries
// (select), or n = 1. Call before weir_park. `pc`: return address of the API call.
void weir_park_describe_(struct weir_g *g, enum weir_wait_op op, const struct weir_waiter *waiters,
                         size_t n, const void *pc);
static inline void weir_park_describe(struct weir_g *g, enum weir_wait_op op,
                                      const struct weir_waiter *waiters, size_t n, const void *pc) {
  if (WEIR_DETECTS) weir_park_describe_(g, op, waiters, n, pc);
}

// No longer waits after all. weir_ready does this itself.
void weir_park_forget_(struct weir_g *g);
static inline void weir_park_forget(struct weir_g *g) {
  if (WEIR_DETECTS) weir_park_forget_(g);
}

// Parks the calling goroutine and releases `lock` (may be NULL) afterwards. Returns
// when weir_ready was called for it. The OS thread may be another one then.
void weir_park(struct weir_g *g, struct weir_lock *lock);
// As above, but calls unlock(arg) instead, on the scheduler's behalf, with the
// goroutine's context saved; for select, which holds several locks. It must not
// park, and `arg` may live on the parked stack only as long as the last lock is held.
void weir_park_unlock(struct weir_g *g, void (*unlock)(void *arg), void *arg);
void weir_ready(struct weir_g *g);

// The locks a goroutine holds, for reports: a few stores each while they nest. Another goroutine
// may give the lock back, so a list can lose or keep an entry when both happen at once. push
// returns whether it held others before.
bool weir_held_remove_inner(struct weir_g *g, const void *mutex);
static inline bool weir_held_push(struct weir_g *g, const void *mutex, const void *pc) {
  if (!WEIR_DETECTS) return false;
  struct weir_self_ *h = (struct weir_self_ *)g;
  uint32_t n = __atomic_load_n(&h->held_count, __ATOMIC_RELAXED);
  h->held[n % WEIR_HELD_MAX] = (struct weir_held){mutex, pc};
  __atomic_store_n(&h->held_count, n + 1, __ATOMIC_RELAXED);
  return n != 0;
}
static inline bool weir_held_pop(struct weir_g *g, const void *mutex) { // false: not the newest
  if (!WEIR_DETECTS) return true;
  struct weir_self_ *h = (struct weir_self_ *)g;
  uint32_t n = __atomic_load_n(&h->held_count, __ATOMIC_RELAXED);
  bool newest = n && h->held[(n - 1) % WEIR_HELD_MAX].mutex == mutex;
  if (!newest) return false;
  h->held[(n - 1) % WEIR_HELD_MAX].mutex = NULL; // the place of one that the ring has lost
  __atomic_store_n(&h->held_count, n - 1, __ATOMIC_RELAXED);
  return true;
}
static inline bool weir_held_has(const struct weir_g *g, const void *mutex) { // among the newest
  const struct weir_self_ *h = (const struct weir_self_ *)g;
  uint32_t n = __atomic_load_n(&h->held_count, __ATOMIC_RELAXED);
  for (uint32_t i = 0; i < n && i < WEIR_HELD_MAX; i++)
    if (h->held[i].mutex == mutex) return true;
  return false;
}
static inline bool weir_held_alone(const struct weir_g *g) { // holds one lock
  return __atomic_load_n(&((const struct weir_self_ *)g)->held_count, __ATOMIC_RELAXED) == 1;
}
// By g, of a lock with its number that is about to be given back: base/hooks.h.
void weir_held_lately(struct weir_g *g, const void *lock, uint32_t number, const void *taken_at);
void weir_held_tried(const void *lock); // by the caller, who did not wait for it
static inline bool weir_held_any(const struct weir_g *g) {
  return __atomic_load_n(&((const struct weir_self_ *)g)->held_count, __ATOMIC_RELAXED);
}
static inline bool weir_held_remove(struct weir_g *g, const void *mutex) { // false: not there
  return weir_held_pop(g, mutex) || weir_held_remove_inner(g, mutex);
}

// --- timers ------------------------------------------------------------------------
// Fired on the monitor thread, without any lock; fire may ready goroutines and use
// try-sends but must not block. Embedded in its owner; `index` is 0 when not pending.
struct weir_timer_ {
  int64_t when;
  void (*fire)(struct weir_timer_ *t);
  void *arg;
  uint32_t index;
};
void weir_timer_start_(struct weir_timer_ *t); // when, fire and arg set
// True: it was pending and will not fire. False: it has fired, is firing or was
// never started. With `wait`, also waits until a fire that is under way is over.
bool weir_timer_cancel_(struct weir_timer_ *t, bool wait);
// Pending timers that start a goroutine when they fire: they are life, although nobody waits.
void weir_timer_starts_(long more);

// --- poller; see <weir/io.h> -----------------------------------------------------------
// Parks until fd is ready: 1; 2 when it is one that nobody can wait for; 0 when ns (negative: no
// limit) or the descriptor's deadline is over; -1 and errno.
int weir_poll_park(int fd, int events, int64_t ns, const void *pc);
bool weir_poll_too_late(int fd, int events); // its deadline has passed
bool weir_poll_may_block(int fd);            // it is open and not known to be non-blocking
void weir_poll_fresh(int fd);                // is new, and non-blocking
bool weir_poll_mostly_empty(int fd);         // a read will most likely find nothing: wait first
void weir_poll_tried(int fd, bool empty);    // what a read without a wait before it has found

// --- clock and chance: the only places -----------------------------------------------
int64_t weir_clock_now(void); // monotonic ns
int64_t
weir_clock_coarse(void); // the same as of the monitor's last round: up to 10 ms ago, for free
// The moment ns from now; far ones are INT64_MAX, which never comes.
static inline int64_t weir_clock_after(int64_t ns) {
  int64_t when;
  return __builtin_add_overflow(weir_clock_now(), ns, &when) ? INT64_MAX : when;
}
uint32_t weir_random(void); // per worker, xorshift

// Which worker runs the caller, counted from 1; 0: none, a foreign thread. Only a hint, to spread
// callers over caches: the next moment it may be another.
uint32_t weir_worker_index(void);

#endif
