// SPDX-License-Identifier: Apache-2.0
//
// What the goroutines of a finding did last, as a few rows of text: only what they did to each
// other's objects (not that they wait, which the report says anyhow), and only where the question
// is how it came to the wait. The page draws all of it (lanes_events.c).
#include <string.h>

#include "render/view.h"

static bool is_about_waiting(const struct weir_finding *f) {
  return !strcmp(f->id, "deadlock") || !strcmp(f->id, "partial-deadlock") ||
         !strcmp(f->id, "stuck-goroutine");
}

static const char *how_long(struct weir_view *v, int64_t ns) {
  double us = (double)ns / 1e3;
  if (us < 1e3) return weir_arena_printf(&v->arena, "%.*f us", us < 10, us);
  if (us < 1e6) return weir_arena_printf(&v->arena, "%.*f ms", us < 1e4, us / 1e3);
  return weir_arena_printf(&v->arena, "%.1f s", us / 1e6);
}

// "sent on channel results": the object's own phrase begins with its kind.
static const char *did(struct weir_view *v, const struct weir_event *e) {
  const char *name = *e->name == '&' ? e->name + 1 : e->name;
  const char *on = e->object >= 0 ? weir_view_object(v, e->object) : name;
  const char *kind = e->object >= 0 ? v->f->objects[e->object].kind : "";
  size_t n = strlen(kind), op = strlen(e->op);
  bool twice =
      n && op > n && !strcmp(e->op + op - n, kind) && !strncmp(on, kind, n) && on[n] == ' ';
  return weir_arena_printf(&v->arena, "%s%s%s", e->op, *on ? " " : "", twice ? on + n + 1 : on);
}

// Of a lock that the report is about it says itself who took it, and where.
static bool is_news(const struct weir_event *e) {
  bool locks = !strcmp(e->op, "locked") || !strcmp(e->op, "read-locked");
  return e->kind == WEIR_EVENT_CALL && e->goroutine && !(locks && e->object >= 0);
}

size_t weir_view_last(struct weir_view *v, struct weir_last_row rows[WEIR_LAST_ROWS]) {
  const struct weir_finding *f = v->f;
  size_t n = 0, first = f->event_count;
  if (!is_about_waiting(f)) return 0;
  for (; first > 0 && n < WEIR_LAST_ROWS; first--)
    n += is_news(&f->events[first - 1]);
  n = 0;
  for (size_t i = first; i < f->event_count; i++) {
    const struct weir_event *e = &f->events[i];
    if (!is_news(e)) continue;
    rows[n++] = (struct weir_last_row){how_long(v, -e->ns), weir_view_goroutine(v, e->goroutine),
                                       did(v, e), weir_view_at(v, &e->at)};
  }
  return n;
}
