// SPDX-License-Identifier: Apache-2.0
//
// inspect.h for who looks at all memory while every other thread is stopped, each wherever it
// was: a goroutine may be described and not parked yet, or taken off a queue and not readied. What
// is read here was written by threads that were stopped by a signal, which orders it.
//
// A worker is at rest when it runs no goroutine: in its loop it hands on only goroutines that are
// runnable by their own state. The monitor is at rest while it waits for events.
#include "sched/g.h"

void weir_inspect_hold(void) {
  weir_timers_hold();
}
void weir_inspect_release(void) {
  weir_timers_release();
}

size_t weir_inspect_slots(void) {
  return weir_g_count();
}

struct weir_g *weir_inspect_slot(size_t slot) {
  return weir_g_at(slot);
}

// Whoever wakes a waiter unlinks it first. (A wait group and a broadcast do not: they hold on to
// the waiters they took.)
static bool being_woken(const struct weir_g *g) {
  for (size_t i = 0; i < g->n_waits; i++)
    if (g->waits[i].object && !g->waits[i].queued) return true;
  return false;
}

static bool waits_in_queues(enum weir_wait_op op) {
  return op != WEIR_WAIT_NONE && op != WEIR_WAIT_SLEEP && op != WEIR_WAIT_IO &&
         op != WEIR_WAIT_BLOCKING && op != WEIR_WAIT_EXIT;
}

void weir_inspect_context(size_t slot, struct weir_g_context *out) {
  struct weir_g *g = weir_g_at(slot);
  *out = (struct weir_g_context){.id = g->id, .thread = g->thread, .expected = g->expected};
  out->state = weir_g_state_of(g);
  out->op = (enum weir_wait_op)atomic_load_explicit(&g->op, memory_order_acquire);
  out->park_seq = atomic_load_explicit(&g->park_seq, memory_order_acquire);
  if (g->thread) return;
  out->waits_low = (uintptr_t)g->waits;
  out->waits_high = (uintptr_t)(g->waits + g->n_waits);
  out->sp = (uintptr_t)g->sp;
  out->stack_low = (uintptr_t)(slot ? g->stack_low : weir_sched.main_low);
  out->stack_high = slot ? (uintptr_t)g->stack_high : weir_main_top();
  out->being_woken =
      out->state == WEIR_G_WAITING && waits_in_queues(out->op) && g->waits && being_woken(g);
}

bool weir_inspect_wait(size_t slot, struct weir_g_wait *out) {
  const struct weir_g *g = weir_g_at(slot);
  if (atomic_load_explicit(&g->state, memory_order_acquire) != WEIR_G_WAITING) return false;
  if (g->thread || g->expected || !waits_in_queues(weir_inspect_op(g))) return false;
  out->id = g->id;
  out->since = g->since;
  out->park_seq = atomic_load_explicit(&g->park_seq, memory_order_relaxed);
  return true;
}

size_t weir_inspect_waits_stopped(size_t slot, struct weir_wait_on *out, size_t max, size_t from) {
  const struct weir_g *g = weir_g_at(slot);
  if (!g->waits) return 0;
  for (size_t i = from; i < g->n_waits && i - from < max; i++)
    out[i - from] = (struct weir_wait_on){g->waits[i].kind, g->waits[i].op, g->waits[i].object};
  return g->n_waits;
}

// Dead ones and threads hold nothing here.
static bool is_goroutine(const struct weir_g *g) {
  return !g->thread && atomic_load_explicit(&g->state, memory_order_acquire) != WEIR_G_DEAD;
}

size_t weir_inspect_held_stopped(size_t slot, const void *out[WEIR_HELD_MAX]) {
  const struct weir_g *g = weir_g_at(slot);
  uint32_t n = is_goroutine(g) ? atomic_load_explicit(&g->held_count, memory_order_relaxed) : 0;
  uint32_t kept = n < WEIR_HELD_MAX ? n : WEIR_HELD_MAX;
  for (uint32_t i = 0; i < kept; i++)
    out[i] = g->held[(n - kept + i) % WEIR_HELD_MAX].mutex;
  return kept;
}

const void *weir_inspect_member_of(size_t slot) {
  const struct weir_g *g = weir_g_at(slot);
  return slot && is_goroutine(g) ? g->cold->member_of : NULL;
}

long weir_inspect_slot_around(uintptr_t address) {
  const struct weir_g *g = weir_g_around(address);
  return g ? (long)g->slot : WEIR_NO_SLOT;
}

long weir_inspect_slot_of_stack(uintptr_t low, size_t stride, uintptr_t address) {
  const struct weir_g *g = weir_g_of_stack(low + (address - low) / stride * stride, stride);
  return g ? (long)g->slot : WEIR_NO_SLOT;
}

enum weir_thread_role weir_inspect_thread(int tid) {
  int monitor;
  bool rests = weir_monitor_rests(&monitor);
  if (tid == monitor) return rests ? WEIR_THREAD_AT_REST : WEIR_THREAD_AT_WORK;
  int n = atomic_load(&weir_sched.n_workers);
  for (int i = 0; i < n; i++) {
    const struct weir_worker *w = weir_sched.workers[i];
    if (w->tid == tid && atomic_load(&w->role) != WEIR_GONE)
      return w->cur == &w->g0 ? WEIR_THREAD_AT_REST : WEIR_THREAD_AT_WORK;
  }
  return weir_blocking_is_helper(tid) ? WEIR_THREAD_AT_WORK : WEIR_THREAD_FOREIGN;
}
