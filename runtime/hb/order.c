// SPDX-License-Identifier: Apache-2.0
//
// order.h: the logs. They stand in a table that only grows, so that a reference leads to its log
// without a lock. A finished goroutine's log goes to the end of a queue and comes back to use from
// its front, once KEEP others have finished after it. Lock: table.lock, a leaf.
#include "hb/order.h"

#include "base/check.h"
#include "os/lock.h"
#include "os/memory.h"

enum {
  LOGS_MAX = 1 << 24,
  CHUNK = 64,
  KEEP = 256,
  LARGE_BYTES = WEIR_ORDER_LARGE * sizeof(struct weir_order_event)
};

static struct {
  struct weir_lock lock;
  struct weir_order_log **at; // [LOGS_MAX], address space only; release count publishes an entry
  _Atomic size_t count;
  struct weir_order_log *chunk; // the rest of the last piece of memory
  size_t chunk_left;
  struct weir_order_log *first, *last; // finished
  size_t finished;
} table;

size_t weir_order_log_count(void) {
  return atomic_load_explicit(&table.count, memory_order_acquire);
}

struct weir_order_log *weir_order_log_at(size_t id) {
  return table.at[id];
}

// Under the lock.
static struct weir_order_log *take_finished(void) {
  struct weir_order_log *l = table.first;
  if (table.finished <= KEEP) return NULL;
  table.finished--;
  table.first = l->next;
  if (!table.first) table.last = NULL;
  return l;
}

// Under the lock.
static struct weir_order_log *make(void) {
  size_t n = atomic_load_explicit(&table.count, memory_order_relaxed);
  if (!table.at && !(table.at = weir_mem_map(LOGS_MAX * sizeof *table.at))) return NULL;
  if (n == LOGS_MAX) return NULL;
  if (!table.chunk_left) {
    size_t size = (CHUNK * sizeof *table.chunk + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
    if (!(table.chunk = weir_mem_map(size))) return NULL;
    table.chunk_left = CHUNK;
  }
  struct weir_order_log *l = table.chunk++;
  table.chunk_left--;
  l->id = n;
  atomic_store_explicit(&l->ring, l->small, memory_order_relaxed);
  table.at[n] = l;
  atomic_store_explicit(&table.count, n + 1, memory_order_release);
  return l;
}

struct weir_order_log *weir_order_log_new(uint64_t goid, weir_order_ref from) {
  weir_lock_acquire(&table.lock);
  struct weir_order_log *l = take_finished();
  if (!l) l = make();
  weir_lock_release(&table.lock);
  if (!l) return NULL;
  atomic_store_explicit(&l->goid, goid, memory_order_relaxed);
  uint64_t first = atomic_load_explicit(&l->count, memory_order_relaxed) + 1;
  atomic_store_explicit(&l->first, first, memory_order_relaxed);
  l->call = (struct weir_order_call){.pc = goid, .op = WEIR_SYNC_START};
  weir_order_note(l, WEIR_ORDER_START, from);
  return l;
}

void weir_order_log_end(struct weir_order_log *l) {
  if (!l) return;
  l->next = NULL;
  weir_lock_acquire(&table.lock);
  if (table.last)
    table.last->next = l;
  else
    table.first = l;
  table.last = l;
  table.finished++;
  weir_lock_release(&table.lock);
}

// The few events there was room for are full: room for more, once. Readers of the old ring find
// what they look for there as long as the log is this goroutine's.
static void grow(struct weir_order_log *l, uint64_t count) {
  struct weir_order_event *large = weir_mem_map(LARGE_BYTES);
  if (!large) return;
  for (uint64_t i = 0; i < WEIR_ORDER_SMALL && i < count; i++) {
    uint64_t at = count - i;
    large[at % WEIR_ORDER_LARGE] = l->small[at % WEIR_ORDER_SMALL];
  }
  atomic_store_explicit(&l->ring, large, memory_order_release); // publishes what was copied
}

static struct weir_order_event *place_of(struct weir_order_log *l, uint64_t seq) {
  struct weir_order_event *ring = atomic_load_explicit(&l->ring, memory_order_relaxed);
  return &ring[seq % weir_order_ring_size(l, ring)];
}

weir_order_ref weir_order_note(struct weir_order_log *l, enum weir_order_kind kind,
                               weir_order_ref from) {
  uint64_t seq = atomic_load_explicit(&l->count, memory_order_relaxed) + 1;
  uint64_t first = atomic_load_explicit(&l->first, memory_order_relaxed);
  if (seq - first >= WEIR_ORDER_SMALL &&
      atomic_load_explicit(&l->ring, memory_order_relaxed) == l->small)
    grow(l, seq - 1);
  *place_of(l, seq) = (struct weir_order_event){.pc = l->call.pc,
                                                .site = l->call.site,
                                                .from = from,
                                                .kind = (uint8_t)kind,
                                                .op = l->call.op};
  atomic_store_explicit(&l->count, seq, memory_order_release);
  return l->id << WEIR_ORDER_SEQ_BITS | seq;
}

void weir_order_saw(struct weir_order_log *l, weir_order_ref from) {
  if (from && from >> WEIR_ORDER_SEQ_BITS != l->id) weir_order_note(l, WEIR_ORDER_ACQUIRE, from);
}

void weir_order_acquire(struct weir_order_log *l, const void *sync) {
  weir_order_saw(l, weir_order_cell_get(sync));
}

void weir_order_release(struct weir_order_log *l, const void *sync, bool join) {
  if (!join) {
    weir_order_cell_set(sync, weir_order_note(l, WEIR_ORDER_RELEASE, 0));
    return;
  }
  // Of two that join at once, one may miss the other: then the note is put right below.
  weir_order_ref before = weir_order_cell_get(sync);
  weir_order_ref mine = weir_order_note(l, WEIR_ORDER_JOIN, before);
  weir_order_ref was = weir_order_cell_set(sync, mine);
  if (was != before)
    __atomic_store_n(&place_of(l, weir_order_seq(mine))->from, was, __ATOMIC_RELAXED);
}

void weir_order_forget(const void *sync) {
  weir_order_cell_set(sync, 0);
}
