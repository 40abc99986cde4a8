// SPDX-License-Identifier: Apache-2.0
//
// The parts of a finding as JSON. Where a part has rows of texts, a row is a list of keys and texts
// (ROW), and a text that is empty is left out; so are lists without anything in them.
#include "render/html_view.h"

#include <stdlib.h>
#include <string.h>

#include "render/source.h"

enum { CONTEXT = 3, GROUPS_MAX = 500, IDS_MAX = 100, OBJECTS_MAX = 200, FRAMES_MAX = 64 };

static void put(json_t *o, const char *key, const char *s) {
  if (s && *s) json_object_set_new(o, key, json_string(s));
}

static void put_list(json_t *o, const char *key, json_t *list) {
  if (json_array_size(list)) json_object_set(o, key, list);
  json_decref(list);
}

struct field {
  const char *key, *text;
};

static json_t *row_of(const struct field *fields, size_t n) {
  json_t *o = json_object();
  for (size_t i = 0; i < n; i++)
    put(o, fields[i].key, fields[i].text);
  return o;
}
#define ROW(...)                              \
  row_of((const struct field[]){__VA_ARGS__}, \
         sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field))

// --- stacks ----------------------------------------------------------------------------------

static json_t *lines_around(const char *file, int line) {
  json_t *lines = json_array();
  for (int n = line - CONTEXT; n <= line + CONTEXT; n++) {
    char *text = weir_source_line(file, n, NULL);
    json_t *one = text ? json_pack("[i,s]", n, text) : NULL; // NULL too if not UTF-8
    if (one) json_array_append_new(lines, one);
    free(text);
  }
  return lines;
}

// Of a place without a source the number is kept as well, -1.
static json_int_t excerpt_number(struct weir_view *v, struct weir_excerpts *e,
                                 const struct weir_frame *frame) {
  const char *key = weir_arena_printf(&v->arena, "%s:%d", frame->file, frame->line);
  const json_t *known = json_object_get(e->number, key);
  if (known) return json_integer_value(known);
  json_t *lines = lines_around(frame->file, frame->line);
  json_int_t number = json_array_size(lines) ? (json_int_t)json_array_size(e->all) : -1;
  if (number >= 0) json_array_append(e->all, lines);
  json_decref(lines);
  json_object_set_new(e->number, key, json_integer(number));
  return number;
}

static json_t *frame_of(struct weir_view *v, struct weir_excerpts *e,
                        const struct weir_frame *frame) {
  json_t *o =
      ROW({"function", weir_view_function(v, frame)}, {"source", weir_view_source(v, frame)});
  json_int_t excerpt = excerpt_number(v, e, frame);
  if (frame->line) json_object_set_new(o, "line", json_integer(frame->line));
  if (frame->inlined) json_object_set_new(o, "inlined", json_true());
  if (excerpt >= 0) json_object_set_new(o, "excerpt", json_integer(excerpt));
  return o;
}

static json_t *stack_of(struct weir_view *v, struct weir_excerpts *e, const struct weir_stack *s) {
  json_t *frames = json_array();
  for (size_t i = 0; i < s->count && json_array_size(frames) < FRAMES_MAX; i++)
    if (!s->frames[i].hidden) json_array_append_new(frames, frame_of(v, e, &s->frames[i]));
  return frames;
}

// --- who waits for whom ------------------------------------------------------------------------

static json_t *cycle_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->cycle_count; i++) {
    struct weir_cycle_row r = weir_view_cycle_row(v, i);
    json_array_append_new(all, ROW({"who", r.who}, {"holds", r.holds}, {"holds_at", r.holds_at},
                                   {"waits", r.waits}, {"waits_at", r.waits_at}));
  }
  return all;
}

static json_t *wait_for_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->wait_for_count; i++) {
    struct weir_wait_row r = weir_view_wait_row(v, i);
    json_array_append_new(all, ROW({"who", r.who}, {"waits", r.waits}, {"waits_at", r.waits_at},
                                   {"by", r.by}, {"by_at", r.by_at}));
  }
  return all;
}

static json_t *schedule_of(struct weir_view *v) {
  struct weir_schedule_row *rows;
  size_t n = weir_view_schedule(v, &rows);
  json_t *all = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(all,
                          ROW({"who", rows[i].who}, {"does", rows[i].does}, {"at", rows[i].at}));
  return all;
}

// --- races -------------------------------------------------------------------------------------

static json_t *accesses_of(struct weir_view *v, struct weir_excerpts *e) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->access_count; i++) {
    const struct weir_access *a = &v->f->accesses[i];
    json_t *o =
        ROW({"what", weir_view_access(v, a, i > 0)}, {"who", weir_view_goroutine(v, a->goroutine)},
            {"locks", weir_view_locks(v, a->holds, a->hold_count)});
    json_object_set_new(o, "stack", stack_of(v, e, &a->stack));
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *order_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->order_count; i++) {
    const char *lines[2 * WEIR_HOPS_MAX];
    size_t n = weir_view_order(v, &v->f->order[i], lines);
    json_t *o = ROW({"head", weir_view_order_head(v, &v->f->order[i])}), *steps = json_array();
    for (size_t j = 0; j < n; j++)
      json_array_append_new(steps, json_string(lines[j]));
    json_object_set_new(o, "steps", steps);
    json_array_append_new(all, o);
  }
  return all;
}

// Of a check of the source.
static json_t *source_places_of(struct weir_view *v, struct weir_excerpts *e) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->place_count; i++) {
    json_t *o = ROW({"what", v->f->places[i].what});
    json_object_set_new(o, "stack", stack_of(v, e, &v->f->places[i].at));
    json_array_append_new(all, o);
  }
  return all;
}

static void put_places(json_t *o, struct weir_view *v, struct weir_excerpts *e) {
  const struct weir_finding *f = v->f;
  const char *detail = weir_view_location_detail(v);
  put(o, "location", detail);
  if (*detail) put_list(o, "location_stack", stack_of(v, e, &f->location.stack));
  if (!*f->other.what || !weir_stack_top(&f->other.at)) return;
  put(o, "other", weir_view_other(v));
  put_list(o, "other_stack", stack_of(v, e, &f->other.at));
}

// --- goroutines and objects ----------------------------------------------------------------------

static json_t *holds_of(struct weir_view *v, struct weir_excerpts *e,
                        const struct weir_goroutine *g) {
  json_t *all = json_array();
  for (size_t i = 0; i < g->hold_count; i++) {
    const struct weir_hold *h = &g->holds[i];
    json_t *o = ROW({"held", weir_view_held(v, g, h->object)}, {"at", weir_view_at(v, &h->at)});
    put_list(o, "stack", stack_of(v, e, &h->stack));
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *ids_of(const struct weir_group *group) {
  json_t *ids = json_array();
  for (size_t i = 0; i < group->id_count && i < IDS_MAX; i++)
    json_array_append_new(ids, json_integer((json_int_t)group->ids[i]));
  return ids;
}

static json_t *group_of(struct weir_view *v, struct weir_excerpts *e,
                        const struct weir_group *group) {
  const struct weir_goroutine *g = group->first;
  const struct weir_frame *created = weir_stack_top(&g->creation);
  json_t *o = ROW({"header", weir_view_header(v, g)}, {"name", weir_view_name(v, g)},
                  {"labels", g->labels});
  json_object_set_new(o, "count", json_integer((json_int_t)group->count));
  json_object_set_new(o, "ids", ids_of(group));
  put_list(o, "stack", stack_of(v, e, &g->stack));
  if (created) json_object_set_new(o, "created", frame_of(v, e, created));
  if (g->parent) json_object_set_new(o, "parent", json_integer((json_int_t)g->parent));
  if (*g->op || !strcmp(g->state, "waiting")) put(o, "waiting", weir_view_waiting(v, g));
  if (g->since_ns >= 1000000) put(o, "since", weir_view_duration(v, g->since_ns));
  put_list(o, "holds", holds_of(v, e, g));
  return o;
}

static json_t *groups_of(struct weir_view *v, struct weir_excerpts *e) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->group_count && i < GROUPS_MAX; i++)
    json_array_append_new(all, group_of(v, e, &v->groups[i]));
  return all;
}

static json_t *objects_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->object_count && i < OBJECTS_MAX; i++)
    json_array_append_new(all, ROW({"name", weir_view_object(v, (int)i)},
                                   {"state", weir_view_object_state(v, (int)i)}));
  return all;
}

json_t *weir_html_finding(struct weir_view *v, struct weir_excerpts *e) {
  const struct weir_finding *f = v->f;
  json_t *o = ROW({"id", f->id}, {"title", weir_view_title(v)}, {"certainty", f->certainty},
                  {"answer", weir_view_answer(v)}, {"place", weir_view_place(v)},
                  {"fingerprint", f->fingerprint}, {"time", f->time}, {"program", f->exe},
                  {"reproduce", weir_view_reproduce(v)}, {"suppressed", f->suppressed});
  json_object_set_new(o, "seen", json_integer((json_int_t)f->seen));
  json_object_set_new(o, "pid", json_integer(f->pid));
  put_list(o, "places", source_places_of(v, e));
  put_list(o, "cycle", cycle_of(v));
  put_list(o, "wait_for", wait_for_of(v));
  put_list(o, "schedule", schedule_of(v));
  put_list(o, "accesses", accesses_of(v, e));
  if (f->access_count) put(o, "pair", weir_view_pair(v));
  put_list(o, "order", order_of(v));
  put_places(o, v, e);
  put_list(o, "groups", groups_of(v, e));
  if (v->group_count > GROUPS_MAX)
    json_object_set_new(o, "groups_left", json_integer((json_int_t)(v->group_count - GROUPS_MAX)));
  put_list(o, "objects", objects_of(v));
  return o;
}
