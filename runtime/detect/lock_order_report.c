// SPDX-License-Identifier: Apache-2.0
//
// lock_order.h: the record of a circle. Each goroutine is shown as it was when it took its second
// lock, which may be long ago; it may have ended. Of the first lock only the place is known where
// it was taken: the stack from there on is that of the second one, from the frame on in which that
// place lies, if its function had not returned.
#include "detect/lock_order.h"

#include <string.h>

#include "detect/emit.h"

static int object_of(struct weir_record *r, const struct weir_lo_lock *l) {
  struct weir_object_desc d = {.kind = l->kind, .address = l->address, .site = l->site};
  bool channel = l->end == WEIR_END_RECV || l->end == WEIR_END_SEND; // never unmapped
  if (channel && weir_object_end_number(l->address, l->end) == l->number)
    weir_object_describe(l->kind, l->address, &d);
  return weir_record_object(r, &d, NULL);
}

static const char *op_of(const struct weir_lo_step *s) {
  if (s->wants.end == WEIR_END_RECV) return weir_wait_op_text(WEIR_WAIT_CHAN_RECV);
  if (s->wants.end == WEIR_END_SEND) return weir_wait_op_text(WEIR_WAIT_CHAN_SEND);
  if (s->wants.end == WEIR_END_WAIT) return weir_wait_op_text(WEIR_WAIT_WAIT_GROUP);
  if (s->wants.kind != WEIR_OBJ_RWMUTEX) return weir_wait_op_text(WEIR_WAIT_MUTEX);
  return weir_wait_op_text(s->wants_reading ? WEIR_WAIT_RWMUTEX_READ : WEIR_WAIT_RWMUTEX);
}

// Of the frames of s those from the function on that pc lies in, with pc in its place.
static size_t stack_from(const struct weir_lo_step *s, const void *pc, uintptr_t *out) {
  uintptr_t function = weir_inspect_function((uintptr_t)pc);
  size_t n = 0, i = 0;
  out[n++] = (uintptr_t)pc;
  while (function && i < s->frames && weir_inspect_function(s->stack[i]) != function)
    i++;
  if (!function) return n;
  for (i++; i < s->frames; i++)
    out[n++] = s->stack[i];
  return n;
}

// Who serves the end of a channel or a wait group does that, with the stack there, after it has
// taken the lock; of any other the stack is that of what it takes with the lock in hand.
static void put_goroutine(struct weir_record *r, const struct weir_lo_step *s) {
  uintptr_t stack[WEIR_LO_FRAMES + 1];
  bool serves = s->has.end;
  struct weir_g_view v = {.id = s->who.goid, .parent = s->who.parent};
  memcpy(v.name, s->who.name, sizeof v.name);
  memcpy(v.creation, s->who.creation, sizeof v.creation);
  size_t n = stack_from(s, serves ? s->wants_pc : s->has_pc, stack);
  struct weir_record_hold hold = {.object = object_of(r, &s->has),
                                  .pc = (uintptr_t)s->has_pc,
                                  .stack = serves ? s->stack : stack,
                                  .frames = serves ? s->frames : n};
  struct weir_record_goroutine g = {.view = &v,
                                    .finished = !weir_inspect_find(s->who.goid),
                                    .count = 1,
                                    .stack = serves ? stack : s->stack,
                                    .frames = serves ? n : s->frames,
                                    .past = op_of(s),
                                    .past_object = object_of(r, &s->wants),
                                    .past_hold = &hold};
  weir_record_goroutine(r, &g);
}

bool weir_lo_report(const struct weir_lo_circle *c) {
  struct weir_cycle_step steps[WEIR_LO_CHAIN];
  struct weir_record *r = weir_record_begin(
      WEIR_F_LOCK_ORDER,
      "%zu goroutines take what they need in orders in which each can come to wait for the next.",
      c->n);
  weir_record_goroutines_open(r);
  for (size_t i = 0; i < c->n; i++) {
    put_goroutine(r, &c->step[i]);
    steps[i].goroutine = c->step[i].who.goid;
    steps[i].object = object_of(r, &c->step[i].wants);
  }
  weir_record_goroutines_close(r);
  weir_record_cycle(r, steps, c->n);
  return weir_record_end(r);
}
