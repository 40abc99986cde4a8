// SPDX-License-Identifier: Apache-2.0
//
// Contexts: a tree of cancellation. Cancelling one cancels all below it. Every
// context but the background one is freed by its maker with weir_ctx_free, which
// cancels it first; children hold their parent alive. Any goroutine or OS thread
// may call.
//
// Happens-before: weir_ctx_cancel (or the deadline) -> a receive on done.
#ifndef WEIR_CTX_H
#define WEIR_CTX_H

#include <stdint.h>
#include <weir/abi.h>
#include <weir/chan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_ctx weir_ctx;

WEIR_API weir_ctx *weir_ctx_background(void); // never cancelled, never freed
#define weir_ctx_with_cancel(parent) weir_ctx_make_((parent), INT64_MAX, WEIR_SITE(""))
#define weir_ctx_with_timeout(parent, ns) \
  weir_ctx_make_((parent), weir_ctx_after_(ns), WEIR_SITE(""))
#define weir_ctx_with_deadline(parent, when) weir_ctx_make_((parent), (when), WEIR_SITE(""))

// Closed when the context is cancelled or its deadline has passed; nil for the
// background context. Owned by the context.
#define weir_ctx_done(ctx) ((weir_chan(char))weir_ctx_done_(ctx))

WEIR_API int weir_ctx_err(weir_ctx *ctx); // 0, ECANCELED or ETIMEDOUT
WEIR_API void weir_ctx_cancel(weir_ctx *ctx);
WEIR_API void weir_ctx_free(weir_ctx *ctx); // NULL is allowed

WEIR_API weir_ctx *weir_ctx_make_(weir_ctx *parent, int64_t when, const struct weir_site *site);
WEIR_API int64_t weir_ctx_after_(int64_t ns);
WEIR_API struct weir_chan_ *weir_ctx_done_(weir_ctx *ctx);

#ifdef __cplusplus
}
#endif
#endif
