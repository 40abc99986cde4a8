// SPDX-License-Identifier: Apache-2.0
//
// What the two sides of a race knew of each other: the last synchronisation from one to the
// other, hop by hop. Each line is a sentence without its full stop.
#include <string.h>

#include "render/view.h"

static bool is(const char *a, const char *b) {
  return !strcmp(a, b);
}

// "sent on jobs at a.c:5 in producer"
static const char *act(struct weir_view *v, const struct weir_sync *sync) {
  const char *at = weir_view_at(v, &sync->at), *name = sync->name;
  if (*name == '&') name++;
  return weir_arena_printf(&v->arena, "%s%s%s%s%s", sync->op, *name ? " " : "", name,
                           *at ? " at " : "", at);
}

static const char *sync_phrase(struct weir_view *v, uint64_t goroutine,
                               const struct weir_sync *sync) {
  return weir_arena_printf(&v->arena, "%s %s", weir_view_goroutine(v, goroutine), act(v, sync));
}

static const char *start_phrase(struct weir_view *v, const struct weir_hop *hop) {
  const char *at = weir_view_at(v, &hop->released.at);
  return weir_arena_printf(&v->arena, "%s started %s%s%s", weir_view_goroutine(v, hop->from),
                           weir_view_goroutine(v, hop->to), *at ? " at " : "", at);
}

static bool starts(const struct weir_hop *hop) {
  return is(hop->acquired.op, "was started");
}

size_t weir_view_order(struct weir_view *v, const struct weir_order *o, const char **lines) {
  size_t n = 0;
  for (size_t i = 0; i < o->hop_count && i < WEIR_HOPS_MAX; i++) {
    const struct weir_hop *hop = &o->hops[i];
    if (starts(hop)) {
      lines[n++] = start_phrase(v, hop);
      continue;
    }
    lines[n++] = sync_phrase(v, hop->from, &hop->released);
    lines[n++] = sync_phrase(v, hop->to, &hop->acquired);
  }
  return n;
}

const char *weir_view_order_head(struct weir_view *v, const struct weir_order *o) {
  const char *none = !o->hop_count ? o->complete ? " none" : " none on record" : "";
  const char *more = o->hop_count && !o->complete ? " (as far as it is on record)" : "";
  return weir_arena_printf(&v->arena, "from %s to %s%s:%s", weir_view_goroutine(v, o->from),
                           weir_view_goroutine(v, o->to), more, none);
}

const char *weir_view_order_hint(struct weir_view *v, const char *did) {
  if (!v->f->order_count) return "";
  const struct weir_order *o = &v->f->order[0];
  const char *from = weir_view_goroutine(v, o->from), *to = weir_view_goroutine(v, o->to);
  if (!o->hop_count && !o->complete) return "";
  if (!o->hop_count)
    return weir_arena_printf(&v->arena, "%s has seen nothing that %s did since it started", to,
                             from);
  const struct weir_hop *first = &o->hops[0];
  if (starts(first) && first->to == o->to)
    return weir_arena_printf(&v->arena, "%s, and only then %s it", start_phrase(v, first), did);
  return weir_arena_printf(&v->arena, "The last that %s saw of %s: it %s, and only then %s it", to,
                           from, act(v, &first->released), did);
}
