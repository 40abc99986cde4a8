// SPDX-License-Identifier: Apache-2.0
//
// Storing events, and handing out chunks.
//
// In the rings a place is taken by one atomic addition, so two that share a ring do not mix their
// events. In the file a worker has a chunk of its own and stores into it without a lock; all other
// threads share one, under `others.lock`. When it is full, its owner takes another under
// `chunks.lock`: a new one while there are any, then the oldest that nobody has open. So what is
// kept is the newest of all lanes together, and what a lane that has been quiet for long did last.
//
// The tag of an event is stored last (release on top of the processor's order of stores), and
// differs from what the chunk's memory carried before, so a reader of the file or of the memory
// never takes an old or half an event for one. Locks: others.lock, then chunks.lock; both are
// leaves to everybody else.
#include "trace/trace.h"

#include "base/check.h"
#include "os/lock.h"
#include "os/ticks.h"

struct weir_trace_header *weir_trace_memory;
struct weir_trace_ring *weir_trace_rings;
_Atomic uint32_t weir_trace_rings_ready;
bool weir_trace_on, weir_trace_switches;

struct lane {
  _Alignas(64) struct weir_trace_event *next, *end; // in its chunk; NULL: it has none yet
  uint64_t tag;
  uint32_t slot, number;
};

enum { LANES = 1025 };
static struct lane lanes[LANES];
static struct lane *const shared = &lanes[WEIR_TRACE_LANE_OTHERS];
static _Thread_local struct lane *own __attribute__((tls_model("initial-exec")));

static struct {
  struct weir_lock lock;
} others;

static struct {
  struct weir_lock lock;
  uint64_t seq;
  uint32_t cursor;
  bool is_full;                  // no more can be had; what there is is used again
  uint64_t open[(1 << 20) / 64]; // a bit for each slot that a lane stores into
} chunks;

enum { CHUNKS_MOST = 1 << 20, TAGS = 0xffff };

static bool is_open(uint32_t slot) {
  return chunks.open[slot / 64] >> (slot % 64) & 1;
}
static void set_open(uint32_t slot, bool open) {
  uint64_t bit = UINT64_C(1) << (slot % 64);
  chunks.open[slot / 64] = open ? chunks.open[slot / 64] | bit : chunks.open[slot / 64] & ~bit;
}

// A slot that has not been used yet, or -1.
static int64_t fresh_slot(struct weir_trace_header *h) {
  uint32_t n = h->chunks;
  if (chunks.is_full || n == h->chunks_max || n == CHUNKS_MOST) return -1;
  if (weir_trace_more_chunks(n + 1)) {
    chunks.is_full = true;
    return -1;
  }
  __atomic_store_n(&h->chunks, n + 1, __ATOMIC_RELEASE);
  return n;
}

// The oldest that nobody stores into, or -1. They were taken in the order of their numbers.
static int64_t used_slot(const struct weir_trace_header *h) {
  for (uint32_t i = 0; i < h->chunks; i++) {
    uint32_t slot = chunks.cursor;
    chunks.cursor = slot + 1 < h->chunks ? slot + 1 : 0;
    if (!is_open(slot)) return slot;
  }
  return -1;
}

static bool take_chunk(struct lane *l) {
  struct weir_trace_header *h = weir_trace_memory;
  weir_lock_acquire(&chunks.lock);
  if (l->next) set_open(l->slot, false);
  int64_t slot = fresh_slot(h);
  if (slot < 0) slot = used_slot(h);
  l->next = l->end = NULL;
  if (slot >= 0) {
    struct weir_trace_chunk *c = weir_trace_chunk_at((uint32_t)slot);
    set_open((uint32_t)slot, true);
    l->slot = (uint32_t)slot;
    l->tag = ++chunks.seq % TAGS + 1;
    c->lane = l->number;
    c->tag = (uint32_t)l->tag;
    // release: the events that carry the new tag come after it
    __atomic_store_n(&c->seq, chunks.seq, __ATOMIC_RELEASE);
    l->next = (struct weir_trace_event *)(c + 1);
    l->end = l->next + WEIR_TRACE_CHUNK_EVENTS;
    weir_trace_take_time();
  } else {
    h->dropped++;
  }
  weir_lock_release(&chunks.lock);
  return slot >= 0;
}

static inline void fill(struct weir_trace_event *e, uint64_t who, uint64_t tag, uint64_t what,
                        uint64_t where) {
  e->ticks = weir_ticks();
  e->what = what;
  e->where = where;
  // release: whoever sees the tag sees the rest
  __atomic_store_n(&e->who, who | tag << WEIR_TRACE_HIGH_SHIFT, __ATOMIC_RELEASE);
}

static void store(struct lane *l, uint64_t who, uint64_t what, uint64_t where) {
  if (__builtin_expect(l->next == l->end, 0) && !take_chunk(l)) return;
  fill(l->next++, who, l->tag, what, where);
}

static __attribute__((noinline, cold)) void want_ring(uint32_t i) {
  weir_lock_acquire(&chunks.lock);
  weir_trace_more_rings(i + 1);
  weir_lock_release(&chunks.lock);
}

static void keep(uint64_t who, uint64_t what, uint64_t where) {
  uint64_t goid = WEIR_TRACE_WHO(who);
  uint32_t i = goid % WEIR_TRACE_RINGS;
  if (__builtin_expect(i >= atomic_load_explicit(&weir_trace_rings_ready, memory_order_relaxed), 0))
    want_ring(i);
  struct weir_trace_ring *r = weir_trace_ring_of(goid);
  uint32_t n = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed);
  struct weir_trace_event *e = &r->event[n % WEIR_TRACE_LAST_EACH];
  __atomic_store_n(&e->who, 0, __ATOMIC_RELEASE); // a reader that comes now leaves it out
  fill(e, who, 0, what, where);
}

static uint64_t who_and_what(uint64_t goid, unsigned op) {
  return WEIR_TRACE_WHO(goid) | (uint64_t)op << WEIR_TRACE_OP_SHIFT;
}

static void put_in_file(uint64_t who, uint64_t what, uint64_t where) {
  struct lane *l = own;
  if (__builtin_expect(l != NULL, 1)) {
    store(l, who, what, where);
    return;
  }
  weir_lock_acquire(&others.lock);
  store(shared, who, what, where);
  weir_lock_release(&others.lock);
}

static void put(unsigned op, uint64_t goid, uint64_t what, uint64_t where) {
  uint64_t who = who_and_what(goid, op);
  if (weir_trace_rings && goid) keep(who, what, where);
  if (weir_trace_switches) put_in_file(who, what, where);
}

static uint64_t with_site(uint64_t what, const struct weir_site *site) {
  uint64_t number = site ? weir_trace_site(site) : 0;
  return WEIR_TRACE_LOW(what) | number << WEIR_TRACE_HIGH_SHIFT;
}

__attribute__((noinline)) void weir_trace_put(unsigned op, uint64_t goid, uint64_t what,
                                              const struct weir_site *site, uint64_t where,
                                              unsigned argument) {
  put(op, goid, with_site(what, site),
      WEIR_TRACE_LOW(where) | (uint64_t)(argument & 0xffff) << WEIR_TRACE_HIGH_SHIFT);
}

__attribute__((noinline)) void weir_trace_file_(enum weir_sync_op op, const struct weir_g *g,
                                                const void *object, const struct weir_site *site,
                                                const void *pc) {
  put_in_file(who_and_what(weir_trace_goid(g), WEIR_TRACE_CALL + op),
              with_site((uint64_t)(uintptr_t)object, site),
              WEIR_TRACE_LOW((uint64_t)(uintptr_t)pc));
}

void weir_trace_stack_(uint64_t goid, const uintptr_t *pcs, size_t n) {
  unsigned number = weir_trace_stack_number(pcs, n);
  if (number) put_in_file(who_and_what(goid, WEIR_TRACE_STACK), number, 0);
}

void weir_trace_name(uint64_t goid, const char *name) {
  uint64_t words[4] = {0};
  for (size_t i = 0; i < sizeof words && name[i]; i++)
    ((char *)words)[i] = name[i];
  put(WEIR_TRACE_NAME, goid, words[0], words[1]);
  if (words[2]) put(WEIR_TRACE_NAME2, goid, words[2], words[3]);
}

void weir_trace_lane(unsigned lane) {
  own = lane && lane < LANES ? &lanes[lane] : NULL;
  if (own) own->number = lane;
}

void weir_trace_tick(void) {
  if (!weir_trace_on) return;
  weir_lock_acquire(&chunks.lock);
  weir_trace_take_time();
  weir_lock_release(&chunks.lock);
}

void weir_trace_end(void) {
  if (!weir_trace_on) return;
  weir_trace_tick();
  weir_trace_memory->ended = 1;
}

void weir_trace_forget(void) {
  weir_trace_on = weir_trace_switches = false;
}
