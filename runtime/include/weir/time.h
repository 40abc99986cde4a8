// SPDX-License-Identifier: Apache-2.0
//
// Time: sleep, after, timers and tickers. Durations and moments are int64
// nanoseconds; moments are of the monotonic clock weir_now reads. A duration of
// zero or less is over at once. Any goroutine or OS thread may call.
//
// Happens-before: making (or resetting) a timer -> the receive of its value.
#ifndef WEIR_TIME_H
#define WEIR_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/chan.h>

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

#ifdef __cplusplus
}
#endif
#endif
