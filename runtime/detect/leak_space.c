// SPDX-License-Identifier: Apache-2.0
//
// leak.h: the areas whose blocks count one by one, sorted by address. What lies in no area is no
// block: a root, or of no interest. Most words are no address of any: a bit for each 4 GiB of the
// address space says so, in a table that stays in the cache; then for each 2 MiB there is the
// number of the first area that it touches.
//
// A heap is described by a bit for each 16 bytes where a block may begin, and per grain of 64 such
// bits by the block that reaches into it from below: so the block of any address is found in one
// or two reads, whatever its size.
#include "detect/leak.h"
#include "os/copy.h"
#include "os/memory.h"

enum { GRANULE_BITS = 21, ADDRESS_BITS = 47, NEAR_BITS = 32, TOP_BITS = 40 };

uint64_t weir_space_near[1024];
uint8_t weir_space_tops[256];

static struct {
  char *low, *at, *end;
} arena;

static struct {
  struct weir_area *at;
  size_t n, max;
  uint32_t *granules; // 1 + index of the first area in it
} space;

bool weir_leak_arena_open(size_t size) {
  size = (size + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
  arena.low = arena.at = weir_mem_map(size);
  arena.end = arena.low + size;
  return arena.low != NULL;
}

void weir_leak_arena_close(void) {
  weir_mem_unmap(arena.low, (size_t)(arena.end - arena.low));
}

void *weir_leak_take(size_t size) {
  size = (size + 63) / 64 * 64;
  if ((size_t)(arena.end - arena.at) < size) return NULL;
  void *p = arena.at;
  arena.at += size;
  return p;
}

void *weir_leak_rest(size_t *size) {
  void *p = arena.at;
  *size = (size_t)(arena.end - arena.at);
  arena.at = arena.end;
  return p;
}

// --- areas
// -----------------------------------------------------------------------------------------

bool weir_space_open(size_t areas) {
  space.n = 0;
  space.max = areas;
  space.at = weir_leak_take(areas * sizeof *space.at);
  space.granules =
      weir_leak_take(((size_t)1 << (ADDRESS_BITS - GRANULE_BITS)) * sizeof *space.granules);
  weir_zero(weir_space_near, sizeof weir_space_near);
  weir_zero(weir_space_tops, sizeof weir_space_tops);
  return space.at && space.granules;
}

static bool furnish(struct weir_area *a) {
  size_t grains = (a->high - a->low) / WEIR_GRAIN + 1, words = 0;
  if (a->kind == WEIR_AREA_HEAP) {
    a->grains = weir_leak_take(grains * sizeof *a->grains);
    if (a->grains) weir_mem_prefer_huge(a->grains, grains * sizeof *a->grains);
    return a->grains != NULL;
  }
  if (a->kind == WEIR_AREA_BLOCKS || a->kind == WEIR_AREA_TSAN_HEAP)
    words = (a->high - a->low) / a->unit / 64 + 1;
  return words == 0 || (a->marks = weir_leak_take(words * sizeof *a->marks)) != NULL;
}

struct weir_area *weir_space_add(uintptr_t low, uintptr_t high, uintptr_t unit,
                                 enum weir_area_kind kind) {
  if (space.n == space.max || high >> ADDRESS_BITS) return NULL;
  struct weir_area *a = &space.at[space.n];
  *a = (struct weir_area){.low = low, .high = high, .unit = unit, .kind = kind};
  if (!furnish(a)) return NULL;
  space.n++;
  return a;
}

static void sift(struct weir_area *a, size_t i, size_t n) {
  struct weir_area moved = a[i];
  for (size_t child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && a[child + 1].low > a[child].low) child++;
    if (a[child].low <= moved.low) break;
    a[i] = a[child];
  }
  a[i] = moved;
}

// Heapsort: no memory, no recursion, no bad case.
void weir_areas_sort(struct weir_area *a, size_t n) {
  for (size_t i = n / 2; i-- > 0;)
    sift(a, i, n);
  for (size_t end = n; end-- > 1;) {
    struct weir_area last = a[end];
    a[end] = a[0];
    a[0] = last;
    sift(a, 0, end);
  }
}

// One past the end still belongs to the last block of a heap.
static void enter(size_t i) {
  uintptr_t low = space.at[i].low, high = space.at[i].high;
  for (uintptr_t g = low >> GRANULE_BITS; g <= high >> GRANULE_BITS; g++)
    if (!space.granules[g]) space.granules[g] = (uint32_t)i + 1;
  for (uintptr_t n = low >> NEAR_BITS; n <= high >> NEAR_BITS; n++)
    weir_space_near[n / 64] |= 1ull << (n % 64);
  for (uintptr_t t = low >> TOP_BITS; t <= high >> TOP_BITS; t++)
    weir_space_tops[t] |= 1; // a plain store would become a call of memset
}

bool weir_space_seal(void) {
  weir_areas_sort(space.at, space.n);
  for (size_t i = 0; i < space.n; i++) {
    if (i && space.at[i].low < space.at[i - 1].high) return false; // cannot be
    enter(i);
  }
  return true;
}

static void forget(struct weir_area *a) {
  if (a->kind == WEIR_AREA_HEAP)
    for (size_t i = 0; i <= (a->high - a->low) / WEIR_GRAIN; i++)
      a->grains[i].marks = 0;
  else if (a->marks)
    weir_zero(a->marks, ((a->high - a->low) / a->unit / 64 + 1) * sizeof *a->marks);
}

void weir_space_forget(void) {
  for (size_t i = 0; i < space.n; i++)
    forget(&space.at[i]);
}

uintptr_t weir_space_lowest(void) {
  return space.n ? space.at[0].low : UINTPTR_MAX;
}

// --- from an address to its block
// --------------------------------------------------------------------

static const struct weir_area *area_of(uintptr_t address) {
  if (address >> ADDRESS_BITS || !weir_space_is_near(address)) return NULL;
  size_t i = space.granules[address >> GRANULE_BITS];
  if (i == 0) return NULL;
  const struct weir_area *a = &space.at[i - 1], *end = space.at + space.n;
  while (a < end && address >= a->high)
    a++;
  return a < end && address >= a->low ? a : NULL;
}

void weir_space_prefetch(uintptr_t address) {
  const struct weir_area *a = area_of(address);
  if (!a) return;
  if (a->kind == WEIR_AREA_HEAP)
    __builtin_prefetch(&a->grains[(address - a->low) / WEIR_GRAIN], 1);
  else if (a->marks)
    __builtin_prefetch(&a->marks[(address - a->low) / a->unit / 64], 1);
}

// The head of a block, before its memory: glibc's.
static uintptr_t size_before(uintptr_t block) {
  return *(const uintptr_t *)(block - sizeof(uintptr_t)) & ~(uintptr_t)7;
}

// The beginning of the last block below the address, in units of 16 bytes; -1: there is none.
static long last_start(const struct weir_area *a, uintptr_t address) {
  size_t i = (address - a->low) / WEIR_GRAIN, bit = (address - a->low) / 16 % 64;
  const struct weir_grain *g = &a->grains[i];
  uint64_t here = g->starts & (~0ull >> (63 - bit));
  if (here) return (long)(i * 64) + 63 - __builtin_clzll(here);
  return (long)g->cover - 1;
}

static bool find_in_heap(const struct weir_area *a, uintptr_t address, struct weir_block *out) {
  long start = last_start(a, address);
  if (start < 0) return false;
  size_t at = (size_t)start;
  uintptr_t block = a->low + at * 16, size = size_before(block);
  if (address - block >= size) return false;
  *out = (struct weir_block){.kind = a->kind, .low = block, .high = block + size - 8};
  out->mark = &a->grains[at / 64].marks;
  out->bit = 1ull << (at % 64);
  return true;
}

// That the address may lie behind the block does not matter: then there is nothing to reach.
bool weir_space_is_new(uintptr_t address) {
  const struct weir_area *a = area_of(address);
  if (!a) return false;
  uintptr_t block = address;
  if (a->kind == WEIR_AREA_HEAP) {
    long at = last_start(a, address);
    if (at < 0 || a->grains[at / 64].marks >> (at % 64) & 1) return false;
    block = a->low + (uintptr_t)at * 16;
    __builtin_prefetch((const void *)(block - sizeof(uintptr_t))); // its head
  } else if (a->marks) {
    size_t i = (address - a->low) / a->unit;
    if (a->marks[i / 64] >> (i % 64) & 1) return false;
    block = a->low + i * a->unit;
    if (a->kind == WEIR_AREA_TSAN_HEAP) weir_tsan_block_prefetch(block);
  }
  __builtin_prefetch((const void *)block);
  __builtin_prefetch((const void *)(block + 64));
  return true;
}

bool weir_space_find(uintptr_t address, struct weir_block *out) {
  const struct weir_area *a = area_of(address);
  if (!a) return false;
  if (a->kind == WEIR_AREA_HEAP) return find_in_heap(a, address, out);
  if (a->kind == WEIR_AREA_MAIN) {
    *out = (struct weir_block){.kind = a->kind, .low = a->low, .high = a->high};
    return true;
  }
  size_t i = (address - a->low) / a->unit;
  uintptr_t low = a->low + i * a->unit;
  if (low + a->unit > a->high) return false; // what is left over at the end of a chunk
  *out = (struct weir_block){.kind = a->kind, .low = low, .high = low + a->unit};
  if (a->kind == WEIR_AREA_STACKS) {
    out->slot = weir_inspect_slot_of_stack(a->low, a->unit, address);
    return out->slot != WEIR_NO_SLOT;
  }
  out->mark = &a->marks[i / 64];
  out->bit = 1ull << (i % 64);
  return a->kind != WEIR_AREA_TSAN_HEAP || weir_tsan_block_in_use(low);
}
