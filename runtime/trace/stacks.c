// SPDX-License-Identifier: Apache-2.0
//
// Stacks in a trace file. A program waits and wakes at few places, so each stack is stored once,
// and an event has its number. Found by 48 bits of a hash in a table without deletion, as sites
// are: a look takes no lock, and an entry is stored (release) after what it stands for. That two
// stacks have the same 48 bits is not looked for: it costs one wrong stack in a profile. `lock` is
// a leaf.
#include "trace/trace.h"

#include "os/copy.h"
#include "os/lock.h"

enum { STACKS = 8192, SLOTS = 4 * STACKS, NUMBER_BITS = 16 };

static struct {
  struct weir_lock lock;
  uint32_t n; // number 0 is none
  _Atomic uint64_t slot[SLOTS];
} stacks = {.n = 1};

size_t weir_trace_stacks_size(void) {
  return STACKS * sizeof(struct weir_trace_stack);
}

static uint64_t hash_of(const uintptr_t *pcs, size_t n) {
  uint64_t hash = n;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ pcs[i] ^ hash >> 29) * UINT64_C(0x9e3779b97f4a7c15);
  return hash >> NUMBER_BITS << NUMBER_BITS | (UINT64_C(1) << 63);
}

static _Atomic uint64_t *find(uint64_t hash, unsigned *number) {
  for (size_t i = hash >> 40;; i++) {
    _Atomic uint64_t *slot = &stacks.slot[i % SLOTS];
    uint64_t entry = atomic_load_explicit(slot, memory_order_acquire); // pairs with add
    bool same = entry >> NUMBER_BITS == hash >> NUMBER_BITS;
    *number = same ? entry & ((1 << NUMBER_BITS) - 1) : 0;
    if (!entry || same) return slot;
  }
}

static unsigned add(const uintptr_t *pcs, size_t n, uint64_t hash, _Atomic uint64_t *slot) {
  struct weir_trace_header *h = weir_trace_memory;
  struct weir_trace_stack *all = (struct weir_trace_stack *)((char *)h + h->stacks_at);
  if (stacks.n == h->stacks_max) return 0;
  unsigned number = stacks.n++;
  weir_copy(all[number].pcs, pcs, n * sizeof *pcs);
  atomic_store_explicit(slot, hash | number, memory_order_release);
  return number;
}

unsigned weir_trace_stack_number(const uintptr_t *pcs, size_t n) {
  unsigned number;
  if (n > WEIR_TRACE_FRAMES) n = WEIR_TRACE_FRAMES;
  uint64_t hash = hash_of(pcs, n);
  _Atomic uint64_t *slot = find(hash, &number);
  if (__builtin_expect(number != 0, 1)) return number;
  weir_lock_acquire(&stacks.lock);
  slot = find(hash, &number);
  if (!number) number = add(pcs, n, hash, slot);
  weir_lock_release(&stacks.lock);
  return number;
}
