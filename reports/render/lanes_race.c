// SPDX-License-Identifier: Apache-2.0
//
// The two sides of a race: how their goroutines came to be, the last synchronisation that leads
// from the earlier access's goroutine to the later one's, and the two accesses, which nothing
// orders.
//
// The rows are an order that must have been: a goroutine starts after it was created; what the
// later side learned of the earlier one came before the earlier access, else there were no race.
// What the earlier side knows of the later one has no place in it that is known, and is left to the
// text.
#include <string.h>

#include "render/lanes.h"
#include "render/picture.h"

static bool starts(const struct weir_hop *hop) {
  return !strcmp(hop->acquired.op, "was started");
}

static bool hop_starts(const struct weir_finding *f, uint64_t id) {
  const struct weir_order *o = f->order_count ? &f->order[0] : NULL;
  for (size_t i = 0; o && i < o->hop_count; i++)
    if (starts(&o->hops[i]) && o->hops[i].to == id) return true;
  return false;
}

static bool takes_part(const struct weir_finding *f, uint64_t id) {
  const struct weir_order *o = f->order_count ? &f->order[0] : NULL;
  for (size_t i = 0; o && i < o->hop_count; i++)
    if (o->hops[i].to == id) return true;
  return false;
}

static int lane_of_parent(struct weir_lanes *l, const struct weir_goroutine *g) {
  return g && g->parent ? weir_lanes_lane(l, g->parent) : -1;
}

// Where the parent also learned something on the way, nobody knows whether that was before.
static void add_creation(struct weir_view *v, struct weir_lanes *l, uint64_t id, bool earlier) {
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, id);
  if (!g || !g->parent || hop_starts(v->f, id)) return;
  if (!earlier && takes_part(v->f, g->parent)) return;
  int parent = lane_of_parent(l, g), child = weir_lanes_lane(l, id);
  if (parent < 0 || child < 0 || parent == child) return;
  weir_lanes_row(l, (struct weir_lane_row){.lane = parent,
                                           .mark = WEIR_MARK_DOT,
                                           .starts = child,
                                           .from = -1,
                                           .what = weir_arena_printf(&v->arena, "starts %s",
                                                                     weir_view_goroutine(v, id)),
                                           .at = weir_view_at(v, &g->creation)});
}

static const char *name_of(const char *name) {
  return *name == '&' ? name + 1 : name;
}

static int add_sync(struct weir_view *v, struct weir_lanes *l, uint64_t id,
                    const struct weir_sync *sync, int from) {
  const char *name = name_of(sync->name);
  return weir_lanes_row(
      l, (struct weir_lane_row){
             .lane = weir_lanes_lane(l, id),
             .mark = WEIR_MARK_DOT,
             .starts = -1,
             .from = from,
             .what = weir_arena_printf(&v->arena, "%s%s%s", sync->op, *name ? " " : "", name),
             .at = weir_view_at(v, &sync->at)});
}

static void add_hop(struct weir_view *v, struct weir_lanes *l, const struct weir_hop *hop) {
  if (!starts(hop)) {
    int released = add_sync(v, l, hop->from, &hop->released, -1);
    add_sync(v, l, hop->to, &hop->acquired, released);
    return;
  }
  weir_lanes_row(l,
                 (struct weir_lane_row){.lane = weir_lanes_lane(l, hop->from),
                                        .mark = WEIR_MARK_DOT,
                                        .starts = weir_lanes_lane(l, hop->to),
                                        .from = -1,
                                        .what = weir_arena_printf(&v->arena, "starts %s",
                                                                  weir_view_goroutine(v, hop->to)),
                                        .at = weir_view_at(v, &hop->released.at)});
}

static const char *what_of(struct weir_view *v, const struct weir_access *a) {
  const char *to =
      *a->what ? v->f->object_count ? weir_view_object(v, 0) : "it" : weir_view_location(v);
  return weir_arena_printf(&v->arena, "%s %s", weir_view_did(v, a), to);
}

static int add_access(struct weir_view *v, struct weir_lanes *l, const struct weir_access *a) {
  return weir_lanes_row(l, (struct weir_lane_row){.lane = weir_lanes_lane(l, a->goroutine),
                                                  .mark = WEIR_MARK_FAULT,
                                                  .starts = -1,
                                                  .from = -1,
                                                  .what = what_of(v, a),
                                                  .at = weir_view_at(v, &a->stack)});
}

bool weir_picture_order(struct weir_view *v, size_t number, struct weir_buf *out) {
  const struct weir_finding *f = v->f;
  if (f->access_count != 2) return false;
  uint64_t later = f->accesses[0].goroutine, earlier = f->accesses[1].goroutine;
  if (!later || !earlier || later == earlier) return false;
  struct weir_lanes *l = weir_lanes_new(v, "What is ordered before the two, and what is not");
  const struct weir_order *o = f->order_count ? &f->order[0] : NULL;
  lane_of_parent(l, weir_finding_goroutine(f, earlier));
  weir_lanes_lane(l, earlier);
  for (size_t i = 0; o && i < o->hop_count; i++)
    weir_lanes_lane(l, o->hops[i].to);
  if (weir_lanes_lane(l, later) < 0) return false;
  add_creation(v, l, earlier < later ? earlier : later, earlier < later);
  add_creation(v, l, earlier < later ? later : earlier, earlier > later);
  for (size_t i = 0; o && i < o->hop_count && i < WEIR_HOPS_MAX; i++)
    add_hop(v, l, &o->hops[i]);
  l->apart[0] = add_access(v, l, &f->accesses[1]);
  weir_lanes_row(l, (struct weir_lane_row){.lane = -1,
                                           .mark = WEIR_MARK_NONE,
                                           .starts = -1,
                                           .from = -1,
                                           .what = "nothing orders these two",
                                           .at = ""});
  l->apart[1] = add_access(v, l, &f->accesses[0]);
  weir_lanes_draw(v, l, number, out);
  return true;
}
