// SPDX-License-Identifier: Apache-2.0
//
// What sched and sync tell the flight recorder (runtime/trace). Off, each of these is one load and
// one branch that is always predicted. On or off is decided before main and for good, but that a
// forked child has it off.
//
// An event is recorded by the thread that acts, at the moment it acts: with the object's lock held
// where there is one, so that the order of time is the order of the channel. It may be called
// with any lock of the runtime held; the recorder's own is a leaf.
#ifndef WEIR_BASE_TRACE_H
#define WEIR_BASE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <weir/trace_format.h>

#include "base/hooks.h"

extern __attribute__((visibility("hidden"))) bool weir_trace_on;
extern __attribute__((visibility("hidden"))) bool weir_trace_switches; // on, and into a file

// From the constructor, flags read; with the texts of what goroutines wait in.
void weir_trace_start(const char *const *waits, size_t n);
void weir_trace_lane(unsigned lane); // the calling thread is this worker's from now on; 0: nobody's
void weir_trace_tick(void);          // now and then, by one thread
void weir_trace_end(void);           // the program ends; what comes is recorded all the same
void weir_trace_forget(void);        // in a forked child
const char *weir_trace_path(void);   // of the file; "" where there is none
void weir_trace_modules(const char *text); // the lines of weir/trace_format.h; by one thread
void weir_trace_put(unsigned op, uint64_t goid, uint64_t what, const struct weir_site *site,
                    uint64_t where, unsigned argument);
// Into the file alone: so frequent, or of so little use, that it would push out of a goroutine's
// ring what a report wants to know.
void weir_trace_file_(enum weir_sync_op op, const struct weir_g *g, const void *object,
                      const struct weir_site *site, const void *pc);
// Into the file: where goroutine goid is, before it blocks or wakes another one.
void weir_trace_stack_(uint64_t goid, const uintptr_t *pcs, size_t n);
void weir_trace_name(uint64_t goid, const char *name);

static inline uint64_t weir_trace_goid(const struct weir_g *g) {
  return ((const struct weir_self_ *)g)->id;
}

static inline void weir_trace_call_(enum weir_sync_op op, const struct weir_g *g,
                                    const void *object, const struct weir_site *site,
                                    const void *pc, unsigned argument) {
  weir_trace_put(WEIR_TRACE_CALL + op, weir_trace_goid(g), (uint64_t)(uintptr_t)object, site,
                 (uint64_t)(uintptr_t)pc, argument);
}

#define WEIR_TRACE_IF if (WEIR_DETECTS && __builtin_expect(weir_trace_on, 0))
// The goroutine g has done this: its arguments are evaluated only if somebody wants to know.
#define WEIR_TRACE(op, g, object, site, pc)                                                 \
  do {                                                                                      \
    WEIR_TRACE_IF weir_trace_call_(WEIR_SYNC_##op, g, object, site, (const void *)(pc), 0); \
  } while (0)

#define WEIR_TRACE_FILE(op, g, object, site, pc)                             \
  do {                                                                       \
    if (WEIR_DETECTS && __builtin_expect(weir_trace_switches, 0))            \
      weir_trace_file_(WEIR_SYNC_##op, g, object, site, (const void *)(pc)); \
  } while (0)

// What each of the goroutines did last, oldest first, on this one's clock (negative: before now).
struct weir_trace_last {
  uint64_t goid, partner;
  int64_t ns;
  unsigned op; // enum weir_trace_op
  unsigned argument;
  uintptr_t object, pc;
  const char *name; // of the object, or ""
  int from;         // the index of what led to it, or -1
};
enum { WEIR_TRACE_LAST_EACH = 15, WEIR_TRACE_LAST_GOROUTINES = 16, WEIR_TRACE_LAST_MAX = 256 };
// The caller serializes. Returns how many; goids: at most WEIR_TRACE_LAST_GOROUTINES.
size_t weir_trace_last(const uint64_t *goids, size_t n, struct weir_trace_last *out);

#endif
