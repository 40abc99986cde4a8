// SPDX-License-Identifier: Apache-2.0
//
// Mutex, read-write mutex, wait group, once, condition variable. The zero value
// of each is ready to use; none needs freeing; none may be copied after first
// use. They block the goroutine, not the thread; OS threads may use them too.
//
// Happens-before: unlock -> the next lock of the same mutex; runlock -> the next
// lock; unlock -> the next rlock; done -> the wait it releases; the end of
// weir_once's function -> the return of every weir_once_do.
#ifndef WEIR_SYNC_H
#define WEIR_SYNC_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
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

typedef struct weir_mutex {
  uint32_t state; // atomic; bits in runtime/sync/mutex.c
  uint32_t reserved;
  struct weir_g *owner;         // goroutine that holds it, or NULL
  const void *locked_at;        // return address of the lock call
  const struct weir_site *site; // of the last lock call: gives the name
  struct weir_waitq_ waiters;
} weir_mutex;

typedef struct weir_wg {
  uint64_t state; // atomic; counter and waiters, wait_group.c
  uint32_t queue; // lock of `waiters`
  uint32_t edges; // with a race detector: has been used
  const struct weir_site *site;
  struct weir_waitq_ waiters;
} weir_wg;

// Locking a mutex that this goroutine holds blocks (and is reported as a
// partial deadlock). A mutex may be unlocked by another goroutine, as in Go.
// Unlocking one that is not locked: fatal finding unlock-of-unlocked.
#define weir_mutex_lock(m) weir_mutex_lock_((m), WEIR_SITE(#m))
#define weir_mutex_trylock(m) weir_mutex_trylock_((m), WEIR_SITE(#m))
#define weir_mutex_unlock(m) weir_mutex_unlock_((m), WEIR_SITE(#m))
WEIR_API void weir_mutex_lock_(weir_mutex *m, const struct weir_site *site);
WEIR_API bool weir_mutex_trylock_(weir_mutex *m, const struct weir_site *site);
WEIR_API void weir_mutex_unlock_(weir_mutex *m, const struct weir_site *site);

// Locks now, unlocks when the scope ends.
#define weir_guard(m) WEIR_GUARD_(__COUNTER__, m)

// add may be negative; below zero is the fatal finding negative-wait-group. wait
// returns when the counter is zero. An add from zero must happen before wait.
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
    weir_go_start_(                                              \
        (const void *)^{                                         \
          weir_defer(weir_wg_add_(weir_wg_, -1, weir_wg_site_)); \
          WEIR_APPLY_(t, __VA_ARGS__);                           \
        },                                                       \
        WEIR_SITE(WEIR_FIRST_TEXT_(__VA_ARGS__)));               \
  })

#define WEIR_GUARD_(u, m)                                      \
  weir_mutex *WEIR_CAT_(weir_guard_v, u) = (m);                \
  weir_mutex_lock_(WEIR_CAT_(weir_guard_v, u), WEIR_SITE(#m)); \
  WEIR_DEFER_(u, weir_mutex_unlock_(WEIR_CAT_(weir_guard_v, u), WEIR_SITE(#m)))

#ifdef __cplusplus
}
#endif
#endif
