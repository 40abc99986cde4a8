// SPDX-License-Identifier: Apache-2.0
//
// What single goroutines did last, out of the recorder's memory, for a report. Nobody is stopped:
// what is stored meanwhile is seen or not, and an event whose chunk was taken for something else
// while it was read does not carry its tag any more. Only the newest 8 MiB are looked at, and what
// quiet lanes have open.
#include "trace/trace.h"

#include <string.h>

#include "os/ticks.h"

enum { EACH = WEIR_TRACE_LAST_EACH, GOROUTINES = WEIR_TRACE_LAST_GOROUTINES, CHUNKS = 128 };

struct seen {
  struct weir_trace_event e;
  uint64_t partner; // that it met
};

static struct {
  const uint64_t *goids;
  size_t n;
  size_t count[GOROUTINES];
  struct seen at[GOROUTINES][EACH]; // by time
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

static bool read_event(const struct weir_trace_event *at, uint64_t tag,
                       struct weir_trace_event *e) {
  e->who = __atomic_load_n(&at->who, __ATOMIC_ACQUIRE); // pairs with the release in store
  e->ticks = __atomic_load_n(&at->ticks, __ATOMIC_RELAXED);
  e->what = __atomic_load_n(&at->what, __ATOMIC_RELAXED);
  e->where = __atomic_load_n(&at->where, __ATOMIC_ACQUIRE);
  return e->who >> WEIR_TRACE_HIGH_SHIFT == tag &&
         __atomic_load_n(&at->who, __ATOMIC_RELAXED) == e->who;
}

static void keep(size_t g, const struct seen *s) {
  struct seen *all = last.at[g];
  size_t n = last.count[g];
  if (n == EACH) {
    if (s->e.ticks <= all[0].e.ticks) return;
    memmove(all, all + 1, --n * sizeof *all);
  } else {
    last.count[g]++;
  }
  for (; n > 0 && all[n - 1].e.ticks > s->e.ticks; n--)
    all[n] = all[n - 1];
  all[n] = *s;
}

// Whom it met is said by what its lane has next.
static uint64_t partner_of(const struct weir_trace_event *e, const struct weir_trace_event *next) {
  unsigned op = op_of(e);
  if (op == WEIR_TRACE_GO || op == WEIR_TRACE_START || op == WEIR_TRACE_WAKE)
    return WEIR_TRACE_WHO(e->where);
  bool met = (is_call(op, WEIR_SYNC_SEND) || is_call(op, WEIR_SYNC_RECV)) &&
             argument_of(e) == WEIR_TRACE_HANDED;
  if (met && next && op_of(next) == WEIR_TRACE_WAKE &&
      WEIR_TRACE_WHO(next->where) == WEIR_TRACE_WHO(e->who))
    return WEIR_TRACE_WHO(next->who);
  return 0;
}

// From the newest on, since older ones are mostly not kept.
static void scan(const struct weir_trace_chunk *c) {
  const struct weir_trace_event *at = (const struct weir_trace_event *)(c + 1);
  uint64_t tag = __atomic_load_n(&c->tag, __ATOMIC_RELAXED);
  struct seen s;
  size_t low = 0, high = WEIR_TRACE_CHUNK_EVENTS; // valid ones are a prefix
  while (low < high) {
    size_t mid = (low + high) / 2;
    if (__atomic_load_n(&at[mid].who, __ATOMIC_ACQUIRE) >> WEIR_TRACE_HIGH_SHIFT == tag)
      low = mid + 1;
    else
      high = mid;
  }
  struct weir_trace_event next;
  bool has_next = false;
  for (size_t i = low; i-- > 0; next = s.e, has_next = true) {
    if (!read_event(&at[i], tag, &s.e)) return;
    if (!is_wanted(op_of(&s.e))) continue;
    for (size_t g = 0; g < last.n; g++) {
      if (WEIR_TRACE_WHO(s.e.who) != last.goids[g]) continue;
      s.partner = partner_of(&s.e, has_next ? &next : NULL);
      keep(g, &s);
      break;
    }
  }
}

static void scan_all(void) {
  const struct weir_trace_header *h = weir_trace_memory;
  uint32_t n = __atomic_load_n(&h->chunks, __ATOMIC_ACQUIRE);
  uint64_t newest = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint64_t seq = __atomic_load_n(&weir_trace_chunk_at(i)->seq, __ATOMIC_ACQUIRE);
    if (seq > newest) newest = seq;
  }
  for (uint32_t i = 0; i < n; i++) {
    struct weir_trace_chunk *c = weir_trace_chunk_at(i);
    uint64_t seq = __atomic_load_n(&c->seq, __ATOMIC_ACQUIRE);
    if (seq && (seq + CHUNKS > newest || weir_trace_is_open(i))) scan(c);
  }
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

static const char *name_of(const struct weir_trace_last *out, size_t n, uintptr_t object) {
  for (size_t i = 0; object && i < n; i++)
    if (out[i].object == object && out[i].name[0]) return out[i].name;
  return "";
}

static size_t oldest(const size_t *at) {
  size_t best = last.n;
  for (size_t g = 0; g < last.n; g++)
    if (at[g] < last.count[g] &&
        (best == last.n || last.at[g][at[g]].e.ticks < last.at[best][at[best]].e.ticks))
      best = g;
  return best;
}

static struct weir_trace_last told(const struct seen *s, uint64_t now, double ns_per_tick) {
  unsigned op = op_of(&s->e);
  bool calls = op == WEIR_TRACE_BLOCK || op >= WEIR_TRACE_CALL;
  struct weir_trace_last l = {.goid = WEIR_TRACE_WHO(s->e.who),
                              .partner = s->partner,
                              .ns = -(int64_t)((double)(int64_t)(now - s->e.ticks) * ns_per_tick),
                              .op = op,
                              .argument = argument_of(&s->e),
                              .name = "",
                              .from = -1};
  if (l.ns > 0) l.ns = 0;
  if (calls) {
    l.object = WEIR_TRACE_LOW(s->e.what);
    l.pc = WEIR_TRACE_LOW(s->e.where);
    l.name = weir_trace_site_name((unsigned)(s->e.what >> WEIR_TRACE_HIGH_SHIFT));
  } else if (op == WEIR_TRACE_GO) {
    l.pc = WEIR_TRACE_LOW(s->e.what);
  }
  return l;
}

size_t weir_trace_last(const uint64_t *goids, size_t n, struct weir_trace_last *out) {
  if (!weir_trace_on || !n) return 0;
  memset(&last, 0, sizeof last);
  last.goids = goids;
  last.n = n < GOROUTINES ? n : GOROUTINES;
  scan_all();
  const struct weir_trace_clock *begin = &weir_trace_memory->clock[0];
  uint64_t now = weir_ticks(), ns = weir_ticks_of_kernel();
  double rate =
      now > begin->ticks ? (double)(ns - (uint64_t)begin->ns) / (double)(now - begin->ticks) : 1;
  size_t at[GOROUTINES] = {0}, count = 0;
  for (size_t g; (g = oldest(at)) < last.n;)
    out[count++] = told(&last.at[g][at[g]++], now, rate);
  for (size_t i = 0; i < count; i++) {
    out[i].from = what_led_to(out, (int)i);
    if (!out[i].name[0]) out[i].name = name_of(out, count, out[i].object);
  }
  return count;
}
