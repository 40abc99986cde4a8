// SPDX-License-Identifier: Apache-2.0
//
// From the symbolized JSON record to the structs. Nothing in a record is trusted: a
// member of the wrong type counts as absent, an index out of range becomes -1,
// text that could drive a terminal is escaped. A record is refused only when its
// schema or its id is not ours; the rest may be as thin as it likes.
//
// Strings point into the JSON tree, which the finding keeps, or into its arena.
#include <stdlib.h>
#include <string.h>

#include "model/annotate.h"
#include "model/finding.h"

enum { ANCESTORS_MAX = 64 }; // the runtime writes fewer

static const char *safe_text(struct weir_finding *f, const json_t *value) {
  if (!json_is_string(value)) return "";
  const char *s = json_string_value(value);
  size_t n = json_string_length(value);
  if (weir_text_is_safe(s, n)) return s;
  struct weir_buf b = {0};
  weir_buf_add_safe(&b, s, n);
  char *copy = weir_arena_copy(&f->arena, b.data, b.len);
  weir_buf_free(&b);
  return copy;
}

static const char *text(struct weir_finding *f, const json_t *o, const char *key) {
  return safe_text(f, json_object_get(o, key));
}

static int64_t integer(const json_t *o, const char *key, int64_t absent) {
  const json_t *v = json_object_get(o, key);
  return json_is_integer(v) && json_integer_value(v) >= 0 ? json_integer_value(v) : absent;
}

static int64_t signed_integer(const json_t *o, const char *key, int64_t absent) {
  const json_t *v = json_object_get(o, key);
  return json_is_integer(v) ? json_integer_value(v) : absent;
}

static uint64_t number(const json_t *o, const char *key) {
  return (uint64_t)integer(o, key, 0);
}

static int small(const json_t *o, const char *key) {
  int64_t v = integer(o, key, 0);
  return v <= INT32_MAX ? (int)v : 0;
}

static uint64_t hex(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? strtoull(s, NULL, 16) : 0;
}

static int index_below(const json_t *v, size_t limit) {
  if (!json_is_integer(v)) return -1;
  json_int_t i = json_integer_value(v);
  return i >= 0 && (uint64_t)i < limit ? (int)i : -1;
}

static int object_index(struct weir_finding *f, const json_t *o, const char *key) {
  return index_below(json_object_get(o, key), f->object_count);
}

static bool is_libc(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  return !strncmp(name, "libc.so", 7) || !strncmp(name, "ld-linux", 8) || !strcmp(name, "[vdso]");
}

static void load_frame(struct weir_finding *f, const json_t *o, struct weir_frame *out) {
  out->module = index_below(json_object_get(o, "module"), f->module_count);
  out->offset = number(o, "offset");
  out->address = hex(o, "address");
  out->function = text(f, o, "function");
  out->file = text(f, o, "file");
  out->line = small(o, "line");
  out->column = small(o, "column");
  out->function_line = small(o, "function_line");
  out->inlined = json_is_true(json_object_get(o, "inlined"));
  out->hidden = json_is_true(json_object_get(o, "hidden"));
  out->libc = out->module >= 0 && is_libc(f->modules[out->module].path);
}

static struct weir_stack load_stack(struct weir_finding *f, const json_t *array) {
  struct weir_stack s = {0};
  size_t n = json_array_size(array);
  if (!n) return s;
  s.frames = WEIR_ARENA_ARRAY(&f->arena, struct weir_frame, n);
  for (size_t i = 0; i < n; i++)
    if (json_is_object(json_array_get(array, i)))
      load_frame(f, json_array_get(array, i), &s.frames[s.count++]);
  return s;
}

static struct weir_stack load_at(struct weir_finding *f, const json_t *o, const char *key) {
  struct weir_stack s = {0};
  const json_t *frame = json_object_get(o, key);
  if (!json_is_object(frame)) return s;
  s.frames = WEIR_ARENA_ARRAY(&f->arena, struct weir_frame, 1);
  s.count = 1;
  load_frame(f, frame, s.frames);
  s.frames[0].hidden = false;
  return s;
}

static struct weir_place load_place(struct weir_finding *f, const json_t *o) {
  return (struct weir_place){text(f, o, "func"), text(f, o, "file"), small(o, "line")};
}

static void load_waits(struct weir_finding *f, const json_t *array, struct weir_goroutine *g) {
  size_t n = json_array_size(array);
  if (n) g->waits = WEIR_ARENA_ARRAY(&f->arena, struct weir_wait, n);
  for (size_t i = 0; i < n; i++) {
    const json_t *w = json_array_get(array, i);
    g->waits[g->wait_count++] = (struct weir_wait){text(f, w, "op"), object_index(f, w, "object")};
  }
}

static void load_holds(struct weir_finding *f, const json_t *array, struct weir_goroutine *g) {
  size_t n = json_array_size(array);
  if (n) g->holds = WEIR_ARENA_ARRAY(&f->arena, struct weir_hold, n);
  for (size_t i = 0; i < n; i++) {
    const json_t *h = json_array_get(array, i);
    g->holds[g->hold_count++] =
        (struct weir_hold){object_index(f, h, "object"), load_at(f, h, "at"),
                           load_stack(f, json_object_get(h, "stack"))};
  }
}

static void load_ancestors(struct weir_finding *f, const json_t *by, struct weir_goroutine *g) {
  size_t n = 0;
  uint64_t id = g->parent;
  for (const json_t *o = by; (o = json_object_get(o, "created_by")) && n < ANCESTORS_MAX;)
    n++;
  if (n) g->ancestors = WEIR_ARENA_ARRAY(&f->arena, struct weir_ancestor, n);
  while (g->ancestor_count < n) {
    by = json_object_get(by, "created_by");
    struct weir_ancestor *a = &g->ancestors[g->ancestor_count++];
    *a = (struct weir_ancestor){id, number(by, "id"), load_stack(f, json_object_get(by, "stack"))};
    id = a->parent;
  }
}

static const char *load_labels(struct weir_finding *f, const json_t *o) {
  struct weir_buf b = {0};
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)o, key, value) {
    if (!json_is_string(value)) continue;
    if (b.len) weir_buf_add(&b, ", ");
    weir_buf_add_safe(&b, key, strlen(key));
    weir_buf_add(&b, "=");
    weir_buf_add_safe(&b, json_string_value(value), json_string_length(value));
  }
  const char *all = b.len ? weir_arena_copy(&f->arena, b.data, b.len) : "";
  weir_buf_free(&b);
  return all;
}

static void load_goroutine(struct weir_finding *f, const json_t *o, struct weir_goroutine *g) {
  g->id = number(o, "id");
  g->name = text(f, o, "name");
  g->state = text(f, o, "state");
  g->op = text(f, o, "op");
  g->syscall = text(f, o, "syscall");
  g->labels = load_labels(f, json_object_get(o, "labels"));
  g->since_ns = integer(o, "since_ns", -1);
  g->count = number(o, "count");
  if (!g->count) g->count = 1;
  g->stack_size = number(o, "stack_size");
  g->thread = json_is_true(json_object_get(o, "thread"));
  load_waits(f, json_object_get(o, "waits"), g);
  load_holds(f, json_object_get(o, "holds"), g);
  g->stack = load_stack(f, json_object_get(o, "stack"));
  const json_t *by = json_object_get(o, "created_by");
  g->parent = number(by, "id");
  g->creation = load_stack(f, json_object_get(by, "stack"));
  load_ancestors(f, by, g);
}

static void load_object(struct weir_finding *f, const json_t *o, struct weir_object *out) {
  out->kind = text(f, o, "kind");
  out->name = text(f, o, "name");
  while (*out->name == '&')
    out->name++;
  out->address = hex(o, "address");
  out->site = load_place(f, json_object_get(o, "site"));
  out->owner = number(o, "owner");
  out->owner_ended = json_is_true(json_object_get(o, "owner_ended"));
  out->owner_at = load_at(f, o, "owner_at");
  out->len = signed_integer(o, "len", INT64_MIN);
  out->cap = integer(o, "cap", -1);
  out->elem_size = integer(o, "elem_size", -1);
  out->closed = json_is_true(json_object_get(o, "closed"));
  out->closed_by = number(o, "closed_by");
  out->closed_at = load_at(f, o, "closed_at");
  out->last_sender = number(o, "last_sender");
  out->last_receiver = number(o, "last_receiver");
  out->missed_by = number(o, "missed_by");
  out->missed_at = load_at(f, o, "missed_at");
  out->of = text(f, o, "of");
}

static void load_access(struct weir_finding *f, const json_t *o, struct weir_access *a) {
  a->goroutine = number(o, "goroutine");
  a->what = text(f, o, "what");
  a->write = json_is_true(json_object_get(o, "write"));
  a->atomic = json_is_true(json_object_get(o, "atomic"));
  a->size = number(o, "size");
  a->address = hex(o, "address");
  const json_t *holds = json_object_get(o, "holds");
  size_t n = json_array_size(holds);
  if (n) a->holds = WEIR_ARENA_ARRAY(&f->arena, int, n);
  for (size_t i = 0; i < n; i++) {
    int object = index_below(json_array_get(holds, i), f->object_count);
    if (object >= 0) a->holds[a->hold_count++] = object;
  }
  a->stack = load_stack(f, json_object_get(o, "stack"));
}

static struct weir_other load_other(struct weir_finding *f, const json_t *o) {
  struct weir_other other = {number(o, "goroutine"), text(f, o, "what"),
                             load_stack(f, json_object_get(o, "stack"))};
  if (!other.at.count) other.at = load_at(f, o, "at");
  return other;
}

static struct weir_sync load_sync(struct weir_finding *f, const json_t *o) {
  return (struct weir_sync){text(f, o, "op"), text(f, o, "name"), load_at(f, o, "at")};
}

static void load_order(struct weir_finding *f, const json_t *o, struct weir_order *order) {
  order->from = number(o, "from");
  order->to = number(o, "to");
  order->complete = json_is_true(json_object_get(o, "complete"));
  const json_t *hops = json_object_get(o, "hops");
  order->hop_count = json_array_size(hops);
  if (order->hop_count)
    order->hops = WEIR_ARENA_ARRAY(&f->arena, struct weir_hop, order->hop_count);
  for (size_t i = 0; i < order->hop_count; i++) {
    const json_t *hop = json_array_get(hops, i);
    order->hops[i] = (struct weir_hop){number(hop, "from"), number(hop, "to"),
                                       load_sync(f, json_object_get(hop, "released")),
                                       load_sync(f, json_object_get(hop, "acquired"))};
  }
}

// An event of an unknown kind stays, so that `from` counts right, as one of nobody.
static void load_event(struct weir_finding *f, const json_t *o, struct weir_event *e,
                       size_t before) {
  static const char *const kinds[] = {"go", "start", "call", "block", "wake", "end"};
  const char *kind = text(f, o, "kind"), *name = text(f, o, "name");
  size_t i = 0;
  while (i < sizeof kinds / sizeof *kinds && strcmp(kind, kinds[i]) != 0)
    i++;
  int64_t ns = signed_integer(o, "ns", 0);
  *e = (struct weir_event){.kind = (enum weir_event_kind)i,
                           .ns = ns < 0 ? ns : 0,
                           .partner = number(o, "partner"),
                           .op = text(f, o, "op"),
                           .name = name + (*name == '&'),
                           .object = object_index(f, o, "object"),
                           .from = index_below(json_object_get(o, "from"), before),
                           .at = load_at(f, o, "at")};
  if (i < sizeof kinds / sizeof *kinds) e->goroutine = number(o, "goroutine");
}

static void load_location(struct weir_finding *f, const json_t *o) {
  struct weir_location *l = &f->location;
  l->kind = text(f, o, "kind");
  l->name = text(f, o, "name");
  l->address = hex(o, "address");
  l->size = number(o, "size");
  l->goroutine = number(o, "goroutine");
  l->fd = integer(o, "fd", 0);
  l->stack = load_stack(f, json_object_get(o, "stack"));
  l->declared = load_place(f, json_object_get(o, "declared"));
}

static const char **load_words(struct weir_finding *f, const json_t *array, size_t *count) {
  size_t n = json_array_size(array);
  const char **words = WEIR_ARENA_ARRAY(&f->arena, const char *, n + 1);
  for (size_t i = 0; i < n; i++) {
    const char *s = json_string_value(json_array_get(array, i));
    words[i] = s ? s : "";
  }
  *count = n;
  return words;
}

static void load_head(struct weir_finding *f, const json_t *r) {
  f->id = text(f, r, "id");
  f->certainty = text(f, r, "certainty");
  f->message = text(f, r, "message");
  const json_t *crash = json_object_get(r, "crash");
  f->crash = (struct weir_crash){text(f, crash, "signal"),
                                 json_object_get(crash, "address") != NULL, hex(crash, "address")};
  f->doubt = text(f, r, "doubt");
  f->time = text(f, r, "time");
  f->trace = text(f, r, "trace");
  f->pid = integer(r, "pid", 0);
  f->seq = integer(r, "seq", 0);
  f->rounds = number(r, "rounds");
  f->seen = number(r, "seen");
  if (!f->seen) f->seen = 1;
  f->suppressed = text(f, r, "suppressed");
  f->baseline = "";
  const json_t *program = json_object_get(r, "program");
  f->exe = text(f, program, "exe");
  const char *cwd = json_string_value(json_object_get(program, "cwd"));
  f->cwd = cwd ? cwd : "";
  f->argv = load_words(f, json_object_get(program, "argv"), &f->argc);
  const json_t *again = json_object_get(r, "reproduce");
  f->reproduce_argv = load_words(f, json_object_get(again, "argv"), &f->reproduce_argc);
  const char *options = json_string_value(json_object_get(again, "options"));
  f->reproduce_options = options ? options : "";
}

static void load_module(struct weir_finding *f, const json_t *o, struct weir_module_ref *m) {
  *m = (struct weir_module_ref){text(f, o, "path"), text(f, o, "build_id")};
}

static void load_edge(struct weir_finding *f, const json_t *o, struct weir_cycle_edge *e) {
  *e = (struct weir_cycle_edge){number(o, "goroutine"), object_index(f, o, "object")};
}

static void load_wait_for(struct weir_finding *f, const json_t *o, struct weir_wait_for *w) {
  const json_t *by = json_object_get(o, "by");
  *w = (struct weir_wait_for){.goroutine = number(o, "goroutine"),
                              .object = object_index(f, o, "object")};
  const char *how = json_string_value(json_object_get(o, "how"));
  w->has = how && !strcmp(how, "has");
  w->more = json_is_true(json_object_get(o, "more"));
  w->by_count = json_array_size(by);
  w->by = WEIR_ARENA_ARRAY(&f->arena, uint64_t, w->by_count + 1);
  for (size_t i = 0; i < w->by_count; i++) {
    json_int_t id = json_integer_value(json_array_get(by, i));
    w->by[i] = id > 0 ? (uint64_t)id : 0;
  }
}

// Rows that say nothing are left out.
static void load_all_wait_for(struct weir_finding *f, const json_t *all) {
  size_t n = json_array_size(all);
  f->wait_for = WEIR_ARENA_ARRAY(&f->arena, struct weir_wait_for, n + 1);
  for (size_t i = 0; i < n; i++) {
    struct weir_wait_for *w = &f->wait_for[f->wait_for_count];
    load_wait_for(f, json_array_get(all, i), w);
    f->wait_for_count += w->by_count > 0;
  }
}

// An edge that does not say which object: the one its goroutine waits for.
static void complete_cycle(struct weir_finding *f) {
  for (size_t i = 0; i < f->cycle_count; i++) {
    const struct weir_goroutine *g = weir_finding_goroutine(f, f->cycle[i].goroutine);
    if (f->cycle[i].object < 0 && g && g->wait_count == 1) f->cycle[i].object = g->waits[0].object;
  }
}

static void load_places(struct weir_finding *f, const json_t *all) {
  size_t n = json_array_size(all);
  f->places = WEIR_ARENA_ARRAY(&f->arena, struct weir_source_place, n + 1);
  for (size_t i = 0; i < n; i++) {
    const json_t *o = json_array_get(all, i);
    struct weir_stack at = load_at(f, o, "at");
    if (at.count) f->places[f->place_count++] = (struct weir_source_place){text(f, o, "what"), at};
  }
}

static void load_body(struct weir_finding *f, const json_t *r) {
  const json_t *modules = json_object_get(r, "modules"), *objects = json_object_get(r, "objects");
  const json_t *all = json_object_get(r, "goroutines"), *cycle = json_object_get(r, "cycle");
  const json_t *accesses = json_object_get(r, "accesses"), *other = json_object_get(r, "other");
  f->module_count = json_array_size(modules);
  f->object_count = json_array_size(objects);
  f->goroutine_count = json_array_size(all);
  f->cycle_count = json_array_size(cycle);
  const json_t *order = json_object_get(r, "order");
  f->access_count = json_array_size(accesses);
  f->order_count = json_array_size(order);
  f->order = WEIR_ARENA_ARRAY(&f->arena, struct weir_order, f->order_count + 1);
  f->modules = WEIR_ARENA_ARRAY(&f->arena, struct weir_module_ref, f->module_count + 1);
  f->objects = WEIR_ARENA_ARRAY(&f->arena, struct weir_object, f->object_count + 1);
  f->goroutines = WEIR_ARENA_ARRAY(&f->arena, struct weir_goroutine, f->goroutine_count + 1);
  f->cycle = WEIR_ARENA_ARRAY(&f->arena, struct weir_cycle_edge, f->cycle_count + 1);
  f->accesses = WEIR_ARENA_ARRAY(&f->arena, struct weir_access, f->access_count + 1);
  for (size_t i = 0; i < f->module_count; i++)
    load_module(f, json_array_get(modules, i), &f->modules[i]);
  for (size_t i = 0; i < f->object_count; i++)
    load_object(f, json_array_get(objects, i), &f->objects[i]);
  for (size_t i = 0; i < f->goroutine_count; i++)
    load_goroutine(f, json_array_get(all, i), &f->goroutines[i]);
  for (size_t i = 0; i < f->cycle_count; i++)
    load_edge(f, json_array_get(cycle, i), &f->cycle[i]);
  for (size_t i = 0; i < f->access_count; i++)
    load_access(f, json_array_get(accesses, i), &f->accesses[i]);
  for (size_t i = 0; i < f->order_count; i++)
    load_order(f, json_array_get(order, i), &f->order[i]);
  const json_t *events = json_object_get(r, "events");
  f->event_count = json_array_size(events);
  f->events = WEIR_ARENA_ARRAY(&f->arena, struct weir_event, f->event_count + 1);
  for (size_t i = 0; i < f->event_count; i++)
    load_event(f, json_array_get(events, i), &f->events[i], i);
  complete_cycle(f);
  load_all_wait_for(f, json_object_get(r, "wait_for"));
  load_location(f, json_object_get(r, "location"));
  f->other = load_other(f, other);
  load_places(f, json_object_get(r, "places"));
}

static bool well_formed_fingerprint(const char *s) {
  return strlen(s) == 16 && strspn(s, "0123456789abcdef") == 16;
}

static void set_fingerprint(struct weir_finding *f) {
  const char *given = json_string_value(json_object_get(f->record, "fingerprint"));
  char own[17];
  if (!given || !well_formed_fingerprint(given)) {
    weir_finding_fingerprint(f, own);
    json_object_set_new(f->record, "fingerprint", json_string(own));
  }
  f->fingerprint = json_string_value(json_object_get(f->record, "fingerprint"));
}

static bool is_ours(const json_t *record) {
  const char *schema = json_string_value(json_object_get(record, "schema"));
  const char *id = json_string_value(json_object_get(record, "id"));
  return schema && !strcmp(schema, "weir.finding/1") && id && *id;
}

struct weir_finding *weir_finding_from_json(json_t *record, struct weir_symbolizer *symbolizer) {
  if (!is_ours(record)) {
    json_decref(record);
    return NULL;
  }
  weir_record_annotate(record, symbolizer);
  struct weir_finding *f = weir_xmalloc(sizeof *f);
  *f = (struct weir_finding){.record = record};
  load_head(f, record);
  load_body(f, record);
  set_fingerprint(f);
  return f;
}

void weir_finding_free(struct weir_finding *f) {
  if (!f) return;
  json_decref(f->record);
  weir_arena_free(&f->arena);
  free(f);
}

bool weir_finding_is_dump(const struct weir_finding *f) {
  return !strcmp(f->id, "goroutine-dump");
}

bool weir_finding_is_static(const struct weir_finding *f) {
  return f->place_count > 0;
}

const struct weir_goroutine *weir_finding_goroutine(const struct weir_finding *f, uint64_t id) {
  for (size_t i = 0; id && i < f->goroutine_count; i++)
    if (f->goroutines[i].id == id) return &f->goroutines[i];
  return NULL;
}

const struct weir_frame *weir_stack_top(const struct weir_stack *s) {
  const struct weir_frame *first = NULL, *libc = NULL;
  for (size_t i = 0; i < s->count; i++) {
    const struct weir_frame *frame = &s->frames[i];
    if (frame->hidden) continue;
    if (*frame->file && !frame->libc) return frame;
    if (*frame->file && !libc) libc = frame;
    if (!first) first = frame;
  }
  return libc ? libc : first;
}
