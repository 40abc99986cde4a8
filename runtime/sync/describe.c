// SPDX-License-Identifier: Apache-2.0
//
// What the detectors may know of an object, as data (base/object.h). Reads without locks:
// the caller looks at an object that a parked goroutine waits for, in a process that goes
// on, so every field is a snapshot of its own; none is a pointer that may dangle but
// a lock's owner, and goroutine structs are never unmapped.
#include "base/object.h"

#include <weir/fence.h>
#include <weir/semaphore.h>

#include "os/memory.h"
#include "sync/chan.h"
#include "sync/locks.h"

const char *const weir_object_kind_texts[WEIR_OBJ_KINDS] = {
    [WEIR_OBJ_NONE] = "",
    [WEIR_OBJ_CHAN] = "channel",
    [WEIR_OBJ_MUTEX] = "mutex",
    [WEIR_OBJ_WAIT_GROUP] = "wait group",
    [WEIR_OBJ_TIMER] = "timer",
    [WEIR_OBJ_FD] = "fd",
    [WEIR_OBJ_RWMUTEX] = "rwmutex",
    [WEIR_OBJ_ONCE] = "once",
    [WEIR_OBJ_COND] = "condition variable",
    [WEIR_OBJ_SEM] = "semaphore",
    [WEIR_OBJ_FENCE] = "fence",
};

static void describe_chan(const struct weir_chan_ *c, struct weir_object_desc *d) {
  d->site = c->site;
  d->len = __atomic_load_n(&c->count, __ATOMIC_RELAXED);
  d->cap = c->cap;
  d->elem_size = c->elem_size;
  d->closed = weir_chan_is_closed(c);
  d->closed_by = d->closed ? c->closed_by : 0;
  d->closed_pc = d->closed ? c->closed_pc : NULL;
  d->last_sender = c->last_sender;
  d->last_receiver = c->last_receiver;
  d->use = (enum weir_chan_use)c->owned;
  d->timer_pending = __atomic_load_n(&c->timer_pending, __ATOMIC_ACQUIRE);
}

// All others are the program's memory, which may be gone when we look.

enum { KIND_MASK = (1 << WEIR_LOCK_KIND_BITS) - 1 };

#define SAME_PLACE(type, member, as)                                                           \
  _Static_assert(offsetof(type, member) == offsetof(weir_mutex, as), "the heads of locks are " \
                                                                     "alike")
SAME_PLACE(weir_rwmutex, kind, kind);
SAME_PLACE(weir_rwmutex, owner, owner);
SAME_PLACE(weir_rwmutex, locked_at, locked_at);
SAME_PLACE(weir_rwmutex, site, site);
SAME_PLACE(weir_once, kind, kind);
SAME_PLACE(weir_once, owner, owner);
SAME_PLACE(weir_once, started_at, locked_at);
SAME_PLACE(weir_once, site, site);
_Static_assert(sizeof(weir_mutex) <= sizeof(weir_rwmutex), "is read in place of the others");
_Static_assert(sizeof(weir_mutex) <= sizeof(weir_once), "is read in place of the others");

static void describe_lock(const void *object, struct weir_object_desc *d) {
  weir_mutex m;
  if (!weir_mem_peek(&m, object, sizeof m)) return;
  d->site = m.site;
  if (weir_inspect_is_goroutine(m.owner)) {
    d->owner_goid = weir_g_id(m.owner);
    d->owner_pc = m.locked_at;
  }
  if (d->kind != WEIR_OBJ_RWMUTEX) return;
  d->len = weir_rwmutex_readers(m.state);
  uint32_t unknown;
  const weir_rwmutex *rw = object;
  d->readers_unknown = !weir_mem_peek(&unknown, &rw->strangers, sizeof unknown) || unknown;
}

enum weir_object_kind weir_object_lock_kind(const void *object) {
  weir_mutex m;
  if (!weir_mem_peek(&m, object, sizeof m)) return WEIR_OBJ_NONE;
  m.kind &= KIND_MASK;
  if (m.kind == WEIR_LOCK_IS_RWMUTEX) return WEIR_OBJ_RWMUTEX;
  return m.kind == WEIR_LOCK_IS_ONCE ? WEIR_OBJ_ONCE : WEIR_OBJ_MUTEX;
}

uint32_t weir_object_lock_number(const void *lock) {
  uint32_t kind = __atomic_load_n(&((const weir_mutex *)lock)->kind, __ATOMIC_RELAXED);
  if (kind == WEIR_LOCK_IS_RWMUTEX)
    return __atomic_load_n(&((const weir_rwmutex *)lock)->number, __ATOMIC_RELAXED);
  return kind & KIND_MASK ? 0 : kind >> WEIR_LOCK_KIND_BITS;
}

static bool copy_object(void *dst, const void *src, size_t n, bool sure) {
  if (!sure) return weir_mem_peek(dst, src, n);
  weir_copy(dst, src, n);
  return true;
}

bool weir_object_lock_look(const void *lock, const struct weir_g *holder, bool sure,
                           struct weir_lock_look *out) {
  weir_mutex m;
  weir_rwmutex rw;
  if (!copy_object(&m, lock, sizeof m, sure)) return false;
  uint32_t kind = m.kind & KIND_MASK;
  *out = (struct weir_lock_look){.kind = WEIR_OBJ_MUTEX, .site = m.site};
  if (kind == WEIR_LOCK_IS_ONCE) out->kind = WEIR_OBJ_ONCE;
  if (kind != WEIR_LOCK_IS_RWMUTEX) {
    out->number = kind ? 0 : m.kind >> WEIR_LOCK_KIND_BITS;
    return m.owner == holder;
  }
  if (!copy_object(&rw, lock, sizeof rw, sure)) return false;
  out->kind = WEIR_OBJ_RWMUTEX;
  out->number = rw.number;
  out->reading = rw.owner != holder;
  return !out->reading || (!rw.owner && weir_rwmutex_readers(rw.state) && !rw.strangers);
}

void weir_object_lock_set_number(void *lock, uint32_t number) {
  uint32_t kind = __atomic_load_n(&((const weir_mutex *)lock)->kind, __ATOMIC_RELAXED);
  if (kind == WEIR_LOCK_IS_RWMUTEX)
    __atomic_store_n(&((weir_rwmutex *)lock)->number, number, __ATOMIC_RELAXED);
  else
    __atomic_store_n(&((weir_mutex *)lock)->kind, number << WEIR_LOCK_KIND_BITS, __ATOMIC_RELAXED);
}

// Above the bits of clock.h in a wait group.
enum { EDGES_BITS = 8 };

uint32_t weir_object_end_number(const void *object, enum weir_end end) {
  const struct weir_chan_ *c = object;
  if (end == WEIR_END_TURN) { // the one after the lock's own, which nothing else has
    uint32_t number = weir_object_lock_number(object);
    return number ? number + 1 : 0;
  }
  if (end != WEIR_END_WAIT)
    return __atomic_load_n(&c->end_number[end == WEIR_END_SEND], __ATOMIC_RELAXED);
  return __atomic_load_n(&((const weir_wg *)object)->edges, __ATOMIC_RELAXED) >> EDGES_BITS;
}

void weir_object_end_set_number(void *object, enum weir_end end, uint32_t number) {
  struct weir_chan_ *c = object;
  if (end != WEIR_END_WAIT)
    __atomic_store_n(&c->end_number[end == WEIR_END_SEND], number, __ATOMIC_RELAXED);
  else
    __atomic_fetch_add(&((weir_wg *)object)->edges,
                       (number - weir_object_end_number(object, end)) << EDGES_BITS,
                       __ATOMIC_RELAXED);
}

static void describe_cond(const void *object, struct weir_object_desc *d) {
  weir_cond c;
  if (!weir_mem_peek(&c, object, sizeof c)) return;
  d->site = c.site;
  d->missed_by = c.missed_by;
  d->missed_pc = c.missed_at;
}

static void describe_semaphore(const void *object, struct weir_object_desc *d) {
  weir_sem s;
  if (!weir_mem_peek(&s, object, sizeof s)) return;
  d->site = s.site;
  d->len = (size_t)s.taken;
  d->cap = (size_t)s.capacity;
}

static void describe_fence(const void *object, struct weir_object_desc *d) {
  weir_fence f;
  if (weir_mem_peek(&f, object, sizeof f)) d->site = f.site;
}

static void describe_wait_group(const void *object, struct weir_object_desc *d) {
  weir_wg wg;
  if (!weir_mem_peek(&wg, object, sizeof wg)) return;
  d->site = wg.site;
  d->len = (size_t)(int32_t)(wg.state >> 32);
}

void weir_object_describe(enum weir_object_kind kind, const void *object,
                          struct weir_object_desc *d) {
  *d = (struct weir_object_desc){.kind = kind, .address = object};
  if (!object) return; // a nil channel
  switch (kind) {
  case WEIR_OBJ_CHAN:
    describe_chan(object, d);
    break;
  case WEIR_OBJ_MUTEX:
  case WEIR_OBJ_RWMUTEX:
  case WEIR_OBJ_ONCE:
    describe_lock(object, d);
    break;
  case WEIR_OBJ_COND:
    describe_cond(object, d);
    break;
  case WEIR_OBJ_SEM:
    describe_semaphore(object, d);
    break;
  case WEIR_OBJ_FENCE:
    describe_fence(object, d);
    break;
  case WEIR_OBJ_WAIT_GROUP:
    describe_wait_group(object, d);
    break;
  case WEIR_OBJ_NONE:
  case WEIR_OBJ_TIMER:
  case WEIR_OBJ_FD:
  case WEIR_OBJ_KINDS:
    break;
  }
}
