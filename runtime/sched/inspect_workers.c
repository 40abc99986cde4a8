// SPDX-License-Identifier: Apache-2.0
//
// inspect.h for who asks what the processors do: what each worker runs, which goroutines wait for
// one, and where one that runs is.
//
// Whether a goroutine has run between two looks is told by a mark in its state, which the next
// change of the state stores over; so it costs nothing where goroutines are switched. A worker's
// current goroutine is read while it may change: what is made of it is checked on the spot.
#include "os/context.h"
#include "os/copy.h"
#include "os/stop.h"
#include "sched/g.h"
#include "sched/unwind.h"

#define VISIT_LIMIT_NS INT64_C(500000000)

void weir_inspect_workers(void (*fn)(const struct weir_worker_view *w, void *arg), void *arg) {
  int n = atomic_load_explicit(&weir_sched.n_workers, memory_order_acquire);
  for (int i = 0; i < n; i++) {
    struct weir_worker *w = atomic_load_explicit(&weir_sched.workers[i], memory_order_acquire);
    if (!w || !w->tid) continue;
    struct weir_worker_view v = {.index = i, .tid = w->tid};
    v.switches = atomic_load_explicit(&w->tick, memory_order_relaxed);
    v.active = atomic_load_explicit(&w->role, memory_order_relaxed) == WEIR_ACTIVE;
    v.g = __atomic_load_n(&w->cur, __ATOMIC_RELAXED);
    if (v.g == &w->g0) v.g = NULL;
    fn(&v, arg);
  }
}

int weir_inspect_procs(void) {
  return atomic_load_explicit(&weir_sched.procs, memory_order_relaxed);
}

bool weir_inspect_all_busy(void) {
  return atomic_load_explicit(&weir_sched.idle.count, memory_order_relaxed) == 0;
}

static uint32_t runnable_since(struct weir_g *g, uint32_t now) {
  uint32_t runnable = WEIR_G_RUNNABLE;
  // Nobody else reads the mark, so it orders nothing.
  if (atomic_compare_exchange_strong_explicit(&g->state, &runnable, WEIR_G_RUNNABLE | WEIR_G_SEEN,
                                              memory_order_relaxed, memory_order_relaxed))
    g->cold->seen_at = now;
  return g->cold->seen_at;
}

void weir_inspect_runnable(uint32_t now, bool (*fn)(struct weir_g *g, uint32_t since, void *arg),
                           void *arg) {
  size_t n = weir_g_count();
  for (size_t i = 0; i < n; i++) {
    struct weir_g *g = weir_g_at(i);
    if (weir_g_state_of(g) != WEIR_G_RUNNABLE || g->thread) continue;
    if (!fn(g, runnable_since(g, now), arg)) return;
  }
}

// --- the stack of one that runs ------------------------------------------------------------------
//
// A signal handler on that thread copies registers and stack; unwound is the copy, here: the
// unwinder takes locks that the thread may hold, and unwinds also code without frame pointers.
// What points into the part that was copied is moved with it: saved frame and stack pointers, and
// other words that look so and mean nothing to the unwinder.

enum { COPY_MAX = 128 << 10, END = 4096 }; // behind the copy: zeros, where every walk ends

static struct {
  struct weir_lock lock;
  struct weir_g *g;
  struct weir_ctx_regs regs;
  size_t n; // bytes; 0: none
  _Alignas(16) char copy[COPY_MAX + END];
} sample;

// On that thread, in the signal handler.
static void copy_stack(const struct weir_ctx_regs *at, void *arg) {
  (void)arg;
  const struct weir_g *g = sample.g;
  const struct weir_worker *w = weir_worker_self();
  if (!w || w->cur != g) return;
  uintptr_t low = (uintptr_t)(g == &weir_sched.main_g ? weir_sched.main_low : g->stack_low);
  uintptr_t high = (uintptr_t)g->stack_high;
  if (at->rsp < low || at->rsp + 64 > high) return; // in the middle of a switch, or in a handler
  sample.regs = *at;
  sample.n = high - at->rsp < COPY_MAX ? high - at->rsp : COPY_MAX;
  weir_copy(sample.copy + at->rsp % 16, (void *)at->rsp, sample.n - 16);
}

static void move(uintptr_t *word, uintptr_t low, uintptr_t to) {
  if (*word >= low && *word - low < sample.n) *word = *word - low + to;
}

static size_t unwind_copy(uintptr_t *pcs, size_t max) {
  struct weir_ctx_regs *r = &sample.regs;
  uintptr_t low = r->rsp, to = (uintptr_t)sample.copy + low % 16;
  uintptr_t first = (to + 7) & ~(uintptr_t)7, end = to + sample.n - 16;
  weir_zero((void *)end, (size_t)(sample.copy + sizeof sample.copy - (char *)end));
  for (uintptr_t word = first; word + sizeof word <= end; word += sizeof word)
    move((uintptr_t *)word, low, to);
  uintptr_t *moved[] = {&r->rsp, &r->rbp, &r->rbx, &r->r12, &r->r13, &r->r14, &r->r15};
  for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
    move(moved[i], low, to);
  unw_cursor_t cursor;
  unw_context_t at;
  size_t n = weir_unwind_regs(&cursor, &at, r, true) ? weir_unwind(&cursor, NULL, pcs, max) : 0;
  if (n) pcs[0]++; // as if it were a return address
  return n;
}

size_t weir_inspect_running_stack(struct weir_g *g, uintptr_t *pcs, size_t max) {
  int workers = atomic_load_explicit(&weir_sched.n_workers, memory_order_acquire);
  size_t n = 0;
  if (!weir_lock_try(&sample.lock)) return 0; // a report of a crash in here
  for (int i = 0; i < workers && n == 0; i++) {
    struct weir_worker *w = atomic_load_explicit(&weir_sched.workers[i], memory_order_acquire);
    if (!w || w == weir_worker_self() || __atomic_load_n(&w->cur, __ATOMIC_RELAXED) != g) continue;
    sample.g = g;
    sample.n = 0;
    if (weir_stop_visit(w->tid, copy_stack, NULL, VISIT_LIMIT_NS) == 0 && sample.n)
      n = unwind_copy(pcs, max);
  }
  weir_lock_release(&sample.lock);
  return n;
}
