// SPDX-License-Identifier: Apache-2.0
//
// The short ways of mutex, rwmutex, once and defer, compiled into the program: calls would be a
// fifth of a lock and unlock that nobody else wants. Included by sync.h; nothing here is for users
// to name.
//
// They do what the functions of the same names in the library do first, and call those, by
// their other names (weir_..._call_), for the rest: when somebody waits or holds, in OS threads,
// and in programs that are checked for races or orders of locks, where weir_self_at_ is NULL and a
// once is done otherwise. So programs may mix files that were compiled with and without. The
// functions have no lines of their own: what they note as the place of a lock is the line of the
// call.
#ifndef WEIR_INLINE_H
#define WEIR_INLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/sync.h>

// 0 in libweir-bare.a, which has no detectors, and in what is linked with it: what is written only
// for them depends on it, so that it can be told what it costs.
#ifdef WEIR_BARE
enum { WEIR_DETECTS = 0 };
#else
enum { WEIR_DETECTS = 1 };
#endif

// The beginning of a goroutine: its locks and its defers.
enum { WEIR_HELD_RING = 8 };
struct weir_self_ {
  uint64_t id;
  struct weir_held {   // a lock, and where it was taken
    const void *mutex; // or rwmutex, or once: the head of the object tells
    const void *pc;
  } *held;             // a ring of the newest WEIR_HELD_RING
  uint32_t held_count; // atomic
  uint32_t reserved;
  struct weir_defer_ *defers; // newest first
};

// The bits are those of runtime/sync/mutex.c, rwmutex.c and once.c, which check them.
enum { WEIR_MUTEX_LOCKED = 1 };
enum { WEIR_RWMUTEX_NO_READ = 1 | 4, WEIR_RWMUTEX_WAITERS = 4, WEIR_RWMUTEX_READER = 8 };
enum { WEIR_LOCK_IS_RWMUTEX_ = 2, WEIR_ONCE_DONE = 4 };
#define WEIR_RWMUTEX_MANY (1u << 31)

#ifdef WEIR_SHORT
#define WEIR_INLINE_ \
  extern __inline__ __attribute__((gnu_inline, always_inline, nodebug)) WEIR_NO_THREAD_SAFETY
#define WEIR_HELPER_ \
  static __inline__ __attribute__((always_inline, nodebug, unused)) WEIR_NO_THREAD_SAFETY

#ifdef __cplusplus
extern "C" {
#endif

WEIR_API void weir_mutex_lock_call_(weir_mutex *m, const struct weir_site *site);
WEIR_API void weir_mutex_unlock_call_(weir_mutex *m, const struct weir_site *site);
WEIR_API void weir_rwmutex_rlock_call_(weir_rwmutex *m, const struct weir_site *site);
WEIR_API void weir_rwmutex_runlock_call_(weir_rwmutex *m, const struct weir_site *site);
WEIR_API void weir_defer_push_call_(struct weir_defer_ *d);
WEIR_API void weir_defer_run_call_(struct weir_defer_ *d);
WEIR_API void weir_once_do_call_(weir_once *o, void (*fn)(void), const struct weir_site *site);

// The state was made free, or left to the caller, and is `s`: wakes who has to be woken.
WEIR_API void weir_mutex_unlocked_(weir_mutex *m, uint32_t s, const struct weir_site *site);
WEIR_API void weir_rwmutex_runlocked_(weir_rwmutex *m, uint32_t s, const struct weir_site *site);

// Where the calling goroutine is found, or NULL: ask the library. Read by hand, because a compiler
// may keep the address of a thread-local across a switch to another thread.
WEIR_HELPER_ struct weir_self_ **weir_self_find_(void) {
  struct weir_self_ **at;
  __asm__ volatile("movq weir_self_at_@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0" : "=r"(at));
  return at;
}

WEIR_HELPER_ const void *weir_here_(void) {
  const void *here;
  __asm__ volatile("leaq 0(%%rip), %0" : "=r"(here));
  return here;
}

WEIR_HELPER_ void weir_self_holds_(struct weir_self_ *self, const void *mutex, const void *pc) {
  uint32_t n = __atomic_load_n(&self->held_count, __ATOMIC_RELAXED);
  self->held[n % WEIR_HELD_RING].mutex = mutex;
  self->held[n % WEIR_HELD_RING].pc = pc;
  __atomic_store_n(&self->held_count, n + 1, __ATOMIC_RELAXED);
}

// False: it is not the newest of its locks.
WEIR_HELPER_ bool weir_self_held_(struct weir_self_ *self, const void *mutex) {
  uint32_t n = __atomic_load_n(&self->held_count, __ATOMIC_RELAXED);
  if (!n || self->held[(n - 1) % WEIR_HELD_RING].mutex != mutex) return false;
  self->held[(n - 1) % WEIR_HELD_RING].mutex = 0;
  __atomic_store_n(&self->held_count, n - 1, __ATOMIC_RELAXED);
  return true;
}

WEIR_INLINE_ void weir_mutex_lock_(weir_mutex *m, const struct weir_site *site) {
  struct weir_self_ **at = weir_self_find_();
  uint32_t state = 0; // acquire pairs with the release of an unlock
  if (__builtin_expect(!at || !__atomic_compare_exchange_n(&m->state, &state, WEIR_MUTEX_LOCKED, 0,
                                                           __ATOMIC_ACQUIRE, __ATOMIC_RELAXED),
                       0)) {
    weir_mutex_lock_call_(m, site);
    return;
  }
  struct weir_self_ *self = *at;
  const void *here = weir_here_();
  __atomic_store_n(&m->owner, (struct weir_g *)self, __ATOMIC_RELAXED);
  if (!WEIR_DETECTS) return;
  __atomic_store_n(&m->locked_at, here, __ATOMIC_RELAXED);
  __atomic_store_n(&m->site, site, __ATOMIC_RELAXED);
  weir_self_holds_(self, m, here);
}

// A mutex with an owner is locked.
WEIR_INLINE_ void weir_mutex_unlock_(weir_mutex *m, const struct weir_site *site) {
  struct weir_self_ *owner = (struct weir_self_ *)__atomic_load_n(&m->owner, __ATOMIC_RELAXED);
  if (__builtin_expect(
          !weir_self_find_() || (WEIR_DETECTS && (!owner || !weir_self_held_(owner, m))), 0)) {
    weir_mutex_unlock_call_(m, site);
    return;
  }
  __atomic_store_n(&m->owner, (struct weir_g *)0, __ATOMIC_RELAXED);
  uint32_t state = __atomic_sub_fetch(&m->state, WEIR_MUTEX_LOCKED, __ATOMIC_RELEASE);
  if (__builtin_expect(state != 0, 0)) weir_mutex_unlocked_(m, state, site);
}

// False: *from is what is there. acquire pairs with the release of an unlock
WEIR_HELPER_ bool weir_rwmutex_enter_(weir_rwmutex *m, uint32_t *from) {
  return __atomic_compare_exchange_n(&m->state, from, *from + WEIR_RWMUTEX_READER, 0,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

// The first try, which is for nobody else reading, also takes the cache line away from others, for
// good: a look at the state would take it only for reading.
WEIR_INLINE_ void weir_rwmutex_rlock_(weir_rwmutex *m, const struct weir_site *site) {
  struct weir_self_ **at = weir_self_find_();
  uint32_t state = 0;
  if (__builtin_expect(!at, 0) || (__builtin_expect(!weir_rwmutex_enter_(m, &state), 0) &&
                                   ((state & WEIR_RWMUTEX_NO_READ) || state >= WEIR_RWMUTEX_MANY ||
                                    !weir_rwmutex_enter_(m, &state)))) {
    weir_rwmutex_rlock_call_(m, site);
    return;
  }
  if (!WEIR_DETECTS) return;
  struct weir_self_ *self = *at;
  __atomic_store_n(&m->reader, (struct weir_g *)self, __ATOMIC_RELAXED);
  __atomic_store_n(&m->kind, WEIR_LOCK_IS_RWMUTEX_, __ATOMIC_RELAXED);
  __atomic_store_n(&m->site, site, __ATOMIC_RELAXED);
  weir_self_holds_(self, m, weir_here_());
}

WEIR_INLINE_ void weir_rwmutex_runlock_(weir_rwmutex *m, const struct weir_site *site) {
  struct weir_self_ **at = weir_self_find_();
  if (__builtin_expect(!at || (WEIR_DETECTS && !weir_self_held_(*at, m)), 0)) {
    weir_rwmutex_runlock_call_(m, site);
    return;
  }
  uint32_t state = __atomic_sub_fetch(&m->state, WEIR_RWMUTEX_READER, __ATOMIC_RELEASE);
  if (__builtin_expect((state & WEIR_RWMUTEX_WAITERS) || state >= WEIR_RWMUTEX_MANY, 0))
    weir_rwmutex_runlocked_(m, state, site);
}

WEIR_INLINE_ void weir_defer_push_(struct weir_defer_ *d) {
  struct weir_self_ **at = weir_self_find_();
  if (__builtin_expect(!at, 0)) {
    weir_defer_push_call_(d);
    return;
  }
  d->next = (*at)->defers;
  (*at)->defers = d;
}

WEIR_INLINE_ void weir_defer_run_(struct weir_defer_ *d) {
  struct weir_self_ **at = weir_self_find_();
  if (__builtin_expect(!at || (*at)->defers != d, 0)) {
    weir_defer_run_call_(d);
    return;
  }
  (*at)->defers = d->next;
  ((void (^)(void))d->block)();
}

WEIR_INLINE_ void weir_once_do_(weir_once *o, void (*fn)(void), const struct weir_site *site) {
  if (__builtin_expect(__atomic_load_n(&o->state, __ATOMIC_ACQUIRE) != WEIR_ONCE_DONE, 0))
    weir_once_do_call_(o, fn, site);
}

#ifdef __cplusplus
}
#endif

#endif
#endif
