// SPDX-License-Identifier: Apache-2.0
//
// Contexts: a tree of cancellation. Cancelling one cancels all below it. Every
// context but the background one is freed by its maker with weir_ctx_free, which
// cancels it first; children hold their parent alive. Any goroutine or OS thread
// may call.
//
// Happens-before: weir_ctx_cancel, or making the context whose deadline passed -> a receive on
// done, and a weir_ctx_err or weir_ctx_cause that is not 0.
#ifndef WEIR_CTX_H
#define WEIR_CTX_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/chan.h>
#include <weir/detail.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_ctx weir_ctx;

WEIR_API weir_ctx *weir_ctx_background(void); // never cancelled, never freed
// A deadline that is not in the future has passed when the call returns. NULL as a parent is the
// background context.
#define weir_ctx_with_cancel(parent) weir_ctx_make_((parent), INT64_MAX, WEIR_SITE(""))
#define weir_ctx_with_timeout(parent, ns) \
  weir_ctx_make_((parent), weir_ctx_after_(ns), WEIR_SITE(""))
#define weir_ctx_with_deadline(parent, when) weir_ctx_make_((parent), (when), WEIR_SITE(""))

// Closed when the context is cancelled or its deadline has passed; nil for the
// background context. Owned by the context.
#define weir_ctx_done(ctx) ((weir_chan(char))weir_ctx_done_(ctx))

WEIR_API int weir_ctx_err(weir_ctx *ctx); // 0, ECANCELED or ETIMEDOUT

// Sleeps for ns nanoseconds, or until ctx has ended if that comes first. 0: slept for all of it;
// else what weir_ctx_err says, at once if ctx had ended before. With ns of 0 or less it never
// blocks. ctx may be NULL or the background context: a plain weir_sleep; it must live until the
// call returns. Happens-before: what ended ctx -> a return that is not 0.
WEIR_API int weir_ctx_sleep(weir_ctx *ctx, int64_t ns);
WEIR_API void weir_ctx_cancel(weir_ctx *ctx);
WEIR_API void weir_ctx_free(weir_ctx *ctx); // NULL is allowed

// Its own deadline or the nearest one above: *when is set. False: it has none.
WEIR_API bool weir_ctx_deadline(weir_ctx *ctx, int64_t *when);

// Why, in the program's own words: a number that is not 0, an errno value or any other. The first
// cancel of a context, or of one above it, decides. weir_ctx_cause returns 0 while the
// context is not cancelled, and what weir_ctx_err says when no cause was given (or 0 was).
WEIR_API void weir_ctx_cancel_cause(weir_ctx *ctx, int cause);
WEIR_API int weir_ctx_cause(weir_ctx *ctx);
#define weir_ctx_with_timeout_cause(parent, ns, cause) \
  weir_ctx_make_cause_((parent), weir_ctx_after_(ns), (cause), WEIR_SITE(""))
#define weir_ctx_with_deadline_cause(parent, when, cause) \
  weir_ctx_make_cause_((parent), (when), (cause), WEIR_SITE(""))

// A context below parent that carries a value for what is called with it: request ids, credentials,
// not the arguments of functions. A key is an address of the program's own, say of a
// static variable, so that two libraries never meet. The value is the program's: it must outlive
// the context and all below it. weir_ctx_value gives the nearest value above, or NULL; it finds it
// also once contexts above are cancelled or freed.
#define weir_ctx_with_value(parent, key, value) \
  weir_ctx_make_value_((parent), (key), (value), WEIR_SITE(""))
WEIR_API void *weir_ctx_value(weir_ctx *ctx, const void *key);

// Has the values of `of` but neither its cancellation nor its deadline.
#define weir_ctx_without_cancel(of) weir_ctx_make_values_of_((of), WEIR_SITE(""))

// weir_ctx_after_func(ctx, fn, args...): once ctx is cancelled or its deadline has passed (at once,
// if that was before), fn(args...) runs in a goroutine of its own. As with weir_go, fn has any
// signature and the arguments are evaluated now. Give what it returns to weir_ctx_func_stop,
// once, before or after: that frees it, and says true if fn has not been started and will
// not be. It does not wait for an fn that runs. Until then fn is part of ctx, which may be freed.
// Happens-before: the statement, and what ended ctx -> fn. A stop makes no edge.
typedef struct weir_ctx_func weir_ctx_func;
#define weir_ctx_after_func(ctx, ...)                                           \
  __extension__({                                                               \
    weir_ctx_func *weir_func_;                                                  \
    weir_ctx *weir_func_ctx_ = (ctx);                                           \
    WEIR_BIND_(t, __VA_ARGS__)                                                  \
    weir_ctx_after_func_(                                                       \
        (const void *)^{                                                        \
          WEIR_APPLY_(t, __VA_ARGS__);                                          \
        },                                                                      \
        WEIR_SITE(WEIR_FIRST_TEXT_(__VA_ARGS__)), weir_func_ctx_, &weir_func_); \
    weir_func_;                                                                 \
  })
WEIR_API bool weir_ctx_func_stop(weir_ctx_func *f); // NULL is allowed: false
WEIR_API void weir_ctx_after_func_(const void *block WEIR_LENT_, const struct weir_site *site,
                                   weir_ctx *ctx, weir_ctx_func **out);

WEIR_API weir_ctx *weir_ctx_make_(weir_ctx *parent, int64_t when, const struct weir_site *site);
WEIR_API weir_ctx *weir_ctx_make_cause_(weir_ctx *parent, int64_t when, int cause,
                                        const struct weir_site *site);
WEIR_API weir_ctx *weir_ctx_make_value_(weir_ctx *parent, const void *key, void *value,
                                        const struct weir_site *site);
WEIR_API weir_ctx *weir_ctx_make_values_of_(weir_ctx *of, const struct weir_site *site);
WEIR_API int64_t weir_ctx_after_(int64_t ns);
WEIR_API struct weir_chan_ *weir_ctx_done_(weir_ctx *ctx);

#ifdef __cplusplus
}
#endif
#endif
