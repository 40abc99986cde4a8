// SPDX-License-Identifier: Apache-2.0
//
// The misuses that end a program, as in Go: send on and close of a closed channel, close of nil,
// free of a channel in use, unlock of an unlocked mutex, a negative wait group, a semaphore
// released too often. Reported with the stack of the one that did it and, where known, who did the
// other half: who closed or freed the channel, with that stack (ended.h); and in programs checked
// for races, who gave the lock, the wait group or the semaphore back before (hb/order.h).
#include "base/flags.h"
#include "base/hooks.h"
#include "detect/emit.h"
#include "detect/ended.h"
#include "detect/history.h"
#include "detect/hooks.h"
#include "hb/fiber.h"
#include "os/lock.h"

// `after` is where the other half was done, if it was done before and is known.
static const char *message_of(enum weir_finding_id id, enum weir_object_kind kind,
                              const void *after) {
  switch (id) {
  case WEIR_F_SEND_ON_CLOSED:
    return "sends on a closed channel";
  case WEIR_F_CLOSE_OF_CLOSED:
    return "closes a channel that is closed already";
  case WEIR_F_CLOSE_OF_NIL:
    return "closes a nil channel";
  case WEIR_F_FREE_OF_CHANNEL_IN_USE:
    return after ? "uses a channel that was freed" : "frees a channel that is still in use";
  case WEIR_F_UNLOCK_OF_UNLOCKED:
    if (kind == WEIR_OBJ_RWMUTEX) return "unlocks a side of an rwmutex that is not locked";
    return "unlocks a mutex that is not locked";
  case WEIR_F_NEGATIVE_WAIT_GROUP:
    return "makes the counter of a wait group negative";
  case WEIR_F_SEMAPHORE_OVER_RELEASE:
    return "gives more back to a semaphore than was taken";
  case WEIR_F_COND_WAIT_UNLOCKED:
    return "waits on a condition variable without its lock";
  case WEIR_F_SEND_CLOSE_RACE:
    return "offers a send on a closed channel and takes another case by chance";
  case WEIR_F_WAIT_GROUP_RACE:
    return "uses a wait group from zero before all who wait have come back";
  default:
    return "uses an object in a way that is not allowed";
  }
}

static const char *other_of(enum weir_finding_id id, const void *after) {
  if (id == WEIR_F_SEND_ON_CLOSED || id == WEIR_F_CLOSE_OF_CLOSED || id == WEIR_F_SEND_CLOSE_RACE)
    return "closed by";
  if (id == WEIR_F_UNLOCK_OF_UNLOCKED) return "last unlocked by";
  if (id == WEIR_F_NEGATIVE_WAIT_GROUP) return "last counted down by";
  if (id == WEIR_F_SEMAPHORE_OVER_RELEASE) return "last released by";
  return after ? "freed by" : "used by";
}

static void put_object(struct weir_record *r, enum weir_object_kind kind, const void *object,
                       const struct weir_site *site) {
  struct weir_object_desc d = {.kind = kind, .address = object};
  if (object) weir_object_describe(kind, object, &d);
  weir_record_object(r, &d, site);
}

static void put_self(struct weir_record *r, const void *pc) {
  uintptr_t pcs[WEIR_STACK_MAX];
  struct weir_g *self = weir_inspect_self();
  struct weir_g_view v = {0};
  if (!self) return;
  weir_inspect_one(self, &v);
  v.op = WEIR_WAIT_NONE;
  struct weir_record_goroutine g = {.view = &v, .count = 1, .stack = pcs};
  g.frames = weir_inspect_stack(self, pc, pcs, WEIR_STACK_MAX);
  if (g.frames == 0) pcs[g.frames++] = (uintptr_t)pc;
  weir_record_goroutine(r, &g);
}

// The other half, as far as it is known.
struct other {
  uint64_t goid;
  size_t n;
  uintptr_t pcs[WEIR_ENDED_FRAMES];
};

// Of a lock, wait group or semaphore in a program checked for races: who gave it back before.
static bool given_back(enum weir_finding_id id, enum weir_object_kind kind, const void *object,
                       struct other *o) {
  enum weir_sync_op op = WEIR_SYNC_UNLOCK;
  struct weir_order_call call;
  if (id == WEIR_F_NEGATIVE_WAIT_GROUP) op = WEIR_SYNC_DONE;
  if (id == WEIR_F_SEMAPHORE_OVER_RELEASE) op = WEIR_SYNC_RELEASE;
  if (!weir_hb_on || kind == WEIR_OBJ_CHAN ||
      !weir_order_published(object, op, weir_fiber_log(), &o->goid, &call))
    return false;
  o->pcs[0] = call.pc;
  o->n = 1;
  return true;
}

static void find_other(enum weir_finding_id id, enum weir_object_kind kind, const void *object,
                       const void *pc, uint64_t goid, struct other *o) {
  *o = (struct other){.goid = goid};
  if (given_back(id, kind, object, o) || !pc) return;
  if (kind == WEIR_OBJ_CHAN) o->n = weir_ended_stack(object, goid, pc, o->pcs);
  if (!o->n) o->pcs[o->n++] = (uintptr_t)pc;
}

// Where it is now, which need not be where it was.
static void put_partner(struct weir_record *r, uint64_t goid, const struct weir_g *self) {
  struct weir_g_view v;
  bool alive = weir_history_find(goid, &v);
  if (!goid || v.g == self || (!alive && !v.name[0])) return;
  if (alive && v.state == WEIR_G_WAITING) {
    weir_record_present_goroutine(r, &v, 1);
    return;
  }
  v.op = WEIR_WAIT_NONE;
  v.held_count = 0;
  weir_record_goroutine(
      r, &(struct weir_record_goroutine){.view = &v, .finished = !alive, .count = 1});
}

_Noreturn void weir_misuse_found(enum weir_finding_id id, enum weir_object_kind kind,
                                 const void *object, const struct weir_site *site, const void *pc,
                                 const void *other_pc, uint64_t other_goid) {
  struct weir_g *self = weir_inspect_self();
  struct weir_g_view v = {0};
  struct other other;
  if (self) weir_inspect_one(self, &v);
  find_other(id, kind, object, other_pc, other_goid, &other);
  struct weir_record *r = weir_record_begin(id, "Goroutine %lu %s.", (unsigned long)v.id,
                                            message_of(id, kind, other_pc));
  put_object(r, kind, object, site); // the first one is what it is about
  weir_record_goroutines_open(r);
  put_self(r, pc);
  if (other.goid != v.id) put_partner(r, other.goid, self);
  weir_record_goroutines_close(r);
  if (other.goid || other.n)
    weir_record_other(r, other_of(id, other_pc), other.goid, other.pcs, other.n);
  weir_record_end(r);
  weir_end_program();
}

// --- what did not end badly ----------------------------------------------------------------------

static bool told_before(enum weir_finding_id id, const void *pc) {
  enum { SEEN = 256 };
  static struct weir_lock lock;
  static struct {
    enum weir_finding_id id;
    const void *pc;
  } seen[SEEN];
  static unsigned n;
  bool known = false;
  weir_lock_acquire(&lock);
  for (unsigned i = 0; i < n && !known; i++)
    known = seen[i].id == id && seen[i].pc == pc;
  if (!known && n == SEEN) known = true; // enough
  if (!known) {
    seen[n].id = id;
    seen[n++].pc = pc;
  }
  weir_lock_release(&lock);
  return known;
}

bool weir_chance_found(enum weir_finding_id id, const struct weir_object_desc *object,
                       const struct weir_site *use, const void *pc) {
  struct weir_g *self = weir_inspect_self();
  struct weir_g_view v = {0};
  struct other other = {0};
  if (!weir_flags.predict || told_before(id, pc)) return false;
  if (self) weir_inspect_one(self, &v);
  if (object->closed_pc)
    find_other(id, object->kind, object->address, object->closed_pc, object->closed_by, &other);
  // Of a select only the other choice would have been one.
  const char *certainty = id == WEIR_F_SEND_CLOSE_RACE ? "predicted" : "observed";
  struct weir_record *r = weir_record_begin_as(
      id, certainty, "Goroutine %lu %s.", (unsigned long)v.id, message_of(id, object->kind, NULL));
  weir_record_object(r, object, use);
  weir_record_goroutines_open(r);
  put_self(r, pc);
  if (other.goid != v.id) put_partner(r, other.goid, self);
  weir_record_goroutines_close(r);
  if (other.n) weir_record_other(r, other_of(id, NULL), other.goid, other.pcs, other.n);
  return weir_record_end(r);
}
