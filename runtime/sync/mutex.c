// SPDX-License-Identifier: Apache-2.0
//
// The mutex. Free and locked are one bit, taken with one compare-and-swap and given back with one
// subtraction when nobody waits. Waiters stand in a queue guarded by the QUEUE bit.
//
// Who unlocks with waiters wakes the oldest but leaves the mutex free, so a running
// goroutine may take it first; that keeps a contended lock from costing a switch each
// time. WOKEN says that one is on its way, so no second is woken. A waiter that has lost
// LOSSES times, or for longer than the coarse clock takes to move, turns STARVING on: from then on
// an unlock hands the mutex to the oldest waiter, locked, until one gets it in time or the queue is
// empty. (Go waits for a millisecond; to read the clock twice took a third of a wait.)
//
// The last access of an unlock to the mutex is the one that makes it free, so that who
// locks it next may also destroy it. Hence the QUEUE bit in the same word. The subtraction
// that finds somebody to wake has made nothing free: not LOCKED, but with waiters none of whom is
// on his way, the mutex is still the unlocker's (LEFT), who locks it again to go through the queue.
//
// Deadlock. A goroutine that is going to wait describes itself and then asks the detector,
// before it looks at the lock for the last time: of those that close a cycle, the
// last to describe itself sees all others. Owner is set by the goroutine itself, or by
// the one that hands over to it, before anything else can depend on it.
#include <weir/sync.h>

#include <weir/inline.h>

#include "base/check.h"
#include "base/hooks.h"
#include "base/trace.h"
#include "os/futex.h"
#include "sched/shake.h"
#include "sync/locks.h"
#include "sync/waitq.h"

enum {
  LOCKED = 1,
  QUEUE = 2, // guards `waiters`; held briefly, never across a park
  WAITERS = 4,
  WOKEN = 8,
  STARVING = 16,
};
_Static_assert(LOCKED == WEIR_MUTEX_LOCKED, "weir/inline.h locks and unlocks, too");
enum { SPINS = 4, SPIN_RELAX = 30, QUEUE_SPINS = 200, MAKE_WAY_EVERY = 64 };
enum { LOSSES = 16 };
static const int64_t starve_after = 1000000; // ns

static inline uint32_t load(const weir_mutex *m) {
  return __atomic_load_n(&m->state, __ATOMIC_RELAXED);
}

// An unlock has to wake somebody.
static inline bool is_awaited(uint32_t s) {
  return (s & WAITERS) && ((s & STARVING) || !(s & WOKEN));
}

// LEFT counts: its unlocker will have it again for a moment.
static inline bool is_locked(uint32_t s) {
  return (s & LOCKED) || is_awaited(s);
}

// acquire pairs with the release of an unlock, and of the QUEUE bit
static inline bool swap_state(weir_mutex *m, uint32_t *from, uint32_t to) {
  return __atomic_compare_exchange_n(&m->state, from, to, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED);
}

// --- the owner's notes -------------------------------------------------------------------------

// True: it holds others, and somebody wants to know.
static inline bool note_locked(weir_mutex *m, struct weir_g *g, const struct weir_site *site,
                               const void *pc) {
  __atomic_store_n(&m->owner, g, __ATOMIC_RELAXED); // detectors read these at any time
  if (!WEIR_DETECTS) return false;
  __atomic_store_n(&m->locked_at, pc, __ATOMIC_RELAXED);
  __atomic_store_n(&m->site, site, __ATOMIC_RELAXED);
  bool nested = weir_held_push(g, m, pc);
  return __builtin_expect(nested, 0) && weir_lock_order_on;
}

// --- the queue bit -----------------------------------------------------------------------------

static void queue_release(void *mutex) {
  weir_mutex *m = mutex;
  __atomic_fetch_and(&m->state, ~(uint32_t)QUEUE, __ATOMIC_RELEASE);
}

// Its holder runs a few instructions, or was descheduled by the kernel.
static void queue_pause(weir_mutex *m, unsigned *round) {
  uint32_t s = load(m);
  if (++*round % QUEUE_SPINS || !(s & QUEUE))
    weir_cpu_relax();
  else
    weir_futex_wait((_Atomic uint32_t *)&m->state, s, 50000);
}

// --- lock --------------------------------------------------------------------------------------

struct wait {
  weir_mutex *m;
  struct weir_g *g;
  const void *pc;
  struct weir_waiter waiter;
  int64_t since; // 0 until first parked
  int losses;    // woken, and then too late
  bool woken;    // this goroutine is the one that WOKEN speaks of
  bool starving;
};

// Only while the owner runs, on another processor, is it likely to unlock soon.
static bool worth_spinning(const weir_mutex *m, uint32_t s, int spins, struct weir_g *self) {
  if ((s & (LOCKED | STARVING)) != LOCKED || spins >= SPINS) return false;
  struct weir_g *owner = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
  return owner && owner != self && weir_g_is_running(owner);
}

static void spin(void) {
  for (int i = 0; i < SPIN_RELAX; i++)
    weir_cpu_relax();
}

// With QUEUE held by us and the waiter linked: says so in the state. False: the mutex came
// free meanwhile and is ours (and QUEUE is released).
static bool announce(struct wait *w) {
  uint32_t s = load(w->m), clear = w->woken ? WOKEN : 0;
  for (;;) {
    uint32_t to = s & ~clear;
    if (is_locked(s)) {
      to |= WAITERS | (w->starving ? STARVING : 0);
      if (swap_state(w->m, &s, to)) return true;
    } else {
      weir_waitq_remove(&w->m->waiters, &w->waiter);
      to = (to | LOCKED) & ~(uint32_t)QUEUE;
      if (swap_state(w->m, &s, to)) return false;
      weir_waitq_push_front(&w->m->waiters, &w->waiter);
    }
  }
}

// Queues and parks. True: the mutex is ours.
static bool park(struct wait *w) {
  weir_mutex *m = w->m;
  weir_park_describe(w->g, WEIR_WAIT_MUTEX, &w->waiter, 1, w->pc);
  weir_blocked_on_lock(w->g, m);
  unsigned round = 0;
  uint32_t s = load(m);
  for (;;) {
    if (!is_locked(s)) {
      weir_park_forget(w->g);
      return false; // try again from the start
    }
    if (!(s & QUEUE) && swap_state(m, &s, s | QUEUE)) break;
    queue_pause(m, &round);
    s = load(m);
  }
  if (w->since)
    weir_waitq_push_front(&m->waiters, &w->waiter); // it has waited before
  else
    weir_waitq_push(&m->waiters, &w->waiter);
  if (!announce(w)) {
    weir_park_forget(w->g);
    return true;
  }
  if (w->since)
    w->losses++;
  else
    w->since = weir_clock_coarse();
  w->waiter.ok = false;
  weir_park_unlock(w->g, queue_release, m);
  w->woken = true;
  w->starving = w->losses >= LOSSES || weir_clock_coarse() - w->since > starve_after;
  return w->waiter.ok;
}

// Handed over, locked: STARVING ends with a waiter that came in time, or with the last.
static void end_starving(struct wait *w) {
  uint32_t s = load(w->m);
  while ((s & STARVING) && (!w->starving || !(s & WAITERS)))
    if (swap_state(w->m, &s, s & ~(uint32_t)STARVING)) return;
}

static __attribute__((noinline)) void lock_slow(weir_mutex *m, struct weir_g *g, const void *pc) {
  struct wait w = {.m = m, .g = g, .pc = pc};
  w.waiter.g = g;
  w.waiter.object = m;
  w.waiter.kind = WEIR_OBJ_MUTEX;
  w.waiter.op = WEIR_WAIT_MUTEX;
  for (int spins = 0;;) {
    uint32_t s = load(m);
    if (!is_locked(s)) {
      if (swap_state(m, &s, (s | LOCKED) & ~(uint32_t)(w.woken ? WOKEN : 0))) return;
    } else if (worth_spinning(m, s, spins, g)) {
      spins++;
      spin();
    } else {
      spins = 0;
      if (park(&w)) {
        if (w.waiter.ok) end_starving(&w);
        return;
      }
    }
  }
}

// Apart, so that the fast path asks for a race detector only once.
static void lock_announced(weir_mutex *m, struct weir_g *g, const struct weir_site *site,
                           const void *pc) {
  weir_hb_api_enter_(pc);
  weir_hb_call_(pc, WEIR_SYNC_LOCK, site);
  weir_hb_lock_pre_(m, false, false);
  uint32_t free_ = 0;
  if (!swap_state(m, &free_, LOCKED)) lock_slow(m, g, pc);
  // A mutex in memory that was another one's before starts without its edges.
  if (!m->site) weir_hb_release_store_(m);
  bool nested = note_locked(m, g, site, pc);
  WEIR_TRACE(LOCK, g, m, site, pc);
  weir_hb_lock_post_(m, false, false, true);
  weir_hb_use_(m, WEIR_USE_LOCK);
  if (nested) weir_hook_lock_nested(g, m, false, site, pc);
  weir_hb_api_leave_();
}

static __attribute__((noinline)) void lock_other(weir_mutex *m, const struct weir_site *site,
                                                 const void *pc, bool taken) {
  struct weir_g *g = weir_self_slow();
  if (weir_hb_on) {
    lock_announced(m, g, site, pc);
    return;
  }
  if (!taken) lock_slow(m, g, pc);
  WEIR_TRACE(LOCK, g, m, site, pc);
  if (note_locked(m, g, site, pc)) weir_hook_lock_nested(g, m, false, site, pc);
}

// The usual case keeps nothing across a call, so it needs no registers saved.
static inline void lock(weir_mutex *m, const struct weir_site *site, const void *pc) {
  struct weir_g *g = weir_self_fast();
  uint32_t free_ = 0;
  if (__builtin_expect(weir_hb_on | weir_trace_on, 0)) {
    lock_other(m, site, pc, false);
    return;
  }
  bool taken = swap_state(m, &free_, LOCKED);
  if (__builtin_expect(!taken || !g, 0))
    lock_other(m, site, pc, taken);
  else if (note_locked(m, g, site, pc))
    weir_hook_lock_nested(g, m, false, site, pc);
}

bool weir_mutex_is_held(const weir_mutex *m) {
  return load(m) & LOCKED;
}

void weir_mutex_lock_at(weir_mutex *m, const struct weir_site *site, const void *pc) {
  lock(m, site, pc);
}
void weir_mutex_lock_(weir_mutex *m, const struct weir_site *site) {
  weir_shake();
  lock(m, site, __builtin_return_address(0));
}

static __attribute__((noinline)) bool try_failed(const weir_mutex *m, const void *pc) {
  struct weir_g *owner = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
  WEIR_TRACE_FILE(TRY, weir_self(), m, m->site, pc);
  if (owner) weir_hook_try_failed(weir_self(), WEIR_OBJ_MUTEX, m, pc, owner);
  return false;
}

bool weir_mutex_trylock_(weir_mutex *m, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  uint32_t s = load(m);
  if (is_locked(s)) return try_failed(m, pc);
  struct weir_g *g = weir_self();
  weir_api_enter(pc);
  WEIR_HB(call, pc, WEIR_SYNC_LOCK, site);
  WEIR_HB(lock_pre, m, false, true);
  bool got;
  do
    got = !is_locked(s) && swap_state(m, &s, s | LOCKED);
  while (!got && !is_locked(s));
  WEIR_HB_IF {
    if (got && !m->site) weir_hb_release_store_(m); // as in lock_announced
  }
  if (got) note_locked(m, g, site, pc);
  WEIR_TRACE_IF {
    if (got) weir_trace_call_(WEIR_SYNC_LOCK, g, m, site, pc, 0);
  }
  WEIR_HB_IF {
    weir_hb_lock_post_(m, false, true, got);
    if (got) weir_hb_use_(m, WEIR_USE_LOCK);
  }
  weir_api_leave();
  if (!got) return try_failed(m, pc);
  weir_lock_tried(m);
  weir_took_part(g);
  return true;
}

// --- unlock ------------------------------------------------------------------------------------

// Takes the oldest waiter off and makes the mutex free, or the waiter's. With LOCKED and QUEUE
// held nobody else changes the state.
static struct weir_g *pass_on(weir_mutex *m, uint32_t s) {
  struct weir_waiter *w = m->waiters.first;
  WEIR_CHECK(w != NULL);
  weir_waitq_remove(&m->waiters, w);
  struct weir_g *g = w->g;
  uint32_t more = m->waiters.first ? WAITERS : 0;
  if (s & STARVING) {
    w->ok = true;
    __atomic_store_n(&m->owner, g, __ATOMIC_RELAXED);
    __atomic_store_n(&m->state, LOCKED | STARVING | more | (s & WOKEN), __ATOMIC_RELEASE);
  } else {
    __atomic_store_n(&m->state, WOKEN | more, __ATOMIC_RELEASE);
  }
  return g;
}

// A goroutine that locks and unlocks without end never parks, and goroutines are not
// preempted: now and then it makes way for those it contends with.
static void make_way(void) {
  static _Atomic uint32_t contended;
  uint32_t n = atomic_load_explicit(&contended, memory_order_relaxed) + 1; // may lose counts
  atomic_store_explicit(&contended, n, memory_order_relaxed);
  if (n % MAKE_WAY_EVERY == 0) weir_yield();
}

// `s` is what the subtraction left.
static __attribute__((noinline)) void unlock_slow(weir_mutex *m, uint32_t s,
                                                  const struct weir_site *site, const void *pc) {
  if (s & LOCKED) // it was not: two goroutines gave back one lock
    weir_hook_misuse(WEIR_F_UNLOCK_OF_UNLOCKED, WEIR_OBJ_MUTEX, m, site, pc, NULL, 0);
  if (is_awaited(s)) {
    unsigned round = 0;
    s = __atomic_fetch_or(&m->state, LOCKED, __ATOMIC_ACQ_REL) | LOCKED;
    while ((s & QUEUE) || !swap_state(m, &s, s | QUEUE)) {
      if (s & QUEUE) queue_pause(m, &round);
      s = load(m);
    }
    weir_ready(pass_on(m, s));
  }
  make_way();
}

// release: pairs with the acquire of who locks it next
static inline void give_back(weir_mutex *m, const struct weir_site *site, const void *pc) {
  uint32_t s = __atomic_sub_fetch(&m->state, LOCKED, __ATOMIC_RELEASE);
  if (__builtin_expect(s != 0, 0)) unlock_slow(m, s, site, pc);
}

// Another goroutine than the owner may unlock.
static void unlock(weir_mutex *m, struct weir_g *owner, const struct weir_site *site,
                   const void *pc) {
  if (owner) weir_held_remove(owner, m);
  __atomic_store_n(&m->owner, NULL, __ATOMIC_RELAXED);
  give_back(m, site, pc);
}

static __attribute__((noinline)) void unlock_other(weir_mutex *m, struct weir_g *owner,
                                                   const struct weir_site *site, const void *pc) {
  if (!(load(m) & LOCKED))
    weir_hook_misuse(WEIR_F_UNLOCK_OF_UNLOCKED, WEIR_OBJ_MUTEX, m, site, pc, NULL, 0);
  if (weir_hb_on) {
    weir_hb_api_enter_(pc);
    weir_hb_call_(pc, WEIR_SYNC_UNLOCK, site);
    weir_lock_announce_unlock(m, owner);
    weir_hb_unlock_pre_(m, false);
    unlock(m, owner, site, pc);
    weir_hb_unlock_post_(m, false);
    weir_hb_api_leave_();
  } else {
    unlock(m, owner, site, pc);
  }
}

// A mutex with an owner is locked, so the usual case need not read the state first.
static inline void unlock_checked(weir_mutex *m, const struct weir_site *site, const void *pc) {
  if (WEIR_DETECTS) {
    struct weir_g *owner = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
    if (__builtin_expect(weir_lock_order_on, 0))
      weir_lock_tell_unlock(m, owner, m->kind >> WEIR_LOCK_KIND_BITS, m->locked_at);
    if (__builtin_expect(weir_hb_on || !owner || !weir_held_pop(owner, m), 0)) {
      unlock_other(m, owner, site, pc);
      return;
    }
  }
  __atomic_store_n(&m->owner, NULL, __ATOMIC_RELAXED);
  give_back(m, site, pc);
}

// Apart, so that nothing is kept across a call where nobody wants to know.
static __attribute__((noinline)) void unlock_traced(weir_mutex *m, const struct weir_site *site,
                                                    const void *pc) {
  WEIR_TRACE(UNLOCK, weir_self(), m, site, pc);
  unlock_checked(m, site, pc);
}

static inline void unlock_told(weir_mutex *m, const struct weir_site *site, const void *pc) {
  WEIR_TRACE_IF unlock_traced(m, site, pc);
  else unlock_checked(m, site, pc);
}

void weir_mutex_unlocked_(weir_mutex *m, uint32_t s, const struct weir_site *site) {
  unlock_slow(m, s, site, __builtin_return_address(0));
}

void weir_mutex_unlock_at(weir_mutex *m, const struct weir_site *site, const void *pc) {
  unlock_told(m, site, pc);
}
void weir_mutex_unlock_(weir_mutex *m, const struct weir_site *site) {
  unlock_told(m, site, __builtin_return_address(0));
  weir_shake();
}

#define ALSO(name) __attribute__((alias(#name)))
void weir_mutex_lock_call_(weir_mutex *m, const struct weir_site *site) ALSO(weir_mutex_lock_);
void weir_mutex_unlock_call_(weir_mutex *m, const struct weir_site *site) ALSO(weir_mutex_unlock_);
