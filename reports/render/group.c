// SPDX-License-Identifier: Apache-2.0
//
// Goroutines that are alike become one block, as ten thousand stuck workers are one
// fact, not ten thousand. Alike: the same operation, stack, creation, name and labels, and
// either nothing held and objects of the same name waited for, or the very same
// objects. Goroutines of a cycle stand alone: who holds what is the point there.
//
// Keys are 64-bit hashes; at 10,000 goroutines a collision has odds of 1 in 10^11.
#define XXH_INLINE_ALL
#include "render/group.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "render/view.h"

struct key {
  uint64_t hash;
  size_t index;
};

static int by_hash(const void *a, const void *b) {
  const struct key *x = a, *y = b;
  if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

static struct key *sorted_keys(size_t n) {
  return weir_xmalloc((n + 1) * sizeof(struct key));
}

void weir_number_equals(const char *const *names, size_t n, unsigned *number) {
  struct key *keys = sorted_keys(n);
  for (size_t i = 0; i < n; i++)
    keys[i] = (struct key){XXH3_64bits(names[i], strlen(names[i])), i};
  qsort(keys, n, sizeof *keys, by_hash);
  for (size_t i = 0, start = 0; i < n; i++) {
    if (keys[i].hash != keys[start].hash) start = i;
    bool alone = start == i && (i + 1 == n || keys[i + 1].hash != keys[i].hash);
    number[keys[i].index] = alone ? 0 : (unsigned)(i - start + 1);
  }
  free(keys);
}

static void add_stack(struct weir_buf *b, const struct weir_stack *s) {
  for (size_t i = 0; i < s->count; i++) {
    const struct weir_frame *f = &s->frames[i];
    weir_buf_printf(b, "|%d+%llx,%llx,%s,%s:%d", f->module, (unsigned long long)f->offset,
                    (unsigned long long)f->address, f->function, f->file, f->line);
  }
}

static bool in_cycle(const struct weir_finding *f, uint64_t id) {
  for (size_t i = 0; i < f->cycle_count; i++)
    if (f->cycle[i].goroutine == id) return true;
  return false;
}

static void add_objects(struct weir_buf *b, const struct weir_finding *f,
                        const struct weir_goroutine *g) {
  for (size_t i = 0; i < g->hold_count; i++)
    weir_buf_printf(b, "|holds %d", g->holds[i].object);
  for (size_t i = 0; i < g->wait_count; i++) {
    int object = g->waits[i].object;
    if (g->hold_count || object < 0)
      weir_buf_printf(b, "|waits %d", object);
    else
      weir_buf_printf(b, "|waits %s %s:%d", f->objects[object].name, f->objects[object].site.file,
                      f->objects[object].site.line);
  }
  if (in_cycle(f, g->id)) weir_buf_printf(b, "|id %llu", (unsigned long long)g->id);
}

static uint64_t key_of(const struct weir_finding *f, const struct weir_goroutine *g) {
  struct weir_buf b = {0};
  weir_buf_printf(&b, "%s|%s|%s|%s|%s|%d|%llu", g->op, g->state, g->syscall ? g->syscall : "",
                  g->name, g->labels, g->thread, (unsigned long long)g->parent);
  add_stack(&b, &g->stack);
  weir_buf_add(&b, "|by");
  add_stack(&b, &g->creation);
  add_objects(&b, f, g);
  uint64_t hash = XXH3_64bits(b.data, b.len);
  weir_buf_free(&b);
  return hash;
}

static int by_first(const void *a, const void *b) {
  const struct weir_group *x = a, *y = b;
  return x->first < y->first ? -1 : x->first > y->first;
}

static void add_group(struct weir_view *v, const struct key *keys, size_t n) {
  const struct weir_goroutine *all = v->f->goroutines, *first = &all[keys[0].index];
  struct weir_group *group = &v->groups[v->group_count++];
  *group = (struct weir_group){.first = first, .same_object = true};
  group->ids = WEIR_ARENA_ARRAY(&v->arena, uint64_t, n);
  int object = first->wait_count ? first->waits[0].object : -1;
  for (size_t i = 0; i < n; i++) {
    const struct weir_goroutine *g = &all[keys[i].index];
    group->count += g->count;
    group->ids[group->id_count++] = g->id;
    if (g->wait_count && g->waits[0].object != object) group->same_object = false;
  }
}

void weir_view_group(struct weir_view *v) {
  size_t n = v->f->goroutine_count;
  struct key *keys = sorted_keys(n);
  v->groups = WEIR_ARENA_ARRAY(&v->arena, struct weir_group, n + 1);
  for (size_t i = 0; i < n; i++)
    keys[i] = (struct key){key_of(v->f, &v->f->goroutines[i]), i};
  qsort(keys, n, sizeof *keys, by_hash);
  for (size_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && keys[end].hash == keys[i].hash;)
      end++;
    add_group(v, keys + i, end - i);
  }
  if (v->group_count) qsort(v->groups, v->group_count, sizeof *v->groups, by_first);
  free(keys);
}
