// SPDX-License-Identifier: Apache-2.0
//
// ended.h. A table of fixed size, by the channel's address; a newer end takes the place of an
// older one. What is lost is only the way to a call whose place the channel itself knows. Lock: one
// for each entry, a leaf, taken with the channel's lock held.
#include "detect/ended.h"

#include "base/hooks.h"
#include "os/lock.h"

enum { BITS = 10 };

static struct ended {
  struct weir_lock lock;
  const void *channel;
  uint64_t goid;
  size_t n;
  uintptr_t pcs[WEIR_ENDED_FRAMES];
} table[1 << BITS];

static struct ended *entry_of(const void *channel) {
  uint64_t h = (uint64_t)(uintptr_t)channel * 0x9e3779b97f4a7c15u; // Fibonacci hashing (Knuth)
  return &table[h >> (64 - BITS)];
}

void weir_hook_ended(const void *channel, uint64_t goid, const uintptr_t *pcs, size_t n) {
  struct ended *e = entry_of(channel);
  weir_lock_acquire(&e->lock);
  e->channel = channel;
  e->goid = goid;
  e->n = n;
  for (size_t i = 0; i < n; i++)
    e->pcs[i] = pcs[i];
  weir_lock_release(&e->lock);
}

size_t weir_ended_stack(const void *channel, uint64_t goid, const void *pc, uintptr_t *pcs) {
  struct ended *e = entry_of(channel);
  size_t n = 0;
  weir_lock_acquire(&e->lock);
  bool same = e->channel == channel && e->goid == goid && e->n && e->pcs[0] == (uintptr_t)pc;
  for (; same && n < e->n; n++)
    pcs[n] = e->pcs[n];
  weir_lock_release(&e->lock);
  return n;
}
