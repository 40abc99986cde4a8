// SPDX-License-Identifier: Apache-2.0
//
// The graph is made of what the record says in several ways: first the circle, whose nodes come
// first and in its order, then `wait_for`, then what each goroutine waits for and holds. An edge
// that is there already is not added again. A graph that is full takes no more, so a picture has a
// size that one can look at; the table beside it has the rest.
#include "render/wait_graph.h"

#include <string.h>

static bool is(const char *a, const char *b) {
  return !strcmp(a, b);
}

// --- nodes -----------------------------------------------------------------------------------

static const struct weir_group *group_of(const struct weir_view *v, uint64_t id) {
  for (size_t i = 0; i < v->group_count; i++)
    for (size_t j = 0; j < v->groups[i].id_count; j++)
      if (v->groups[i].ids[j] == id) return &v->groups[i];
  return NULL;
}

static int add_node(struct weir_wait_graph *g, struct weir_wait_node node) {
  if (g->nodes == WEIR_NODES_MAX) return -1;
  g->node[g->nodes] = node;
  return g->nodes++;
}

static const char *state_of(struct weir_view *v, const struct weir_goroutine *g) {
  const char *name = weir_view_name(v, g);
  const char *state = is(g->state, "waiting") || weir_view_is_lock_order(v) ? "" : g->state;
  return weir_arena_printf(&v->arena, "%s%s%s", name, *name && *state ? ", " : "", state);
}

static int goroutine_node(struct weir_view *v, struct weir_wait_graph *g, uint64_t id) {
  const struct weir_group *group = group_of(v, id);
  const struct weir_goroutine *known = group ? group->first : NULL;
  if (known) id = known->id;
  if (!id) return -1;
  for (int i = 0; i < g->nodes; i++)
    if (g->node[i].goroutine == id) return i;
  struct weir_wait_node node = {.goroutine = id, .object = -1, .detail = id == 1 ? "main" : ""};
  if (known && group->count > 1)
    node.text = weir_arena_printf(&v->arena, "%llu goroutines", (unsigned long long)group->count);
  else
    node.text =
        weir_arena_printf(&v->arena, "%s %llu", known && known->thread ? "thread" : "goroutine",
                          (unsigned long long)id);
  if (known) node.detail = state_of(v, known);
  return add_node(g, node);
}

static int object_node(struct weir_view *v, struct weir_wait_graph *g, int object) {
  if (object < 0) return -1;
  for (int i = 0; i < g->nodes; i++)
    if (g->node[i].object == object && !g->node[i].goroutine) return i;
  const struct weir_object *o = &v->f->objects[object];
  const char *name = v->object_names[object], *kind = *o->kind ? o->kind : "object";
  bool named = *name && strncmp(name, "0x", 2) != 0;
  struct weir_wait_node node = {.object = object, .text = named ? name : kind};
  node.detail = named ? kind : name;
  if (named && is(kind, "channel") && o->cap >= 0)
    node.detail = weir_arena_printf(&v->arena, "%s, %lld of %lld", kind, (long long)o->len,
                                    (long long)o->cap);
  if (o->closed) node.detail = "channel, closed";
  return add_node(g, node);
}

// --- edges -----------------------------------------------------------------------------------

static void add_edge(struct weir_wait_graph *g, struct weir_wait_edge e) {
  if (e.from < 0 || e.to < 0 || g->edges == WEIR_EDGES_MAX) return;
  for (int i = 0; i < g->edges; i++)
    if (g->edge[i].from == e.from && g->edge[i].to == e.to) return;
  g->edge[g->edges++] = e;
}

static const char *place(struct weir_view *v, const struct weir_stack *s) {
  const char *at = weir_view_at(v, s), *in = strstr(at, " in ");
  return in ? weir_arena_copy(&v->arena, at, (size_t)(in - at)) : at;
}

static const char *wait_verb(struct weir_view *v, const char *op) {
  if (strstr(op, "send")) return "sends on";
  if (strstr(op, "receive")) return "receives from";
  if (is(v->f->id, "livelock")) return "tries to take";
  return weir_view_is_lock_order(v) ? "wants" : "waits for";
}

static void add_wait(struct weir_view *v, struct weir_wait_graph *graph, uint64_t id, int object) {
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, id);
  const char *op = g ? g->op : "";
  for (size_t i = 0; g && i < g->wait_count; i++)
    if (g->waits[i].object == object && *g->waits[i].op) op = g->waits[i].op;
  int from = goroutine_node(v, graph, id), to = object_node(v, graph, object);
  add_edge(graph, (struct weir_wait_edge){from, to, WEIR_WAITS, wait_verb(v, op),
                                          g ? place(v, &g->stack) : ""});
}

static const char *has_verb(const struct weir_object *o) {
  if (is(o->kind, "once")) return "run by";
  return is(o->kind, "wait group") ? "left to" : "held by";
}

static void add_has(struct weir_view *v, struct weir_wait_graph *graph, int object, uint64_t id,
                    const struct weir_stack *since) {
  if (object < 0) return;
  add_edge(graph,
           (struct weir_wait_edge){object_node(v, graph, object), goroutine_node(v, graph, id),
                                   WEIR_HAS, has_verb(&v->f->objects[object]), place(v, since)});
}

static const struct weir_stack *held_at(struct weir_view *v, uint64_t id, int object) {
  static const struct weir_stack none;
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, id);
  const struct weir_hold *h = g ? weir_view_hold(g, object) : NULL;
  if (h) return &h->at;
  if (object < 0) return &none;
  const struct weir_object *o = &v->f->objects[object];
  return o->owner == id ? &o->owner_at : &none;
}

static void add_could(struct weir_view *v, struct weir_wait_graph *graph, int object, uint64_t id,
                      const char *others) {
  add_edge(graph,
           (struct weir_wait_edge){object_node(v, graph, object), goroutine_node(v, graph, id),
                                   WEIR_COULD, "left to", others});
}

// Of those who could get at it another one than who waits.
static uint64_t other_than(const struct weir_wait_for *w) {
  for (size_t i = 0; i < w->by_count; i++)
    if (w->by[i] != w->goroutine) return w->by[i];
  return w->by[0];
}

// Those who could get at it are often all of them: an arrow to each would hide the circle.
static const char *others_of(struct weir_view *v, const struct weir_wait_for *w) {
  if (!w || w->has || (w->by_count < 2 && !w->more)) return "";
  if (w->more) return "or others";
  return weir_arena_printf(&v->arena, "or %zu more", w->by_count - 1);
}

// --- what the record says ----------------------------------------------------------------------

static bool has_it(struct weir_view *v, uint64_t waiter, size_t next, int object) {
  const struct weir_wait_for *w = weir_view_wait_for(v, waiter, object);
  return w ? w->has : !weir_view_serves(v, next);
}

static void add_cycle(struct weir_view *v, struct weir_wait_graph *g) {
  const struct weir_finding *f = v->f;
  size_t n = f->cycle_count;
  if (2 * n > WEIR_NODES_MAX) return;
  for (size_t i = 0; i < n; i++) {
    size_t next = (i + 1) % n;
    int object = f->cycle[i].object;
    uint64_t id = f->cycle[next].goroutine;
    add_wait(v, g, f->cycle[i].goroutine, object);
    if (has_it(v, f->cycle[i].goroutine, next, object))
      add_has(v, g, object, id, held_at(v, id, object));
    else
      add_could(v, g, object, id,
                others_of(v, weir_view_wait_for(v, f->cycle[i].goroutine, object)));
  }
}

static bool has_way_out(const struct weir_wait_graph *g, int node) {
  for (int i = 0; i < g->edges; i++)
    if (g->edge[i].from == node) return true;
  return false;
}

static void add_wait_for(struct weir_view *v, struct weir_wait_graph *g) {
  for (size_t i = 0; i < v->f->wait_for_count; i++) {
    const struct weir_wait_for *w = &v->f->wait_for[i];
    if (w->object < 0) continue;
    add_wait(v, g, w->goroutine, w->object);
    for (size_t j = 0; w->has && j < w->by_count; j++)
      add_has(v, g, w->object, w->by[j], held_at(v, w->by[j], w->object));
    if (!w->has && !has_way_out(g, object_node(v, g, w->object)))
      add_could(v, g, w->object, other_than(w), others_of(v, w));
  }
}

static bool in_graph(const struct weir_wait_graph *g, int object) {
  for (int i = 0; i < g->nodes; i++)
    if (!g->node[i].goroutine && g->node[i].object == object) return true;
  return false;
}

static void add_goroutines(struct weir_view *v, struct weir_wait_graph *g) {
  for (size_t i = 0; i < v->group_count && g->nodes < WEIR_NODES_MAX; i++) {
    const struct weir_goroutine *first = v->groups[i].first;
    for (size_t j = 0; j < first->wait_count; j++)
      if (first->waits[j].object >= 0 && !weir_view_is_sleep(v, first->waits[j].object))
        add_wait(v, g, first->id, first->waits[j].object);
  }
  for (size_t i = 0; i < v->group_count; i++) {
    const struct weir_goroutine *first = v->groups[i].first;
    for (size_t j = 0; j < first->hold_count; j++)
      if (first->holds[j].object >= 0 && in_graph(g, first->holds[j].object))
        add_has(v, g, first->holds[j].object, first->id, &first->holds[j].at);
  }
}

static bool sends(const struct weir_wait_graph *g, int node) {
  for (int i = 0; i < g->edges; i++)
    if (g->edge[i].to == node && is(g->edge[i].text, "sends on")) return true;
  return false;
}

// Of what nobody is known to have: its owner, or who was last at the other side of a channel.
static void add_others(struct weir_view *v, struct weir_wait_graph *g) {
  for (int i = 0, n = g->nodes; i < n; i++) {
    if (g->node[i].goroutine || has_way_out(g, i)) continue;
    const struct weir_object *o = &v->f->objects[g->node[i].object];
    if (o->owner) {
      add_has(v, g, g->node[i].object, o->owner, &o->owner_at);
      continue;
    }
    bool send = sends(g, i);
    uint64_t last = send ? o->last_receiver : o->last_sender;
    if (last)
      add_edge(g, (struct weir_wait_edge){i, goroutine_node(v, g, last), WEIR_DID,
                                          send ? "last received by" : "last sent by", ""});
  }
}

bool weir_wait_graph_make(struct weir_view *v, struct weir_wait_graph *g) {
  *g = (struct weir_wait_graph){0};
  add_cycle(v, g);
  add_wait_for(v, g);
  add_goroutines(v, g);
  add_others(v, g);
  return g->edges > 0;
}
