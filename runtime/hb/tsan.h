// SPDX-License-Identifier: Apache-2.0
//
// The part of LLVM 19's ThreadSanitizer runtime that Weir uses, all of it weak: one libweir
// serves programs with and without it. Beyond base/hooks.h, what the report collector
// and the scheduler's fibers need.
#ifndef WEIR_HB_TSAN_H
#define WEIR_HB_TSAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hooks.h"

#define WEIR_TSAN_WEAK __attribute__((weak, visibility("default")))

WEIR_TSAN_WEAK int __tsan_get_report_data(void *report, const char **description, int *count,
                                          int *stacks, int *mops, int *locs, int *mutexes,
                                          int *threads, int *tids, void **sleep_trace,
                                          unsigned long trace_size);
WEIR_TSAN_WEAK int __tsan_get_report_mop(void *report, unsigned long idx, int *tid, void **addr,
                                         int *size, int *write, int *atomic, void **trace,
                                         unsigned long trace_size);
WEIR_TSAN_WEAK int __tsan_get_report_loc(void *report, unsigned long idx, const char **type,
                                         void **addr, uintptr_t *start, unsigned long *size,
                                         int *tid, int *fd, int *suppressable, void **trace,
                                         unsigned long trace_size);
WEIR_TSAN_WEAK int __tsan_get_report_mutex(void *report, unsigned long idx, uint64_t *id,
                                           void **addr, int *destroyed, void **trace,
                                           unsigned long trace_size);
WEIR_TSAN_WEAK int __tsan_get_report_thread(void *report, unsigned long idx, int *tid,
                                            uint64_t *os_id, int *running, const char **name,
                                            int *parent, void **trace, unsigned long trace_size);
WEIR_TSAN_WEAK void __sanitizer_set_report_fd(void *fd);
WEIR_TSAN_WEAK void __sanitizer_set_death_callback(void (*callback)(void));

// Turns weir_hb_on on if the program carries the race runtime; false: it does not.
bool weir_tsan_start(void);

// shadow.c: finds out whether race checks can be made inline. Called by weir_tsan_start.
void weir_shadow_start(void);

// TSan's own fibers, and the calling thread's; the bridge must be on. A name is what race
// reports give back.
void *weir_tsan_fiber(const char *name);
void *weir_tsan_current(void);
void weir_tsan_fiber_name(void *fiber, const char *name);
void weir_tsan_fiber_free(void *fiber);
void weir_tsan_switch(void *fiber);
// Has sync carry what the calling fiber knows, and nothing else.
void weir_tsan_release_store(const void *sync);

// Between begin and end the calling fiber's accesses and locks are neither checked nor taken for
// synchronisation: for the detectors' own work, which calls into libraries. Nests.
void weir_tsan_ignore_begin(void);
void weir_tsan_ignore_end(void);

// Whether pc lies in the functions that make annotations: such a frame and all inner ones are
// ours, not the program's.
bool weir_tsan_is_annotation(uintptr_t pc);
// Whether it lies in a function of the C library that the race runtime stands in for; false
// where that is not known.
bool weir_tsan_is_interceptor(uintptr_t pc);

// --- use.c: calls that may not come in any order (base/hooks.h) ---
void weir_use_start(void);
// Which use it is that the race detector has been told of as an access with this innermost pc.
enum weir_use weir_use_of(uintptr_t pc);
const void *weir_use_object(enum weir_use use, uintptr_t address); // and of which object

// Sets the shadow of [low, low + size) to "never accessed". False: this race runtime cannot.
bool weir_tsan_reset_shadow(const void *low, size_t size);

#endif
