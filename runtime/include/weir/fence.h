// SPDX-License-Identifier: Apache-2.0
//
// Fence: goroutines wait in front of it until somebody opens it, once and for all (a latch of one,
// a manual-reset event that is never reset). It is not the memory fence of <stdatomic.h>. What a
// channel that is only ever closed does in Go, without the channel: opening twice is
// allowed, nothing needs freeing. The zero value is a fence that is not open. It may not be copied
// after first use. Any goroutine or OS thread may call.
//
//   static weir_fence ready;
//   load(); weir_fence_open(&ready);           // one goroutine
//   weir_fence_wait(&ready);                   // all the others, before or after that
//
// Happens-before: the open that opened it -> the return of every wait, and of every
// weir_fence_is_open that is true. A later open is before nothing.
#ifndef WEIR_FENCE_H
#define WEIR_FENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/ctx.h>
#include <weir/sync.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_fence {
  uint32_t state; // atomic; bits in runtime/sync/fence.c
  uint32_t reserved;
  const struct weir_site *site; // of the last wait that blocked: gives the name
  struct weir_waitq_ waiters;
} weir_fence;

// Lets everybody pass, who waits and who comes later. True for the one call that opened it.
#define weir_fence_open(fence) weir_fence_open_((fence), WEIR_SITE(#fence))

// Returns when the fence is open. Who has returned may destroy it once nobody else is in a wait:
// an open that is still under way in another goroutine does not touch it any more.
#define weir_fence_wait(fence) weir_fence_wait_((fence), WEIR_SITE(#fence))

// The same until ctx is done; ctx may be NULL and must live until the call returns. 0: it is open,
// which counts before whatever the context says; else ECANCELED or ETIMEDOUT from the context.
#define weir_fence_wait_ctx(fence, ctx) weir_fence_wait_ctx_((fence), (ctx), WEIR_SITE(#fence))

WEIR_API bool weir_fence_is_open(weir_fence *fence); // never blocks

WEIR_API bool weir_fence_open_(weir_fence *fence, const struct weir_site *site);
WEIR_API void weir_fence_wait_(weir_fence *fence, const struct weir_site *site);
WEIR_API int weir_fence_wait_ctx_(weir_fence *fence, weir_ctx *ctx, const struct weir_site *site);

#ifdef __cplusplus
}
#endif
#endif
