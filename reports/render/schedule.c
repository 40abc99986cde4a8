// SPDX-License-Identifier: Apache-2.0
//
// Of a deadlock that did not happen: the order of steps in which it would. First each goroutine of
// the cycle takes what it holds, then each wants what the next one has.
#include <string.h>

#include "render/view.h"

bool weir_view_is_lock_order(const struct weir_view *v) {
  return !strcmp(v->f->id, "lock-order");
}

static const char *verb(const char *op) {
  if (!strcmp(op, "sync.RWMutex.RLock")) return "taking %s for reading";
  if (!strcmp(op, "sync.RWMutex.Lock")) return "taking %s for writing";
  if (!strcmp(op, "chan send")) return "sending on %s";
  if (!strcmp(op, "chan receive")) return "receiving from %s";
  return !strcmp(op, "sync.WaitGroup.Wait") ? "waiting for %s" : "taking %s";
}

const char *weir_view_wants(struct weir_view *v, const struct weir_goroutine *g) {
  const char *object = weir_view_object_of(v, g, weir_view_waited(v, g)), *form = verb(g->op);
  const char *gap = strstr(form, "%s");
  return weir_arena_printf(&v->arena, "%.*s%s%s", (int)(gap - form), form, object, gap + 2);
}

static const char *before_op(const struct weir_view *v, size_t edge) {
  const struct weir_finding *f = v->f;
  size_t n = f->cycle_count;
  const struct weir_goroutine *g =
      weir_finding_goroutine(f, f->cycle[(edge + n - 1) % n].goroutine);
  return g ? g->op : "";
}

// Writes what the one before only reads, and has nothing of it yet: that one comes after it.
bool weir_view_is_turn(const struct weir_view *v, size_t edge) {
  const struct weir_finding *f = v->f;
  if (!weir_view_is_lock_order(v) || edge >= f->cycle_count ||
      strcmp(before_op(v, edge), "sync.RWMutex.RLock"))
    return false;
  const struct weir_cycle_edge *own = &f->cycle[edge];
  const struct weir_goroutine *g = weir_finding_goroutine(f, own->goroutine);
  bool same = own->object == f->cycle[(edge + f->cycle_count - 1) % f->cycle_count].object;
  return g && same && !strcmp(g->op, "sync.RWMutex.Lock");
}

bool weir_view_serves(const struct weir_view *v, size_t edge) {
  const char *op = before_op(v, edge);
  if (!weir_view_is_lock_order(v)) return false;
  return !strncmp(op, "chan ", 5) || strstr(op, "WaitGroup") || weir_view_is_turn(v, edge);
}

const char *weir_view_has(struct weir_view *v, size_t edge, int object) {
  const char *name = weir_view_object(v, object), *op = before_op(v, edge);
  if (!weir_view_serves(v, edge)) return name;
  const char *how = !strcmp(op, "chan receive")  ? "to send on"
                    : !strcmp(op, "chan send")   ? "to receive from"
                    : weir_view_is_turn(v, edge) ? "to write"
                                                 : "to be done with";
  return weir_arena_printf(&v->arena, "%s %s", how, name);
}

static size_t edge_of(const struct weir_view *v, const struct weir_goroutine *g) {
  size_t i = 0;
  while (i < v->f->cycle_count && v->f->cycle[i].goroutine != g->id)
    i++;
  return i;
}

bool weir_view_is_serving(const struct weir_view *v, const struct weir_goroutine *g) {
  size_t edge = edge_of(v, g);
  return edge < v->f->cycle_count && weir_view_serves(v, edge);
}

const char *weir_view_held(struct weir_view *v, const struct weir_goroutine *g, int object) {
  if (weir_view_is_serving(v, g))
    return weir_arena_printf(&v->arena, "still has %s", weir_view_has(v, edge_of(v, g), object));
  return weir_arena_printf(&v->arena, "holds %s", weir_view_object_of(v, g, object));
}

// Steps of those who hold nothing yet are left out.
size_t weir_view_schedule(struct weir_view *v, struct weir_schedule_row **rows) {
  const struct weir_finding *f = v->f;
  size_t n = f->cycle_count, count = 0;
  if (!weir_view_is_lock_order(v) || !n) return 0;
  *rows = WEIR_ARENA_ARRAY(&v->arena, struct weir_schedule_row, 2 * n);
  for (size_t i = 0; i < n; i++) {
    struct weir_cycle_row row = weir_view_cycle_row(v, i);
    if (weir_view_serves(v, i)) continue;
    const char *does = weir_arena_printf(&v->arena, "takes %s", row.holds);
    (*rows)[count++] = (struct weir_schedule_row){row.who, does, row.holds_at};
  }
  for (size_t i = 0; i < n; i++) {
    size_t next = (i + 1) % n;
    struct weir_cycle_row row = weir_view_cycle_row(v, i), other = weir_view_cycle_row(v, next);
    const char *how = weir_view_is_turn(v, next)  ? "comes first to write"
                      : weir_view_serves(v, next) ? "has yet to serve"
                                                  : "has";
    const char *does =
        weir_arena_printf(&v->arena, "wants %s, which %s %s", row.waits, other.who, how);
    (*rows)[count++] = (struct weir_schedule_row){row.who, does, row.waits_at};
  }
  return count;
}
