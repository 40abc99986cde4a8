// SPDX-License-Identifier: Apache-2.0
//
// history.h. A table indexed by goroutine id, newer ids overwriting older ones. An entry is
// written by the goroutine that starts another, or by itself when it changes its name; its id is
// cleared first and set last, so that a reader who finds the id before and after has read what
// belongs to it. Pages come on touch.
#include "detect/history.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hooks.h"
#include "hb/fiber.h"
#include "hb/tsan.h"
#include "os/memory.h"

enum { SLOTS = 1 << 16 };

struct entry {
  _Atomic uint64_t id; // 0 while being written; release after the fields, acquire before
  uint64_t parent;
  bool thread;
  char name[32];
  uintptr_t creation[WEIR_CREATION_FRAMES];
};
static struct entry *table;

static const char prefix[] = "goroutine ";

void weir_history_start(void) {
  table = weir_mem_map(SLOTS * sizeof *table);
}

static void add(const struct weir_g_view *v) {
  if (!table) return;
  struct entry *e = &table[v->id % SLOTS];
  atomic_store_explicit(&e->id, 0, memory_order_release);
  e->parent = v->parent;
  e->thread = v->thread;
  memcpy(e->name, v->name, sizeof e->name);
  memcpy(e->creation, v->creation, sizeof e->creation);
  atomic_store_explicit(&e->id, v->id, memory_order_release);
}

void weir_history_add(struct weir_g *g) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  add(&v);
}

void weir_history_add_thread(const struct weir_g_view *v) {
  add(v);
}

void weir_hook_renamed(struct weir_g *g) {
  if (weir_hb_fibers) weir_history_add(g);
}

bool weir_history_find(uint64_t goid, struct weir_g_view *v) {
  *v = (struct weir_g_view){.id = goid};
  struct weir_g *g = goid ? weir_inspect_find(goid) : NULL;
  if (g) {
    weir_inspect_one(g, v);
    if (v->id == goid) return true;
    *v = (struct weir_g_view){.id = goid};
  }
  if (goid == 1) memcpy(v->name, "main", sizeof "main");
  if (!table || !goid) return false;
  struct entry *e = &table[goid % SLOTS];
  if (atomic_load_explicit(&e->id, memory_order_acquire) != goid) return false;
  struct weir_g_view old = {.id = goid, .parent = e->parent, .thread = e->thread};
  memcpy(old.name, e->name, sizeof old.name);
  memcpy(old.creation, e->creation, sizeof old.creation);
  atomic_thread_fence(memory_order_acquire);
  if (atomic_load_explicit(&e->id, memory_order_relaxed) == goid) *v = old;
  return false;
}

void weir_history_fiber_name(char *out, uint64_t goid) {
  memcpy(out, prefix, sizeof prefix);
  char digits[24];
  int n = 0;
  for (; goid || !n; goid /= 10)
    digits[n++] = (char)('0' + goid % 10);
  char *end = out + sizeof prefix - 1;
  while (n > 0)
    *end++ = digits[--n];
  *end = 0;
}

uint64_t weir_history_parse(const char *fiber_name) {
  size_t n = sizeof prefix - 1;
  if (!fiber_name || strncmp(fiber_name, prefix, n) != 0) return 0;
  return strtoull(fiber_name + n, NULL, 10);
}

void *weir_hb_fiber_new(struct weir_g *g) {
  if (!weir_hb_fibers) return NULL;
  if (!g) return weir_fiber_new("scheduler", 0, NULL);
  struct weir_g_view v;
  weir_tsan_ignore_begin();
  weir_inspect_one(g, &v);
  char name[WEIR_FIBER_NAME];
  weir_history_fiber_name(name, v.id);
  weir_history_add(g);
  weir_tsan_ignore_end();
  return weir_fiber_new(name, v.id, (const void *)v.creation[0]);
}

void *weir_hb_fiber_thread(struct weir_g *g) {
  if (!weir_hb_fibers) return NULL;
  struct weir_g_view v;
  weir_tsan_ignore_begin();
  weir_inspect_one(g, &v);
  char name[WEIR_FIBER_NAME];
  weir_history_fiber_name(name, v.id);
  weir_tsan_ignore_end();
  return weir_fiber_of_thread(name, v.id);
}
