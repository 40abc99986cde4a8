// SPDX-License-Identifier: Apache-2.0
//
// play.h.
#include "trace/play.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 16, ACTORS_MOST = 1 << 21, SENDS = 1 << 16, LANES = 1025 };

struct stage {
  struct weir_trace *trace;
  struct weir_trace_names *names;
  const struct weir_player *p;
  struct weir_actor *buckets[BUCKETS];
  struct weir_actor *spare;
  size_t n_actors;
  uint64_t on_lane[LANES]; // who runs there; 0: nobody
  struct {
    uint64_t object, goid;
    int64_t ns;
    unsigned slot;
  } sends[SENDS]; // the last of each slot of a channel; newer ones take the places of older
  uint64_t arrows;
  int64_t to; // of the part
  struct weir_played sum;
};

// --- goroutines ----------------------------------------------------------------------------------

static struct weir_actor **find(struct stage *s, uint64_t goid) {
  struct weir_actor **at = &s->buckets[goid % BUCKETS];
  while (*at && (*at)->goid != goid)
    at = &(*at)->next;
  return at;
}

static struct weir_actor *known(struct stage *s, uint64_t goid) {
  return goid ? *find(s, goid) : NULL;
}

// One that is met for the first time has been what it is since then. NULL: there are too many.
static struct weir_actor *actor(struct stage *s, uint64_t goid, enum weir_span_kind state,
                                int64_t ns) {
  if (!goid) return NULL;
  struct weir_actor **at = find(s, goid);
  if (*at) return *at;
  if (s->n_actors == ACTORS_MOST) {
    s->sum.ignored++;
    return NULL;
  }
  struct weir_actor *a = s->spare;
  if (a)
    s->spare = a->next;
  else
    a = weir_xmalloc(sizeof *a);
  *a = (struct weir_actor){.goid = goid, .is_new = true, .state = state, .since = ns};
  if (goid == 1) memcpy(a->name, "main", 5);
  *at = a;
  s->n_actors++;
  return a;
}

static void drop(struct stage *s, uint64_t goid) {
  struct weir_actor **at = find(s, goid), *a = *at;
  *at = a->next;
  a->next = s->spare;
  s->spare = a;
  s->n_actors--;
}

static bool is_wanted(const struct stage *s, uint64_t goid, int64_t from, int64_t to) {
  const struct weir_part *part = &s->p->part;
  return (!part->goid || part->goid == goid) && to >= part->from && from <= s->to;
}

// What lies in the part of what it has been doing until now.
static void tell(struct stage *s, struct weir_actor *a, int64_t ns, bool open) {
  struct weir_span span = {a->state, a->since, ns, open};
  if (!is_wanted(s, a->goid, a->since, ns)) return;
  if (span.from < s->p->part.from) span.from = s->p->part.from;
  if (span.to > s->to) span.to = s->to;
  if (!a->is_told) s->sum.goroutines++;
  a->is_told = true;
  bool some = span.to > span.from || a->state == WEIR_SPAN_RUNS; // what it did at once stands in it
  if (s->p->span && (some || open)) s->p->span(s->p->arg, a, &span);
  a->spent[a->state] += span.to - span.from;
}

static void turn(struct stage *s, struct weir_actor *a, enum weir_span_kind state, int64_t ns) {
  tell(s, a, ns, false);
  a->state = state;
  a->since = ns;
}

// --- arrows --------------------------------------------------------------------------------------

static void arrow(struct stage *s, const char *name, uint64_t from_goid, int64_t from,
                  uint64_t to_goid, int64_t to) {
  if (!s->p->arrow || !from_goid || from_goid == to_goid || from > to) return;
  if (s->p->part.goid || from < s->p->part.from || to > s->to) return;
  struct weir_arrow a = {from_goid, to_goid, from, to, ++s->arrows, name};
  s->p->arrow(s->p->arg, &a);
}

static size_t place_of_send(const struct weir_trace_item *i) {
  return (i->what * UINT64_C(0x9e3779b97f4a7c15) >> 20 ^ i->argument) % SENDS;
}

// sends and receives by their texts, since the reader has no list of operations of its own
static bool is_call(const struct stage *s, const struct weir_trace_item *i, const char *begins) {
  return i->op >= WEIR_TRACE_CALL &&
         !strncmp(weir_trace_sync_text(s->trace, i->op - WEIR_TRACE_CALL), begins, strlen(begins));
}

static void match_buffer(struct stage *s, const struct weir_trace_item *i) {
  size_t at = place_of_send(i);
  if (i->argument >= WEIR_TRACE_SLOTS || i->op < WEIR_TRACE_CALL) return;
  if (is_call(s, i, "sent on") && known(s, i->goid)) {
    s->sends[at].object = i->what;
    s->sends[at].slot = i->argument;
    s->sends[at].goid = i->goid;
    s->sends[at].ns = i->ns;
  } else if (is_call(s, i, "received from") && s->sends[at].object == i->what &&
             s->sends[at].slot == i->argument) {
    arrow(s, "sent", s->sends[at].goid, s->sends[at].ns, i->goid, i->ns);
    s->sends[at].object = 0;
  }
}

// --- events --------------------------------------------------------------------------------------

static void leaves(struct stage *s, unsigned lane, int64_t ns) {
  struct weir_actor *before = known(s, s->on_lane[lane]);
  if (before && before->state == WEIR_SPAN_RUNS && before->lane == lane) {
    turn(s, before, WEIR_SPAN_READY, ns); // it has yielded
    before->waker = 0;
  }
  s->on_lane[lane] = 0;
}

static void runs(struct stage *s, const struct weir_trace_item *i) {
  if (s->on_lane[i->lane] == i->goid) return;
  leaves(s, i->lane, i->ns);
  struct weir_actor *a = actor(s, i->goid, WEIR_SPAN_READY, i->ns);
  if (!a) return;
  if (s->on_lane[a->lane] == a->goid) s->on_lane[a->lane] = 0; // it was elsewhere
  turn(s, a, WEIR_SPAN_RUNS, i->ns);
  a->lane = i->lane;
  s->on_lane[i->lane] = i->goid;
  if (a->waker) arrow(s, "woke", a->waker, a->woken_from, a->goid, i->ns);
  a->waker = 0;
}

// An event of its own: it runs there, whether that was said or not (an OS thread, or something is
// missing).
static void acts(struct stage *s, struct weir_actor *a, const struct weir_trace_item *i) {
  bool there = a->lane == i->lane && (!i->lane || s->on_lane[i->lane] == a->goid);
  if (a->state == WEIR_SPAN_RUNS && there) return;
  if (s->on_lane[a->lane] == a->goid) s->on_lane[a->lane] = 0;
  if (i->lane) leaves(s, i->lane, i->ns);
  turn(s, a, WEIR_SPAN_RUNS, i->ns);
  a->lane = i->lane;
  if (i->lane) s->on_lane[i->lane] = a->goid;
}

static void set_name(struct stage *s, struct weir_actor *a, unsigned site) {
  const char *name = weir_trace_site_name(s->names, site);
  if (a->name[0] || !*name) return;
  strncpy(a->name, name, sizeof a->name - 1);
}

static void starts_another(struct stage *s, const struct weir_trace_item *i) {
  struct weir_actor *child = actor(s, i->where, WEIR_SPAN_READY, i->ns);
  if (!child) return;
  child->parent = i->goid;
  child->created_at = i->what;
  child->waker = i->goid;
  child->woken_from = i->ns;
  set_name(s, child, i->site);
}

static void is_named(struct weir_actor *a, const struct weir_trace_item *i, size_t from) {
  if (!from) memset(a->name, 0, sizeof a->name);
  memcpy(a->name + from, i->text, sizeof i->text);
  a->name[sizeof a->name - 1] = 0;
  a->is_new = true;
}

static void blocks(struct stage *s, struct weir_actor *a, const struct weir_trace_item *i) {
  acts(s, a, i);
  turn(s, a, WEIR_SPAN_WAITS, i->ns);
  a->wait = i->argument;
  a->object = i->what;
  a->pc = i->where;
  a->stack = a->stack_now;
  a->stack_now = 0;
}

static void wakes(struct stage *s, struct weir_actor *a, const struct weir_trace_item *i) {
  bool gave_up = i->where == a->goid;
  struct weir_actor *by = actor(s, i->where, WEIR_SPAN_RUNS, i->ns);
  if (by && !gave_up) acts(s, by, i);
  a->waker = gave_up ? 0 : i->where;
  a->waker_pc = by && !gave_up ? by->last_pc : 0;
  a->waker_op = by && !gave_up ? by->last_op : 0;
  a->woken_from = i->ns;
  a->waker_stack = by && !gave_up ? by->stack_now : 0;
  if (by) by->stack_now = 0;
  if (a->state == WEIR_SPAN_WAITS) turn(s, a, gave_up ? WEIR_SPAN_RUNS : WEIR_SPAN_READY, i->ns);
}

// What another has done in its place has no call.
static bool in_its_place(const struct weir_trace_item *i) {
  return i->op >= WEIR_TRACE_CALL && !i->where;
}

static void calls(struct stage *s, struct weir_actor *a, const struct weir_trace_item *i) {
  match_buffer(s, i);
  if (!a || in_its_place(i)) return;
  acts(s, a, i);
  a->last_pc = i->where;
  a->last_op = i->op;
}

static void one(struct stage *s, const struct weir_trace_item *i) {
  if (i->op == WEIR_TRACE_RUN) {
    s->sum.events += is_wanted(s, i->goid, i->ns, i->ns);
    runs(s, i);
    return;
  }
  enum weir_span_kind state = i->op == WEIR_TRACE_WAKE ? WEIR_SPAN_WAITS : WEIR_SPAN_RUNS;
  struct weir_actor *a = in_its_place(i) ? known(s, i->goid) : actor(s, i->goid, state, i->ns);
  if (!a && i->op < WEIR_TRACE_CALL) return;
  switch (i->op) {
  case WEIR_TRACE_GO:
    acts(s, a, i);
    starts_another(s, i);
    break;
  case WEIR_TRACE_START:
    acts(s, a, i);
    a->parent = i->where;
    set_name(s, a, i->site);
    break;
  case WEIR_TRACE_NAME:
    is_named(a, i, 0);
    break;
  case WEIR_TRACE_NAME2:
    is_named(a, i, 16);
    break;
  case WEIR_TRACE_STACK:
    a->stack_now = i->what;
    break;
  case WEIR_TRACE_BLOCK:
    blocks(s, a, i);
    break;
  case WEIR_TRACE_WAKE:
    wakes(s, a, i);
    break;
  case WEIR_TRACE_END:
    acts(s, a, i);
    break;
  default:
    calls(s, a, i);
  }
  weir_trace_learn(s->names, i);
  bool wanted = is_wanted(s, i->goid, i->ns, i->ns);
  s->sum.events += wanted;
  if (s->p->event && wanted) s->p->event(s->p->arg, a, i);
  if (i->op == WEIR_TRACE_END) {
    turn(s, a, WEIR_SPAN_READY, i->ns);
    if (s->p->gone && a->is_told) s->p->gone(s->p->arg, a);
    drop(s, i->goid);
  }
}

static void finish(struct stage *s) {
  for (size_t b = 0; b < BUCKETS; b++) {
    for (struct weir_actor *a = s->buckets[b], *next; a; a = next) {
      next = a->next;
      tell(s, a, s->sum.end, true);
      if (s->p->gone && a->is_told) s->p->gone(s->p->arg, a);
      free(a);
    }
  }
  for (struct weir_actor *a = s->spare, *next; a; a = next) {
    next = a->next;
    free(a);
  }
}

struct weir_played weir_trace_play(struct weir_trace *t, struct weir_trace_names *names,
                                   const struct weir_player *p) {
  struct stage *s = weir_xmalloc(sizeof *s);
  struct weir_trace_item item;
  memset(s, 0, sizeof *s);
  s->trace = t;
  s->names = names;
  s->p = p;
  s->to = p->part.to ? p->part.to : INT64_MAX;
  for (uint64_t n = 1; weir_trace_next(t, &item) && item.ns <= s->to; n++) {
    one(s, &item);
    s->sum.end = item.ns;
    if (item.lane >= s->sum.lanes) s->sum.lanes = item.lane + 1;
    if (n % 65536 == 0 && p->progress && !p->progress(p->arg, weir_trace_percent(t))) break;
  }
  int64_t alive = weir_trace_facts(t).end_ns;
  if (alive > s->sum.end) s->sum.end = alive; // what waits has waited on
  if (s->sum.end > s->to) s->sum.end = s->to;
  s->sum.length = s->sum.end > p->part.from ? s->sum.end - p->part.from : 0;
  finish(s);
  struct weir_played sum = s->sum;
  free(s);
  return sum;
}

const char *weir_actor_wait(const struct weir_trace *t, const struct weir_actor *who) {
  const char *text = weir_trace_wait_text(t, who->wait);
  return *text ? text : "waits";
}
