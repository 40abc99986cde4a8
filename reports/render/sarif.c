// SPDX-License-Identifier: Apache-2.0
//
// SARIF 2.1.0 (OASIS), as GitHub code scanning, editors and other viewers read it: one run, one
// result for each finding. The main location is where the finding is; the other access, locks
// that are held, what was allocated or closed and where goroutines were created are related
// locations; a code flow has a thread flow for each goroutine, in the order of what it did.
// Paths below the root of the project are relative to SRCROOT. The fingerprint is Weir's own, so a
// finding keeps its identity when lines move.
#include <stdlib.h>
#include <string.h>

#include "render/project.h"
#include "render/render.h"
#include "render/view.h"

// What GitHub shows of one result at most: 100 locations, 1,000 steps.
enum { FRAMES_MAX = 64, GROUPS_MAX = 50, RELATED_MAX = 100, STEPS_MAX = 1000 };
// What it takes of a file: so many results, and 10 MB packed. This text packs to a tenth or less.
enum { RESULTS_MAX = 25000, BYTES_MAX = 100000000 };

static const struct {
  const char *id, *certainty, *title;
} rules[] = {
#define WEIR_FINDING(enumerator, id, certainty, title) {id, certainty, title},
#include <weir/findings.def>
#define WEIR_STATIC(enumerator, id, certainty, title) {id, certainty, title},
#include <weir/checks.def>
};
enum { RULES = sizeof rules / sizeof *rules };
enum { // how many of them the runtime finds: they come first
#define WEIR_FINDING(enumerator, id, certainty, title) OF_RUNS_##enumerator,
#include <weir/findings.def>
  OF_RUNS
};

static json_t *text(const char *s) {
  return json_pack("{s:s}", "text", s);
}

static const char *level_of(const char *certainty) {
  if (!strcmp(certainty, "advice")) return "note";
  return !strcmp(certainty, "proven") || !strcmp(certainty, "observed") ? "error" : "warning";
}

static const char *precision_of(const char *certainty) {
  if (!strcmp(certainty, "suspected") || !strcmp(certainty, "advice")) return "medium";
  return !strcmp(certainty, "likely") ? "high" : "very-high";
}

// --- locations -----------------------------------------------------------------------------

static json_t *artifact_of(struct weir_view *v, const char *file) {
  const char *below = weir_project_path(&v->arena, file, v->f->cwd);
  if (below)
    return json_pack("{s:s,s:s}", "uri", weir_project_uri(&v->arena, below), "uriBaseId",
                     "SRCROOT");
  const char *scheme = *file == '/' ? "file://" : "";
  return json_pack("{s:o}", "uri", json_sprintf("%s%s", scheme, weir_project_uri(&v->arena, file)));
}

static json_t *physical_of(struct weir_view *v, const char *file, int line, int column) {
  json_t *o = json_pack("{s:o}", "artifactLocation", artifact_of(v, file)), *region = json_object();
  if (line > 0) json_object_set_new(region, "startLine", json_integer(line));
  if (line > 0 && column > 0) json_object_set_new(region, "startColumn", json_integer(column));
  if (line > 0) json_object_set(o, "region", region);
  json_decref(region);
  return o;
}

// libc says "../sysdeps/..": a path that is below nothing, and no place that a reader could show.
static bool has_place(struct weir_view *v, const struct weir_frame *frame) {
  return *frame->file == '/' ||
         (*frame->file && weir_project_path(&v->arena, frame->file, v->f->cwd));
}

static json_t *location_of(struct weir_view *v, const struct weir_frame *frame, const char *says) {
  json_t *o = json_object();
  if (frame && has_place(v, frame))
    json_object_set_new(o, "physicalLocation",
                        physical_of(v, frame->file, frame->line, frame->column));
  if (frame && *frame->function)
    json_object_set_new(
        o, "logicalLocations",
        json_pack("[{s:s,s:s}]", "name", weir_view_function(v, frame), "kind", "function"));
  if (says) json_object_set_new(o, "message", text(says));
  return o;
}

// A result without a place in a source is shown nowhere: the program will do.
static json_t *main_location(struct weir_view *v) {
  const struct weir_stack *s = weir_view_main_stack(v->f);
  const struct weir_frame *top = s ? weir_stack_top(s) : NULL;
  json_t *o = location_of(v, top, NULL);
  if (!top || !has_place(v, top))
    json_object_set_new(o, "physicalLocation", physical_of(v, v->f->exe, 1, 0));
  return o;
}

static json_t *stack_of(struct weir_view *v, const struct weir_stack *s, const char *says) {
  json_t *frames = json_array();
  for (size_t i = 0; i < s->count && json_array_size(frames) < FRAMES_MAX; i++) {
    const struct weir_frame *frame = &s->frames[i];
    if (frame->hidden) continue;
    json_t *o = json_pack("{s:o}", "location", location_of(v, frame, weir_view_function(v, frame)));
    if (frame->module >= 0)
      json_object_set_new(o, "module", json_string(v->f->modules[frame->module].path));
    json_array_append_new(frames, o);
  }
  return json_pack("{s:o,s:o}", "message", text(says), "frames", frames);
}

// --- related locations -----------------------------------------------------------------------

static void relate(struct weir_view *v, json_t *all, const struct weir_stack *s, const char *says) {
  const struct weir_frame *top = weir_stack_top(s);
  if (!top || !has_place(v, top) || json_array_size(all) >= RELATED_MAX) return;
  json_t *o = location_of(v, top, says);
  json_object_set_new(o, "id", json_integer((json_int_t)json_array_size(all)));
  json_array_append_new(all, o);
}

static void relate_goroutine(struct weir_view *v, json_t *all, const struct weir_group *group) {
  const struct weir_goroutine *g = group->first;
  const char *who = weir_view_goroutine(v, g->id);
  if (*g->op)
    relate(v, all, &g->stack,
           weir_arena_printf(&v->arena, "%s is %s", who, weir_view_waiting(v, g)));
  for (size_t i = 0; i < g->hold_count; i++)
    relate(v, all, &g->holds[i].at,
           weir_arena_printf(&v->arena, "%s took %s", who,
                             weir_view_object_of(v, g, g->holds[i].object)));
  relate(v, all, &g->creation, weir_arena_printf(&v->arena, "%s was created", who));
}

static json_t *related_of(struct weir_view *v) {
  const struct weir_finding *f = v->f;
  json_t *all = json_array();
  for (size_t i = 0; i < f->access_count; i++)
    relate(v, all, &f->accesses[i].stack,
           weir_arena_printf(&v->arena, "%s by %s", weir_view_access(v, &f->accesses[i], i > 0),
                             weir_view_goroutine(v, f->accesses[i].goroutine)));
  relate(v, all, &f->location.stack, weir_view_location_detail(v));
  if (*f->other.what)
    relate(v, all, &f->other.at,
           weir_arena_printf(&v->arena, "%s %s", f->other.what,
                             weir_view_goroutine(v, f->other.goroutine)));
  for (size_t i = 0; i < v->group_count && i < GROUPS_MAX; i++)
    relate_goroutine(v, all, &v->groups[i]);
  for (size_t i = 1; i < f->place_count; i++)
    relate(v, all, &f->places[i].at, f->places[i].what);
  return all;
}

// --- code flows --------------------------------------------------------------------------------

static void step(struct weir_view *v, json_t *steps, const struct weir_stack *s, const char *says) {
  const struct weir_frame *top = weir_stack_top(s);
  if (!top || !has_place(v, top)) return;
  json_array_append_new(steps, json_pack("{s:o,s:o}", "location", location_of(v, top, says),
                                         "stack", stack_of(v, s, says)));
}

// What a goroutine of a race did of the synchronisation that is on record, then its access.
static void race_steps(struct weir_view *v, json_t *steps, const struct weir_goroutine *g) {
  const struct weir_finding *f = v->f;
  for (size_t i = 0; i < f->order_count; i++)
    for (size_t j = 0; j < f->order[i].hop_count; j++) {
      const struct weir_hop *hop = &f->order[i].hops[j];
      const struct weir_sync *own = hop->from == g->id ? &hop->released
                                    : hop->to == g->id ? &hop->acquired
                                                       : NULL;
      if (own)
        step(v, steps, &own->at,
             weir_arena_printf(&v->arena, "%s %s", own->op, own->name + (*own->name == '&')));
    }
  for (size_t i = 0; i < f->access_count; i++)
    if (f->accesses[i].goroutine == g->id)
      step(v, steps, &f->accesses[i].stack, weir_view_access(v, &f->accesses[i], i > 0));
}

static json_t *thread_flow(struct weir_view *v, const struct weir_group *group) {
  const struct weir_goroutine *g = group->first;
  json_t *steps = json_array();
  step(v, steps, &g->creation, "is created");
  for (size_t i = 0; i < g->hold_count; i++)
    step(v, steps, g->holds[i].stack.count ? &g->holds[i].stack : &g->holds[i].at,
         weir_view_is_serving(v, g)
             ? weir_view_held(v, g, g->holds[i].object)
             : weir_arena_printf(&v->arena, "takes %s",
                                 weir_view_object_of(v, g, g->holds[i].object)));
  if (v->f->access_count)
    race_steps(v, steps, g);
  else
    step(v, steps, &g->stack, *g->op ? weir_view_waiting(v, g) : "is here");
  const char *who = weir_view_goroutine(v, g->id);
  json_t *o = json_pack("{s:s,s:o,s:o}", "id", who, "message", text(who), "locations", steps);
  if (json_array_size(steps)) return o;
  json_decref(o);
  return NULL;
}

static json_t *code_flows(struct weir_view *v) {
  json_t *threads = json_array();
  size_t steps = 0;
  for (size_t i = 0; i < v->group_count && i < GROUPS_MAX; i++) {
    json_t *flow = thread_flow(v, &v->groups[i]);
    steps += json_array_size(json_object_get(flow, "locations"));
    if (flow && steps <= STEPS_MAX)
      json_array_append_new(threads, flow);
    else
      json_decref(flow);
  }
  if (json_array_size(threads)) return json_pack("[{s:o}]", "threadFlows", threads);
  json_decref(threads);
  return NULL;
}

// --- results -------------------------------------------------------------------------------------

static json_t *stacks_of(struct weir_view *v) {
  const struct weir_finding *f = v->f;
  json_t *all = json_array();
  for (size_t i = 0; i < f->access_count; i++)
    json_array_append_new(
        all, stack_of(v, &f->accesses[i].stack,
                      weir_arena_printf(&v->arena, "%s by %s",
                                        weir_view_access(v, &f->accesses[i], i > 0),
                                        weir_view_goroutine(v, f->accesses[i].goroutine))));
  for (size_t i = 0; i < v->group_count && i < GROUPS_MAX; i++)
    if (v->groups[i].first->stack.count)
      json_array_append_new(
          all, stack_of(v, &v->groups[i].first->stack, weir_view_header(v, v->groups[i].first)));
  return all;
}

static void put_rule(json_t *o, const char *id) {
  json_object_set_new(o, "ruleId", json_string(id));
  for (int i = 0; i < RULES; i++)
    if (!strcmp(rules[i].id, id)) json_object_set_new(o, "ruleIndex", json_integer(i));
}

static void put_unless_empty(json_t *o, const char *key, json_t *array) {
  if (json_array_size(array)) json_object_set(o, key, array);
  json_decref(array);
}

static json_t *result_of(const struct weir_finding *f) {
  struct weir_view *v = weir_view_new(f);
  json_t *o = json_object();
  put_rule(o, f->id);
  json_object_set_new(o, "level", json_string(level_of(f->certainty)));
  json_object_set_new(o, "message", text(weir_view_answer(v)));
  json_object_set_new(o, "locations", json_pack("[o]", main_location(v)));
  json_object_set_new(o, "partialFingerprints",
                      json_pack("{s:s,s:o}", "weirFinding/v1", f->fingerprint,
                                "primaryLocationLineHash", json_sprintf("%s:1", f->fingerprint)));
  put_unless_empty(o, "relatedLocations", related_of(v));
  put_unless_empty(o, "codeFlows", code_flows(v));
  put_unless_empty(o, "stacks", stacks_of(v));
  json_object_set_new(o, "occurrenceCount", json_integer((json_int_t)f->seen));
  if (*f->baseline) json_object_set_new(o, "baselineState", json_string(f->baseline));
  if (*f->suppressed)
    json_object_set_new(
        o, "suppressions",
        json_pack("[{s:s,s:s}]", "kind", "external", "justification", f->suppressed));
  json_object_set_new(o, "properties",
                      json_pack("{s:s,s:s,s:s}", "certainty", f->certainty, "program", f->exe,
                                "reproduce", weir_view_reproduce(v)));
  weir_view_free(v);
  return o;
}

// The words of docs/guide/finding-bugs.md.
static const char *claim_of(const char *certainty) {
  static const char *const claims[][2] = {
      {"proven", "proven: it holds whatever happens next"},
      {"observed", "observed: it has happened"},
      {"predicted", "predicted: it can happen in another schedule of the same execution"},
      {"suspected", "suspected: a sign that something is wrong"},
      {"likely", "likely: it stands in the source, and nothing there speaks against it"},
      {"advice", "advice: it may be meant so"},
  };
  for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
    if (!strcmp(certainty, claims[i][0])) return claims[i][1];
  return certainty;
}

static json_t *driver(const char *version) {
  json_t *list = json_array();
  for (int i = 0; i < RULES; i++)
    json_array_append_new(
        list, json_pack("{s:s,s:o,s:o,s:o,s:{s:s},s:{s:[s,s],s:s}}", "id", rules[i].id,
                        "shortDescription", text(rules[i].title), "fullDescription",
                        json_pack("{s:o}", "text",
                                  json_sprintf("%s. What Weir reports of this kind is %s.",
                                               rules[i].title, claim_of(rules[i].certainty))),
                        "help",
                        json_pack("{s:o}", "text",
                                  json_sprintf("%s. docs/%s/%s.md says what is claimed, "
                                               "shows it in a program, and how to cure it.",
                                               rules[i].title, i < OF_RUNS ? "findings" : "checks",
                                               rules[i].id)),
                        "defaultConfiguration", "level", level_of(rules[i].certainty), "properties",
                        "tags", "concurrency", "correctness", "precision",
                        precision_of(rules[i].certainty)));
  return json_pack("{s:s,s:s,s:o}", "name", "Weir", "semanticVersion", version, "rules", list);
}

// --- the file ------------------------------------------------------------------------------------

enum { RANKS = 4 };
static int rank_of(const struct weir_finding *f) {
  if (!strcmp(f->baseline, "unchanged")) return RANKS - 1;
  const char *level = level_of(f->certainty);
  return !strcmp(level, "error") ? 0 : !strcmp(level, "warning") ? 1 : 2;
}

// As blanks are packed to nothing, they do not count.
static size_t bytes_of(const char *data) {
  size_t n = 0;
  for (; *data; data++)
    n += *data != ' ';
  return n;
}

// One result at a time, since thousands of them as objects are gigabytes. False: it has no room.
static bool put_result(const struct weir_finding *f, bool first, size_t *bytes,
                       struct weir_buf *out) {
  json_t *o = result_of(f);
  char *data = json_dumps(o, JSON_INDENT(1));
  json_decref(o);
  *bytes += data ? bytes_of(data) : 0;
  bool fits = data && *bytes <= BYTES_MAX;
  if (fits) {
    weir_buf_add(out, first ? "" : ",\n");
    weir_buf_add(out, data);
  }
  free(data);
  return fits;
}

// Errors before warnings, those before notes, and last what the baseline has; each in their order.
// Returns how many found no room.
static size_t put_results(const struct weir_collection *all, struct weir_buf *out) {
  size_t put = 0, left_out = 0, bytes = 0;
  for (int rank = 0; rank < RANKS; rank++)
    for (size_t i = 0; i < all->count; i++) {
      const struct weir_finding *f = all->at[i];
      if (weir_finding_is_dump(f) || rank_of(f) != rank) continue;
      if (put < RESULTS_MAX && !left_out && put_result(f, !put, &bytes, out))
        put++;
      else
        left_out++;
    }
  return left_out;
}

static void put_member(struct weir_buf *out, const char *key, json_t *value) {
  char *data = json_dumps(value, JSON_INDENT(1) | JSON_ENCODE_ANY);
  weir_buf_printf(out, "\"%s\": %s", key, data ? data : "null");
  free(data);
  json_decref(value);
}

static json_t *notice(size_t left_out) {
  return json_pack("[{s:b,s:[{s:s,s:{s:o}}]}]", "executionSuccessful", 1,
                   "toolExecutionNotifications", "level", "warning", "message", "text",
                   json_sprintf("%zu findings are left out, the least severe: a file may have "
                                "%d results and 10 MB.",
                                left_out, RESULTS_MAX));
}

size_t weir_render_sarif(const struct weir_collection *all, const char *version,
                         struct weir_buf *out) {
  struct weir_arena arena = {0};
  const char *root = weir_project_uri(&arena, weir_project_root());
  weir_buf_add(out, "{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
                    "\"version\": \"2.1.0\",\n\"runs\": [{\n");
  put_member(out, "tool", json_pack("{s:o}", "driver", driver(version)));
  weir_buf_add(out, ",\n");
  put_member(out, "originalUriBaseIds",
             json_pack("{s:{s:o}}", "SRCROOT", "uri", json_sprintf("file://%s/", root)));
  weir_buf_add(out, ",\n\"columnKind\": \"utf16CodeUnits\",\n\"results\": [");
  size_t left_out = put_results(all, out);
  weir_buf_add(out, "]");
  if (left_out) {
    weir_buf_add(out, ",\n");
    put_member(out, "invocations", notice(left_out));
  }
  weir_buf_add(out, "\n}]\n}\n");
  weir_arena_free(&arena);
  return left_out;
}
