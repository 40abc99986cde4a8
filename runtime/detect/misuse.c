// SPDX-License-Identifier: Apache-2.0
//
// The misuses that end a program, as in Go: send on and close of a closed channel, close of nil,
// free of a channel in use, unlock of an unlocked mutex, a negative wait group, a semaphore
// released too often. Reported with the stack of the one that did it and, where known, who did the
// other half (who closed it).
#include "base/hooks.h"
#include "detect/emit.h"
#include "detect/hooks.h"

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
  default:
    return "uses an object in a way that is not allowed";
  }
}

static const char *other_of(enum weir_finding_id id, const void *after) {
  if (id == WEIR_F_SEND_ON_CLOSED || id == WEIR_F_CLOSE_OF_CLOSED) return "closed by";
  if (id != WEIR_F_FREE_OF_CHANNEL_IN_USE) return "last used by";
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

_Noreturn void weir_misuse_found(enum weir_finding_id id, enum weir_object_kind kind,
                                 const void *object, const struct weir_site *site, const void *pc,
                                 const void *other_pc, uint64_t other_goid) {
  struct weir_g *self = weir_inspect_self();
  struct weir_g_view v = {0};
  if (self) weir_inspect_one(self, &v);
  struct weir_record *r = weir_record_begin(id, "Goroutine %lu %s.", (unsigned long)v.id,
                                            message_of(id, kind, other_pc));
  weir_record_goroutines_open(r);
  put_self(r, pc);
  weir_record_goroutines_close(r);
  put_object(r, kind, object, site);
  if (other_goid) weir_record_other(r, other_of(id, other_pc), other_goid, other_pc);
  weir_record_end(r);
  weir_end_program();
}
