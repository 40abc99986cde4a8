// SPDX-License-Identifier: Apache-2.0
//
// Goroutine structs and their stacks. Structs come from slabs and stand in a two-level
// table that only grows; none is ever unmapped. Stacks are carved from slabs of
// reserved address space: each takes an odd number of pages (a power of two would
// put all stack tops into the same cache sets), the lowest a guard page. A finished
// goroutine keeps its stack and waits on a free list, newest first, so that the touched
// set stays small. Stacks of another size (weir_go_stack) are mapped one by one, rounded up to
// powers of two, and pooled by size; a big one gives its pages back meanwhile.
#include "sched/g.h"

#include "base/check.h"
#include "base/flags.h"
#include "base/hooks.h"
#include "os/memory.h"

enum { CHUNK = WEIR_G_CHUNK, CHUNKS = 16384, STACKS_PER_SLAB = 64, FREE_LOCAL = 64, ID_BATCH = 16 };
enum { DROP_PAGES_FROM = 1 << 20 };

static struct {
  struct weir_lock lock; // growth, the shared free lists, the current stack slab
  struct weir_g *_Atomic chunk[CHUNKS];
  _Atomic size_t count;
  struct weir_g *free_list, *free_threads;
  struct weir_g *free_sized[WEIR_STACK_CLASSES];
  char *slab;
  uint32_t slab_left;
} table;

const struct weir_goroutine_table_ weir_goroutine_table_ = {
    .main = &weir_sched.main_g, .chunks = table.chunk, .count = &table.count};

static _Atomic uint64_t next_id = 2; // 1 is main

static size_t stack_stride(void) {
  size_t pages = (size_t)weir_flags.stack_kb * 1024 / WEIR_PAGE + 1; // and the guard
  return (pages | 1) * WEIR_PAGE;
}

// A zeroed struct in the table. Caller holds table.lock.
static struct weir_g *new_slot(void) {
  size_t slot = atomic_load_explicit(&table.count, memory_order_relaxed);
  size_t c = slot / CHUNK;
  if (c >= CHUNKS) weir_fatal("more than %d goroutines at once", CHUNKS * CHUNK);
  struct weir_g *chunk = atomic_load_explicit(&table.chunk[c], memory_order_relaxed);
  if (!chunk) {
    size_t size = (CHUNK * sizeof *chunk + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
    chunk = weir_mem_map(size);
    if (!chunk) weir_fatal("out of memory for goroutine %zu", slot);
    atomic_store_explicit(&table.chunk[c], chunk, memory_order_release);
  }
  // release publishes the (zero = dead) struct to weir_g_at
  atomic_store_explicit(&table.count, slot + 1, memory_order_release);
  chunk[slot % CHUNK].slot = (uint32_t)slot + 1; // as weir_g_at counts
  return &chunk[slot % CHUNK];
}

// Makes [low, low + stride) the stack of g.
static void furnish(struct weir_g *g, char *low, size_t stride) {
  if (!weir_mem_guard(low))
    weir_fatal("cannot protect another stack after %zu goroutines: the process has too many "
               "mappings; raise vm.max_map_count",
               weir_g_count());
  g->stack_low = low + WEIR_PAGE;
  g->stack_high = low + stride - (sizeof *g->cold + 15) / 16 * 16;
  g->cold = (struct weir_g_cold *)g->stack_high;
  g->held = g->cold->held;
  g->cold->g = g;
}

static void give_stack(struct weir_g *g) {
  size_t stride = stack_stride();
  if (table.slab_left == 0) {
    table.slab = weir_mem_map_for(stride * STACKS_PER_SLAB, WEIR_MEM_STACKS, stride);
    if (!table.slab)
      weir_fatal("out of address space for stacks after %zu goroutines; a smaller stack_kb or a "
                 "larger ulimit -v helps",
                 weir_g_count());
    table.slab_left = STACKS_PER_SLAB;
  }
  char *low = table.slab;
  table.slab += stride;
  table.slab_left--;
  furnish(g, low, stride);
}

static size_t size_of_class(int class) {
  return (size_t)WEIR_STACK_MIN << class;
}

struct weir_g *weir_g_take_sized(size_t size) {
  int class = 0;
  while (size_of_class(class) < size)
    class ++;
  weir_lock_acquire(&table.lock);
  struct weir_g *g = table.free_sized[class];
  if (g) {
    table.free_sized[class] = g->next;
  } else {
    size_t stride = size_of_class(class) + 2 * WEIR_PAGE; // with the guard, and what reports read
    char *low = weir_mem_map_for(stride, WEIR_MEM_STACKS, stride);
    if (!low) weir_fatal("out of address space for a stack of %zu bytes", size);
    g = new_slot();
    furnish(g, low, stride);
    g->stack_class = (uint8_t)(class + 1);
  }
  weir_lock_release(&table.lock);
  return g;
}

static void recycle_sized(struct weir_g *g) {
  struct weir_g **list = &table.free_sized[g->stack_class - 1];
  if (size_of_class(g->stack_class - 1) >= DROP_PAGES_FROM) // all but the page at the top
    weir_mem_untouch(g->stack_low, size_of_class(g->stack_class - 1));
  weir_lock_acquire(&table.lock);
  g->next = *list;
  *list = g;
  weir_lock_release(&table.lock);
}

struct weir_g *weir_g_take(struct weir_worker *w) {
  struct weir_g *g = w ? w->free_list : NULL;
  if (g) {
    w->free_list = g->next;
    w->free_count--;
  } else {
    weir_lock_acquire(&table.lock);
    g = table.free_list;
    if (g) {
      table.free_list = g->next;
    } else {
      g = new_slot();
      give_stack(g);
    }
    weir_lock_release(&table.lock);
  }
  return g;
}

void weir_g_recycle(struct weir_worker *w, struct weir_g *g) {
  if (__builtin_expect(g->stack_class != 0, 0)) {
    recycle_sized(g);
    return;
  }
  if (w->free_count < FREE_LOCAL) {
    g->next = w->free_list;
    w->free_list = g;
    w->free_count++;
    return;
  }
  weir_lock_acquire(&table.lock);
  // Half of the worker's list goes with it, so that the lock is rarely taken.
  for (int i = 0; i < FREE_LOCAL / 2; i++) {
    struct weir_g *other = w->free_list;
    w->free_list = other->next;
    other->next = table.free_list;
    table.free_list = other;
  }
  w->free_count -= FREE_LOCAL / 2;
  g->next = table.free_list;
  table.free_list = g;
  weir_lock_release(&table.lock);
}

static void sort_by_stack(struct weir_g **all, uint32_t n) {
  for (uint32_t i = 1; i < n; i++) {
    struct weir_g *g = all[i];
    uint32_t at = i;
    for (; at > 0 && all[at - 1]->stack_low > g->stack_low; at--)
      all[at] = all[at - 1];
    all[at] = g;
  }
}

// Stacks of the usual size, several at a time. In order, so that those taken next lie side by
// side, and so will those that finish next.
static void recycle_used(struct weir_worker *w) {
  char *lows[WEIR_HB_STACKS];
  const size_t size = (size_t)(w->used[0]->stack_high - w->used[0]->stack_low);
  sort_by_stack(w->used, w->n_used);
  for (uint32_t i = 0; i < w->n_used; i++)
    lows[i] = w->used[i]->stack_low;
  weir_hb_stacks_reuse(lows, w->n_used, size);
  while (w->n_used > 0)
    weir_g_recycle(w, w->used[--w->n_used]);
}

void weir_g_recycle_checked(struct weir_worker *w, struct weir_g *g) {
  if (g->stack_class) {
    weir_hb_stack_reuse(g->stack_low, (size_t)(g->stack_high - g->stack_low));
    weir_g_recycle(w, g);
    return;
  }
  w->used[w->n_used++] = g;
  if (w->n_used == WEIR_HB_STACKS) recycle_used(w);
}

struct weir_g *weir_g_take_thread(void) {
  weir_lock_acquire(&table.lock);
  struct weir_g *g = table.free_threads;
  if (g)
    table.free_threads = g->next;
  else
    g = new_slot();
  weir_lock_release(&table.lock);
  size_t size = (sizeof *g->cold + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
  if (!g->cold && !(g->cold = weir_mem_map(size))) // kept with the struct; no leak to anybody
    weir_fatal("out of memory for an OS thread that uses Weir");
  g->held = g->cold->held;
  return g;
}

void weir_g_drop_thread(struct weir_g *g) {
  weir_lock_acquire(&table.lock);
  g->next = table.free_threads;
  table.free_threads = g;
  weir_lock_release(&table.lock);
}

uint64_t weir_g_next_id(struct weir_worker *w) {
  if (!w) return atomic_fetch_add_explicit(&next_id, 1, memory_order_relaxed);
  if (w->id_next == w->id_end) {
    w->id_next = atomic_fetch_add_explicit(&next_id, ID_BATCH, memory_order_relaxed);
    w->id_end = w->id_next + ID_BATCH;
  }
  return w->id_next++;
}

// Slot 0 is goroutine 1, which lives in weir_sched.
size_t weir_g_count(void) {
  return atomic_load_explicit(&table.count, memory_order_acquire) + 1;
}

struct weir_g *weir_g_at(size_t slot) {
  if (slot == 0) return &weir_sched.main_g;
  slot--;
  return &atomic_load_explicit(&table.chunk[slot / CHUNK], memory_order_acquire)[slot % CHUNK];
}

struct weir_g *weir_g_around(uintptr_t address) {
  if (address - (uintptr_t)&weir_sched.main_g < sizeof weir_sched.main_g) return &weir_sched.main_g;
  size_t n = atomic_load_explicit(&table.count, memory_order_acquire);
  for (size_t c = 0; c * CHUNK < n; c++) {
    struct weir_g *chunk = atomic_load_explicit(&table.chunk[c], memory_order_acquire);
    size_t slot = (address - (uintptr_t)chunk) / sizeof *chunk;
    if (address >= (uintptr_t)chunk && slot < CHUNK && c * CHUNK + slot < n) return &chunk[slot];
  }
  return NULL;
}

struct weir_g *weir_g_of_stack(uintptr_t low, size_t stride) {
  size_t cold = (sizeof(struct weir_g_cold) + 15) / 16 * 16;
  return ((struct weir_g_cold *)(low + stride - cold))->g;
}
