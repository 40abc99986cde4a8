// SPDX-License-Identifier: Apache-2.0
//
// The last events of the goroutines of a finding, as lanes: who started, sent, took, waited and was
// woken, and at the end who still waits, which is where an arrow is missing. Goroutines of the
// finding come first in the order of the record, then those that they met; those without room are
// left out, with all that they did. Of many events the last ones are shown.
#include <stdlib.h>
#include <string.h>

#include "render/lanes.h"
#include "render/picture.h"

enum { STILL_ROWS = WEIR_LANES_MAX }; // kept free for who still waits

static const char *when(struct weir_view *v, int64_t ns) {
  double us = (double)-ns / 1e3;
  if (us < 0.05) return "0";
  if (us < 1000) return weir_arena_printf(&v->arena, "-%.*f \xc2\xb5s", us < 10, us);
  if (us < 1e6) return weir_arena_printf(&v->arena, "-%.*f ms", us < 1e4, us / 1e3);
  return weir_arena_printf(&v->arena, "-%.1f s", us / 1e6);
}

static const char *object_of(struct weir_view *v, const struct weir_event *e) {
  return e->object >= 0 ? weir_view_object(v, e->object) : e->name;
}

static bool sleeps(struct weir_view *v, const struct weir_event *e) {
  return !strcmp(e->op, "sleep") || (e->object >= 0 && weir_view_is_sleep(v, e->object));
}

// "chan send" on results: "waits to send on results".
static const char *waits(struct weir_view *v, const struct weir_event *e) {
  const char *on = object_of(v, e);
  if (sleeps(v, e)) return "sleeps";
  bool send = strstr(e->op, "send"), receive = strstr(e->op, "receive");
  if (!*on && (send || receive)) return send ? "waits to send" : "waits to receive";
  if (!*on) return weir_arena_printf(&v->arena, "waits in %s", e->op);
  const char *form = send ? "to send on" : receive ? "to receive from" : "for";
  return weir_arena_printf(&v->arena, "waits %s %s", form, on);
}

static const char *what(struct weir_view *v, const struct weir_event *e) {
  const char *partner = e->partner ? weir_view_goroutine(v, e->partner) : "";
  const char *on = object_of(v, e);
  switch (e->kind) {
  case WEIR_EVENT_GO:
    return weir_arena_printf(&v->arena, "starts %s", *partner ? partner : "a goroutine");
  case WEIR_EVENT_START:
    return "begins";
  case WEIR_EVENT_BLOCK:
    return waits(v, e);
  case WEIR_EVENT_WAKE:
    return *partner ? weir_arena_printf(&v->arena, "is woken by %s", partner) : "is woken";
  case WEIR_EVENT_END:
    return "ends";
  default:
    // The record says "sent on channel"; a name with its kind makes that word superfluous.
    return weir_arena_printf(&v->arena, "%s%s%s", e->op, *on ? " " : "",
                             e->object >= 0 && *e->name ? e->name : on);
  }
}

static enum weir_lane_mark mark(enum weir_event_kind kind) {
  static const enum weir_lane_mark marks[] = {
      [WEIR_EVENT_GO] = WEIR_MARK_DOT,    [WEIR_EVENT_START] = WEIR_MARK_BEGIN,
      [WEIR_EVENT_CALL] = WEIR_MARK_DOT,  [WEIR_EVENT_BLOCK] = WEIR_MARK_BLOCK,
      [WEIR_EVENT_WAKE] = WEIR_MARK_WAKE, [WEIR_EVENT_END] = WEIR_MARK_END,
  };
  return marks[kind];
}

static int by_id(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static void add_lanes(const struct weir_finding *f, struct weir_lanes *l, size_t first) {
  for (size_t i = first; i < f->event_count; i++)
    if (weir_finding_goroutine(f, f->events[i].goroutine))
      weir_lanes_lane(l, f->events[i].goroutine);
  for (size_t i = first; i < f->event_count; i++)
    weir_lanes_lane(l, f->events[i].goroutine);
  qsort(l->lane, (size_t)l->lanes, sizeof *l->lane, by_id);
}

static void add_event(struct weir_view *v, struct weir_lanes *l, size_t event, int *row_of) {
  const struct weir_event *e = &v->f->events[event];
  int lane = weir_lanes_find(l, e->goroutine);
  row_of[event] = -1;
  if (lane < 0) return;
  row_of[event] =
      weir_lanes_row(l, (struct weir_lane_row){.lane = lane,
                                               .mark = mark(e->kind),
                                               .starts = -1,
                                               .from = e->from < 0 ? -1 : row_of[e->from],
                                               .when = when(v, e->ns),
                                               .what = what(v, e),
                                               .at = weir_view_at(v, &e->at)});
}

// The last event of the lane, if it is the begin of a wait.
static const struct weir_event *last_wait(const struct weir_finding *f, uint64_t id) {
  for (size_t i = f->event_count; i-- > 0;)
    if (f->events[i].goroutine == id)
      return f->events[i].kind == WEIR_EVENT_BLOCK ? &f->events[i] : NULL;
  return NULL;
}

static void add_still(struct weir_view *v, struct weir_lanes *l, int lane) {
  const struct weir_event *e = last_wait(v->f, l->lane[lane]);
  if (!e) return;
  const char *on = object_of(v, e);
  weir_lanes_row(l, (struct weir_lane_row){
                        .lane = lane,
                        .mark = WEIR_MARK_FAULT,
                        .starts = -1,
                        .from = -1,
                        .when = "0",
                        .what = sleeps(v, e) ? "still sleeps"
                                : *on ? weir_arena_printf(&v->arena, "still waits for %s", on)
                                      : "still waits",
                        .at = ""});
}

bool weir_picture_events(struct weir_view *v, size_t number, struct weir_buf *out) {
  const struct weir_finding *f = v->f;
  size_t most = WEIR_LANE_ROWS_MAX - STILL_ROWS, n = f->event_count,
         first = n > most ? n - most : 0;
  if (!n) return false;
  struct weir_lanes *l = weir_lanes_new(v, "What the goroutines did last");
  int *row_of = WEIR_ARENA_ARRAY(&v->arena, int, n);
  l->timed = true;
  memset(row_of, -1, n * sizeof *row_of);
  add_lanes(f, l, first);
  for (size_t i = first; i < n; i++)
    add_event(v, l, i, row_of);
  for (int i = 0; i < l->lanes; i++)
    add_still(v, l, i);
  if (!l->lanes) return false;
  weir_lanes_draw(v, l, number, out);
  return true;
}
