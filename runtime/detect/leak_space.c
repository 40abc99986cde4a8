// SPDX-License-Identifier: Apache-2.0
//
// leak.h: the areas whose blocks count one by one, sorted by address, and above them a byte for
// each 2 MiB of the address space that says whether to look at all. What lies in no area is no
// block: a root, or of no interest.
//
// A heap is described by a bit for each 16 bytes where a block may begin, and per grain of 64 such
// bits by the block that reaches into it from below: so the block of any address is found in one
// or two reads, whatever its size.
#include "detect/leak.h"
#include "os/memory.h"

enum { GRANULE_BITS = 21, ADDRESS_BITS = 47 };

static struct {
  char *low, *at, *end;
} arena;

static struct {
  struct weir_area *at;
  size_t n, max;
  uint8_t *granules;
  bool sorted;
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
  space.granules = weir_leak_take((size_t)1 << (ADDRESS_BITS - GRANULE_BITS));
  return space.at && space.granules;
}

static size_t bytes_of_marks(const struct weir_area *a) {
  size_t bits = 0;
  if (a->kind == WEIR_AREA_BLOCKS || a->kind == WEIR_AREA_TSAN_HEAP)
    bits = (a->high - a->low) / a->unit + 1;
  if (a->kind == WEIR_AREA_HEAP) bits = ((a->high - a->low) / WEIR_GRAIN + 1) * 64;
  return (bits + 63) / 64 * sizeof(uint64_t);
}

static bool furnish(struct weir_area *a) {
  if (!bytes_of_marks(a)) return true;
  if (!(a->marks = weir_leak_take(bytes_of_marks(a)))) return false;
  if (a->kind != WEIR_AREA_HEAP) return true;
  size_t grains = (a->high - a->low) / WEIR_GRAIN + 1;
  a->starts = weir_leak_take(grains * sizeof *a->starts);
  a->cover = weir_leak_take(grains * sizeof *a->cover);
  return a->starts && a->cover;
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

bool weir_space_seal(void) {
  weir_areas_sort(space.at, space.n);
  for (size_t i = 0; i < space.n; i++) {
    const struct weir_area *a = &space.at[i];
    if (i && a->low < space.at[i - 1].high) return false; // cannot be
    // One past the end still belongs to the last block of a heap.
    for (uintptr_t g = a->low >> GRANULE_BITS; g <= a->high >> GRANULE_BITS; g++)
      space.granules[g] = 1;
  }
  return true;
}

void weir_space_forget(void) {
  for (size_t i = 0; i < space.n; i++)
    for (size_t w = 0; w < bytes_of_marks(&space.at[i]) / sizeof(uint64_t); w++)
      space.at[i].marks[w] = 0;
}

// --- from an address to its block
// --------------------------------------------------------------------

static const struct weir_area *area_of(uintptr_t address) {
  if (address >> ADDRESS_BITS || !space.granules[address >> GRANULE_BITS]) return NULL;
  size_t low = 0, high = space.n;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (space.at[middle].low <= address)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0 || address >= space.at[low - 1].high) return NULL;
  return &space.at[low - 1];
}

// The head of a block, before its memory: glibc's.
static uintptr_t size_before(uintptr_t block) {
  return *(const uintptr_t *)(block - sizeof(uintptr_t)) & ~(uintptr_t)7;
}

static bool find_in_heap(const struct weir_area *a, uintptr_t address, struct weir_block *out) {
  size_t grain = (address - a->low) / WEIR_GRAIN, bit = (address - a->low) / 16 % 64;
  uint64_t here = a->starts[grain] & (~0ull >> (63 - bit));
  uintptr_t block;
  if (here)
    block = a->low + grain * WEIR_GRAIN + (uintptr_t)(63 - __builtin_clzll(here)) * 16;
  else if (a->cover[grain])
    block = a->low + (uintptr_t)(a->cover[grain] - 1) * 16;
  else
    return false;
  uintptr_t size = size_before(block);
  if (address - block >= size) return false;
  size_t at = (block - a->low) / 16;
  *out = (struct weir_block){.kind = a->kind, .low = block, .high = block + size - 8};
  out->mark = &a->marks[at / 64];
  out->bit = 1ull << (at % 64);
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
