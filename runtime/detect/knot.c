// SPDX-License-Identifier: Apache-2.0
//
// The finding `partial-deadlock` where channels, wait groups and the like take part: of the
// goroutines that a check found to be blocked for good, those that hang together. An edge leads
// from who waits to who could have woken it (knot.h). What is connected is one finding if main is
// part of it, if somebody in it has what another one waits for, or if it has a cycle; goroutines
// for which none of that holds are leaks, each on its own.
//
// Proven, if nothing alive leads to what any of them waits for. Where that is so only as long as
// nobody but its owner unlocks a lock, it is observed. Everything here is read while the program
// goes on; those it is about stay where they are, and who has moved after all takes the finding
// away.
//
// Whoever is part of a cycle of locks that was reported when it closed is not reported again, and
// nobody is when all goroutines are blocked: that is a deadlock of the whole program.
#include "detect/knot.h"

#include <string.h>

#include "base/flags.h"
#include "detect/emit.h"
#include "detect/groups.h"
#include "detect/hooks.h"
#include "detect/leak.h"
#include "os/memory.h"

enum { CYCLE_MAX = 128, CYCLE_TRIES = 64 };
enum { TELL = 1, OLD = 2, UNSURE = 4, MOVED = 8 }; // of all that hang together
enum { DROPPED = 1, IN_CYCLE = 2 };                // of one

static struct {
  const struct weir_knot_notes *notes;
  uint32_t *parent;   // of the slot; the root stands for all that hang together
  uint32_t *out, *in; // first edge as waiter, as waker: 1 + index
  uint32_t *out_next; // of edges
  uint32_t *in_next;
  uint32_t *degree; // wakers that are not dropped
  uint32_t *queue;
  uint32_t *way;      // the edge that led here: 1 + index
  uint8_t *all, *one; // flags
  char *memory;
  size_t mapped;
  uint32_t about;            // the root that is being reported
  uint32_t cycle[CYCLE_MAX]; // edges
  size_t n_cycle;
} k; // one check at a time

static struct weir_groups groups;

// --- what hangs together
// ------------------------------------------------------------------------------

static uint32_t root_of(uint32_t slot) {
  while (k.parent[slot] != slot)
    slot = k.parent[slot] = k.parent[k.parent[slot]];
  return slot;
}

static bool open_memory(const struct weir_knot_notes *n) {
  size_t words = 6 * n->slots + 2 * n->n_edges;
  k.mapped = (words * sizeof(uint32_t) + 2 * n->slots + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
  if (!(k.memory = weir_mem_map(k.mapped))) return false;
  uint32_t *at = (uint32_t *)(void *)k.memory;
  k.notes = n;
  k.parent = at, at += n->slots;
  k.out = at, at += n->slots;
  k.in = at, at += n->slots;
  k.degree = at, at += n->slots;
  k.queue = at, at += n->slots;
  k.way = at, at += n->slots;
  k.out_next = at, at += n->n_edges;
  k.in_next = at, at += n->n_edges;
  k.all = (uint8_t *)at;
  k.one = k.all + n->slots;
  return true;
}

static void connect(void) {
  for (uint32_t i = 0; i < k.notes->slots; i++)
    k.parent[i] = i;
  for (uint32_t i = 0; i < k.notes->n_edges; i++) {
    const struct weir_wait_edge *e = &k.notes->edge[i];
    k.out_next[i] = k.out[e->waiter];
    k.out[e->waiter] = i + 1;
    k.in_next[i] = k.in[e->waker];
    k.in[e->waker] = i + 1;
    k.degree[e->waiter]++;
    k.parent[root_of(e->waiter)] = root_of(e->waker);
  }
}

// Drops who waits for none of the others, then who waits for those only, and so on: whoever stays
// is in a cycle or waits for one.
static void drop(void) {
  size_t head = 0, tail = 0;
  for (uint32_t i = 0; i < k.notes->slots; i++)
    if (k.notes->verdict[i] && !k.degree[i]) k.queue[tail++] = i;
  while (head < tail) {
    uint32_t at = k.queue[head++];
    k.one[at] |= DROPPED;
    for (uint32_t i = k.in[at]; i; i = k.in_next[i - 1]) {
      uint32_t waiter = k.notes->edge[i - 1].waiter;
      if (--k.degree[waiter] == 0) k.queue[tail++] = waiter;
    }
  }
}

static bool was_told(uint32_t slot, const struct weir_g_view *v) {
  if (weir_leak_reported(weir_inspect_slot(slot))) return true;
  return weir_waits_for_lock(v->op) && weir_partial_deadlock_lock(v->object);
}

static void judge(void) {
  for (uint32_t i = 0; i < k.notes->slots; i++) {
    if (!k.notes->verdict[i]) continue;
    struct weir_g_view v;
    uint8_t *all = &k.all[root_of(i)];
    weir_inspect_one(weir_inspect_slot(i), &v);
    if (i == 0 || !(k.one[i] & DROPPED)) *all |= TELL;
    if (was_told(i, &v)) *all |= OLD;
    if (k.notes->verdict[i] == WEIR_HELD_UP) *all |= UNSURE;
    if (v.park_seq != k.notes->park_seq[i]) *all |= MOVED;
  }
  for (uint32_t i = 0; i < k.notes->n_edges; i++)
    if (k.notes->edge[i].has) k.all[root_of(k.notes->edge[i].waiter)] |= TELL;
}

// --- the cycle
// ----------------------------------------------------------------------------------------

static uint32_t waker_on(uint32_t edge) {
  return k.notes->edge[edge - 1].waker;
}

// The shortest way from `start` back to it, if it is shorter than what is kept.
static void shortest(uint32_t start) {
  size_t head = 0, tail = 0;
  memset(k.way, 0, k.notes->slots * sizeof *k.way);
  k.queue[tail++] = start;
  while (head < tail && !k.way[start]) {
    uint32_t at = k.queue[head++];
    for (uint32_t e = k.out[at]; e; e = k.out_next[e - 1]) {
      uint32_t to = waker_on(e);
      if (k.way[to] || (k.one[to] & DROPPED)) continue;
      k.way[to] = e;
      k.queue[tail++] = to;
    }
  }
  if (!k.way[start]) return;
  size_t n = 0, most = k.n_cycle ? k.n_cycle - 1 : CYCLE_MAX;
  for (uint32_t at = start; n == 0 || at != start; at = k.notes->edge[k.way[at] - 1].waiter)
    if (n++ == most) return;
  k.n_cycle = n;
  for (uint32_t at = start; n-- > 0; at = k.notes->edge[k.way[at] - 1].waiter)
    k.cycle[n] = k.way[at] - 1;
}

static uint32_t waiter_of(size_t step) {
  return k.notes->edge[k.cycle[step]].waiter;
}

// With main, or else with whoever came first: so the same bug reads the same.
static void begin_with_the_first(void) {
  size_t first = 0;
  uint32_t turned[CYCLE_MAX];
  for (size_t i = 1; i < k.n_cycle; i++)
    if (waiter_of(i) < waiter_of(first)) first = i;
  for (size_t i = 0; i < k.n_cycle; i++)
    turned[i] = k.cycle[(first + i) % k.n_cycle];
  memcpy(k.cycle, turned, k.n_cycle * sizeof *turned);
}

// A stale word makes a way longer than need be: the shortest cycle says most. main, which starts
// all the others and so could get at everything, comes last.
static void find_cycle(void) {
  int tries = CYCLE_TRIES;
  k.n_cycle = 0;
  for (size_t i = k.notes->slots; i-- > 0 && tries > 0;) {
    if (!k.notes->verdict[i] || (k.one[i] & DROPPED) || root_of((uint32_t)i) != k.about) continue;
    shortest((uint32_t)i);
    tries--;
  }
  for (size_t i = 0; i < k.n_cycle; i++)
    k.one[waiter_of(i)] |= IN_CYCLE;
  begin_with_the_first();
}

// --- the report
// ---------------------------------------------------------------------------------------

static bool is_in_it(const struct weir_g_view *v) {
  long slot = weir_inspect_slot_around((uintptr_t)v->g);
  return slot >= 0 && (size_t)slot < k.notes->slots && k.notes->verdict[slot] &&
         root_of((uint32_t)slot) == k.about;
}

static bool is_beside_the_cycle(const struct weir_g_view *v) {
  long slot = weir_inspect_slot_around((uintptr_t)v->g);
  return is_in_it(v) && !(k.one[slot] & IN_CYCLE);
}

static enum weir_object_kind kind_of(struct weir_g *g, const void *object) {
  enum { MAX = 32 };
  struct weir_wait_on on[MAX];
  size_t n = weir_inspect_waits(g, on, MAX);
  for (size_t i = 0; i < n && i < MAX; i++)
    if (on[i].object == object) return on[i].kind;
  return WEIR_OBJ_NONE;
}

static uint64_t id_of(uint32_t slot) {
  struct weir_g_context c;
  weir_inspect_context(slot, &c);
  return c.id;
}

static void add_waker(struct weir_wait_for *w, uint64_t id) {
  for (size_t i = 0; i < w->n_by; i++)
    if (w->by[i] == id) return;
  if (w->n_by == WEIR_WAKERS_MAX)
    w->more = true;
  else
    w->by[w->n_by++] = id;
}

// All edges of the waiter that are about the same object as edge e, the first of them.
static void put_row(struct weir_record *r, uint32_t slot, uint32_t e) {
  const struct weir_wait_edge *first = &k.notes->edge[e - 1];
  struct weir_g *g = weir_inspect_slot(slot);
  struct weir_wait_for w = {.goroutine = id_of(slot), .has = first->has};
  w.object = weir_record_object_at(r, kind_of(g, first->object), first->object);
  for (size_t i = 0; i < k.n_cycle; i++) { // the one in the cycle comes first
    const struct weir_wait_edge *step = &k.notes->edge[k.cycle[i]];
    if (step->waiter == slot && step->object == first->object) add_waker(&w, id_of(step->waker));
  }
  for (; e; e = k.out_next[e - 1]) {
    const struct weir_wait_edge *edge = &k.notes->edge[e - 1];
    if (edge->object != first->object) continue;
    w.has |= edge->has;
    add_waker(&w, id_of(edge->waker));
  }
  weir_record_wait_for(r, &w);
}

static void put_rows(struct weir_record *r, uint32_t slot) {
  for (uint32_t e = k.out[slot]; e; e = k.out_next[e - 1]) {
    bool first = true;
    for (uint32_t f = k.out[slot]; f != e && first; f = k.out_next[f - 1])
      first = k.notes->edge[f - 1].object != k.notes->edge[e - 1].object;
    if (first) put_row(r, slot, e);
  }
}

static void put_goroutines(struct weir_record *r) {
  struct weir_g_view v;
  weir_record_goroutines_open(r);
  for (size_t i = 0; i < k.n_cycle; i++) {
    weir_inspect_one(weir_inspect_slot(waiter_of(i)), &v);
    weir_record_present_goroutine(r, &v, 1);
  }
  for (size_t i = 0; i < groups.n; i++) {
    weir_inspect_one(groups.group[i].g, &v);
    weir_record_present_goroutine(r, &v, groups.group[i].count);
  }
  weir_record_goroutines_close(r);
}

static void put_cycle(struct weir_record *r) {
  struct weir_cycle_step steps[CYCLE_MAX];
  for (size_t i = 0; i < k.n_cycle; i++) {
    const struct weir_wait_edge *e = &k.notes->edge[k.cycle[i]];
    enum weir_object_kind kind = kind_of(weir_inspect_slot(e->waiter), e->object);
    steps[i].goroutine = id_of(e->waiter);
    steps[i].object = weir_record_object_at(r, kind, e->object);
  }
  if (k.n_cycle) weir_record_cycle(r, steps, k.n_cycle);
}

static void put_who_waits_for_whom(struct weir_record *r) {
  weir_record_wait_for_open(r);
  for (size_t i = 0; i < k.n_cycle; i++)
    put_rows(r, waiter_of(i));
  for (size_t i = 0; i < groups.n; i++)
    put_rows(r, (uint32_t)weir_inspect_slot_around((uintptr_t)groups.group[i].g));
  weir_record_wait_for_close(r);
}

static struct weir_record *begin(const char *certainty) {
  unsigned long n = k.n_cycle + groups.total;
  const char *what = "blocked for good: only others of them could wake them, or nobody";
  if (n == 1)
    return weir_record_begin_as(WEIR_F_PARTIAL_DEADLOCK, certainty,
                                "Goroutine %lu is blocked for good while others run: none of them "
                                "leads to what would wake it.",
                                (unsigned long)groups.group[0].id);
  return weir_record_begin_as(WEIR_F_PARTIAL_DEADLOCK, certainty, "%lu goroutines are %s.", n,
                              what);
}

// What bonds take for granted.
static const char *what_could_help(void) {
  for (uint32_t i = 0; i < k.notes->n_edges; i++) {
    const struct weir_wait_edge *e = &k.notes->edge[i];
    if (!e->has || root_of(e->waiter) != k.about) continue;
    if (kind_of(weir_inspect_slot(e->waiter), e->object) != WEIR_OBJ_WAIT_GROUP)
      return "a goroutine that did not take the lock may unlock it";
  }
  return "another goroutine may be done on the wait group in its place";
}

static bool report(unsigned doubts) {
  bool unsure = k.all[k.about] & UNSURE;
  find_cycle();
  weir_groups_collect(&groups, is_beside_the_cycle);
  struct weir_record *r = begin(doubts ? "suspected" : unsure ? "observed" : "proven");
  put_goroutines(r);
  put_cycle(r);
  put_who_waits_for_whom(r);
  if (doubts)
    weir_record_doubt(r, weir_leak_doubt_text(doubts));
  else if (unsure)
    weir_record_doubt(r, what_could_help());
  return weir_record_end(r);
}

static bool note_told(const struct weir_g_view *v, void *arg) {
  (void)arg;
  if (is_in_it(v)) weir_inspect_mark(v->g, WEIR_MARK_LEAK_REPORTED);
  return true;
}

static bool report_all(unsigned doubts) {
  bool end = false;
  for (uint32_t i = 0; i < k.notes->slots && !end; i++) {
    if (k.parent[i] != i || !(k.all[i] & TELL) || (k.all[i] & MOVED)) continue;
    k.about = i;
    if (!(k.all[i] & OLD)) end = report(doubts);
    weir_inspect_each(note_told, NULL);
  }
  return end;
}

static bool stays(const struct weir_g_view *v, void *all) {
  *(bool *)all = v->state == WEIR_G_WAITING && !v->timed;
  return *(bool *)all;
}

// Then the whole program is deadlocked, which is said by deadlock.c in a moment.
static bool nobody_else_runs(void) {
  bool all = true;
  weir_inspect_each(stays, &all);
  return all && weir_flags.deadlock && weir_inspect_foreign_threads() == 0;
}

bool weir_knot_report(const struct weir_knot_notes *notes, unsigned doubts) {
  if (!notes->n_edges && !notes->verdict[0]) return false;
  if (nobody_else_runs()) return false;
  if (!open_memory(notes)) return false;
  connect();
  drop();
  judge();
  bool end = report_all(doubts);
  weir_mem_unmap(k.memory, k.mapped);
  return end;
}
