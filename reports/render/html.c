// SPDX-License-Identifier: Apache-2.0
//
// The page: a template with the style, the script and the findings put in. The
// findings travel as JSON in a script element of a type that browsers do not run, with
// every < written \u003c, and the script builds the page with text nodes only: so
// no name, however odd, can become markup. What a reader without scripts gets is the
// text of each report, escaped.
//
// The JSON here is a view (labels, excerpts), made by the same functions as the text,
// not the record: `weir report json` gives that.
#include <stdlib.h>
#include <string.h>

#include "render/html_assets.h"
#include "render/render.h"
#include "render/source.h"
#include "render/view.h"
#include "render/xml.h"

enum { CONTEXT = 3, GROUPS_MAX = 500, OBJECTS_MAX = 200, FRAMES_MAX = 64 };

static void put(json_t *o, const char *key, const char *s) {
  if (s && *s) json_object_set_new(o, key, json_string(s));
}

static json_t *excerpt_of(const struct weir_frame *frame) {
  json_t *lines = json_array();
  for (int n = frame->line - CONTEXT; n <= frame->line + CONTEXT; n++) {
    char *line = weir_source_line(frame->file, n, NULL);
    json_t *one = line ? json_pack("[i,s]", n, line) : NULL; // NULL too if not UTF-8
    if (one) json_array_append_new(lines, one);
    free(line);
  }
  return lines;
}

static json_t *frame_of(struct weir_view *v, const struct weir_frame *frame) {
  json_t *o = json_object();
  put(o, "function", weir_view_function(v, frame));
  put(o, "source", weir_view_source(v, frame));
  json_object_set_new(o, "line", json_integer(frame->line));
  if (frame->inlined) json_object_set_new(o, "inlined", json_true());
  json_t *excerpt = excerpt_of(frame);
  if (json_array_size(excerpt)) json_object_set(o, "excerpt", excerpt);
  json_decref(excerpt);
  return o;
}

static json_t *stack_of(struct weir_view *v, const struct weir_stack *s) {
  json_t *frames = json_array();
  for (size_t i = 0; i < s->count && json_array_size(frames) < FRAMES_MAX; i++)
    if (!s->frames[i].hidden) json_array_append_new(frames, frame_of(v, &s->frames[i]));
  return frames;
}

static json_t *accesses_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->access_count; i++) {
    const struct weir_access *a = &v->f->accesses[i];
    json_t *o = json_object();
    put(o, "what", weir_view_access(v, a, i > 0));
    put(o, "who", weir_view_goroutine(v, a->goroutine));
    put(o, "locks", weir_view_locks(v, a->holds, a->hold_count));
    json_object_set_new(o, "stack", stack_of(v, &a->stack));
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *order_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->order_count; i++) {
    const char *lines[2 * WEIR_HOPS_MAX];
    size_t n = weir_view_order(v, &v->f->order[i], lines);
    json_t *o = json_object(), *steps = json_array();
    put(o, "head", weir_view_order_head(v, &v->f->order[i]));
    for (size_t j = 0; j < n; j++)
      json_array_append_new(steps, json_string(lines[j]));
    json_object_set_new(o, "steps", steps);
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *cycle_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->cycle_count; i++) {
    struct weir_cycle_row row = weir_view_cycle_row(v, i);
    json_t *o = json_object();
    put(o, "who", row.who);
    put(o, "holds", row.holds);
    put(o, "holds_at", row.holds_at);
    put(o, "waits", row.waits);
    put(o, "waits_at", row.waits_at);
    put(o, "link", row.link);
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *wait_for_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->wait_for_count; i++) {
    struct weir_wait_row row = weir_view_wait_row(v, i);
    json_t *o = json_object();
    put(o, "who", row.who);
    put(o, "waits", row.waits);
    put(o, "waits_at", row.waits_at);
    put(o, "by", row.by);
    put(o, "by_at", row.by_at);
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *schedule_of(struct weir_view *v) {
  struct weir_schedule_row *rows;
  size_t n = weir_view_schedule(v, &rows);
  json_t *all = json_array();
  for (size_t i = 0; i < n; i++) {
    json_t *o = json_object();
    put(o, "who", rows[i].who);
    put(o, "does", rows[i].does);
    put(o, "at", rows[i].at);
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *holds_of(struct weir_view *v, const struct weir_goroutine *g) {
  json_t *all = json_array();
  for (size_t i = 0; i < g->hold_count; i++) {
    json_t *o = json_object();
    put(o, "held", weir_view_held(v, g, g->holds[i].object));
    put(o, "at", weir_view_at(v, &g->holds[i].at));
    if (g->holds[i].stack.count) json_object_set_new(o, "stack", stack_of(v, &g->holds[i].stack));
    json_array_append_new(all, o);
  }
  return all;
}

static json_t *group_of(struct weir_view *v, const struct weir_group *group) {
  const struct weir_goroutine *g = group->first;
  const struct weir_frame *created = weir_stack_top(&g->creation);
  json_t *o = json_object(), *ids = json_array();
  for (size_t i = 0; i < group->id_count && i < 100; i++)
    json_array_append_new(ids, json_integer((json_int_t)group->ids[i]));
  put(o, "header", weir_view_header(v, g));
  put(o, "name", weir_view_name(v, g));
  put(o, "labels", g->labels);
  json_object_set_new(o, "count", json_integer((json_int_t)group->count));
  json_object_set_new(o, "ids", ids);
  json_object_set_new(o, "stack", stack_of(v, &g->stack));
  if (created) json_object_set_new(o, "created", frame_of(v, created));
  json_object_set_new(o, "parent", json_integer((json_int_t)g->parent));
  if (*g->op || !strcmp(g->state, "waiting")) put(o, "waiting", weir_view_waiting(v, g));
  if (g->since_ns >= 1000000) put(o, "since", weir_view_duration(v, g->since_ns));
  json_object_set_new(o, "holds", holds_of(v, g));
  return o;
}

static json_t *groups_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->group_count && i < GROUPS_MAX; i++)
    json_array_append_new(all, group_of(v, &v->groups[i]));
  return all;
}

static json_t *objects_of(struct weir_view *v) {
  json_t *all = json_array();
  for (size_t i = 0; i < v->f->object_count && i < OBJECTS_MAX; i++) {
    json_t *o = json_object();
    put(o, "name", weir_view_object(v, (int)i));
    put(o, "state", weir_view_object_state(v, (int)i));
    json_array_append_new(all, o);
  }
  return all;
}

static void put_place(json_t *o, struct weir_view *v) {
  const struct weir_finding *f = v->f;
  const char *detail = weir_view_location_detail(v);
  if (*detail) {
    put(o, "location", detail);
    json_object_set_new(o, "location_stack", stack_of(v, &f->location.stack));
  }
  if (*f->other.what && weir_stack_top(&f->other.at)) {
    put(o, "other", weir_view_other(v));
    json_object_set_new(o, "other_stack", stack_of(v, &f->other.at));
  }
}

static json_t *finding_of(const struct weir_finding *f) {
  struct weir_view *v = weir_view_new(f);
  struct weir_buf text = {0};
  json_t *o = json_object();
  weir_render_text(f, false, &text);
  put(o, "id", f->id);
  put(o, "title", weir_view_title(v));
  put(o, "certainty", f->certainty);
  put(o, "answer", weir_view_answer(v));
  put(o, "place", weir_view_place(v));
  put(o, "fingerprint", f->fingerprint);
  put(o, "time", f->time);
  put(o, "program", f->exe);
  put(o, "reproduce", weir_view_reproduce(v));
  put(o, "text", text.data);
  if (*f->suppressed) json_object_set_new(o, "suppressed", json_string(f->suppressed));
  json_object_set_new(o, "seen", json_integer((json_int_t)f->seen));
  json_object_set_new(o, "pid", json_integer(f->pid));
  json_object_set_new(o, "accesses", accesses_of(v));
  put(o, "pair", weir_view_pair(v));
  json_object_set_new(o, "order", order_of(v));
  json_object_set_new(o, "cycle", cycle_of(v));
  json_object_set_new(o, "schedule", schedule_of(v));
  json_object_set_new(o, "wait_for", wait_for_of(v));
  json_object_set_new(o, "groups", groups_of(v));
  json_object_set_new(
      o, "groups_left",
      json_integer(v->group_count > GROUPS_MAX ? (json_int_t)(v->group_count - GROUPS_MAX) : 0));
  json_object_set_new(o, "objects", objects_of(v));
  put_place(o, v);
  weir_buf_free(&text);
  weir_view_free(v);
  return o;
}

static void add_data(const struct weir_collection *all, const char *source, struct weir_buf *out) {
  json_t *page = json_object(), *list = json_array();
  for (size_t i = 0; i < all->count; i++)
    json_array_append_new(list, finding_of(all->at[i]));
  put(page, "source", source);
  json_object_set_new(page, "findings", list);
  char *data = json_dumps(page, JSON_COMPACT);
  for (const char *c = data ? data : "{}"; *c; c++)
    if (*c == '<')
      weir_buf_add(out, "\\u003c");
    else
      weir_buf_addn(out, c, 1);
  free(data);
  json_decref(page);
}

static void add_plain(const struct weir_collection *all, struct weir_buf *out) {
  for (size_t i = 0; i < all->count; i++) {
    struct weir_buf text = {0};
    weir_render_text(all->at[i], false, &text);
    weir_buf_add(out, "<pre>");
    weir_xml_text(out, text.data);
    weir_buf_add(out, "</pre>\n");
    weir_buf_free(&text);
  }
}

void weir_render_html(const struct weir_collection *all, const char *source, struct weir_buf *out) {
  const char *rest = weir_html_page, *mark;
  while ((mark = strstr(rest, "<!--weir:"))) {
    const char *name = mark + strlen("<!--weir:"), *end = strstr(mark, "-->");
    weir_buf_addn(out, rest, (size_t)(mark - rest));
    if (!strncmp(name, "style", 5)) weir_buf_add(out, weir_html_style);
    if (!strncmp(name, "script", 6)) weir_buf_add(out, weir_html_script);
    if (!strncmp(name, "data", 4)) add_data(all, source, out);
    if (!strncmp(name, "plain", 5)) add_plain(all, out);
    rest = end + strlen("-->");
  }
  weir_buf_add(out, rest);
}
