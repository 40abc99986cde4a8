// SPDX-License-Identifier: Apache-2.0
//
// leak.h: the heap of glibc 2.36, chunk by chunk. Its layout is no interface, so it is learnt and
// checked once, from a chunk that was just freed (its list leads into an arena) and from what must
// hold in every arena; a heap that is not as expected in all its chunks is left to be a root,
// whole, which is safe and only finds less. With another allocator nothing is learnt.
//
// A chunk: the size before the memory that the program gets, with three flags, the lowest saying
// that the chunk before is in use; its memory reaches over the head of the next. Chunks follow each
// other up to the arena's top. Free are those whose successor says so, and those in a thread's
// cache, which carry a key in their second word.
//
// An arena whose lock is held was stopped in the middle of a change: nothing is read then.
#include <stdlib.h>

#include "detect/leak.h"
#include "os/copy.h"
#include "os/maps.h"

enum {
  TOP_AT = 96,    // in an arena; what precedes the first bin, so also where that bin seems to be
  BINS_AT = 112,  // pairs of pointers
  BINS = 127,     // from the second on each is empty, pointing to itself, or holds chunks
  NEXT_AT = 2160, // ring of all arenas
  ARENA_SIZE = 2200,
  HEAP_INFO = 48, // {arena, previous heap, size, ...}, before the arena or the first chunk
  HEAP_SIZE_AT = 16,
  ARENAS_MAX = 1024,
  SPANS_MAX = 4096,
  CHUNK_MIN = 32,
  PREV_INUSE = 1,
  MMAPPED = 2,
  NON_MAIN = 4,
  FLAGS = 7,
  CACHED_MAX = 1040 + 16, // chunks of a thread's cache
};
#define HEAP_ALIGN ((uintptr_t)64 << 20)

static struct {
  bool known;
  uintptr_t arena; // one of the ring
  uintptr_t key;   // of cached chunks; 0: not known
  size_t n_spans;
  struct weir_object_span span[SPANS_MAX];
} heap;

static uintptr_t word(uintptr_t at) {
  return *(const uintptr_t *)at;
}

// --- learning
// ----------------------------------------------------------------------------------------

static bool peek(uintptr_t at, uintptr_t *out) {
  return at % 8 == 0 && weir_maps_copy(out, at, sizeof *out);
}

// An arena, by what most of its bins must say: pointing to themselves, or both elsewhere.
static bool looks_like_an_arena(uintptr_t a) {
  uintptr_t top;
  int empty = 0;
  for (int i = 2; i < BINS; i++) {
    uintptr_t bin = a + BINS_AT + (uintptr_t)(i - 1) * 16, head = bin - 16, first, last;
    if (!peek(bin, &first) || !peek(bin + 8, &last)) return false;
    if ((first == head) != (last == head)) return false;
    empty += first == head;
  }
  return empty > BINS / 3 && peek(a + TOP_AT, &top) && top != 0;
}

static bool belongs_to_a_heap(uintptr_t a) {
  uintptr_t owner;
  return a % HEAP_ALIGN == HEAP_INFO && peek(a - HEAP_INFO, &owner) && owner == a;
}

// All of the ring are arenas, and one alone is the main one.
static bool looks_like_a_ring(uintptr_t a) {
  uintptr_t at = a;
  int mains = 0;
  for (int n = 0; n < ARENAS_MAX; n++) {
    if (!looks_like_an_arena(at)) return false;
    mains += !belongs_to_a_heap(at);
    if (!peek(at + NEXT_AT, &at)) return false;
    if (at == a) return mains == 1;
  }
  return false;
}

static void *hide(void *p) { // from the compiler, which knows malloc and free
  __asm__ volatile("" : "+r"(p)::"memory");
  return p;
}

static void learn_arena(void) {
  enum { N = 8, SIZE = 2048 };
  uintptr_t at[N];
  void *p[N];
  for (int i = 0; i < N; i++)
    at[i] = (uintptr_t)(p[i] = hide(malloc(SIZE)));
  for (int i = 0; i < N; i++)
    if (!p[i] || (word(at[i] - 8) & ~(uintptr_t)FLAGS) != SIZE + 16) at[i] = 0;
  for (int i = 0; i < N; i += 2)
    free(p[i]);
  for (int i = 0; i < N && !heap.known; i += 2) {
    uintptr_t back;
    if (!at[i] || !peek(at[i] + 8, &back) || !looks_like_a_ring(back - TOP_AT)) continue;
    heap.arena = back - TOP_AT;
    heap.known = true;
  }
  for (int i = 1; i < N; i += 2)
    free(p[i]);
}

static void learn_key(void) {
  void *p = hide(malloc(40)), *q = hide(malloc(40));
  uintptr_t a = (uintptr_t)p, b = (uintptr_t)q, first = 0, second = 1;
  free(p);
  free(q);
  if (a && b && peek(a + 8, &first) && peek(b + 8, &second) && first == second) heap.key = first;
}

void weir_heap_learn(void) {
  static bool tried;
  if (tried) return;
  tried = true;
  learn_arena();
  if (heap.known) learn_key();
}

// --- walking
// -------------------------------------------------------------------------------------------

static bool in_use(uintptr_t chunk, uintptr_t size) {
  if (!(word(chunk + size + 8) & PREV_INUSE)) return false;
  return size > CACHED_MAX || !heap.key || word(chunk + 24) != heap.key;
}

static void note(struct weir_area *a, uintptr_t block, uintptr_t size) {
  uintptr_t at = (block - a->low) / 16;
  a->grains[at / 64].starts |= 1ull << (at % 64);
  for (uintptr_t grain = (block - a->low) / WEIR_GRAIN + 1;
       grain * WEIR_GRAIN < block + size - a->low; grain++)
    a->grains[grain].cover = (uint32_t)(at + 1);
}

static bool is_fence(uintptr_t chunk, uintptr_t end) {
  return (word(chunk + 8) & ~(uintptr_t)FLAGS) == 16 && end - chunk <= 4 * CHUNK_MIN;
}

// From the first chunk to `end`, which is the top or, in an older heap, behind a fence.
static bool walk(struct weir_area *a, uintptr_t chunk, uintptr_t end, bool main, bool fenced) {
  while (chunk < end) {
    if (fenced && is_fence(chunk, end)) return true;
    uintptr_t head = word(chunk + 8), size = head & ~(uintptr_t)FLAGS;
    if (size < CHUNK_MIN || size % 16 || size > end - chunk || (head & MMAPPED)) return false;
    if (!!(head & NON_MAIN) == main) return false;
    if (fenced && end - chunk - size < 16) return false;
    if (in_use(chunk, size)) note(a, chunk + 16, size);
    chunk += size;
  }
  return chunk == end;
}

static void own(uintptr_t low, uintptr_t high) {
  if (heap.n_spans < SPANS_MAX) heap.span[heap.n_spans++] = (struct weir_object_span){low, high};
}

// Makes an area of [low, high); what does not fit together stays a root.
static void take(uintptr_t low, uintptr_t high, uintptr_t first, uintptr_t end, bool main,
                 bool fenced) {
  if (heap.n_spans == SPANS_MAX || first % 16 || end > high || first > end) return;
  if ((end - first) >> 36) return; // more than `cover` can number
  uintptr_t base = first & ~(uintptr_t)(WEIR_GRAIN - 1);
  struct weir_area *a = weir_space_add(base, (end + 64) & ~(uintptr_t)15, 16, WEIR_AREA_HEAP);
  if (!a) return;
  if (walk(a, first, end, main, fenced))
    own(low, high);
  else
    a->high = a->low; // nothing is found in it
}

static void take_heaps_of(uintptr_t arena) {
  uintptr_t top = word(arena + TOP_AT), first_heap = arena - HEAP_INFO;
  uintptr_t heap_at = top & ~(HEAP_ALIGN - 1);
  for (bool newest = true; heap_at; newest = false) {
    uintptr_t size = word(heap_at + HEAP_SIZE_AT), first = heap_at + HEAP_INFO;
    if (word(heap_at) != arena || size > HEAP_ALIGN) return;
    if (heap_at == first_heap) first = (arena + ARENA_SIZE + 15) & ~(uintptr_t)15;
    uintptr_t end = newest ? top : heap_at + size;
    take(heap_at, heap_at + size, first, end, false, !newest);
    if (heap_at == first_heap) return;
    heap_at = word(heap_at + 8);
  }
}

static bool any_locked(void) {
  for (uintptr_t a = heap.arena, n = 0; n < ARENAS_MAX; n++) {
    if (*(const volatile uint32_t *)a) return true;
    if ((a = word(a + NEXT_AT)) == heap.arena) return false;
  }
  return true;
}

bool weir_heap_busy(void) {
  return heap.known && any_locked();
}

void weir_heap_look(uintptr_t brk_low, uintptr_t brk_high) {
  heap.n_spans = 0;
  if (!heap.known) return;
  uintptr_t a = heap.arena;
  do {
    uintptr_t top = word(a + TOP_AT);
    if (belongs_to_a_heap(a)) {
      take_heaps_of(a);
    } else {
      own(a, a + ARENA_SIZE);
      if (top >= brk_low && top < brk_high) take(brk_low, brk_high, brk_low, top, true, false);
    }
    a = word(a + NEXT_AT);
  } while (a != heap.arena);
}

size_t weir_heap_owned(struct weir_object_span *out, size_t max) {
  size_t n = heap.n_spans < max ? heap.n_spans : max;
  weir_copy(out, heap.span, n * sizeof *out);
  return heap.n_spans;
}
