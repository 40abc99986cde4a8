// SPDX-License-Identifier: Apache-2.0
//
// The same members that the runtime writes (docs/design/findings.md), so that everything which
// reads its records reads these.
#include "target/record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct record {
  struct weir_target *t;
  const struct weir_seen *seen;
  int *number; // of each object of `seen` in this record, -1: not in it
  size_t objects;
  json_t *list; // of objects
};

static json_t *text(const char *s) {
  json_t *o = json_string(s);
  if (o) return o;
  struct weir_buf b = {0}; // not UTF-8: what memory holds may be anything
  for (; *s; s++)
    weir_buf_addn(&b, (unsigned char)*s < 0x80 ? s : "?", 1);
  o = json_string(b.data ? b.data : "");
  weir_buf_free(&b);
  return o;
}

static void put(json_t *o, const char *key, json_t *value) {
  json_object_set_new(o, key, value);
}

static json_t *address_of(uint64_t address) {
  return json_sprintf("0x%llx", (unsigned long long)address);
}

static json_t *frame(const struct record *r, uint64_t pc) {
  int m = weir_target_module_of(r->t, pc - 1);
  if (m < 0) return json_pack("{s:o}", "address", address_of(pc));
  uint64_t offset = pc - weir_target_module(r->t, (size_t)m)->base;
  return json_pack("{s:i,s:I}", "module", m, "offset", (json_int_t)offset);
}

static json_t *stack(const struct record *r, const uint64_t *pcs, size_t n) {
  json_t *all = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(all, frame(r, pcs[i]));
  return all;
}

// --- objects -----------------------------------------------------------------------------

static void put_number(json_t *o, const char *key, int64_t n) {
  if (n >= 0) put(o, key, json_integer(n));
}

static void put_id(json_t *o, const char *key, uint64_t id) {
  if (id) put(o, key, json_integer((json_int_t)id));
}

static json_t *object(const struct record *r, const struct weir_seen_object *s) {
  json_t *o = json_object();
  put(o, "kind", text(s->kind));
  put(o, "name", text(s->site.name));
  put(o, "address", address_of(s->address));
  if (s->site.line)
    put(o, "site",
        json_pack("{s:o,s:o,s:i}", "func", text(s->site.func), "file", text(s->site.file), "line",
                  (int)s->site.line));
  if (s->len != INT64_MIN) put(o, "len", json_integer(s->len));
  put_number(o, "cap", s->cap);
  put_number(o, "elem_size", s->elem_size);
  if (!strcmp(s->kind, "channel") && !s->nil) put(o, "closed", json_boolean(s->closed));
  put_id(o, "closed_by", s->closed_by);
  if (s->closed_at) put(o, "closed_at", frame(r, s->closed_at));
  put_id(o, "last_sender", s->last_sender);
  put_id(o, "last_receiver", s->last_receiver);
  put_id(o, "owner", s->owner);
  if (s->owner_at) put(o, "owner_at", frame(r, s->owner_at));
  return o;
}

static int number_of(struct record *r, int object_of_seen) {
  int *n = &r->number[object_of_seen];
  if (*n < 0) {
    *n = (int)r->objects++;
    json_array_append_new(r->list, object(r, &r->seen->objects[object_of_seen]));
  }
  return *n;
}

// --- goroutines ------------------------------------------------------------------------------

static json_t *labels(const char *all) {
  json_t *o = json_object();
  for (; *all; all += strlen(all) + 1) {
    const char *equals = strchr(all, '=');
    char key[64];
    if (!equals) break;
    snprintf(key, sizeof key, "%.*s", (int)(equals - all), all);
    json_object_set_new(o, key, text(equals + 1));
  }
  return o;
}

static void put_uses(struct record *r, json_t *g, const struct weir_seen_goroutine *s) {
  json_t *waits = json_array(), *holds = json_array();
  for (size_t i = 0; i < s->wait_count; i++)
    json_array_append_new(waits, json_pack("{s:o,s:i}", "op", text(s->waits[i].op), "object",
                                           number_of(r, s->waits[i].object)));
  for (size_t i = 0; i < s->hold_count; i++)
    json_array_append_new(holds, json_pack("{s:i,s:o}", "object", number_of(r, s->holds[i].object),
                                           "at", frame(r, s->holds[i].pc)));
  if (json_array_size(waits)) json_object_set(g, "waits", waits);
  if (json_array_size(holds)) json_object_set(g, "holds", holds);
  json_decref(waits);
  json_decref(holds);
}

static json_t *goroutine(struct record *r, const struct weir_seen_goroutine *s) {
  static const char *const states[] = {"finished", "runnable", "running", "waiting"};
  json_t *g = json_object();
  put(g, "id", json_integer((json_int_t)s->id));
  put(g, "name", text(s->name));
  put(g, "state", json_string(states[s->state]));
  if (*s->op) put(g, "op", text(s->op));
  put_number(g, "since_ns", s->since_ns);
  put(g, "count", json_integer(1));
  if (s->thread) put(g, "thread", json_true());
  if (*s->labels) put(g, "labels", labels(s->labels));
  put_uses(r, g, s);
  put(g, "stack", stack(r, s->stack, s->frames));
  if (s->parent)
    put(g, "created_by",
        json_pack("{s:I,s:o}", "id", (json_int_t)s->parent, "stack",
                  stack(r, s->creation, s->creation_frames)));
  return g;
}

// --- the record --------------------------------------------------------------------------------

static json_t *modules(struct weir_target *t) {
  json_t *all = json_array();
  for (size_t i = 0; i < weir_target_modules(t); i++) {
    const struct weir_target_module *m = weir_target_module(t, i);
    json_array_append_new(all, json_pack("{s:o,s:s,s:o}", "path", text(m->path), "build_id",
                                         m->build_id, "base", address_of(m->base)));
  }
  return all;
}

static json_t *now(void) {
  char s[64];
  time_t t = time(NULL);
  struct tm utc;
  gmtime_r(&t, &utc);
  strftime(s, sizeof s, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
  return json_string(s);
}

json_t *weir_seen_record(struct weir_target *t, const struct weir_seen *seen, const char *id,
                         const char *certainty, const char *message,
                         const struct weir_seen_goroutine *const *goroutines, size_t count,
                         const struct weir_seen_edge *cycle, size_t cycle_count) {
  static int seq;
  struct record r = {.t = t, .seen = seen, .list = json_array()};
  struct weir_arena arena = {0};
  r.number = WEIR_ARENA_ARRAY(&arena, int, seen->object_count + 1);
  memset(r.number, -1, seen->object_count * sizeof *r.number);
  json_t *all = json_array(), *edges = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(all, goroutine(&r, goroutines[i]));
  for (size_t i = 0; i < cycle_count; i++)
    json_array_append_new(edges,
                          json_pack("{s:I,s:i}", "goroutine", (json_int_t)cycle[i].goroutine->id,
                                    "object", number_of(&r, cycle[i].object)));
  const char *exe = weir_target_program(t);
  json_t *o =
      json_pack("{s:s,s:s,s:s,s:s,s:i,s:i,s:o,s:{s:o,s:[o],s:s},s:o,s:o,s:o,s:{s:[],s:s},s:n}",
                "schema", "weir.finding/1", "id", id, "certainty", certainty, "message", message,
                "pid", weir_target_pid(t), "seq", ++seq, "time", now(), "program", "exe", text(exe),
                "argv", text(exe), "cwd", "/", "goroutines", all, "objects", r.list, "modules",
                modules(t), "reproduce", "argv", "options", "", "trace");
  if (cycle_count) json_object_set(o, "cycle", edges);
  json_decref(edges);
  weir_arena_free(&arena);
  return o;
}

void weir_seen_record_signal(struct weir_target *t, const struct weir_seen *seen, json_t *record) {
  struct record r = {.t = t};
  int tid, signal = weir_target_signal(t, &tid);
  for (size_t i = 0; i < seen->count && signal; i++) {
    const struct weir_seen_goroutine *g = &seen->goroutines[i];
    if (g->tid != tid || !g->frames) continue;
    put(record, "other",
        json_pack("{s:I,s:o,s:o}", "goroutine", (json_int_t)g->id, "what",
                  json_sprintf("ended by signal %d (%s) in", signal, strsignal(signal)), "at",
                  frame(&r, g->stack[0])));
  }
}
