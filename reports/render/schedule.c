// SPDX-License-Identifier: Apache-2.0
//
// Of a deadlock that did not happen: the order of steps in which it would. First each goroutine of
// the cycle takes what it holds, then each wants what the next one has.
#include <string.h>

#include "render/view.h"

bool weir_view_is_predicted(const struct weir_view *v) {
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

size_t weir_view_schedule(struct weir_view *v, struct weir_schedule_row **rows) {
  const struct weir_finding *f = v->f;
  size_t n = f->cycle_count;
  if (!weir_view_is_predicted(v) || !n) return 0;
  *rows = WEIR_ARENA_ARRAY(&v->arena, struct weir_schedule_row, 2 * n);
  for (size_t i = 0; i < n; i++) {
    struct weir_cycle_row row = weir_view_cycle_row(v, i),
                          next = weir_view_cycle_row(v, (i + 1) % n);
    (*rows)[i] = (struct weir_schedule_row){
        row.who, weir_arena_printf(&v->arena, "takes %s", row.holds), row.holds_at};
    (*rows)[n + i] = (struct weir_schedule_row){
        row.who, weir_arena_printf(&v->arena, "wants %s, which %s has", row.waits, next.who),
        row.waits_at};
  }
  return 2 * n;
}
