// SPDX-License-Identifier: Apache-2.0
//
// A finding for a terminal. From top to bottom, the most wanted first:
//
//   ==================                                         (as the sanitizers)
//   WARNING: Weir: data race (pid=N) [observed]
//   the answer, one sentence with names, on one line so that it can be searched for
//   the evidence: accesses, or the cycle as a table
//   goroutines, in Go's form, which people and tools read
//   objects, and how to see it again
//   SUMMARY: Weir: data race bank.c:31 in transfer
//   ==================
//
// Stacks of accesses and allocations have the sanitizers' form (#0 f file:line).
// Only frames that are not hidden appear. The whole is one buffer, for one write(2).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/render.h"
#include "render/source.h"
#include "render/table.h"
#include "render/view.h"

enum {
  WAITS_MAX = 64,
  FRAMES_MAX = 64,
  OBJECTS_MAX = 24,
  IDS_MAX = 12,
  GROUPS_MAX = 500,
  RECURSION_MIN = 3
};

struct text {
  struct weir_view *v;
  struct weir_buf *out;
  bool color;
};

#define BOLD "1"
#define RED "1;31"
#define DIM "2"
#define CYAN "36"

static void styled(struct text *t, const char *style, const char *s) {
  if (t->color)
    weir_buf_printf(t->out, "\033[%sm%s\033[0m", style, s);
  else
    weir_buf_add(t->out, s);
}

static void fence(struct text *t) {
  styled(t, DIM, "==================");
  weir_buf_add(t->out, "\n");
}

static void add_excerpt(struct text *t, const struct weir_frame *frame, const char *indent) {
  weir_source_excerpt(frame, indent, t->color, t->out);
}

static void add_numbered_stack(struct text *t, const struct weir_stack *s, bool excerpt) {
  const struct weir_frame *top = weir_stack_top(s);
  size_t number = 0;
  for (size_t i = 0; i < s->count && number < FRAMES_MAX; i++) {
    const struct weir_frame *frame = &s->frames[i];
    if (frame->hidden) continue;
    weir_buf_printf(t->out, "    #%zu ", number++);
    styled(t, BOLD, weir_view_function(t->v, frame));
    weir_buf_printf(t->out, " %s\n", weir_view_source(t->v, frame));
    if (excerpt && frame == top) add_excerpt(t, frame, "      ");
  }
  if (!number) weir_buf_add(t->out, "    (no stack)\n");
}

// --- data race -------------------------------------------------------------------------

static void add_access(struct text *t, const struct weir_access *a, bool previous) {
  weir_buf_printf(t->out, "\n  %s by ", weir_view_access(t->v, a, previous));
  styled(t, CYAN, weir_view_goroutine(t->v, a->goroutine));
  if (a->hold_count)
    weir_buf_printf(t->out, ", holding %s", weir_view_locks(t->v, a->holds, a->hold_count));
  weir_buf_add(t->out, ":\n");
  add_numbered_stack(t, &a->stack, true);
}

static void add_location(struct text *t) {
  const char *detail = weir_view_location_detail(t->v);
  if (!*detail) return;
  weir_buf_printf(t->out, "\n  Location is %s%s\n", detail,
                  t->v->f->location.stack.count ? ":" : "");
  if (t->v->f->location.stack.count) add_numbered_stack(t, &t->v->f->location.stack, false);
}

static void add_order(struct text *t) {
  const struct weir_finding *f = t->v->f;
  if (!f->order_count) return;
  weir_buf_add(t->out, "\n  Last synchronisation between the two:\n");
  for (size_t i = 0; i < f->order_count; i++) {
    const char *lines[2 * WEIR_HOPS_MAX];
    size_t n = weir_view_order(t->v, &f->order[i], lines);
    weir_buf_printf(t->out, "    %s\n", weir_view_order_head(t->v, &f->order[i]));
    for (size_t j = 0; j < n; j++)
      weir_buf_printf(t->out, "      %s\n", lines[j]);
  }
  weir_buf_printf(t->out, "  Nothing since then orders the two %s.\n", weir_view_pair(t->v));
}

// --- cycle -----------------------------------------------------------------------------

static const char *two_lines(struct weir_view *v, const char *first, const char *second) {
  return weir_arena_printf(&v->arena, "%s\n%s", first, second);
}

// Where channels take part, not everybody holds something: then who is waited for stands last.
static void add_wait_for(struct text *t) {
  struct weir_view *v = t->v;
  struct weir_table table = {.columns = 3};
  weir_table_row(&table, (const char *[]){"who", "waits for, at", "which is left to"});
  for (size_t i = 0; i < v->f->wait_for_count && i < WAITS_MAX; i++) {
    struct weir_wait_row row = weir_view_wait_row(v, i);
    weir_table_row(&table, (const char *[]){row.who, two_lines(v, row.waits, row.waits_at),
                                            two_lines(v, row.by, row.by_at)});
  }
  weir_buf_add(t->out, "\n");
  weir_table_print(&table, "  ", t->out);
  weir_table_free(&table);
}

static void add_cycle(struct text *t) {
  struct weir_view *v = t->v;
  struct weir_table table = {.columns = 3};
  if (v->f->wait_for_count) add_wait_for(t);
  if (!v->f->cycle_count || v->f->wait_for_count) return;
  bool predicted = weir_view_is_lock_order(v);
  weir_table_row(&table, (const char *[]){"who", predicted ? "holds, since" : "holds, taken at",
                                          predicted ? "then wants, at" : "waits for, at"});
  for (size_t i = 0; i < v->f->cycle_count; i++) {
    struct weir_cycle_row row = weir_view_cycle_row(v, i);
    weir_table_row(&table, (const char *[]){row.who, two_lines(v, row.holds, row.holds_at),
                                            two_lines(v, row.waits, row.waits_at)});
  }
  weir_buf_add(t->out, "\n");
  weir_table_print(&table, "  ", t->out);
  weir_table_free(&table);
}

static void add_schedule(struct text *t) {
  struct weir_schedule_row *rows;
  size_t n = weir_view_schedule(t->v, &rows);
  struct weir_table table = {.columns = 4};
  if (!n) return;
  weir_table_row(&table, (const char *[]){"step", "who", "does", "at"});
  for (size_t i = 0; i < n; i++)
    weir_table_row(&table, (const char *[]){weir_arena_printf(&t->v->arena, "%zu", i + 1),
                                            rows[i].who, rows[i].does, rows[i].at});
  weir_buf_add(t->out, "\n  In this order they wait for each other for ever:\n\n");
  weir_table_print(&table, "  ", t->out);
  weir_table_free(&table);
}

static void add_last(struct text *t) {
  struct weir_last_row rows[WEIR_LAST_ROWS];
  size_t n = weir_view_last(t->v, rows);
  struct weir_table table = {.columns = 4};
  if (!n) return;
  weir_table_row(&table, (const char *[]){"before", "who", "did", "at"});
  for (size_t i = 0; i < n; i++)
    weir_table_row(&table, (const char *[]){rows[i].before, rows[i].who, rows[i].did, rows[i].at});
  weir_buf_add(t->out, "\n  What they did last:\n\n");
  weir_table_print(&table, "  ", t->out);
  weir_table_free(&table);
}

// --- goroutines ------------------------------------------------------------------------

static void add_go_frame(struct text *t, const char *prefix, const struct weir_frame *frame,
                         const char *suffix) {
  weir_buf_add(t->out, prefix);
  styled(t, BOLD, weir_view_function(t->v, frame));
  weir_buf_printf(t->out, "%s\n\t%s\n", suffix, weir_view_source(t->v, frame));
}

// How many frames from i on are the same call again, as a recursion makes them.
static size_t run_of(const struct weir_stack *s, size_t i) {
  const struct weir_frame *first = &s->frames[i];
  size_t n = 1;
  while (i + n < s->count && s->frames[i + n].module == first->module &&
         s->frames[i + n].offset == first->offset && s->frames[i + n].address == first->address &&
         s->frames[i + n].line == first->line && !first->inlined)
    n++;
  return n;
}

static void add_go_stack(struct text *t, const struct weir_stack *s) {
  size_t shown = 0;
  for (size_t i = 0; i < s->count; i++) {
    if (s->frames[i].hidden) continue;
    if (shown++ == FRAMES_MAX) {
      weir_buf_add(t->out, "...additional frames elided...\n");
      return;
    }
    add_go_frame(t, "", &s->frames[i], "(...)");
    size_t again = run_of(s, i) - 1;
    if (again < RECURSION_MIN) continue;
    weir_buf_printf(t->out, "...the same call %zu times more...\n", again);
    i += again;
  }
}

static void add_created_by(struct text *t, const struct weir_stack *creation, uint64_t parent) {
  const struct weir_frame *top = weir_stack_top(creation);
  if (!top) return;
  const char *suffix =
      parent ? weir_arena_printf(&t->v->arena, " in goroutine %llu", (unsigned long long)parent)
             : "";
  add_go_frame(t, "created by ", top, suffix);
}

static size_t shown_frames(const struct weir_stack *s) {
  size_t n = 0;
  for (size_t i = 0; i < s->count; i++)
    n += !s->frames[i].hidden;
  return n;
}

// Where the parent was when it created a goroutine, if created-by does not say it all; in the form
// in which Go shows ancestors.
static void add_origin(struct text *t, const struct weir_stack *creation, uint64_t parent,
                       bool last) {
  if (!parent || shown_frames(creation) < (last ? 2 : 1)) return;
  weir_buf_printf(t->out, "[originating from goroutine %llu]:\n", (unsigned long long)parent);
  add_go_stack(t, creation);
}

static void add_creation(struct text *t, const struct weir_goroutine *g) {
  const struct weir_stack *creation = &g->creation;
  uint64_t parent = g->parent;
  add_created_by(t, creation, parent);
  if (!t->v->f->access_count) return;
  for (size_t i = 0; i < g->ancestor_count; i++) {
    const struct weir_ancestor *a = &g->ancestors[i];
    add_origin(t, creation, parent, false);
    add_created_by(t, &a->creation, a->parent);
    creation = &a->creation;
    parent = a->parent;
  }
  add_origin(t, creation, parent, true);
}

// ": 4, 5, 9" or ": 4, 5, ... and 88 more" or ": goroutine 4 and 88 more"
static void add_ids(struct text *t, const struct weir_group *group) {
  size_t n = group->id_count < IDS_MAX ? group->id_count : IDS_MAX;
  weir_buf_add(t->out, n == 1 ? ": goroutine " : ": ");
  for (size_t i = 0; i < n; i++)
    weir_buf_printf(t->out, "%s%llu", i ? ", " : "", (unsigned long long)group->ids[i]);
  if (group->count > n)
    weir_buf_printf(t->out, " and %llu more", (unsigned long long)(group->count - n));
}

// "  3 goroutines alike (fetch): 4, 5, 9" or "  goroutine 4 (fetch)".
static void add_who(struct text *t, const struct weir_group *group) {
  const char *name = weir_view_name(t->v, group->first);
  weir_buf_add(t->out, "\n  ");
  if (group->count == 1) {
    styled(t, BOLD, weir_view_goroutine(t->v, group->first->id));
    return;
  }
  styled(
      t, BOLD,
      weir_arena_printf(&t->v->arena, "%llu goroutines alike", (unsigned long long)group->count));
  if (*name) weir_buf_printf(t->out, " (%s)", name);
  add_ids(t, group);
}

static void add_waiting(struct text *t, const struct weir_group *group) {
  const struct weir_goroutine *g = group->first;
  bool waits = !strcmp(g->state, "waiting") || *g->op;
  if (waits)
    weir_buf_printf(t->out, "%s %s%s", group->count > 1 ? ", each" : " is",
                    weir_view_waiting(t->v, g), group->same_object ? "" : " or another like it");
  else if (g->syscall && *g->syscall)
    weir_buf_printf(t->out, " is in the system call %s", g->syscall);
  else if (*g->state)
    weir_buf_printf(t->out, " %s %s",
                    group->count > 1                ? "are"
                    : !strcmp(g->state, "finished") ? "has"
                                                    : "is",
                    g->state);
  if (waits && g->since_ns >= 1000000)
    weir_buf_printf(t->out, ", for %s", weir_view_duration(t->v, g->since_ns));
  weir_buf_add(t->out, "\n");
}

static void add_labels(struct text *t, const struct weir_goroutine *g) {
  if (*g->labels) weir_buf_printf(t->out, "  labels: %s\n", g->labels);
}

static void add_holds(struct text *t, const struct weir_goroutine *g) {
  for (size_t i = 0; i < g->hold_count; i++) {
    const char *at = weir_view_at(t->v, &g->holds[i].at);
    const char *how = weir_view_is_serving(t->v, g) ? "at" : "taken at";
    weir_buf_printf(t->out, "  and %s", weir_view_held(t->v, g, g->holds[i].object));
    if (shown_frames(&g->holds[i].stack) > 1) {
      weir_buf_printf(t->out, ", %s:\n", how);
      add_numbered_stack(t, &g->holds[i].stack, false);
      continue;
    }
    if (*at) weir_buf_printf(t->out, ", %s %s", how, at);
    weir_buf_add(t->out, "\n");
  }
}

// First what it means, then Go's block, uninterrupted, for the tools that parse it.
static void add_group(struct text *t, const struct weir_group *group) {
  const struct weir_goroutine *g = group->first;
  const struct weir_frame *top = weir_stack_top(&g->stack);
  add_who(t, group);
  add_waiting(t, group);
  add_labels(t, g);
  add_holds(t, g);
  if (top) add_excerpt(t, top, "  ");
  styled(t, CYAN, weir_view_header(t->v, g));
  weir_buf_add(t->out, ":\n");
  add_go_stack(t, &g->stack);
  add_creation(t, g);
}

// Of main in a race, which stands in the accesses, nothing may be left to say.
static bool adds_something(const struct text *t, const struct weir_goroutine *g) {
  return !t->v->f->access_count || g->stack.count || g->creation.count || g->hold_count;
}

static void add_goroutines(struct text *t) {
  size_t n = t->v->group_count;
  for (size_t i = 0; i < n && i < GROUPS_MAX; i++)
    if (adds_something(t, t->v->groups[i].first)) add_group(t, &t->v->groups[i]);
  if (n > GROUPS_MAX)
    weir_buf_printf(t->out, "\n... and %zu more kinds of goroutine; `weir report json` has all\n",
                    n - GROUPS_MAX);
}

// --- the rest --------------------------------------------------------------------------

static void add_objects(struct text *t) {
  size_t n = t->v->f->object_count, shown = 0, left_out = 0;
  for (size_t i = 0; i < n; i++) {
    if (weir_view_is_sleep(t->v, (int)i)) continue;
    if (shown == OBJECTS_MAX) {
      left_out++;
      continue;
    }
    weir_buf_add(t->out, shown++ ? "    " : "\n  Objects:\n    ");
    styled(t, BOLD, weir_view_object(t->v, (int)i));
    const char *state = weir_view_object_state(t->v, (int)i);
    weir_buf_printf(t->out, "%s%s\n", *state ? ": " : "", state);
  }
  if (left_out) weir_buf_printf(t->out, "    ... and %zu more\n", left_out);
}

static void add_other(struct text *t) {
  const struct weir_other *o = &t->v->f->other;
  const char *at = weir_view_at(t->v, &o->at);
  if (!*o->what || (!o->goroutine && !*at)) return;
  weir_buf_printf(t->out, "\n  It was %s", weir_view_other(t->v));
  weir_buf_printf(t->out, "%s%s%s\n", *at ? " at " : "", at, *at ? ":" : "");
  const struct weir_frame *top = weir_stack_top(&o->at);
  if (o->at.count > 1)
    add_numbered_stack(t, &o->at, true);
  else if (top)
    add_excerpt(t, top, "    ");
}

static void add_footer(struct text *t) {
  const struct weir_finding *f = t->v->f;
  const char *again = weir_view_reproduce(t->v);
  weir_buf_add(t->out, "\n");
  if (f->seen > 1)
    weir_buf_printf(t->out, "Seen %s%llu times.\n", f->access_count ? "at least " : "",
                    (unsigned long long)f->seen);
  if (*f->suppressed) weir_buf_printf(t->out, "Suppressed by %s.\n", f->suppressed);
  if (*f->trace) weir_buf_printf(t->out, "Trace: %s\n", f->trace);
  if (*again) weir_buf_printf(t->out, "Reproduce: %s\n", again);
  if (weir_finding_is_dump(f)) return;
  styled(t, BOLD, weir_arena_printf(&t->v->arena, "SUMMARY: Weir: %s", weir_view_summary(t->v)));
  weir_buf_add(t->out, "\n");
}

static void add_head(struct text *t) {
  const struct weir_finding *f = t->v->f;
  struct weir_view *v = t->v;
  const char *title = weir_view_title(v), *what = weir_finding_is_dump(f) ? "" : "WARNING: ";
  styled(t, RED,
         weir_arena_printf(&v->arena, "%sWeir: %s (pid=%lld)", what, title, (long long)f->pid));
  if (*f->certainty) weir_buf_printf(t->out, " [%s]", f->certainty);
  weir_buf_add(t->out, "\n\n");
  styled(t, BOLD, weir_view_answer(v));
  weir_buf_add(t->out, "\n");
}

void weir_render_text(const struct weir_finding *f, bool color, struct weir_buf *out) {
  struct text t = {weir_view_new(f), out, color};
  if (weir_finding_is_static(f)) {
    weir_render_check(t.v, color, out);
    weir_view_free(t.v);
    return;
  }
  fence(&t);
  add_head(&t);
  for (size_t i = 0; i < f->access_count; i++)
    add_access(&t, &f->accesses[i], i > 0);
  add_location(&t);
  add_order(&t);
  add_cycle(&t);
  add_schedule(&t);
  add_last(&t);
  add_other(&t);
  add_goroutines(&t);
  add_objects(&t);
  add_footer(&t);
  fence(&t);
  weir_view_free(t.v);
}

void weir_render_list_line(const struct weir_finding *f, bool color, struct weir_buf *out) {
  struct text t = {weir_view_new(f), out, color};
  styled(&t, DIM, f->fingerprint);
  weir_buf_printf(out, "  %-9s  ", f->certainty);
  styled(&t, BOLD, weir_view_summary(t.v));
  if (f->seen > 1)
    weir_buf_printf(out, "  (seen %s%llu times)", f->access_count ? "at least " : "",
                    (unsigned long long)f->seen);
  if (*f->suppressed) weir_buf_add(out, "  (suppressed)");
  weir_buf_add(out, "\n");
  weir_view_free(t.v);
}
