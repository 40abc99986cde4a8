// SPDX-License-Identifier: Apache-2.0
//
// A partial deadlock in which not only locks take part: who waits for whom, and why none of them
// can go on. A lock is held by somebody; but what ends the wait for a channel is only left to those
// who can still get at it. Whoever is named in a row is blocked for good itself; that is the point,
// so the answer follows the cycle if there is one, else it begins with those whom nobody can wake.
#include <string.h>

#include "render/view.h"

enum { NAMES_MAX = 4, CYCLE_MAX = 4 };

static const char *printed(struct weir_view *v, struct weir_buf *b) {
  const char *s = weir_arena_copy(&v->arena, b->data ? b->data : "", b->len);
  weir_buf_free(b);
  return s;
}

const struct weir_wait_for *weir_view_wait_for(struct weir_view *v, uint64_t goroutine,
                                               int object) {
  for (size_t i = 0; i < v->f->wait_for_count; i++)
    if (v->f->wait_for[i].goroutine == goroutine && v->f->wait_for[i].object == object)
      return &v->f->wait_for[i];
  return NULL;
}

// "goroutine 7 (worker) or goroutine 8 (worker)", "... or 3 more".
static const char *names(struct weir_view *v, const struct weir_wait_for *w) {
  struct weir_buf b = {0};
  size_t shown = w->by_count <= NAMES_MAX ? w->by_count : NAMES_MAX - 1;
  for (size_t i = 0; i < shown; i++) {
    bool last = i + 1 == w->by_count && !w->more;
    weir_buf_printf(&b, "%s%s",
                    i == 0 ? ""
                    : last ? " or "
                           : ", ",
                    weir_view_goroutine(v, w->by[i]));
  }
  if (w->more)
    weir_buf_add(&b, " or others");
  else if (shown < w->by_count)
    weir_buf_printf(&b, " or %zu more", w->by_count - shown);
  return printed(v, &b);
}

// Since when the first of them has it.
static const char *taken_at(struct weir_view *v, const struct weir_wait_for *w) {
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, w->by[0]);
  const struct weir_hold *h = g && w->has ? weir_view_hold(g, w->object) : NULL;
  return h ? weir_view_at(v, &h->at) : "";
}

struct weir_wait_row weir_view_wait_row(struct weir_view *v, size_t row) {
  const struct weir_wait_for *w = &v->f->wait_for[row];
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, w->goroutine);
  const char *at = taken_at(v, w);
  return (struct weir_wait_row){
      .who = weir_view_goroutine(v, w->goroutine),
      .waits = w->object < 0 ? "" : weir_view_object(v, w->object),
      .waits_at = g ? weir_view_at(v, &g->stack) : "",
      .by = names(v, w),
      .by_at = *at ? weir_arena_printf(&v->arena, "holds it since %s", at) : "",
  };
}

// --- the answer
// ----------------------------------------------------------------------------------

static const char *op_on(const struct weir_goroutine *g, int object) {
  for (size_t i = 0; g && i < g->wait_count; i++)
    if (g->waits[i].object == object) return g->waits[i].op;
  return g ? g->op : "";
}

// How the wait can be ended: "from which only .. could receive".
struct way_out {
  const char *kind, *op, *before, *verb;
};
static const struct way_out ways_out[] = {
    {"channel", "send", "from ", "receive"}, {"channel", "", "on ", "send"},
    {"wait group", "", "on ", "call done"},  {"condition variable", "", "", "signal"},
    {"semaphore", "", "", "release"},        {"fence", "", "", "open"},
    {"", "singleflight", "", "end"},         {"", "", "", "unlock"},
};

static const struct way_out *way_out(struct weir_view *v, const struct weir_wait_for *w) {
  const char *kind = w->object < 0 ? "" : v->f->objects[w->object].kind;
  const char *op = op_on(weir_finding_goroutine(v->f, w->goroutine), w->object);
  const struct way_out *way = ways_out;
  while ((*way->kind || *way->op) && (strcmp(kind, way->kind) || !strstr(op, way->op)))
    way++;
  return way;
}

static void add_wait(struct weir_view *v, struct weir_buf *b, uint64_t id) {
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, id);
  weir_buf_printf(b, "%s is ", weir_view_goroutine(v, id));
  weir_buf_add(b, g ? weir_view_waiting(v, g) : "blocked");
  const char *at = g ? weir_view_at(v, &g->stack) : "";
  if (*at) weir_buf_printf(b, " at %s", at);
}

// ", from which only goroutine 7 (worker) could receive"
static void add_left_to(struct weir_view *v, struct weir_buf *b, const struct weir_wait_for *w) {
  const char *at = taken_at(v, w);
  const struct way_out *way = way_out(v, w);
  if (w->has && strcmp(way->kind, "wait group"))
    weir_buf_printf(b, ", which %s holds%s%s", names(v, w), *at ? " since " : "", at);
  else
    weir_buf_printf(b, ", %swhich %s%s %s %s", way->before, w->has ? "" : "only ", names(v, w),
                    w->has ? "has yet to" : "could", way->verb);
}

static void add_step(struct weir_view *v, struct weir_buf *b, uint64_t goroutine, int object) {
  const struct weir_wait_for *w = weir_view_wait_for(v, goroutine, object);
  add_wait(v, b, goroutine);
  if (w) add_left_to(v, b, w);
}

static bool in_cycle(const struct weir_finding *f, uint64_t id) {
  for (size_t i = 0; i < f->cycle_count; i++)
    if (f->cycle[i].goroutine == id) return true;
  return false;
}

static uint64_t total(const struct weir_view *v) {
  uint64_t n = 0;
  for (size_t i = 0; i < v->group_count; i++)
    n += v->groups[i].count;
  return n;
}

void weir_view_add_doubt(struct weir_view *v, struct weir_buf *b) {
  if (*v->f->doubt)
    weir_buf_printf(b, " %s, not proven: %s.",
                    strcmp(v->f->certainty, "observed") ? "Suspected" : "Observed", v->f->doubt);
}

static void add_rest(struct weir_view *v, struct weir_buf *b, uint64_t told) {
  const struct weir_goroutine *main = weir_finding_goroutine(v->f, 1);
  if (main && !in_cycle(v->f, 1) && told < total(v)) {
    weir_buf_add(b, " So ");
    add_wait(v, b, 1);
    weir_buf_add(b, " for ever.");
    told++;
  }
  uint64_t left = total(v) - told;
  if (told < total(v))
    weir_buf_printf(b, " %llu other%s blocked with them.", (unsigned long long)left,
                    left == 1 ? " is" : "s are");
}

static const char *answer_cycle(struct weir_view *v) {
  struct weir_buf b = {0};
  size_t n = v->f->cycle_count, shown = n <= CYCLE_MAX ? n : CYCLE_MAX - 1;
  for (size_t i = 0; i < shown; i++) {
    if (i) weir_buf_add(&b, "; ");
    add_step(v, &b, v->f->cycle[i].goroutine, v->f->cycle[i].object);
  }
  if (shown < n) weir_buf_printf(&b, "; and so on over %zu more", n - shown);
  weir_buf_printf(&b, ": %s can ever go on.", n == 2 ? "neither" : "none of them");
  add_rest(v, &b, n);
  weir_view_add_doubt(v, &b);
  return printed(v, &b);
}

// Whom nobody of the others could wake: where it all begins.
static const struct weir_goroutine *cause(struct weir_view *v) {
  for (size_t i = 0; i < v->group_count; i++) {
    bool waits = false;
    for (size_t j = 0; j < v->f->wait_for_count && !waits; j++)
      waits = v->f->wait_for[j].goroutine == v->groups[i].first->id;
    if (!waits) return v->groups[i].first;
  }
  return v->groups[0].first;
}

static void add_who_suffers(struct weir_view *v, struct weir_buf *b, uint64_t id) {
  for (size_t i = 0; i < v->f->wait_for_count; i++) {
    const struct weir_wait_for *w = &v->f->wait_for[i];
    if (w->by[0] != id || w->object < 0) continue;
    weir_buf_add(b, " ");
    struct weir_buf step = {0};
    add_step(v, &step, w->goroutine, w->object);
    weir_buf_printf(b, "So %s.", printed(v, &step));
    return;
  }
}

const char *weir_view_answer_knot(struct weir_view *v) {
  struct weir_buf b = {0};
  if (!v->group_count) return v->f->message;
  if (v->f->cycle_count) return answer_cycle(v);
  const struct weir_goroutine *g = cause(v);
  int object = weir_view_waited(v, g);
  add_wait(v, &b, g->id);
  weir_buf_printf(&b,
                  " for ever: no goroutine that can run, no thread, timer, poller or global "
                  "leads to %s.",
                  object < 0 ? "what would wake it" : weir_view_object(v, object));
  add_who_suffers(v, &b, g->id);
  if (total(v) > 1)
    weir_buf_printf(&b, " %llu goroutines in all can never go on, while others run.",
                    (unsigned long long)total(v));
  weir_view_add_doubt(v, &b);
  return printed(v, &b);
}
