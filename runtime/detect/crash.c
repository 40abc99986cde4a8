// SPDX-License-Identifier: Apache-2.0
//
// The finding `crash`: a goroutine made a fault or called abort. Called in the signal handler of
// the thread it ran on; the signal ends the program afterwards, as it would have.
#include <signal.h>

#include "base/hooks.h"
#include "detect/emit.h"
#include "detect/hooks.h"

static const char *name_of(int sig) {
  switch (sig) {
  case SIGSEGV:
    return "SIGSEGV";
  case SIGBUS:
    return "SIGBUS";
  case SIGFPE:
    return "SIGFPE";
  case SIGILL:
    return "SIGILL";
  case SIGABRT:
    return "SIGABRT";
  default:
    return "a signal";
  }
}

void weir_crash_found(struct weir_g *g, const struct weir_crash *crash) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  v.op = WEIR_WAIT_NONE;
  struct weir_record *r = weir_record_begin(WEIR_F_CRASH, "Goroutine %lu crashed: %s.",
                                            (unsigned long)v.id, name_of(crash->sig));
  weir_record_crash(r, name_of(crash->sig), crash->has_address, crash->address);
  weir_record_goroutines_open(r);
  struct weir_record_goroutine self = {
      .view = &v, .count = 1, .stack = crash->pcs, .frames = crash->n, .ancestry = true};
  weir_record_goroutine(r, &self);
  weir_record_goroutines_close(r);
  weir_record_end(r);
}
