// SPDX-License-Identifier: Apache-2.0
//
// What the detectors may know of an object, as data (base/object.h). Reads without locks:
// the caller looks at an object that a parked goroutine waits for, in a process that goes
// on, so every field is a snapshot of its own; none is a pointer that may dangle but
// the mutex's owner, and goroutine structs are never unmapped.
#include "base/object.h"

#include <weir/sync.h>

#include "os/memory.h"
#include "sync/chan.h"

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
  d->timer_pending = __atomic_load_n(&c->timer_pending, __ATOMIC_ACQUIRE);
}

// Mutexes and wait groups are the program's memory, which may be gone when we look.
static void describe_mutex(const void *object, struct weir_object_desc *d) {
  weir_mutex m;
  if (!weir_mem_peek(&m, object, sizeof m)) return;
  d->site = m.site;
  d->owner_goid = m.owner ? weir_g_id(m.owner) : 0;
  d->owner_pc = m.owner ? m.locked_at : NULL;
}

static void describe_wait_group(const void *object, struct weir_object_desc *d) {
  weir_wg wg;
  if (!weir_mem_peek(&wg, object, sizeof wg)) return;
  d->site = wg.site;
  d->len = (size_t)(wg.state >> 32);
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
    describe_mutex(object, d);
    break;
  case WEIR_OBJ_WAIT_GROUP:
    describe_wait_group(object, d);
    break;
  case WEIR_OBJ_NONE:
  case WEIR_OBJ_TIMER:
  case WEIR_OBJ_FD:
    break;
  }
}
