// SPDX-License-Identifier: Apache-2.0
//
// The finding `stuck-goroutine`: blocked for longer than stuck_ms. Suspected, since somebody may
// still come; so it names who last used the other side and where those are now. Off by default.
//
// Time is counted in ticks of the monitor (100 ms), not read from the clock: a process that was
// stopped, or a machine that slept, has not waited. Each goroutine is remembered by the wait it
// is in (id and park_seq) with the tick that first saw it there. A wait is reported once.
//
// All state belongs to the monitor thread.
#include <string.h>

#include "base/flags.h"
#include "detect/emit.h"
#include "detect/hooks.h"
#include "os/memory.h"

enum { TICK_MS = 100, WAITS = 1 << 18, PROBES = 8, PER_TICK = 16, PARTNERS = 8 };

struct wait {
  uint64_t goid;
  uint32_t park_seq;
  uint32_t since : 31; // tick
  uint32_t reported : 1;
};
static struct wait *waits; // open addressing; an entry of another wait may be evicted
static uint32_t tick;

struct due {
  size_t n;
  struct {
    struct weir_g *g;
    uint32_t park_seq;
  } at[PER_TICK];
};

// The goroutine's entry; made when it has none, or has one of an earlier wait.
static struct wait *entry_of(const struct weir_g_view *v) {
  struct wait *oldest = NULL;
  for (size_t i = 0; i < PROBES; i++) {
    struct wait *w = &waits[(v->id * 0x9e3779b97f4a7c15ull + i) % WAITS];
    if (w->goid == v->id) {
      oldest = w;
      break;
    }
    if (!oldest || w->goid == 0 || (oldest->goid && w->since > oldest->since)) oldest = w;
    if (w->goid == 0) break;
  }
  if (oldest->goid != v->id || oldest->park_seq != v->park_seq)
    *oldest = (struct wait){v->id, v->park_seq, tick, 0};
  return oldest;
}

static bool look(const struct weir_g_view *v, void *arg) {
  struct due *due = arg;
  if (v->state != WEIR_G_WAITING || v->expected || v->timed || v->op == WEIR_WAIT_NONE) return true;
  struct wait *w = entry_of(v);
  if (w->reported || (int64_t)(tick - w->since) * TICK_MS <= weir_flags.stuck_ms) return true;
  w->reported = 1;
  due->at[due->n].g = v->g;
  due->at[due->n++].park_seq = v->park_seq;
  return due->n < PER_TICK;
}

// --- the report --------------------------------------------------------------------------

static size_t add_partner(uint64_t *ids, size_t n, uint64_t goid, uint64_t self) {
  if (!goid || goid == self || n == PARTNERS) return n;
  for (size_t i = 0; i < n; i++)
    if (ids[i] == goid) return n;
  ids[n] = goid;
  return n + 1;
}

// Who could wake it: who holds the lock, who last sent to or received from the channel.
static size_t partners_of(const struct weir_g_view *v, uint64_t *ids) {
  struct weir_wait_on on[PARTNERS];
  size_t n = 0, waiting_for = weir_inspect_waits(v->g, on, PARTNERS);
  for (size_t i = 0; i < waiting_for && i < PARTNERS; i++) {
    struct weir_object_desc d = {0};
    if (!on[i].object || on[i].kind == WEIR_OBJ_NONE) continue;
    weir_object_describe(on[i].kind, on[i].object, &d);
    n = add_partner(ids, n, d.owner_goid, v->id);
    if (on[i].op == WEIR_WAIT_CHAN_SEND) n = add_partner(ids, n, d.last_receiver, v->id);
    if (on[i].op == WEIR_WAIT_CHAN_RECV) n = add_partner(ids, n, d.last_sender, v->id);
  }
  return n;
}

static void put_partner(struct weir_record *r, uint64_t goid) {
  struct weir_g *g = weir_inspect_find(goid);
  struct weir_g_view v = {.id = goid};
  if (g) {
    weir_inspect_one(g, &v);
    weir_record_present_goroutine(r, &v, 1);
    return;
  }
  struct weir_record_goroutine gone = {.view = &v, .finished = true, .count = 1};
  weir_record_goroutine(r, &gone);
}

static bool report(const struct weir_g_view *v) {
  uint64_t ids[PARTNERS];
  size_t n = partners_of(v, ids);
  struct weir_record *r = weir_record_begin(
      WEIR_F_STUCK_GOROUTINE, "Goroutine %lu has been blocked in %s for more than %ld ms.",
      (unsigned long)v->id, weir_wait_op_text(v->op), weir_flags.stuck_ms);
  weir_record_goroutines_open(r);
  weir_record_present_goroutine(r, v, 1);
  for (size_t i = 0; i < n; i++)
    put_partner(r, ids[i]);
  weir_record_goroutines_close(r);
  return weir_record_end(r);
}

void weir_stuck_tick(void) {
  if (weir_flags.stuck_ms <= 0) return;
  if (!waits && !(waits = weir_mem_map(WAITS * sizeof *waits))) return;
  tick++;
  struct due due = {0};
  weir_inspect_each(look, &due);
  for (size_t i = 0; i < due.n; i++) {
    struct weir_g_view v;
    weir_inspect_one(due.at[i].g, &v);
    if (v.park_seq == due.at[i].park_seq && report(&v)) weir_end_program();
  }
}
