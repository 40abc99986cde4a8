// SPDX-License-Identifier: Apache-2.0
//
// Mutex, read-write mutex, wait group, once, condition variable. The zero value
// of each is ready to use; none needs freeing; none may be copied after first
// use. They block the goroutine, not the thread; OS threads may use them too.
//
// Happens-before: unlock -> the next lock of the same mutex; runlock -> the next
// lock, but not the next rlock; unlock -> the next rlock; done -> the wait it
// releases; the end of weir_once's function -> the return of every weir_once_do;
// signal and broadcast -> the return of the waits they end.
#ifndef WEIR_SYNC_H
#define WEIR_SYNC_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/annotate.h>
#include <weir/detail.h>
#include <weir/go.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_g;

// Waiting goroutines, oldest first; guarded by the owning object's own bit.
struct weir_waitq_ {
  struct weir_waiter *first, *last;
};

// The heads of mutex, rwmutex and once are alike, for detectors; `kind` tells which it is. Above
// its lowest byte a mutex that was taken together with others has its number.
typedef struct WEIR_CAPABILITY("mutex") weir_mutex {
  uint32_t state; // atomic; bits in runtime/sync/mutex.c
  uint32_t kind;
  struct weir_g *owner;         // goroutine that holds it, or NULL
  const void *locked_at;        // return address of the lock call
  const struct weir_site *site; // of the last lock call: gives the name
  struct weir_waitq_ waiters;
} weir_mutex;

typedef struct WEIR_CAPABILITY("rwmutex") weir_rwmutex {
  uint32_t state; // atomic; bits in runtime/sync/rwmutex.c
  uint32_t kind;
  struct weir_g *owner;         // goroutine that holds it for writing, or NULL
  const void *locked_at;        // return address of its lock call
  const struct weir_site *site; // of the last lock call of either side
  struct weir_g *reader;        // took the read side last
  uint32_t strangers;           // 1: it was given back by others, and nobody knows whose it was
  uint32_t number;              // locks that nest have one, for detectors; atomic
  struct weir_waitq_ writers, readers;
} weir_rwmutex;

typedef struct weir_once {
  uint32_t state; // atomic; bits in runtime/sync/once.c
  uint32_t kind;
  struct weir_g *owner;   // goroutine that runs the function, or NULL
  const void *started_at; // return address of its call
  const struct weir_site *site;
  struct weir_waitq_ waiters;
} weir_once;

typedef struct weir_cond {
  uint32_t queue; // lock of `waiters`
  uint32_t reserved;
  const struct weir_site *site; // of the last wait
  struct weir_waitq_ waiters;
  uint64_t missed_by; // for detectors: who signalled last, and where, if nobody waited then
  const void *missed_at;
} weir_cond;

typedef struct weir_wg {
  uint64_t state; // atomic; counter and waiters, wait_group.c
  uint32_t queue; // lock of `waiters`
  uint32_t edges; // for detectors: 2 when it has been used; above the lowest byte its number
  const struct weir_site *site;
  struct weir_waitq_ waiters;
} weir_wg;

// Locking a mutex that this goroutine holds blocks (and is reported as a
// partial deadlock). A mutex may be unlocked by another goroutine, as in Go, if something orders
// that after the lock: else finding unlock-by-other. Unlocking one that is not locked: fatal
// finding unlock-of-unlocked.
#define weir_mutex_lock(m) weir_mutex_lock_((m), WEIR_SITE(#m))
#define weir_mutex_trylock(m) weir_mutex_trylock_((m), WEIR_SITE(#m))
#define weir_mutex_unlock(m) weir_mutex_unlock_((m), WEIR_SITE(#m))
WEIR_SHORT_API void weir_mutex_lock_(weir_mutex *m, const struct weir_site *site) WEIR_ACQUIRE(m);
WEIR_API bool weir_mutex_trylock_(weir_mutex *m, const struct weir_site *site)
    WEIR_TRY_ACQUIRE(true, m);
WEIR_SHORT_API void weir_mutex_unlock_(weir_mutex *m, const struct weir_site *site) WEIR_RELEASE(m);

// Any number of goroutines may hold it for reading, or one for writing. Who waits to write
// keeps new readers out, so writers do not starve; an unlock lets in all readers that
// wait then, so neither do readers. Reading again, or asking to write, while this goroutine
// reads may therefore block for ever: there is no upgrade. Either side may be unlocked
// by another goroutine. Unlocking a side that is not locked: fatal finding
// unlock-of-unlocked. At most 2^29 - 2 readers (fatal).
#define weir_rwmutex_lock(m) weir_rwmutex_lock_((m), WEIR_SITE(#m))
#define weir_rwmutex_trylock(m) weir_rwmutex_trylock_((m), WEIR_SITE(#m))
#define weir_rwmutex_unlock(m) weir_rwmutex_unlock_((m), WEIR_SITE(#m))
#define weir_rwmutex_rlock(m) weir_rwmutex_rlock_((m), WEIR_SITE(#m))
#define weir_rwmutex_tryrlock(m) weir_rwmutex_tryrlock_((m), WEIR_SITE(#m))
#define weir_rwmutex_runlock(m) weir_rwmutex_runlock_((m), WEIR_SITE(#m))
WEIR_API void weir_rwmutex_lock_(weir_rwmutex *m, const struct weir_site *site) WEIR_ACQUIRE(m);
WEIR_API bool weir_rwmutex_trylock_(weir_rwmutex *m, const struct weir_site *site)
    WEIR_TRY_ACQUIRE(true, m);
WEIR_API void weir_rwmutex_unlock_(weir_rwmutex *m, const struct weir_site *site) WEIR_RELEASE(m);
WEIR_SHORT_API void weir_rwmutex_rlock_(weir_rwmutex *m, const struct weir_site *site)
    WEIR_ACQUIRE_SHARED(m);
WEIR_API bool weir_rwmutex_tryrlock_(weir_rwmutex *m, const struct weir_site *site)
    WEIR_TRY_ACQUIRE_SHARED(true, m);
WEIR_SHORT_API void weir_rwmutex_runlock_(weir_rwmutex *m, const struct weir_site *site)
    WEIR_RELEASE_SHARED(m);

// Locks now, unlocks when the scope ends: a mutex or the write side of an rwmutex; rguard:
// the read side.
#define weir_guard(m) WEIR_GUARD_(__COUNTER__, m)
#define weir_rguard(m) WEIR_RGUARD_(__COUNTER__, m)

// The first call runs fn(); the others, also those made meanwhile, return when fn is over, by
// return or weir_goexit. A call of the same once within fn waits for itself (reported as a
// partial deadlock).
#define weir_once_do(once, fn) weir_once_do_((once), (fn), WEIR_SITE(#once))
WEIR_SHORT_API void weir_once_do_(weir_once *once, void (*fn)(void), const struct weir_site *site);

// The same for a function of any signature: weir_once_func(&once, fn, args...) drops its result;
// weir_once_value(&once, &place, fn, args...) has the first call store it in place, and is what
// place holds, in every call. Arguments are evaluated in every call. If fn leaves by weir_goexit,
// place stays as it is. The function's end, with place, happens before each call's return.
#define weir_once_func(once, ...)      \
  __extension__({                      \
    WEIR_ONCE_OF_(once)                \
    WEIR_BIND_(o, __VA_ARGS__)         \
    weir_once_call_(                   \
        weir_once_,                    \
        (const void *)^{               \
          WEIR_APPLY_(o, __VA_ARGS__); \
        },                             \
        weir_once_site_);              \
  })
#define weir_once_value(once, place, ...)             \
  __extension__({                                     \
    WEIR_ONCE_OF_(once)                               \
    __typeof__(&*(place)) weir_place_ = (place);      \
    WEIR_BIND_(o, __VA_ARGS__)                        \
    weir_once_call_(                                  \
        weir_once_,                                   \
        (const void *)^{                              \
          *weir_place_ = WEIR_VALUE_(o, __VA_ARGS__); \
        },                                            \
        weir_once_site_);                             \
    *weir_place_;                                     \
  })
#define WEIR_ONCE_OF_(once)       \
  weir_once *weir_once_ = (once); \
  const struct weir_site *weir_once_site_ = WEIR_SITE(#once);
WEIR_API void weir_once_call_(weir_once *once, const void *block WEIR_LENT_,
                              const struct weir_site *site);

// weir_cond_wait(cond, lock): unlocks `lock`, a weir_mutex * or (the write side of) a weir_rwmutex
// *, waits for a signal or broadcast, and locks it again before it returns; rwait: the read side of
// an rwmutex. The caller holds the lock, and looks again at what it waits for, because others may
// have come first; there are no other wake-ups. Without the lock: fatal finding cond-wait-unlocked.
// signal wakes who has waited longest, if anybody waits; broadcast all. The caller of these may
// hold the lock or not.
#define weir_cond_wait(cond, lock)                                                     \
  _Generic((lock), weir_mutex *: weir_cond_wait_, weir_rwmutex *: weir_cond_wait_rw_)( \
      (cond), (lock), WEIR_SITE(#cond))
#define weir_cond_rwait(cond, lock) weir_cond_rwait_((cond), (lock), WEIR_SITE(#cond))
#define weir_cond_signal(cond) weir_cond_signal_((cond), WEIR_SITE(#cond))
#define weir_cond_broadcast(cond) weir_cond_broadcast_((cond), WEIR_SITE(#cond))
WEIR_API void weir_cond_wait_(weir_cond *c, weir_mutex *lock, const struct weir_site *site)
    WEIR_REQUIRES(lock);
WEIR_API void weir_cond_wait_rw_(weir_cond *c, weir_rwmutex *lock, const struct weir_site *site)
    WEIR_REQUIRES(lock);
WEIR_API void weir_cond_rwait_(weir_cond *c, weir_rwmutex *lock, const struct weir_site *site)
    WEIR_REQUIRES_SHARED(lock);
WEIR_API void weir_cond_signal_(weir_cond *c, const struct weir_site *site);
WEIR_API void weir_cond_broadcast_(weir_cond *c, const struct weir_site *site);

// add may be negative; below zero is the fatal finding negative-wait-group. wait
// returns when the counter is zero. An add from zero must happen before wait, or after every wait
// of the round before has returned: else finding wait-group-race.
#define weir_wg_add(wg, n) weir_wg_add_((wg), (n), WEIR_SITE(#wg))
#define weir_wg_done(wg) weir_wg_add_((wg), -1, WEIR_SITE(#wg))
#define weir_wg_wait(wg) weir_wg_wait_((wg), WEIR_SITE(#wg))
WEIR_API void weir_wg_add_(weir_wg *wg, int n, const struct weir_site *site);
WEIR_API void weir_wg_wait_(weir_wg *wg, const struct weir_site *site);

// weir_wg_go(&wg, fn, args...): add 1, and fn(args...) in a new goroutine, and
// done when it ends (also by weir_goexit).
#define weir_wg_go(wg, ...)                                      \
  __extension__({                                                \
    weir_wg *weir_wg_ = (wg);                                    \
    const struct weir_site *weir_wg_site_ = WEIR_SITE(#wg);      \
    WEIR_BIND_(t, __VA_ARGS__)                                   \
    weir_wg_add_(weir_wg_, 1, weir_wg_site_);                    \
    weir_go_member_start_(                                       \
        (const void *)^{                                         \
          weir_defer(weir_wg_add_(weir_wg_, -1, weir_wg_site_)); \
          WEIR_APPLY_(t, __VA_ARGS__);                           \
        },                                                       \
        WEIR_SITE(WEIR_FIRST_TEXT_(__VA_ARGS__)), weir_wg_);     \
  })

#ifdef __cplusplus
}
#endif
#include <weir/inline.h>
#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_LOCK_OF_(m, call) \
  _Generic((m), weir_mutex *: weir_mutex_##call, weir_rwmutex *: weir_rwmutex_##call)
#define WEIR_GUARD_(u, m)                                                                       \
  WEIR_TOLD_(u, WEIR_ACQUIRE(m), WEIR_RELEASE(m))                                               \
  WEIR_AUTO_ WEIR_CAT_(weir_guard_v, u) = (m);                                                  \
  WEIR_UNTOLD_(WEIR_LOCK_OF_(WEIR_CAT_(weir_guard_v, u), lock_)(WEIR_CAT_(weir_guard_v, u),     \
                                                                WEIR_SITE(#m)));                \
  WEIR_DEFER_(u, WEIR_LOCK_OF_(WEIR_CAT_(weir_guard_v, u), unlock_)(WEIR_CAT_(weir_guard_v, u), \
                                                                    WEIR_SITE(#m)))
#define WEIR_RGUARD_(u, m)                                                      \
  WEIR_TOLD_(u, WEIR_ACQUIRE_SHARED(m), WEIR_RELEASE_SHARED(m))                 \
  weir_rwmutex *WEIR_CAT_(weir_guard_v, u) = (m);                               \
  WEIR_UNTOLD_(weir_rwmutex_rlock_(WEIR_CAT_(weir_guard_v, u), WEIR_SITE(#m))); \
  WEIR_DEFER_(u, weir_rwmutex_runlock_(WEIR_CAT_(weir_guard_v, u), WEIR_SITE(#m)))

#ifdef __cplusplus
}
#endif
#endif
