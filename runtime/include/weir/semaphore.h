// SPDX-License-Identifier: Apache-2.0
//
// Weighted semaphore: a number of units that goroutines take and give back. A
// plain object without hidden memory: WEIR_SEM initializes one where it is
// declared, weir_sem_init anywhere else; nothing needs freeing. The zero value has
// capacity 0. Any goroutine or OS thread may call.
//
//   static weir_sem slots = WEIR_SEM(8);
//   if (weir_sem_acquire(&slots, ctx, 1)) return;
//   weir_defer(weir_sem_release(&slots, 1));
//
// Requests are served in the order they came: one for many units is not passed by
// later ones for few.
//
// Happens-before: a release -> every acquire and successful try that returns later.
// An acquire is before nothing.
#ifndef WEIR_SEMAPHORE_H
#define WEIR_SEMAPHORE_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/ctx.h>
#include <weir/sync.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_sem {
  int64_t capacity;
  int64_t taken;                // guarded by `queue`, as the waiters
  uint32_t queue;               // lock
  uint32_t edges;               // with a race detector: has been used
  const struct weir_site *site; // of the last acquire
  struct weir_waitq_ waiters;
} weir_sem;

// An initializer: n units, n >= 0.
#define WEIR_SEM(n) {.capacity = (n)}
// The same at any other time when nobody uses it. A negative n is fatal.
WEIR_API void weir_sem_init(weir_sem *sem, int64_t n);

// Takes n units, waiting for them until ctx is done; ctx may be NULL and must live until the call
// returns. 0: they are taken. Else none are: ECANCELED or ETIMEDOUT from the context (also
// when it was done before), or at once EINVAL for a negative n or one above the capacity.
#define weir_sem_acquire(sem, ctx, n) weir_sem_acquire_((sem), (ctx), (n), WEIR_SITE(#sem))

// Takes n units if that is possible now and nobody waits. Never blocks.
#define weir_sem_try(sem, n) weir_sem_try_((sem), (n), WEIR_SITE(#sem))

// Gives n units back; any goroutine may. More than are taken, or a negative n: fatal
// finding semaphore-over-release.
#define weir_sem_release(sem, n) weir_sem_release_((sem), (n), WEIR_SITE(#sem))

WEIR_API int weir_sem_acquire_(weir_sem *sem, weir_ctx *ctx, int64_t n,
                               const struct weir_site *site);
WEIR_API bool weir_sem_try_(weir_sem *sem, int64_t n, const struct weir_site *site);
WEIR_API void weir_sem_release_(weir_sem *sem, int64_t n, const struct weir_site *site);

#ifdef __cplusplus
}
#endif
#endif
