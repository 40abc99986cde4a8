// SPDX-License-Identifier: Apache-2.0
//
// What single goroutines did last, out of their rings, for a report. Nobody is stopped: what is
// stored meanwhile is seen or not, and an event that changes while it is read is left out.
#include "trace/trace.h"

#include "os/ticks.h"

enum { EACH = WEIR_TRACE_LAST_EACH, GOROUTINES = WEIR_TRACE_LAST_GOROUTINES };

static struct {
  size_t n, count[GOROUTINES];
  struct weir_trace_event at[GOROUTINES][EACH]; // by time
} last;

static unsigned op_of(const struct weir_trace_event *e) {
  return e->who >> WEIR_TRACE_OP_SHIFT & 0xff;
}
static unsigned argument_of(const struct weir_trace_event *e) {
  return (unsigned)(e->where >> WEIR_TRACE_HIGH_SHIFT);
}
static bool is_call(unsigned op, enum weir_sync_op what) {
  return op == WEIR_TRACE_CALL + (unsigned)what;
}

static bool is_wanted(unsigned op) {
  return op == WEIR_TRACE_GO || op == WEIR_TRACE_START || op == WEIR_TRACE_END ||
         op == WEIR_TRACE_BLOCK || op == WEIR_TRACE_WAKE || op >= WEIR_TRACE_CALL;
}

static bool read_event(const struct weir_trace_event *at, uint64_t goid,
                       struct weir_trace_event *e) {
  e->who = __atomic_load_n(&at->who, __ATOMIC_ACQUIRE); // pairs with the release in fill
  e->ticks = __atomic_load_n(&at->ticks, __ATOMIC_RELAXED);
  e->what = __atomic_load_n(&at->what, __ATOMIC_RELAXED);
  e->where = __atomic_load_n(&at->where, __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_ACQUIRE); // the words before the second look
  return WEIR_TRACE_WHO(e->who) == goid && is_wanted(op_of(e)) &&
         __atomic_load_n(&at->who, __ATOMIC_RELAXED) == e->who;
}

// By time, since those that share a ring come in between.
static void keep(size_t g, const struct weir_trace_event *e) {
  struct weir_trace_event *all = last.at[g];
  size_t n = last.count[g]++;
  for (; n > 0 && all[n - 1].ticks > e->ticks; n--)
    all[n] = all[n - 1];
  all[n] = *e;
}

static void read_ring(size_t g, uint64_t goid) {
  const struct weir_trace_ring *r = weir_trace_ring_of(goid);
  struct weir_trace_event e;
  last.count[g] = 0;
  for (size_t i = 0; i < EACH; i++)
    if (read_event(&r->event[i], goid, &e)) keep(g, &e);
}

// --- what led to what ------------------------------------------------------------------------

static bool leads(const struct weir_trace_last *a, const struct weir_trace_last *b) {
  bool same = a->object == b->object && b->object;
  if (b->op == WEIR_TRACE_START) return a->op == WEIR_TRACE_GO && a->partner == b->goid;
  if (b->op == WEIR_TRACE_WAKE) return a->goid == b->partner && a->op >= WEIR_TRACE_CALL;
  if (is_call(b->op, WEIR_SYNC_RECV) && b->argument < WEIR_TRACE_SLOTS)
    return same && is_call(a->op, WEIR_SYNC_SEND) && a->argument == b->argument;
  if (is_call(b->op, WEIR_SYNC_RECV) && b->argument == WEIR_TRACE_CLOSED)
    return same && is_call(a->op, WEIR_SYNC_CLOSE);
  if (is_call(b->op, WEIR_SYNC_LOCK)) return same && is_call(a->op, WEIR_SYNC_UNLOCK);
  return false;
}

static int what_led_to(const struct weir_trace_last *out, int i) {
  for (int j = i; j-- > 0;)
    if (out[j].goid != out[i].goid && leads(&out[j], &out[i])) return j;
  return -1;
}

// Whom it handed to, or took from: who is woken by it before it does anything else.
static uint64_t whom_it_met(const struct weir_trace_last *out, size_t n, size_t i) {
  bool met = (is_call(out[i].op, WEIR_SYNC_SEND) || is_call(out[i].op, WEIR_SYNC_RECV)) &&
             out[i].argument == WEIR_TRACE_HANDED;
  for (size_t j = i + 1; met && j < n && out[j].goid != out[i].goid; j++)
    if (out[j].op == WEIR_TRACE_WAKE && out[j].partner == out[i].goid) return out[j].goid;
  return 0;
}

static const char *name_of(const struct weir_trace_last *out, size_t n, uintptr_t object) {
  for (size_t i = 0; object && i < n; i++)
    if (out[i].object == object && out[i].name[0]) return out[i].name;
  return "";
}

static size_t oldest(const size_t *at) {
  size_t best = last.n;
  for (size_t g = 0; g < last.n; g++)
    if (at[g] < last.count[g] &&
        (best == last.n || last.at[g][at[g]].ticks < last.at[best][at[best]].ticks))
      best = g;
  return best;
}

static struct weir_trace_last told(const struct weir_trace_event *e, uint64_t now,
                                   double ns_per_tick) {
  unsigned op = op_of(e);
  bool goes = op == WEIR_TRACE_GO || op == WEIR_TRACE_START;
  bool calls = op == WEIR_TRACE_BLOCK || op >= WEIR_TRACE_CALL;
  struct weir_trace_last l = {.goid = WEIR_TRACE_WHO(e->who),
                              .partner =
                                  goes || op == WEIR_TRACE_WAKE ? WEIR_TRACE_WHO(e->where) : 0,
                              .ns = -(int64_t)((double)(int64_t)(now - e->ticks) * ns_per_tick),
                              .op = op,
                              .argument = argument_of(e),
                              .name = "",
                              .from = -1};
  if (l.ns > 0) l.ns = 0;
  if (calls) {
    l.object = WEIR_TRACE_LOW(e->what);
    l.pc = WEIR_TRACE_LOW(e->where);
    l.name = weir_trace_site_name((unsigned)(e->what >> WEIR_TRACE_HIGH_SHIFT));
  } else if (op == WEIR_TRACE_GO) {
    l.pc = WEIR_TRACE_LOW(e->what);
  }
  return l;
}

size_t weir_trace_last(const uint64_t *goids, size_t n, struct weir_trace_last *out) {
  if (!weir_trace_on || !weir_trace_rings) return 0;
  last.n = n < GOROUTINES ? n : GOROUTINES;
  for (size_t g = 0; g < last.n; g++)
    read_ring(g, goids[g]);
  const struct weir_trace_clock *begin = &weir_trace_memory->clock[0];
  uint64_t now = weir_ticks(), ns = weir_ticks_of_kernel();
  double rate =
      now > begin->ticks ? (double)(ns - (uint64_t)begin->ns) / (double)(now - begin->ticks) : 1;
  size_t at[GOROUTINES] = {0}, count = 0;
  for (size_t g; (g = oldest(at)) < last.n;)
    out[count++] = told(&last.at[g][at[g]++], now, rate);
  for (size_t i = 0; i < count; i++) {
    out[i].from = what_led_to(out, (int)i);
    if (!out[i].partner) out[i].partner = whom_it_met(out, count, i);
    if (!out[i].name[0]) out[i].name = name_of(out, count, out[i].object);
  }
  return count;
}
