// SPDX-License-Identifier: Apache-2.0
//
// The finding `stuck-goroutine`: blocked for longer than stuck_ms. Suspected, since somebody may
// still come; so it names who last used the other side, who holds the lock, and where those are
// now. Before the first of a kind is reported a leak check is made: who is lost for good is a
// goroutine-leak, proven, and of the others it is said that something alive still leads there.
//
// Time is counted in ticks of the monitor (100 ms), not read from the clock: a process that was
// stopped, or a machine that slept, has not waited. Each goroutine is remembered by the wait it
// is in (id and park_seq) with the tick that first saw it there. A wait is reported once.
//
// Goroutines that are alike are one finding, however many they are. Those that come later are
// counted and said at the end of the program. A tick looks at a bounded number of stacks, as the
// monitor has timers to fire.
//
// All state belongs to the monitor thread, but for the counts at the end.
#include <string.h>

#include "base/flags.h"
#include "detect/emit.h"
#include "detect/groups.h"
#include "detect/hooks.h"
#include "detect/kinds.h"
#include "os/memory.h"

enum { TICK_MS = 100, WAITS = 1 << 18, PROBES = 8, PER_TICK = 16384, PARTNERS = 8 };
enum { LATER_ONES_MS = 2 * TICK_MS };

struct wait {
  uint64_t goid;
  uint32_t park_seq;
  uint32_t since : 31; // tick; once reported, that of the report
  uint32_t reported : 1;
};
static struct wait *waits; // open addressing; an entry of another wait may be evicted
static uint32_t tick;

static struct weir_groups groups;
static size_t taken; // goroutines, in this tick

static struct weir_kinds reported; // by the hash of a group

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

static bool may_be_stuck(const struct weir_g_view *v) {
  return v->state == WEIR_G_WAITING && !v->expected && !v->timed && v->op != WEIR_WAIT_NONE;
}

static int64_t over_limit(const struct wait *w) {
  return (int64_t)(tick - w->since) * TICK_MS - weir_flags.stuck_ms;
}

// Everybody's wait is noted. Is one due, with a margin for those that began a little later?
static bool note(const struct weir_g_view *v, void *any) {
  if (!may_be_stuck(v)) return true;
  const struct wait *w = entry_of(v);
  *(bool *)any |= !w->reported && over_limit(w) > LATER_ONES_MS;
  return true;
}

// Once for each wait, and again within the same tick unless it was proven leaked meanwhile.
static bool is_due(const struct weir_g_view *v) {
  if (!may_be_stuck(v)) return false;
  struct wait *w = entry_of(v);
  if (w->reported) return w->since == tick && !weir_leak_reported(v->g);
  if (over_limit(w) <= 0 || taken == PER_TICK) return false;
  taken++;
  w->reported = 1;
  w->since = tick;
  return !weir_leak_reported(v->g);
}

static bool any_new(void) {
  bool any = false;
  for (size_t i = 0; i < groups.n && !any; i++)
    any = weir_kinds_new(&reported, groups.group[i].hash);
  return any;
}

// --- the report --------------------------------------------------------------------------

static size_t add_partner(uint64_t *ids, size_t n, uint64_t goid, uint64_t self) {
  if (!goid || goid == self || n == PARTNERS) return n;
  for (size_t i = 0; i < n; i++)
    if (ids[i] == goid) return n;
  ids[n] = goid;
  return n + 1;
}

struct readers {
  const void *lock;
  uint64_t *ids, self;
  size_t n;
};

static bool add_reader(const struct weir_g_view *v, void *arg) {
  struct readers *r = arg;
  for (unsigned i = 0; i < v->held_count; i++)
    if (v->held[i].mutex == r->lock) r->n = add_partner(r->ids, r->n, v->id, r->self);
  return r->n < PARTNERS;
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
    if (on[i].kind != WEIR_OBJ_RWMUTEX || d.len == 0) continue;
    struct readers r = {.lock = on[i].object, .ids = ids, .self = v->id, .n = n};
    weir_inspect_each(add_reader, &r);
    n = r.n;
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

void weir_record_blocked_goroutine(struct weir_record *r, const struct weir_g_view *v,
                                   unsigned long count) {
  uint64_t ids[PARTNERS];
  size_t n = partners_of(v, ids);
  weir_record_present_goroutine(r, v, count);
  for (size_t i = 0; i < n; i++)
    put_partner(r, ids[i]);
}

static struct weir_record *begin(const struct weir_group *group, const struct weir_g_view *v) {
  const char *op = weir_wait_op_text(v->op);
  if (group->count == 1)
    return weir_record_begin(WEIR_F_STUCK_GOROUTINE,
                             "Goroutine %lu has been blocked in %s for more than %ld ms.",
                             (unsigned long)v->id, op, weir_flags.stuck_ms);
  return weir_record_begin(WEIR_F_STUCK_GOROUTINE,
                           "%lu goroutines have been blocked in %s for more than %ld ms.",
                           group->count, op, weir_flags.stuck_ms);
}

// `within_reach`: a leak check was made, and did not find them.
static bool report(const struct weir_group *group, bool within_reach) {
  struct weir_g_view v;
  weir_inspect_one(group->g, &v);
  if (v.id != group->id || v.state != WEIR_G_WAITING) return false; // it has gone on meanwhile
  struct weir_record *r = begin(group, &v);
  weir_kinds_add(&reported, group->hash, weir_record_number(r));
  weir_record_goroutines_open(r);
  weir_record_blocked_goroutine(r, &v, group->count);
  weir_record_goroutines_close(r);
  weir_record_group_ids(r, group);
  if (within_reach && !v.thread)
    weir_record_doubt(r, "something alive can still reach what would wake it");
  return weir_record_end(r);
}

static bool deal_with(const struct weir_group *group, bool within_reach) {
  if (weir_kinds_new(&reported, group->hash)) return report(group, within_reach);
  weir_kinds_more(&reported, group->hash, group->count);
  return false;
}

void weir_stuck_say_seen(void) {
  weir_kinds_say_seen(&reported);
}

void weir_stuck_tick(void) {
  if (weir_flags.stuck_ms <= 0) return;
  if (!waits && !(waits = weir_mem_map(WAITS * sizeof *waits))) return;
  bool any = false, checked = false, end = false;
  tick++;
  taken = 0;
  weir_inspect_each(note, &any);
  if (!any) return;
  weir_groups_collect(&groups, is_due);
  if (weir_flags.leak_check && any_new()) {
    checked = weir_leak_check_now() >= 0;
    weir_groups_collect(&groups, is_due);
  }
  for (size_t i = 0; i < groups.n && !end; i++)
    end = deal_with(&groups.group[i], checked);
  if (end) weir_end_program();
}
