// SPDX-License-Identifier: Apache-2.0
//
// The read-write mutex: WRITER, or a number of READERs, in one word that is taken with one
// compare-and-swap and given back with one subtraction while nobody waits. Who cannot have it
// stands in one of two queues, oldest first, guarded by the QUEUE bit (word.h).
//
// Whoever makes it free while somebody waits hands it over, locked: an unlock to all
// readers that wait, or if there are none to the oldest writer; the last runlock to the
// oldest writer. So the phases alternate and nobody starves. New readers queue as soon as anybody
// waits (a reader waits only where a writer waits or holds, so that is: as soon as a writer
// waits).
//
// WAITERS says that a queue is not empty, and then the mutex is held: it goes from hand to hand
// and is free only with both queues empty. So who gives back by subtraction the last hold on one
// with WAITERS still has it to himself, and passes it on.
//
// Deadlock: as in mutex.c, for the writer that holds it. Readers are not known one by one, but each
// goroutine knows what it holds (detect/lock_suspects.c).
#include <weir/inline.h>

#include "base/check.h"
#include "base/hooks.h"
#include "base/trace.h"
#include "sched/shake.h"
#include "sync/locks.h"
#include "sync/waitq.h"
#include "sync/word.h"

enum {
  WRITER = 1,
  QUEUE = 2, // guards the queues; held briefly, never across a park
  WAITERS = 4,
  READER = 8, // the rest of the word counts them
};
_Static_assert(READER == 1 << 3, "weir_rwmutex_readers");
_Static_assert(READER == WEIR_RWMUTEX_READER && WAITERS == WEIR_RWMUTEX_WAITERS &&
                   (WRITER | WAITERS) == WEIR_RWMUTEX_NO_READ &&
                   WEIR_LOCK_IS_RWMUTEX == WEIR_LOCK_IS_RWMUTEX_,
               "weir/inline.h takes and gives back the read side, too");
enum { SPINS = 4, SPIN_RELAX = 30 };
static const uint32_t readers_max = (UINT32_MAX / READER - 1) * READER;

static inline uint32_t load(const weir_rwmutex *m) {
  return weir_word_load(&m->state);
}

// --- taking it, if it can be had at once ---------------------------------------------------------

static inline bool readable(uint32_t s) {
  if (__builtin_expect(s >= readers_max, 0)) weir_fatal("an rwmutex has too many readers");
  return !(s & (WRITER | WAITERS));
}
static inline bool writable(uint32_t s) {
  return !(s & ~(uint32_t)QUEUE);
}

static inline bool take(weir_rwmutex *m, bool read) {
  uint32_t s = load(m);
  while (read ? readable(s) : writable(s))
    if (weir_word_swap(&m->state, &s, read ? s + READER : s | WRITER)) return true;
  return false;
}

// Detectors read these at any time. True: it holds others, or writes, and somebody wants to know.
static inline bool note(weir_rwmutex *m, bool read, struct weir_g *g, const struct weir_site *site,
                        const void *pc) {
  if (!read) __atomic_store_n(&m->owner, g, __ATOMIC_RELAXED);
  if (!WEIR_DETECTS) return false;
  if (!read) {
    __atomic_store_n(&m->locked_at, pc, __ATOMIC_RELAXED);
  } else {
    __atomic_store_n(&m->reader, g, __ATOMIC_RELAXED);
  }
  __atomic_store_n(&m->kind, WEIR_LOCK_IS_RWMUTEX, __ATOMIC_RELAXED);
  __atomic_store_n(&m->site, site, __ATOMIC_RELAXED);
  WEIR_TRACE_IF weir_trace_call_(read ? WEIR_SYNC_RLOCK : WEIR_SYNC_LOCK, g, m, site, pc, 0);
  bool nested = weir_held_push(g, m, pc);
  return __builtin_expect(weir_lock_order_on, 0) && (nested || !read);
}

// --- waiting -------------------------------------------------------------------------------------

static void queue_release(void *mutex) {
  weir_word_unlock(&((weir_rwmutex *)mutex)->state, QUEUE);
}

// With QUEUE held and the waiter linked: says so in the state. False: the mutex can be had
// meanwhile and is ours, and QUEUE is released.
static bool announce(weir_rwmutex *m, struct weir_waitq_ *q, struct weir_waiter *w, bool read) {
  uint32_t s = load(m);
  for (;;) {
    if (read ? readable(s) : writable(s)) {
      weir_waitq_remove(q, w); // nobody waits: we are alone in the queue
      uint32_t to = (read ? s + READER : s | WRITER) & ~(uint32_t)QUEUE;
      if (weir_word_swap(&m->state, &s, to)) return false;
      weir_waitq_push(q, w);
    } else if (weir_word_swap(&m->state, &s, s | WAITERS)) {
      return true;
    }
  }
}

// Returns with the mutex held.
static void wait(weir_rwmutex *m, bool read, struct weir_g *g, const void *pc) {
  enum weir_wait_op op = read ? WEIR_WAIT_RWMUTEX_READ : WEIR_WAIT_RWMUTEX;
  struct weir_waiter w = {.g = g, .object = m, .kind = WEIR_OBJ_RWMUTEX, .op = op};
  struct weir_waitq_ *q = read ? &m->readers : &m->writers;
  weir_park_describe(g, op, &w, 1, pc);
  weir_blocked_on_lock(g, m);
  weir_word_lock(&m->state, QUEUE);
  weir_waitq_push(q, &w);
  if (announce(m, q, &w, read))
    weir_park_unlock(g, queue_release, m);
  else
    weir_park_forget(g);
}

// Only while a writer runs, on another processor, is it likely to unlock soon.
static bool worth_spinning(const weir_rwmutex *m, const struct weir_g *self) {
  if ((load(m) & (WRITER | WAITERS)) != WRITER) return false;
  struct weir_g *owner = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
  return owner && owner != self && weir_g_is_running(owner);
}

static __attribute__((noinline)) void lock_slow(weir_rwmutex *m, bool read, struct weir_g *g,
                                                const void *pc) {
  for (int spins = 0; spins < SPINS && worth_spinning(m, g); spins++) {
    for (int i = 0; i < SPIN_RELAX; i++)
      weir_cpu_relax();
    if (take(m, read)) return;
  }
  wait(m, read, g, pc);
}

// --- lock ----------------------------------------------------------------------------------------

// Apart, so that the fast path asks for a race detector only once.
static __attribute__((noinline)) void lock_announced(weir_rwmutex *m, bool read, struct weir_g *g,
                                                     const struct weir_site *site, const void *pc) {
  weir_hb_api_enter_(pc);
  weir_hb_call_(pc, read ? WEIR_SYNC_RLOCK : WEIR_SYNC_LOCK, site);
  weir_edges_begin(&m->kind, m, true);
  weir_hb_lock_pre_(m, read, false);
  if (!take(m, read)) lock_slow(m, read, g, pc);
  bool nested = note(m, read, g, site, pc);
  weir_hb_lock_post_(m, read, false, true);
  if (!read) weir_hb_use_(m, WEIR_USE_LOCK);
  if (nested) weir_hook_lock_nested(g, m, read, site, pc);
  weir_hb_api_leave_();
}

static inline void lock(weir_rwmutex *m, bool read, const struct weir_site *site, const void *pc) {
  struct weir_g *g = weir_self();
  if (__builtin_expect(weir_hb_on, 0)) {
    lock_announced(m, read, g, site, pc);
    return;
  }
  if (__builtin_expect(!take(m, read), 0)) lock_slow(m, read, g, pc);
  if (note(m, read, g, site, pc)) weir_hook_lock_nested(g, m, read, site, pc);
}

// Of several readers nobody knows which will be the last.
static __attribute__((noinline)) void try_failed(const weir_rwmutex *m, const void *pc) {
  uint32_t s = load(m);
  struct weir_g *writer = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
  struct weir_g *reader = s / READER == 1 ? __atomic_load_n(&m->reader, __ATOMIC_RELAXED) : NULL;
  WEIR_TRACE_FILE(TRY, weir_self(), m, m->site, pc);
  weir_hook_try_failed(weir_self(), WEIR_OBJ_RWMUTEX, m, pc, s & WRITER ? writer : reader);
}

static bool trylock(weir_rwmutex *m, bool read, const struct weir_site *site, const void *pc) {
  WEIR_HB_IF {
    weir_hb_api_enter_(pc);
    weir_hb_call_(pc, read ? WEIR_SYNC_RLOCK : WEIR_SYNC_LOCK, site);
    weir_edges_begin(&m->kind, m, true);
    weir_hb_lock_pre_(m, read, true);
  }
  bool got = take(m, read);
  if (got) note(m, read, weir_self(), site, pc);
  WEIR_HB_IF {
    weir_hb_lock_post_(m, read, true, got);
    if (got && !read) weir_hb_use_(m, WEIR_USE_LOCK);
    weir_hb_api_leave_();
  }
  if (!got) {
    try_failed(m, pc);
    return false;
  }
  weir_lock_tried(m);
  weir_took_part(weir_self());
  return true;
}

// --- unlock --------------------------------------------------------------------------------------

// These two hold QUEUE and the only hold on the mutex, with somebody waiting: nobody else changes
// the state. Each passes the mutex on and gives QUEUE back.

static void pass_to_writer(weir_rwmutex *m) {
  struct weir_waiter *w = m->writers.first;
  WEIR_CHECK(w != NULL);
  weir_waitq_remove(&m->writers, w);
  struct weir_g *g = w->g;
  uint32_t more = m->writers.first || m->readers.first ? WAITERS : 0;
  __atomic_store_n(&m->owner, g, __ATOMIC_RELAXED);
  __atomic_store_n(&m->state, WRITER | more, __ATOMIC_RELEASE);
  weir_ready(g);
}

static void pass_to_readers(weir_rwmutex *m) {
  uint32_t n = 0;
  struct weir_waiter *all = m->readers.first, *next;
  for (struct weir_waiter *w = all; w; w = w->next)
    n += READER;
  m->readers = (struct weir_waitq_){NULL, NULL};
  __atomic_store_n(&m->state, n | (m->writers.first ? WAITERS : 0), __ATOMIC_RELEASE);
  for (struct weir_waiter *w = all; w; w = next) {
    next = w->next;
    weir_ready(w->g);
  }
}

// `s` is what is left when a hold was subtracted: with waiters but without a hold the mutex is
// still ours, and is passed on.
static __attribute__((noinline)) void given_back(weir_rwmutex *m, bool read, uint32_t s,
                                                 const struct weir_site *site, const void *pc) {
  if (__builtin_expect((s & WRITER) || s >= readers_max, 0)) // two gave back one hold
    weir_hook_misuse(WEIR_F_UNLOCK_OF_UNLOCKED, WEIR_OBJ_RWMUTEX, m, site, pc, NULL, 0);
  if (s >= READER || !(s & WAITERS)) return;
  weir_word_lock(&m->state, QUEUE);
  if (!read && m->readers.first)
    pass_to_readers(m);
  else
    pass_to_writer(m);
}

// release pairs with the acquire of who takes it next
static inline void give_back(weir_rwmutex *m, bool read, const struct weir_site *site,
                             const void *pc) {
  uint32_t s = __atomic_sub_fetch(&m->state, read ? READER : WRITER, __ATOMIC_ACQ_REL);
  if (__builtin_expect(s & (WAITERS | WRITER) || s >= readers_max, 0))
    given_back(m, read, s, site, pc);
}

// Gives back a read lock that another goroutine took. If it is the only one, that is likely who
// took the last; else nobody knows any more who reads.
static __attribute__((noinline)) void forget_reader(weir_rwmutex *m) {
  struct weir_g *last = __atomic_load_n(&m->reader, __ATOMIC_RELAXED);
  bool only = load(m) / READER == 1;
  if (weir_lock_order_on) weir_hook_unlock(NULL, m, NULL);
  if (!only || !last || !weir_held_remove(last, m))
    __atomic_store_n(&m->strangers, 1, __ATOMIC_RELAXED);
}

static inline void forget(weir_rwmutex *m, bool read) {
  if (read) {
    if (WEIR_DETECTS && __builtin_expect(!weir_held_remove(weir_self(), m), 0)) forget_reader(m);
    return;
  }
  struct weir_g *owner = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
  if (__builtin_expect(weir_lock_order_on, 0))
    weir_lock_tell_unlock(m, owner, m->number, m->locked_at);
  if (WEIR_DETECTS && owner)
    weir_held_remove(owner, m); // another goroutine than the owner may unlock
  __atomic_store_n(&m->owner, NULL, __ATOMIC_RELAXED);
}

static inline void release(weir_rwmutex *m, bool read, const struct weir_site *site,
                           const void *pc) {
  uint32_t s = load(m);
  if (__builtin_expect(read ? s < READER : !(s & WRITER), 0))
    weir_hook_misuse(WEIR_F_UNLOCK_OF_UNLOCKED, WEIR_OBJ_RWMUTEX, m, site, pc, NULL, 0);
  WEIR_HB_IF {
    weir_hb_api_enter_(pc);
    weir_hb_call_(pc, read ? WEIR_SYNC_RUNLOCK : WEIR_SYNC_UNLOCK, site);
    if (!read) weir_lock_announce_unlock(m, __atomic_load_n(&m->owner, __ATOMIC_RELAXED));
    weir_hb_unlock_pre_(m, read);
  }
  WEIR_TRACE_IF weir_trace_call_(read ? WEIR_SYNC_RUNLOCK : WEIR_SYNC_UNLOCK, weir_self(), m, site,
                                 pc, 0);
  forget(m, read);
  give_back(m, read, site, pc);
  WEIR_HB_IF {
    weir_hb_unlock_post_(m, read);
    weir_hb_api_leave_();
  }
}

// --- the calls -----------------------------------------------------------------------------------

bool weir_rwmutex_is_held(const weir_rwmutex *m, bool read) {
  uint32_t s = load(m);
  return read ? s >= READER : s & WRITER;
}

void weir_rwmutex_lock_at(weir_rwmutex *m, const struct weir_site *site, const void *pc) {
  lock(m, false, site, pc);
}
void weir_rwmutex_rlock_at(weir_rwmutex *m, const struct weir_site *site, const void *pc) {
  lock(m, true, site, pc);
}
void weir_rwmutex_unlock_at(weir_rwmutex *m, const struct weir_site *site, const void *pc) {
  release(m, false, site, pc);
}
void weir_rwmutex_runlock_at(weir_rwmutex *m, const struct weir_site *site, const void *pc) {
  release(m, true, site, pc);
}

void weir_rwmutex_lock_(weir_rwmutex *m, const struct weir_site *site) {
  weir_shake();
  lock(m, false, site, __builtin_return_address(0));
}
void weir_rwmutex_rlock_(weir_rwmutex *m, const struct weir_site *site) {
  weir_shake();
  lock(m, true, site, __builtin_return_address(0));
}
bool weir_rwmutex_trylock_(weir_rwmutex *m, const struct weir_site *site) {
  weir_shake();
  return trylock(m, false, site, __builtin_return_address(0));
}
bool weir_rwmutex_tryrlock_(weir_rwmutex *m, const struct weir_site *site) {
  weir_shake();
  return trylock(m, true, site, __builtin_return_address(0));
}
void weir_rwmutex_unlock_(weir_rwmutex *m, const struct weir_site *site) {
  release(m, false, site, __builtin_return_address(0));
}
void weir_rwmutex_runlock_(weir_rwmutex *m, const struct weir_site *site) {
  release(m, true, site, __builtin_return_address(0));
}

void weir_rwmutex_runlocked_(weir_rwmutex *m, uint32_t s, const struct weir_site *site) {
  given_back(m, true, s, site, __builtin_return_address(0));
}

#define ALSO(name) __attribute__((alias(#name)))
void weir_rwmutex_rlock_call_(weir_rwmutex *m, const struct weir_site *site)
    ALSO(weir_rwmutex_rlock_);
void weir_rwmutex_runlock_call_(weir_rwmutex *m, const struct weir_site *site)
    ALSO(weir_rwmutex_runlock_);
