// SPDX-License-Identifier: Apache-2.0
//
// Groups: goroutines that work on parts of one task (Go's errgroup). Each runs a function that
// returns int, 0 for success; the first result that is not 0 is the group's, and cancels
// its context. The zero value is ready to use and has no context and no limit. A group may not be
// copied after first use. Any goroutine or OS thread may call.
//
// Happens-before: weir_group_go -> its function; the end of every function -> the return of
// weir_group_wait. With a limit also: the end of a function -> the go that took its place.
#ifndef WEIR_GROUP_H
#define WEIR_GROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/ctx.h>
#include <weir/detail.h>
#include <weir/go.h>
#include <weir/sync.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_group {
  weir_wg wg;
  weir_ctx *ctx;            // NULL: none
  struct weir_chan_ *slots; // holds one element for each that runs; NULL: no limit
  int err;                  // the first that was not 0; atomic
} weir_group;

// weir_group g = weir_group_with_ctx(parent): a group with a context below parent, which is
// cancelled, with the error as its cause, by the first function that fails, and when wait
// returns. Give weir_group_ctx to the functions, so that they stop when another failed.
#define weir_group_with_ctx(parent) \
  ((weir_group){.ctx = weir_ctx_make_((parent), INT64_MAX, WEIR_SITE(""))})
WEIR_API weir_ctx *weir_group_ctx(weir_group *g); // the background context if it has none

// Runs fn(args...) in a new goroutine; as weir_go, but fn returns int. With a limit it first waits
// until fewer run; try_go returns false instead. A function that leaves by
// weir_goexit counts as one that returned 0.
#define weir_group_go(g, ...)                               \
  __extension__({                                           \
    WEIR_GROUP_OF_(g)                                       \
    WEIR_BIND_(t, __VA_ARGS__)                              \
    weir_group_enter_(weir_group_, weir_group_site_, true); \
    WEIR_GROUP_START_(__VA_ARGS__);                         \
  })
#define weir_group_try_go(g, ...)                                                 \
  __extension__({                                                                 \
    WEIR_GROUP_OF_(g)                                                             \
    WEIR_BIND_(t, __VA_ARGS__)                                                    \
    bool weir_entered_ = weir_group_enter_(weir_group_, weir_group_site_, false); \
    if (weir_entered_) WEIR_GROUP_START_(__VA_ARGS__);                            \
    weir_entered_;                                                                \
  })

// Waits until all have ended, cancels the group's context, and returns the first error or 0.
#define weir_group_wait(g)                             \
  __extension__({                                      \
    WEIR_GROUP_OF_(g)                                  \
    weir_wg_wait_(&weir_group_->wg, weir_group_site_); \
    weir_group_end_(weir_group_);                      \
  })

// At most n run at a time from now on; with 0 none can start, below 0 there is no limit. Fatal
// while any runs.
#define weir_group_set_limit(g, n) weir_group_set_limit_((g), (n), WEIR_SITE(#g))

// Gives back the context and the limit, if it has them; a group without needs no free. After wait:
// fatal while any runs.
WEIR_API void weir_group_free(weir_group *g);

WEIR_API bool weir_group_enter_(weir_group *g, const struct weir_site *site, bool wait);
WEIR_API void weir_group_result_(weir_group *g, int result);
WEIR_API void weir_group_leave_(weir_group *g, const struct weir_site *site);
WEIR_API int weir_group_end_(weir_group *g);
WEIR_API void weir_group_set_limit_(weir_group *g, int n, const struct weir_site *site);

#define WEIR_GROUP_OF_(g)        \
  weir_group *weir_group_ = (g); \
  const struct weir_site *weir_group_site_ = WEIR_SITE(#g);
#define WEIR_GROUP_START_(...)                                        \
  weir_go_member_start_(                                              \
      (const void *)^{                                                \
        weir_defer(weir_group_leave_(weir_group_, weir_group_site_)); \
        int weir_result_ = WEIR_VALUE_(t, __VA_ARGS__);               \
        weir_group_result_(weir_group_, weir_result_);                \
      },                                                              \
      WEIR_SITE(WEIR_FIRST_TEXT_(__VA_ARGS__)), &weir_group_->wg)

#ifdef __cplusplus
}
#endif
#endif
