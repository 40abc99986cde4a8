// SPDX-License-Identifier: Apache-2.0
//
// order.h: what one goroutine knows of another, found backwards from its newest event.
//
// A *stretch* is one goroutine's part of a log, from its START on. Knowing event n of a stretch
// means knowing all before it in the stretch; so for each stretch the search keeps how far it
// has been read (`known`), and a reference into it leads to the events between. Breadth first,
// so that the way found to an event is one with the fewest hops. An ACQUIRE and a START lead to the
// event they name; a JOIN, when it was acquired, also to the one that was published before it.
//
// All memory is mapped at the first search and kept. It runs while a race detector holds its locks:
// no allocation after that, no lock, and a bound on the work.
#include <string.h>

#include "hb/order.h"
#include "os/memory.h"

enum { NODES = 1 << 15, STRETCHES = 1 << 15, JOINS = 1 << 16 };

// A reference that was met: event `seq` of a log, seen at event `by_seq` of the node `by`.
struct node {
  weir_order_ref ref;
  uint64_t goid, first; // of its stretch
  int by;               // -1: the goroutine that was asked about
  struct weir_order_call released, acquired;
};

struct stretch { // open addressing by log and first
  uint64_t log, first, known;
};

static struct {
  struct node *node;
  int n_nodes;
  struct stretch *stretch;
  int n_stretches;
  weir_order_ref *joined; // open addressing: JOINs whose predecessors were met
  int n_joined;
  bool complete;
  uint64_t wanted, best_seq; // goroutine; the newest of its events that was met
  int best;
} search;

// --- reading a log that is being written ---------------------------------------------------------

static bool read_event(struct weir_order_log *l, uint64_t seq, struct weir_order_event *e) {
  uint64_t count = atomic_load_explicit(&l->count, memory_order_acquire);
  struct weir_order_event *ring = atomic_load_explicit(&l->ring, memory_order_acquire);
  uint32_t size = weir_order_ring_size(l, ring);
  if (seq == 0 || seq > count || count - seq >= size) return false;
  *e = ring[seq % size];
  atomic_thread_fence(memory_order_acquire); // the copy, then the count that it must not exceed
  return atomic_load_explicit(&l->count, memory_order_relaxed) - seq + 1 < size;
}

// Finds the START of the stretch that event seq belongs to. False: lost.
static bool find_stretch(struct weir_order_log *l, uint64_t seq, uint64_t *first, uint64_t *goid) {
  *first = atomic_load_explicit(&l->first, memory_order_acquire);
  *goid = atomic_load_explicit(&l->goid, memory_order_relaxed);
  if (seq >= *first) return true;
  struct weir_order_event e;
  for (; seq && read_event(l, seq, &e); seq--)
    if (e.kind == WEIR_ORDER_START) {
      *first = seq;
      *goid = e.pc;
      return true;
    }
  return false;
}

// --- what is known of each stretch ---------------------------------------------------------------

static struct stretch *stretch_of(uint64_t log, uint64_t first) {
  uint32_t h = (uint32_t)((log * 0x9e3779b97f4a7c15u + first) * 0xff51afd7ed558ccdu >> 40);
  for (uint32_t i = 0; i < STRETCHES; i++) {
    struct stretch *s = &search.stretch[(h + i) % STRETCHES];
    if (!s->first) {
      if (search.n_stretches >= STRETCHES / 2) return NULL;
      search.n_stretches++;
      *s = (struct stretch){log, first, first - 1};
      return s;
    }
    if (s->log == log && s->first == first) return s;
  }
  return NULL;
}

// --- the walk
// --------------------------------------------------------------------------------------

static struct weir_order_call call_of(const struct weir_order_event *e) {
  return (struct weir_order_call){e->pc, e->site, e->op};
}

static void meet(weir_order_ref ref, int by, const struct weir_order_event *seen_at) {
  if (!ref) return;
  size_t log = ref >> WEIR_ORDER_SEQ_BITS;
  struct weir_order_event e;
  struct node n = {.ref = ref, .by = by};
  struct weir_order_log *l = log < weir_order_log_count() ? weir_order_log_at(log) : NULL;
  if (!l || search.n_nodes == NODES || !find_stretch(l, weir_order_seq(ref), &n.first, &n.goid) ||
      !read_event(l, weir_order_seq(ref), &e)) {
    search.complete = false;
    return;
  }
  n.released = call_of(&e);
  if (seen_at) n.acquired = call_of(seen_at);
  if (n.goid == search.wanted && weir_order_seq(ref) > search.best_seq) {
    search.best_seq = weir_order_seq(ref);
    search.best = search.n_nodes;
  }
  search.node[search.n_nodes++] = n;
}

// False: it was there already.
static bool add_joined(weir_order_ref ref) {
  uint32_t h = (uint32_t)(ref * 0x9e3779b97f4a7c15u >> 40);
  for (uint32_t i = 0; i < JOINS && search.n_joined < JOINS / 2; i++) {
    weir_order_ref *at = &search.joined[(h + i) % JOINS];
    if (*at == ref) return false;
    if (*at) continue;
    *at = ref;
    search.n_joined++;
    return true;
  }
  search.complete = false;
  return false;
}

// What had been published where this event joined, seen by whoever saw this event.
static void meet_joined(int at, const struct weir_order_event *seen_at) {
  struct weir_order_event e;
  weir_order_ref ref = search.node[at].ref;
  int by = search.node[at].by;
  for (;;) {
    struct weir_order_log *l = weir_order_log_at(ref >> WEIR_ORDER_SEQ_BITS);
    if (!read_event(l, weir_order_seq(ref), &e)) {
      search.complete = false;
      return;
    }
    if (e.kind != WEIR_ORDER_JOIN || !e.from || !add_joined(ref)) return;
    ref = e.from;
    meet(ref, by, seen_at);
  }
}

static void read_back(int at) {
  struct node *n = &search.node[at];
  struct weir_order_log *l = weir_order_log_at(n->ref >> WEIR_ORDER_SEQ_BITS);
  struct stretch *s = stretch_of(l->id, n->first);
  uint64_t upto = weir_order_seq(n->ref);
  if (!s) search.complete = false;
  if (!s || upto <= s->known) return;
  uint64_t known = s->known;
  s->known = upto;
  for (uint64_t seq = upto; seq > known; seq--) {
    struct weir_order_event e;
    if (!read_event(l, seq, &e)) {
      search.complete = false;
      return;
    }
    if (e.kind != WEIR_ORDER_ACQUIRE && e.kind != WEIR_ORDER_START) continue;
    int first = search.n_nodes;
    meet(e.from, at, &e);
    if (e.kind == WEIR_ORDER_ACQUIRE && search.n_nodes > first) meet_joined(first, &e);
  }
}

static bool prepare(void) {
  size_t nodes = NODES * sizeof *search.node, stretches = STRETCHES * sizeof *search.stretch;
  size_t joins = JOINS * sizeof *search.joined;
  if (!search.node) search.node = weir_mem_map(nodes);
  if (!search.stretch) search.stretch = weir_mem_map(stretches);
  if (!search.joined) search.joined = weir_mem_map(joins);
  if (!search.node || !search.stretch || !search.joined) return false;
  if (search.n_stretches) memset(search.stretch, 0, stretches);
  if (search.n_joined) memset(search.joined, 0, joins);
  search.n_nodes = search.n_stretches = search.n_joined = 0;
  search.best = -1;
  search.best_seq = 0;
  search.complete = !weir_order_cells_lossy();
  return true;
}

// From the end of the way to its beginning; what is too long loses its middle.
static void lay_path(struct weir_order_path *path) {
  size_t n = 0;
  for (int at = search.best; at >= 0 && search.node[at].by >= 0; at = search.node[at].by)
    n++;
  path->n_hops = n < WEIR_ORDER_HOPS ? n : WEIR_ORDER_HOPS;
  size_t i = 0;
  for (int at = search.best; at >= 0 && search.node[at].by >= 0; at = search.node[at].by, i++) {
    size_t place = i < WEIR_ORDER_HOPS - 1 || n <= WEIR_ORDER_HOPS ? i : WEIR_ORDER_HOPS - 1;
    const struct node *from = &search.node[at], *to = &search.node[from->by];
    path->hops[place] =
        (struct weir_order_hop){from->goid, to->goid, from->released, from->acquired};
  }
}

static struct weir_order_log *log_of(uint64_t goid) {
  struct weir_order_log *found = NULL;
  for (size_t i = 0, n = weir_order_log_count(); i < n && !found; i++) {
    struct weir_order_log *l = weir_order_log_at(i);
    if (atomic_load_explicit(&l->goid, memory_order_relaxed) == goid) found = l;
  }
  return found;
}

bool weir_order_last(uint64_t from, uint64_t to, struct weir_order_path *path) {
  *path = (struct weir_order_path){.from = from, .to = to};
  struct weir_order_log *l = log_of(to);
  if (!l || !prepare()) return false;
  search.wanted = from;
  uint64_t count = atomic_load_explicit(&l->count, memory_order_acquire);
  meet(l->id << WEIR_ORDER_SEQ_BITS | count, -1, NULL);
  for (int at = 0; at < search.n_nodes; at++)
    read_back(at);
  path->complete = search.complete;
  lay_path(path);
  return true;
}

bool weir_order_published(const void *sync, enum weir_sync_op op, const struct weir_order_log *self,
                          uint64_t *goid, struct weir_order_call *call) {
  enum { STEPS = 8 };
  weir_order_ref own = 0, ref = weir_order_cell_get(sync);
  if (self) own = self->id << WEIR_ORDER_SEQ_BITS | atomic_load(&self->count);
  for (int i = 0; i < STEPS && ref; i++) {
    struct weir_order_log *l = weir_order_log_at(ref >> WEIR_ORDER_SEQ_BITS);
    struct weir_order_event e;
    uint64_t first;
    if (!read_event(l, weir_order_seq(ref), &e)) return false;
    if (ref != own && e.op == op) {
      *call = call_of(&e);
      return find_stretch(l, weir_order_seq(ref), &first, goid);
    }
    ref = e.kind == WEIR_ORDER_JOIN ? e.from : 0;
  }
  return false;
}
