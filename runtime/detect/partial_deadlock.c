// SPDX-License-Identifier: Apache-2.0
//
// The finding `partial-deadlock`: goroutines that wait for each other's locks in a cycle,
// found when the cycle closes, while others run. A lock here is what one goroutine has: a mutex,
// an rwmutex held for writing, a once whose function it runs. The code says mutex for each of them:
// their heads are alike. (For an rwmutex that is being read see lock_suspects.c.)
//
// Each goroutine that is going to wait for a mutex first publishes that it waits, then comes here
// (with a full fence between) and follows owner, its wait, that owner, ... So of those that close a
// cycle together, at least the last to publish sees all of it; several may, and the first to
// claim the cycle reports it.
//
// The walk takes no lock. It is made twice; if both times every goroutine waits for the same
// mutex, of the same owner, and none has been woken or parked in between, then all edges held at
// one moment, and each goroutine in the cycle can go on only after another of them does. Proven;
// only an unlock by a goroutine outside the cycle, which Go allows, could still break it.
//
// Memory of mutexes other than the caller's own may be gone: it is read through weir_mem_peek.
#include <stdatomic.h>
#include <weir/sync.h>

#include "base/flags.h"
#include "detect/emit.h"
#include "detect/hooks.h"
#include "detect/lock_cycle.h"
#include "detect/sink.h"
#include "os/futex.h"
#include "os/lock.h"
#include "os/memory.h"

enum { REWALKS = 64, REREADS = 1000, REPORTED_MAX = 4096, PARK_ROUNDS = 1000 };

static struct {
  struct weir_lock lock;
  atomic_bool told; // not all of them were suppressed
  size_t n;         // only grows
  struct {
    uint64_t goid;
    const void *mutex;
  } member[REPORTED_MAX];
} reported;

// The mutex that g waits for (or is about to wait for), or NULL. What it waits for cannot be
// read at the moment it parks; that must not pass for "waits for nothing".
const void *weir_lock_wait_of(struct weir_g *g) {
  for (int i = 0; i < REREADS; i++) {
    struct weir_wait_on on;
    if (weir_inspect_waits(g, &on, 1) == 1) return weir_waits_for_lock(on.op) ? on.object : NULL;
    if (!weir_waits_for_lock(weir_inspect_op(g))) return NULL;
  }
  return NULL;
}

bool weir_waits_for_lock(enum weir_wait_op op) {
  return op == WEIR_WAIT_MUTEX || op == WEIR_WAIT_RWMUTEX || op == WEIR_WAIT_RWMUTEX_READ ||
         op == WEIR_WAIT_ONCE;
}

// Whether g took it. The owner may have ended and left the unlock to somebody else: then the name
// in the lock is that of a goroutine which came later in the same place. Longer lists keep the
// newest only.
static bool took(struct weir_g *g, const void *mutex) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  bool found = v.held_count == WEIR_HELD_MAX;
  for (unsigned i = 0; i < v.held_count && !found; i++)
    found = v.held[i].mutex == mutex;
  return found;
}

struct weir_g *weir_lock_owner_of(const void *mutex) {
  weir_mutex copy;
  if (!weir_mem_peek(&copy, mutex, sizeof copy) || !weir_inspect_is_goroutine(copy.owner))
    return NULL;
  return took(copy.owner, mutex) ? copy.owner : NULL;
}

bool weir_lock_owner_ended(const void *mutex, uint64_t *id) {
  weir_mutex copy;
  struct weir_g_view v;
  if (!weir_mem_peek(&copy, mutex, sizeof copy) || !weir_inspect_is_goroutine(copy.owner))
    return false;
  weir_inspect_one(copy.owner, &v);
  bool dead = v.state == WEIR_G_DEAD;
  if (!dead && (v.state != WEIR_G_WAITING || v.object == mutex || took(copy.owner, mutex)))
    return false;
  *id = dead ? v.id : 0;
  return true;
}

static uint32_t seq_of(struct weir_g *g) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  return v.park_seq;
}

// Follows the edges from g until they come back to it. False: they do not.
static bool walk_from(struct weir_g *g, const void *mutex, struct weir_lock_walk *w) {
  struct weir_g *at = g;
  for (w->n = 0; w->n < WEIR_CYCLE_MAX;) {
    w->edge[w->n++] = (struct weir_lock_edge){at, mutex, seq_of(at)};
    at = weir_lock_owner_of(mutex);
    if (at == g) return true;
    if (!at || !(mutex = weir_lock_wait_of(at))) return false;
  }
  return false;
}

bool weir_lock_walk_equal(const struct weir_lock_walk *a, const struct weir_lock_walk *b) {
  if (a->n != b->n) return false;
  for (size_t i = 0; i < a->n; i++)
    if (a->edge[i].g != b->edge[i].g || a->edge[i].lock != b->edge[i].lock ||
        a->edge[i].park_seq != b->edge[i].park_seq)
      return false;
  return true;
}

static bool is_member(uint64_t goid, const void *mutex) {
  for (size_t i = 0; i < reported.n; i++)
    if (reported.member[i].goid == goid && reported.member[i].mutex == mutex) return true;
  return false;
}

bool weir_lock_cycle_stands(void) {
  if (!atomic_load(&reported.told)) return false;
  weir_lock_acquire(&reported.lock);
  size_t n = reported.n;
  weir_lock_release(&reported.lock);
  for (size_t i = 0; i < n; i++) {
    struct weir_g *g = weir_inspect_find(reported.member[i].goid);
    if (g && weir_lock_wait_of(g) == reported.member[i].mutex) return true;
  }
  return false;
}

bool weir_partial_deadlock_lock(const void *mutex) {
  weir_lock_acquire(&reported.lock);
  bool found = false;
  for (size_t i = 0; i < reported.n && !found; i++)
    found = reported.member[i].mutex == mutex;
  weir_lock_release(&reported.lock);
  return found;
}

// True for the first caller with this cycle. Equal cycles share all members.
static bool claim(const struct weir_lock_walk *w) {
  weir_lock_acquire(&reported.lock);
  struct weir_g_view v;
  weir_inspect_one(w->edge[0].g, &v);
  bool fresh = !is_member(v.id, w->edge[0].lock) && reported.n + w->n <= REPORTED_MAX;
  for (size_t i = 0; fresh && i < w->n; i++) {
    weir_inspect_one(w->edge[i].g, &v);
    reported.member[reported.n].goid = v.id;
    reported.member[reported.n++].mutex = w->edge[i].lock;
  }
  weir_lock_release(&reported.lock);
  return fresh;
}

// The others are parked or about to: wait until their stacks can be read.
static void wait_until_parked(const struct weir_lock_walk *w) {
  _Atomic uint32_t nobody_wakes = 0;
  for (size_t i = 1; i < w->n; i++)
    for (int round = 0; round < PARK_ROUNDS; round++) {
      struct weir_g_view v;
      weir_inspect_one(w->edge[i].g, &v);
      if (v.state != WEIR_G_RUNNING) break;
      weir_futex_wait(&nobody_wakes, 0, 100000);
    }
}

// Only its own goroutine can end the function of a once; a lock may be unlocked by any.
static bool anybody_may_unlock(const struct weir_lock_walk *w) {
  return weir_object_lock_kind(w->edge[0].lock) != WEIR_OBJ_ONCE;
}

static struct weir_record *begin(const struct weir_lock_walk *w, const struct weir_g_view *first) {
  if (w->n == 1)
    return weir_record_begin_as(
        WEIR_F_PARTIAL_DEADLOCK, anybody_may_unlock(w) ? "observed" : "proven",
        "Goroutine %lu waits for a lock that it holds itself, and can never go on.",
        (unsigned long)first->id);
  return weir_record_begin(WEIR_F_PARTIAL_DEADLOCK,
                           "%zu goroutines wait for each other's locks and can never go on.", w->n);
}

struct barrier {
  const void *lock;
  struct weir_g *writer; // that waits for it
};

static bool find_writer(const struct weir_g_view *v, void *arg) {
  struct barrier *b = arg;
  bool found = v->state == WEIR_G_WAITING && v->op == WEIR_WAIT_RWMUTEX && v->object == b->lock;
  if (found) b->writer = v->g;
  return !found;
}

static bool in_walk(const struct weir_lock_walk *w, const struct weir_g *g) {
  for (size_t i = 0; i < w->n; i++)
    if (w->edge[i].g == g) return true;
  return false;
}

// Who waits to read waits for other readers because a writer stands in between.
static void present_writers(struct weir_record *r, const struct weir_lock_walk *w) {
  struct weir_g *last = NULL;
  for (size_t i = 0; i < w->n; i++) {
    struct barrier b = {w->edge[i].lock, NULL};
    struct weir_g_view v;
    weir_inspect_one(w->edge[i].g, &v);
    if (v.op != WEIR_WAIT_RWMUTEX_READ || weir_lock_owner_of(b.lock)) continue;
    weir_inspect_each(find_writer, &b);
    if (!b.writer || b.writer == last || in_walk(w, b.writer)) continue;
    last = b.writer;
    weir_inspect_one(last, &v);
    weir_record_present_goroutine(r, &v, 1);
  }
}

static bool report(const struct weir_lock_walk *w) {
  struct weir_cycle_step steps[WEIR_CYCLE_MAX];
  struct weir_g_view v;
  wait_until_parked(w);
  weir_inspect_one(w->edge[0].g, &v);
  struct weir_record *r = begin(w, &v);
  weir_record_goroutines_open(r);
  for (size_t i = 0; i < w->n; i++) {
    weir_inspect_one(w->edge[i].g, &v);
    steps[i].goroutine = v.id;
    steps[i].object = weir_record_lock_at(r, w->edge[i].lock);
    weir_record_present_goroutine(r, &v, 1);
  }
  present_writers(r, w);
  weir_record_goroutines_close(r);
  weir_record_cycle(r, steps, w->n);
  if (w->n == 1 && anybody_may_unlock(w))
    weir_record_doubt(r, "another goroutine may unlock it in its place");
  unsigned long before = weir_sink_kept();
  bool end = weir_record_end(r);
  if (weir_sink_kept() > before) atomic_store(&reported.told, true);
  return end;
}

bool weir_lock_cycle_report(const struct weir_lock_walk *w) {
  return claim(w) && report(w);
}

static bool first_step_may_be_a_cycle(struct weir_g *g, const void *mutex) {
  struct weir_g *owner = __atomic_load_n(&((const weir_mutex *)mutex)->owner, __ATOMIC_ACQUIRE);
  return owner && (owner == g || weir_lock_wait_of(owner));
}

// Who locks a mutex or rwmutex that it holds itself may mean another goroutine to unlock it, as in
// Go: it is a suspect, and reported if it still waits after a while. Nobody else can end the
// function of a once.
static bool may_be_meant(const struct weir_lock_walk *w) {
  return w->n == 1 && weir_object_lock_kind(w->edge[0].lock) != WEIR_OBJ_ONCE;
}

bool weir_partial_deadlock_check(struct weir_g *g, const void *mutex) {
  if (!weir_flags.partial_deadlock || !first_step_may_be_a_cycle(g, mutex)) return false;
  struct weir_lock_walk walks[2];
  if (!walk_from(g, mutex, &walks[0])) return false;
  for (int i = 1; i < REWALKS; i++) {
    if (!walk_from(g, mutex, &walks[i % 2])) return false;
    if (!weir_lock_walk_equal(&walks[0], &walks[1])) continue;
    if (!may_be_meant(&walks[0])) return weir_lock_cycle_report(&walks[0]);
    weir_lock_suspect_self(g, mutex);
    return false;
  }
  return false;
}
