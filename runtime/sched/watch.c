// SPDX-License-Identifier: Apache-2.0
//
// Watched scopes (weir/watchdog.h): who is in one, since when, and with which limit. Entering puts
// an entry on a list, leaving takes it off; the monitor goes through the lists at each of its
// ticks.
//
// Time is the number of those ticks. The first one that sees an entry counts as its beginning, so
// nothing is ever early. A beat is a counter of the goroutine's, which the monitor compares.
//
// The lists are split by goroutine, so that scopes of different ones seldom meet. Lock: that of
// the part, innermost; an entry belongs to it but for `g`, which is constant while it is in use.
// Entries are never unmapped. Those of a thread or of main that ended without leaving its scopes
// (pthread_exit) are taken off when the monitor finds another goroutine in its place.
#include <weir/watchdog.h>

#include "base/check.h"
#include "base/flags.h"
#include "os/copy.h"
#include "os/memory.h"
#include "sched/g.h"

enum { PARTS = 16, ENTRIES = 4096, TICK_MS = 100 };

struct weir_watch_ {
  struct weir_watch_ *next, *prev; // in use: both ways; unused: next alone
  struct weir_g *g;
  uint64_t goid;
  const void *pc; // of the enter, in the program
  int64_t limit;
  uint32_t ticks; // since the beginning or the last beat; 0: not seen yet
  uint32_t beats; // of g, when last looked at
  bool heartbeat, reported;
  char name[32];
};

static struct part {
  _Alignas(64) struct weir_lock lock;
  struct weir_watch_ *used, *unused;
  size_t made;
} parts[PARTS];

static struct part *part_of(const struct weir_g *g) {
  return &parts[(uintptr_t)g / 64 % PARTS];
}

// --- under the part's lock -----------------------------------------------------------------------

static void make_some(struct part *p) {
  enum { AT_ONCE = 64 };
  if (p->made == ENTRIES) return;
  size_t bytes = (AT_ONCE * sizeof(struct weir_watch_) + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
  struct weir_watch_ *w = weir_mem_map(bytes);
  for (int i = 0; w && i < AT_ONCE; i++) {
    w[i].next = p->unused;
    p->unused = &w[i];
  }
  if (w) p->made += AT_ONCE;
}

static struct weir_watch_ *take(struct part *p) {
  if (!p->unused) make_some(p);
  struct weir_watch_ *w = p->unused;
  if (!w) return NULL;
  p->unused = w->next;
  w->prev = NULL;
  w->next = p->used;
  if (w->next) w->next->prev = w;
  p->used = w;
  return w;
}

static void put_back(struct part *p, struct weir_watch_ *w) {
  if (w->prev)
    w->prev->next = w->next;
  else
    p->used = w->next;
  if (w->next) w->next->prev = w->prev;
  w->next = p->unused;
  p->unused = w;
}

static bool gone(const struct weir_watch_ *w) {
  return w->g->id != w->goid ||
         atomic_load_explicit(&w->g->state, memory_order_acquire) == WEIR_G_DEAD;
}

// One tick more. True: it has run out just now.
static bool run_out(struct weir_watch_ *w) {
  uint32_t beats = atomic_load_explicit(&w->g->beats, memory_order_relaxed);
  if (w->heartbeat && beats != w->beats) {
    w->beats = beats;
    w->ticks = 0;
    w->reported = false;
  }
  int64_t lasted = (int64_t)w->ticks++ * TICK_MS * 1000000;
  if (w->reported || lasted <= w->limit) return false;
  return w->reported = true;
}

// --- the calls -----------------------------------------------------------------------------------

struct weir_watch_ *weir_watch_enter_(int64_t ns, const char *name, bool beats) {
  if (!weir_flags.watchdog || ns <= 0) return NULL;
  weir_sched_ensure();
  struct weir_g *g = weir_self();
  struct part *p = part_of(g);
  weir_lock_acquire(&p->lock);
  struct weir_watch_ *w = take(p);
  if (w) {
    w->g = g;
    w->goid = g->id;
    w->pc = __builtin_return_address(0);
    w->limit = ns;
    w->ticks = 0;
    w->beats = atomic_load_explicit(&g->beats, memory_order_relaxed);
    w->heartbeat = beats;
    w->reported = false;
    weir_copy_text(w->name, name ? name : "", sizeof w->name);
  }
  weir_lock_release(&p->lock);
  return w;
}

void weir_watch_leave_(struct weir_watch_ *w) {
  if (!w) return;
  struct part *p = part_of(w->g);
  weir_lock_acquire(&p->lock);
  put_back(p, w);
  weir_lock_release(&p->lock);
}

void weir_beat(void) {
  struct weir_g *g = weir_self();
  uint32_t beats = atomic_load_explicit(&g->beats, memory_order_relaxed); // its own alone
  atomic_store_explicit(&g->beats, beats + 1, memory_order_relaxed);
}

// --- the monitor's look --------------------------------------------------------------------------

static size_t look(struct part *p, struct weir_watch_view *out, size_t max) {
  size_t n = 0;
  weir_lock_acquire(&p->lock);
  for (struct weir_watch_ *w = p->used, *next; w && n < max; w = next) {
    next = w->next;
    if (gone(w)) {
      put_back(p, w);
      continue;
    }
    if (!run_out(w)) continue;
    out[n] = (struct weir_watch_view){w->g, w->goid, w->pc, w->limit, w->beats, w->heartbeat, {0}};
    weir_copy_text(out[n++].name, w->name, sizeof w->name);
  }
  weir_lock_release(&p->lock);
  return n;
}

size_t weir_inspect_watches(struct weir_watch_view *out, size_t max) {
  size_t n = 0;
  for (int i = 0; i < PARTS; i++)
    if (__atomic_load_n(&parts[i].used, __ATOMIC_RELAXED)) n += look(&parts[i], out + n, max - n);
  return n;
}
