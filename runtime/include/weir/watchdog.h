// SPDX-License-Identifier: Apache-2.0
//
// Watching over scopes: a watchdog says when one lasts longer than it should, a heartbeat when the
// goroutine in it is silent for longer than it should be. Both make a finding, with the stack of
// the goroutine, what it waits for and who could wake it; the program goes on, or ends with the
// options halt_on_error or watchdog_halt. The option watchdog=0 turns them off.
//
// Limits are durations in nanoseconds (WEIR_MS, WEIR_S). The runtime looks every 100 ms and never
// reports early; it counts time in which the process ran, so one that was stopped is not late.
// Entering and leaving a watched scope takes some 50 ns and no system call; up to
// 65,536 can be open at once, and more are not watched. Scopes nest. A limit of 0 or less is none.
#ifndef WEIR_WATCHDOG_H
#define WEIR_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/detail.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_watch_;

// For the rest of the scope: finding watchdog-expired, once, if the scope lasts longer than `ns`.
// `name` says what is done here, in the report; it is copied, at most 31 bytes. Any goroutine or OS
// thread; the scope also ends with the goroutine. Makes no happens-before edge.
#define weir_watchdog(ns, name) WEIR_WATCH_(__COUNTER__, ns, name, false)

// For the rest of the scope: finding heartbeat-missed, if for longer than `ns` the goroutine does
// not call weir_beat. Reported once for each silence. The beginning of the scope is a beat. Any
// goroutine or OS thread; makes no happens-before edge.
#define weir_heartbeat(ns, name) WEIR_WATCH_(__COUNTER__, ns, name, true)

// A beat for all heartbeats of the calling goroutine or OS thread: two stores. Without a heartbeat
// it has no effect, so a library may beat on its own. Makes no happens-before edge.
WEIR_API void weir_beat(void);

WEIR_API struct weir_watch_ *weir_watch_enter_(int64_t ns, const char *name, bool beats);
WEIR_API void weir_watch_leave_(struct weir_watch_ *watch);

#define WEIR_WATCH_(u, ns, name, beats)                                                      \
  struct weir_watch_ *WEIR_CAT_(weir_watch_v, u) = weir_watch_enter_((ns), (name), (beats)); \
  WEIR_DEFER_(u, weir_watch_leave_, WEIR_CAT_(weir_watch_v, u))

#ifdef __cplusplus
}
#endif
#endif
