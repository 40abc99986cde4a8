// SPDX-License-Identifier: Apache-2.0
//
// A memory fault in the guard page below a goroutine's stack is an overflow of that stack; any
// other fault of a goroutine, and its abort, is the program's own crash and stays one. The
// detectors are told of both. Runs in the signal handler, on the thread's signal stack. A single
// frame larger than the guard page could step over it; `weir cc` therefore compiles with
// -fstack-clash-protection.
#include "base/hooks.h"
#include "os/memory.h"
#include "os/signal.h"
#include "sched/g.h"

enum { FRAMES = 48 };

static bool is_link(uintptr_t at, uintptr_t high) {
  if (at % sizeof at != 0 || at + 2 * sizeof at > high) return false;
  const uintptr_t *link = (const uintptr_t *)at;
  return link[0] > at && link[0] < high && link[1] >= WEIR_PAGE;
}

// The first frame to walk from. Code without frame pointers (a sanitizer's interceptor) may hold
// anything in that register, but has saved it: then the first two links in a row are taken.
static const void *frame_of(const struct weir_fault *fault, uintptr_t low, uintptr_t high) {
  if (fault->frame >= low && fault->frame < high) return (void *)fault->frame;
  uintptr_t at = fault->sp < low ? low : fault->sp & ~(sizeof at - 1);
  for (uintptr_t end = at + WEIR_PAGE; at < end && at < high; at += sizeof at)
    if (is_link(at, high) && is_link(*(uintptr_t *)at, high)) return (void *)at;
  return (void *)high; // nothing to walk
}

static bool is_overflow(const struct weir_fault *fault, const struct weir_g *g) {
  uintptr_t low = (uintptr_t)g->stack_low;
  return low && weir_fault_is_memory(fault) && fault->address >= low - WEIR_PAGE &&
         fault->address < low;
}

static void overflowed(const struct weir_fault *fault, struct weir_g *g) {
  uintptr_t low = (uintptr_t)g->stack_low;
  uintptr_t pcs[FRAMES] = {fault->pc + 1}; // as if it were a return address
  const void *frame = frame_of(fault, low, (uintptr_t)g->stack_high);
  size_t n = 1 + weir_ctx_walk(frame, g->stack_high, pcs + 1, FRAMES - 1);
  weir_hook_stack_overflow(g, pcs, n, (size_t)(g->stack_high - g->stack_low));
}

static void on_fault(const struct weir_fault *fault) {
  struct weir_worker *w = weir_worker_self();
  struct weir_g *g = w && w->cur != &w->g0 ? w->cur : NULL;
  if (!g) return;
  if (is_overflow(fault, g)) overflowed(fault, g);
  uintptr_t pcs[FRAMES];
  size_t n = weir_inspect_stack_of_signal(fault->context, pcs, FRAMES);
  struct weir_crash crash = {fault->sig, weir_fault_is_memory(fault), fault->address, pcs, n};
  weir_hook_crash(g, &crash);
}

void weir_fault_watch(void) {
  weir_signal_on_fault(on_fault);
}
