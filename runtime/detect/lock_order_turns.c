// SPDX-License-Identifier: Apache-2.0
//
// lock_order.h: who reads an rwmutex waits behind those who wait to write it, so that they get
// their turn. So a goroutine that reads twice waits for a writer that has come in between, and that
// one for the first of the two reads; with more locks the circle is longer, but a reader that waits
// for nobody but readers is always part of it.
//
// To the graph the turn of an rwmutex is one more lock: a writer has it from the moment that it
// comes, and then wants the rwmutex; a reader that comes with locks in hand wants the turn. The
// circle is found as all others are, with the same exclusions: a gate around both, or an order
// between the two.
#include "detect/lock_order.h"

static struct weir_lock_look turn_of(void *lock, const struct weir_lock_look *look) {
  struct weir_lock_look turn = {.kind = WEIR_OBJ_RWMUTEX, .end = WEIR_END_TURN, .site = look->site};
  struct weir_lock_look own = *look;
  weir_lock_acquire(&weir_lo.lock);
  if (weir_lo_ready()) {
    weir_lo_number(lock, &own); // which says what that of the turn is
    turn.number = weir_lo_number(lock, &turn);
  }
  weir_lock_release(&weir_lo.lock);
  return turn;
}

static bool read_behind_writers(struct weir_knower *k, struct weir_g *g, struct weir_lock_look turn,
                                const void *pc, const struct weir_held *held, unsigned n) {
  struct weir_lo_event e = {.g = g, .look = turn, .pc = pc, .from = pc};
  e.look.reading = true;
  return weir_lo_look_held(&e, held, n) && weir_lo_meet(k, &e);
}

static bool write_before_readers(struct weir_knower *k, struct weir_lo_event *e,
                                 struct weir_lock_look turn, const struct weir_held *held,
                                 unsigned n) {
  e->n_held = 1;
  e->held[0] = (struct weir_held){e->lock, e->pc};
  e->held_look[0] = turn;
  return weir_lo_look_held(e, held, n) && weir_lo_meet(k, e);
}

bool weir_lo_turn(struct weir_knower *k, struct weir_g *g, void *lock, bool read, const void *pc,
                  const struct weir_held *held, unsigned n) {
  struct weir_lo_event e = {.g = g, .lock = lock, .pc = pc, .from = pc};
  if (!weir_object_lock_look(lock, g, false, &e.look) || e.look.reading != read) return false;
  struct weir_lock_look turn = turn_of(lock, &e.look);
  if (!turn.number) return false;
  if (read) return read_behind_writers(k, g, turn, pc, held, n);
  return write_before_readers(k, &e, turn, held, n);
}
