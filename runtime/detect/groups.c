// SPDX-License-Identifier: Apache-2.0
//
// groups.h. Equality is that of a 64-bit hash over the wait, the stack, the labels and
// the creation stack; in a table of 512 groups a collision is out of reach. Open addressing over an
// index of twice the size; no allocation.
#include "detect/groups.h"

#include <string.h>

#include "detect/emit.h"

enum { INDEX = 2 * WEIR_GROUPS_MAX };

struct collecting {
  struct weir_groups *out;
  bool (*want)(const struct weir_g_view *view);
  uint16_t index[INDEX]; // 1 + number of the group, 0: free
};

static uint64_t mix(uint64_t h, uint64_t word) {
  h = (h ^ word) * 0x9e3779b97f4a7c15ull;
  return h ^ (h >> 29);
}

static uint64_t hash_of(const struct weir_g_view *v) {
  uintptr_t pcs[WEIR_STACK_MAX];
  bool self = v->g == weir_inspect_self();
  size_t n = weir_inspect_stack(v->g, self ? v->api_pc : NULL, pcs, WEIR_STACK_MAX);
  uint64_t h = mix(v->op + 1, v->thread);
  for (size_t i = 0; i < n && i < WEIR_STACK_MAX; i++)
    h = mix(h, pcs[i]);
  h = mix(h, v->state == WEIR_G_WAITING ? 1 : v->state == WEIR_G_RUNNING ? v->id : 2);
  for (size_t i = 0; i < WEIR_CREATION_FRAMES && v->creation[i]; i++)
    h = mix(h, v->creation[i]);
  struct weir_g_labels labels;
  weir_inspect_labels(v->g, &labels);
  for (size_t i = 0; labels.n && i < sizeof labels.text; i++)
    h = mix(h, (unsigned char)labels.text[i]);
  return v->id == 1 ? ~h : h; // main is like no other
}

static bool take(const struct weir_g_view *v, void *arg) {
  struct collecting *c = arg;
  struct weir_groups *out = c->out;
  if (!c->want(v)) return true;
  out->total++;
  uint64_t h = hash_of(v);
  size_t at = h % INDEX;
  for (; c->index[at]; at = (at + 1) % INDEX) {
    struct weir_group *old = &out->group[c->index[at] - 1];
    if (old->hash != h) continue;
    if (old->count < WEIR_GROUP_IDS) old->ids[old->count] = v->id;
    old->count++;
    return true;
  }
  if (out->n == WEIR_GROUPS_MAX) {
    out->left_out++;
    return true;
  }
  out->group[out->n++] = (struct weir_group){v->g, v->id, h, 1, {v->id}};
  c->index[at] = (uint16_t)out->n;
  return true;
}

void weir_groups_collect(struct weir_groups *out, bool (*want)(const struct weir_g_view *view)) {
  struct collecting c = {.out = out, .want = want};
  out->n = 0;
  out->total = out->left_out = 0;
  weir_inspect_each(take, &c);
}
