// SPDX-License-Identifier: Apache-2.0
//
// Size classes in steps of a half (16, 24, 32, 48, 64, 96 ...), each with a free list,
// newest first, under a lock of its own, refilled with a chunk of address space at a time.
#include "sync/slab.h"

#include <stdint.h>

#include "os/asan.h"
#include "os/lock.h"
#include "os/memory.h"

enum { CLASSES = 24, CHUNK = 128 * 1024 };

struct block {
  struct block *next;
};

static struct slab {
  struct weir_lock lock;
  struct block *free;
  char *fresh; // rest of the newest chunk
  size_t left;
} slabs[CLASSES];

static size_t class_size(unsigned c) {
  return (size_t)(c & 1 ? 24 : 16) << (c / 2);
}

static unsigned class_of(size_t size) {
  if (size <= 16) return 0;
  unsigned log = 63 - (unsigned)__builtin_clzl(size - 1); // 2^log < size <= 2^(log+1)
  unsigned c = (log - 4) * 2 + 1;
  return size <= class_size(c) ? c : c + 1;
}

static size_t mapping_size(size_t size) {
  return (size + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
}

static void *carve(struct slab *s, size_t size) {
  if (s->left < size) {
    char *chunk = weir_mem_map_for(CHUNK, WEIR_MEM_BLOCKS, size);
    if (!chunk) return NULL;
    weir_asan_root(chunk, CHUNK);
    s->fresh = chunk;
    s->left = CHUNK;
  }
  void *p = s->fresh;
  s->fresh += size;
  s->left -= size;
  return p;
}

void *weir_slab_alloc(size_t size) {
  if (size > WEIR_SLAB_MAX) {
    if (size > SIZE_MAX - WEIR_PAGE) return NULL;
    void *p = weir_mem_map_for(mapping_size(size), WEIR_MEM_BLOCKS, mapping_size(size));
    if (p) weir_asan_root(p, mapping_size(size));
    return p;
  }
  unsigned c = class_of(size);
  struct slab *s = &slabs[c];
  weir_lock_acquire(&s->lock);
  struct block *b = s->free;
  void *p = b;
  if (b)
    s->free = b->next;
  else
    p = carve(s, class_size(c));
  weir_lock_release(&s->lock);
  return p;
}

void weir_slab_free(void *p, size_t size) {
  if (size > WEIR_SLAB_MAX) {
    weir_asan_unroot(p, mapping_size(size));
    weir_mem_unmap(p, mapping_size(size));
    return;
  }
  struct slab *s = &slabs[class_of(size)];
  struct block *b = p;
  weir_lock_acquire(&s->lock);
  b->next = s->free;
  s->free = b;
  weir_lock_release(&s->lock);
}

// --- for who looks through all memory ----------------------------------------------------------

void weir_slab_hold(void) {
  for (unsigned c = 0; c < CLASSES; c++)
    weir_lock_acquire(&slabs[c].lock);
}

void weir_slab_release(void) {
  for (unsigned c = CLASSES; c-- > 0;)
    weir_lock_release(&slabs[c].lock);
}

void weir_slab_each_free(void (*fn)(const void *block, void *arg), void *arg) {
  for (unsigned c = 0; c < CLASSES; c++)
    for (const struct block *b = slabs[c].free; b; b = b->next)
      fn(b, arg);
}
