// SPDX-License-Identifier: Apache-2.0
//
// Time: sleep, after, timers and tickers. Durations and moments are int64
// nanoseconds; moments are of the monotonic clock weir_now reads. A duration of
// zero or less is over at once. Any goroutine or OS thread may call.
//
// Happens-before: making a timer or ticker, or resetting it -> the receive of a value that comes
// of it.
#ifndef WEIR_TIME_H
#define WEIR_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/chan.h>
#include <weir/detail.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_NS(n) ((int64_t)(n))
#define WEIR_US(n) ((int64_t)(n) * 1000)
#define WEIR_MS(n) ((int64_t)(n) * 1000000)
#define WEIR_S(n) ((int64_t)(n) * 1000000000)

WEIR_API int64_t weir_now(void);
WEIR_API void weir_sleep(int64_t ns);

// A channel that receives weir_now() once, after ns. It belongs to the runtime:
// never free it; it is reclaimed after the value was received, or at exit.
#define weir_after(ns) ((weir_chan(int64_t))weir_after_((ns), WEIR_SITE("weir_after")))
WEIR_API struct weir_chan_ *weir_after_(int64_t ns, const struct weir_site *site);

// --- timers and tickers -------------------------------------------------------------------
// A timer sends weir_now() on its channel once, a ticker every ns. The channel belongs to it:
// closing or freeing it is fatal. As in Go since 1.23 it shows no buffer (len and cap are 0),
// and once stop or reset has returned, no value from before can be received any more: nothing
// has to be drained. Both may be called at any time, by several goroutines, also on
// one that is stopped or spent. A ticker drops the ticks that nobody received in time and keeps its
// beat. Whoever makes one frees it; freeing the channel under a goroutine that is blocked on it is
// the fatal finding free-of-channel-in-use. Out of memory is fatal, and so is NULL but for a free.
// A moment that is too far away to be told (from INT64_MAX - weir_now() ns on) never comes.
typedef struct weir_timer weir_timer;
typedef struct weir_ticker weir_ticker;

#define weir_timer_new(ns) weir_timer_new_((ns), WEIR_SITE(""))
#define weir_timer_chan(t) ((weir_chan(int64_t))weir_timer_chan_(t))
WEIR_API bool weir_timer_stop(weir_timer *t);              // true: it kept a value from coming
WEIR_API bool weir_timer_reset(weir_timer *t, int64_t ns); // true: as stop would have said
WEIR_API void weir_timer_free(weir_timer *t);              // NULL is allowed

// weir_after_func(ns, fn, args...): a timer that runs fn(args...) in a goroutine of its own, again
// after each reset. As with weir_go, fn has any signature and the arguments are evaluated now.
// Stop says true if it kept fn from being started; it does not wait for an fn that runs, and
// two of them may run at a time after a reset. Its channel is nil. Free it, in fn or elsewhere; a
// free stops it.
// Happens-before: the statement, and the last reset before -> fn.
#define weir_after_func(ns, ...)                                           \
  __extension__({                                                          \
    weir_timer *weir_timer_;                                               \
    int64_t weir_ns_ = (ns);                                               \
    WEIR_BIND_(t, __VA_ARGS__)                                             \
    weir_after_func_(                                                      \
        (const void *)^{                                                   \
          WEIR_APPLY_(t, __VA_ARGS__);                                     \
        },                                                                 \
        WEIR_SITE(WEIR_FIRST_TEXT_(__VA_ARGS__)), weir_ns_, &weir_timer_); \
    weir_timer_;                                                           \
  })

// The period must be above 0; else fatal. A stopped ticker ticks again after a reset.
#define weir_ticker_new(ns) weir_ticker_new_((ns), WEIR_SITE(""))
#define weir_ticker_chan(t) ((weir_chan(int64_t))weir_ticker_chan_(t))
WEIR_API void weir_ticker_stop(weir_ticker *t);
WEIR_API void weir_ticker_reset(weir_ticker *t, int64_t ns); // first tick after ns
WEIR_API void weir_ticker_free(weir_ticker *t);              // NULL is allowed

WEIR_API void weir_after_func_(const void *block WEIR_LENT_, const struct weir_site *site,
                               int64_t ns, weir_timer **out);
WEIR_API weir_timer *weir_timer_new_(int64_t ns, const struct weir_site *site);
WEIR_API struct weir_chan_ *weir_timer_chan_(weir_timer *t);
WEIR_API weir_ticker *weir_ticker_new_(int64_t ns, const struct weir_site *site);
WEIR_API struct weir_chan_ *weir_ticker_chan_(weir_ticker *t);

#ifdef __cplusplus
}
#endif
#endif
