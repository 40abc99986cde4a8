// SPDX-License-Identifier: Apache-2.0
//
// Cycles that lead through readers of an rwmutex, which partial_deadlock.c cannot follow: an
// rwmutex knows how many read it, not who. Who holds a read lock stands in the list of what it
// holds, so finding the readers means looking at all goroutines; that is too dear for each wait.
//
// Whoever waits for an rwmutex that is being read, writer or reader (a reader waits only behind a
// writer), waits for each of its readers. If that one holds a lock itself, it may be in a cycle: it
// is noted as a suspect. A suspect that still waits after some ticks of the monitor, or when the
// program comes to rest (then the cycle is part of the deadlock), is looked into: all goroutines
// that hold locks and wait for one are collected, and the way from the suspect back to itself is
// searched. It is made twice; equal results mean that every edge held at one moment, as in
// partial_deadlock.c.
//
// A goroutine that waits for a lock which it holds itself is a suspect, too: another one may be
// meant to unlock it, and does so within SELF_LOOK ticks if it is.
//
// Not followed: an rwmutex of which a read lock was given back by another goroutine than took it
// and it could not be told whose that was; and what the list of the eight newest locks lost.
#include <string.h>
#include <weir/sync.h>

#include "base/flags.h"
#include "detect/hooks.h"
#include "detect/lock_cycle.h"
#include "os/lock.h"

enum { SUSPECTS = 64, NODES = 512, FIRST_LOOK = 2, SELF_LOOK = 5 };

struct suspect {
  uint64_t goid; // 0: free
  struct weir_g *g;
  const void *lock;
  uint32_t age, look_at; // in ticks
};
static struct {
  struct weir_lock lock;
  unsigned next; // to be replaced
  atomic_bool any;
  struct suspect of[SUSPECTS];
} suspects;

// A goroutine that waits for `lock` and holds some. Only one thread looks at a time.
struct node {
  struct weir_g *g;
  const void *lock;
  uint32_t park_seq;
  unsigned n_held;
  const void *held[WEIR_HELD_MAX];
  int from; // on the search's way: whose lock led here; -1: not reached
};
static struct {
  struct weir_lock lock;
  size_t n;
  bool full;
  struct node node[NODES];
} graph;

// --- suspects ------------------------------------------------------------------------------------

static bool waits_for_readers(struct weir_g *g, const void *lock) {
  struct weir_wait_on on;
  if (weir_inspect_waits(g, &on, 1) != 1 || on.object != lock) return false;
  if (on.op != WEIR_WAIT_RWMUTEX && on.op != WEIR_WAIT_RWMUTEX_READ) return false;
  return !__atomic_load_n(&((const weir_rwmutex *)lock)->owner, __ATOMIC_RELAXED);
}

static void suspect(struct weir_g *g, const void *lock, uint32_t look_at) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  if (!v.held_count) return; // nobody can wait for it
  weir_lock_acquire(&suspects.lock);
  for (unsigned i = 0; i < SUSPECTS; i++) {
    struct suspect *s = &suspects.of[suspects.next++ % SUSPECTS];
    if (s->goid && s->age) continue; // has waited for a while: more suspect than we
    *s = (struct suspect){v.id, g, lock, 0, look_at};
    atomic_store_explicit(&suspects.any, true, memory_order_relaxed);
    break;
  }
  weir_lock_release(&suspects.lock);
}

void weir_lock_suspect_readers(struct weir_g *g, const void *lock) {
  if (weir_flags.partial_deadlock && waits_for_readers(g, lock)) suspect(g, lock, FIRST_LOOK);
}

void weir_lock_suspect_self(struct weir_g *g, const void *lock) {
  suspect(g, lock, SELF_LOOK);
}

static bool still_waits(const struct suspect *s) {
  struct weir_g_view v;
  weir_inspect_one(s->g, &v);
  return v.id == s->goid && v.state == WEIR_G_WAITING && weir_lock_wait_of(s->g) == s->lock;
}

// The next suspect to look into, from place *at on.
static struct weir_g *next_suspect(unsigned *at, bool at_rest) {
  struct weir_g *found = NULL;
  weir_lock_acquire(&suspects.lock);
  for (; *at < SUSPECTS && !found; ++*at) {
    struct suspect *s = &suspects.of[*at];
    if (!s->goid) continue;
    if (!still_waits(s)) {
      s->goid = 0;
    } else if (at_rest || ++s->age >= s->look_at) {
      s->look_at = 2 * s->age; // the cycle may close later: less and less often
      found = s->g;
    }
  }
  weir_lock_release(&suspects.lock);
  return found;
}

// --- the graph -----------------------------------------------------------------------------------

static bool add_node(const struct weir_g_view *v, void *arg) {
  (void)arg;
  if (v->state != WEIR_G_WAITING || !v->held_count || !weir_waits_for_lock(v->op)) return true;
  if (graph.n == NODES) {
    graph.full = true;
    return false;
  }
  struct node *node = &graph.node[graph.n++];
  *node = (struct node){.g = v->g, .lock = v->object, .park_seq = v->park_seq, .from = -1};
  for (unsigned i = 0; i < v->held_count; i++)
    node->held[node->n_held++] = v->held[i].mutex;
  return true;
}

static bool lists(const struct node *node, const void *lock) {
  for (unsigned i = 0; i < node->n_held; i++)
    if (node->held[i] == lock) return true;
  return false;
}

// The state of a lock that somebody in the graph waits for.
struct holder {
  struct weir_g *owner;
  bool read; // by whoever lists it
};
static struct holder holder_of(const void *lock) {
  struct holder h = {.owner = weir_lock_owner_of(lock)};
  if (h.owner || weir_object_lock_kind(lock) != WEIR_OBJ_RWMUTEX) return h;
  struct weir_object_desc d;
  weir_object_describe(WEIR_OBJ_RWMUTEX, lock, &d);
  h.read = !d.owner_goid && d.len > 0 && !d.readers_unknown;
  return h;
}

// Breadth first from `start`: the shortest way back. *last is the node whose lock start holds.
static bool search(size_t start, size_t *last) {
  static uint16_t queue[NODES]; // graph.lock
  size_t head = 0, tail = 0;
  queue[tail++] = (uint16_t)start;
  while (head < tail) {
    size_t at = queue[head++];
    struct holder h = holder_of(graph.node[at].lock);
    for (size_t i = 0; i < graph.n; i++) {
      struct node *to = &graph.node[i];
      if (h.owner ? to->g != h.owner : !h.read || !lists(to, graph.node[at].lock)) continue;
      if (i == start) {
        *last = at;
        return true;
      }
      if (to->from >= 0) continue;
      to->from = (int)at;
      queue[tail++] = (uint16_t)i;
    }
  }
  return false;
}

// The way is found from its end. False: longer than a walk can be.
static bool unwind(size_t start, size_t last, struct weir_lock_walk *w) {
  size_t n = 1;
  for (size_t at = last; at != start; at = (size_t)graph.node[at].from)
    n++;
  if (n > WEIR_CYCLE_MAX) return false;
  w->n = n;
  for (size_t at = last; n-- > 0; at = (size_t)graph.node[at].from) {
    const struct node *node = &graph.node[at];
    w->edge[n] = (struct weir_lock_edge){node->g, node->lock, node->park_seq};
    if (at == start) break;
  }
  return true;
}

static bool cycle_of(struct weir_g *g, struct weir_lock_walk *w) {
  size_t start = 0, last;
  graph.n = 0;
  graph.full = false;
  weir_inspect_each(add_node, NULL);
  while (start < graph.n && graph.node[start].g != g)
    start++;
  return !graph.full && start < graph.n && search(start, &last) && unwind(start, last, w);
}

// The next cycle, of suspects from place *at on; under the lock, until the next call.
static const struct weir_lock_walk *next_cycle(unsigned *at, bool at_rest) {
  static struct weir_lock_walk walks[2];
  for (struct weir_g *g; (g = next_suspect(at, at_rest));)
    if (cycle_of(g, &walks[0]) && cycle_of(g, &walks[1]) &&
        weir_lock_walk_equal(&walks[0], &walks[1]))
      return &walks[0];
  return NULL;
}

bool weir_lock_suspects_look(bool at_rest) {
  if (!atomic_load_explicit(&suspects.any, memory_order_relaxed)) return false;
  bool end = false;
  unsigned at = 0;
  weir_lock_acquire(&graph.lock);
  for (const struct weir_lock_walk *w; !end && (w = next_cycle(&at, at_rest));)
    end = weir_lock_cycle_report(w);
  weir_lock_release(&graph.lock);
  return end;
}

bool weir_lock_suspects_cycle(struct weir_lock_walk *out) {
  unsigned at = 0;
  weir_lock_acquire(&graph.lock);
  const struct weir_lock_walk *w = next_cycle(&at, true);
  if (w) *out = *w;
  weir_lock_release(&graph.lock);
  return w != NULL;
}
