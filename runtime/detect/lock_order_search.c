// SPDX-License-Identifier: Apache-2.0
//
// lock_order.h: the search for a circle through a new order, depth first over those that hold what
// the last one wants. It picks an order and one of its stamps together, so at each step it is
// known that all so far can overlap. Bounded in depth and steps: what lies beyond is missed.
//
// Overlap of all pairs does not prove that all can be there at once, as the program may decide by
// what it reads which locks it takes; hence `predicted`.
#include "detect/lock_order.h"

enum { STEPS_MAX = 4000, REPORTED_MAX = 256 };

struct link {
  const struct weir_lo_order *order;
  const struct weir_lo_stamp *stamp;
  uint32_t place; // of the lock it holds that the one before wants
};

struct search {
  struct link chain[WEIR_LO_CHAIN];
  size_t n;
  unsigned steps;
  bool other_times; // might find something at another moment
  struct weir_lo_circle *out;
};

static struct {
  size_t n;
  uint64_t key[REPORTED_MAX];
} reported; // under the lock

static bool may_wait(const struct weir_lo_order *o, const struct weir_lo_hold *h) {
  return o->lock == h->lock && !(o->reading && h->reading);
}

// A lock that both have, and that not both only read.
static bool gated(const struct weir_lo_order *a, const struct weir_lo_order *b) {
  for (uint32_t i = 0; i < a->n_held; i++)
    for (uint32_t j = 0; j < b->n_held; j++)
      if (a->held[i].lock == b->held[j].lock && !(a->held[i].reading && b->held[j].reading))
        return true;
  return false;
}

static bool before(const struct weir_lo_stamp *a, const struct weir_lo_stamp *b) {
  return weir_known_epoch(b->known, a->dimension) >= a->epoch;
}

static bool overlap(const struct weir_lo_stamp *a, const struct weir_lo_stamp *b) {
  return a->knower != b->knower && !before(a, b) && !before(b, a);
}

static bool fits_order(struct search *s, const struct weir_lo_order *o) {
  for (size_t i = 0; i < s->n; i++) {
    const struct weir_lo_order *other = s->chain[i].order;
    if (other->lock == o->lock || gated(other, o)) return false;
  }
  return true;
}

static bool fits_stamp(struct search *s, const struct weir_lo_stamp *t) {
  if (!t->knower || weir_known_to_all(t->dimension, t->epoch)) return false;
  for (size_t i = 0; i < s->n; i++)
    if (!overlap(s->chain[i].stamp, t)) return false;
  return true;
}

// --- what is found ------------------------------------------------------------------------------

static void copy_step(const struct search *s, size_t i, struct weir_lo_step *out) {
  const struct link *l = &s->chain[i];
  const struct weir_lo_hold *h = &l->order->held[l->place];
  out->who = *l->stamp;
  out->who.known = NULL;
  out->wants = *weir_lo_lock_of(l->order->lock);
  out->has = *weir_lo_lock_of(h->lock);
  out->wants_reading = l->order->reading;
  out->has_reading = h->reading;
  out->wants_pc = l->order->pc;
  out->has_pc = h->pc;
  out->frames = l->order->frames;
  for (size_t f = 0; f < out->frames; f++)
    out->stack[f] = l->order->stack[f];
}

// Everybody who serves the end, as the goroutine of `next` does, needs the lock that it wants, but
// for what that one did before; and `waits` is none of them.
static bool all_need(const struct weir_lo_lock *end, const struct link *next,
                     const struct weir_lo_stamp *waits) {
  if (end->end == WEIR_END_WAIT) return true; // one that does not come is enough
  if (end->end == WEIR_END_TURN) return true; // one that comes first is
  if (end->alone && end->alone != weir_lo_alone(next->stamp->goid)) return false;
  for (uint32_t i = 0; i < end->n_servers; i++)
    if (end->server[i] == waits->knower) return false;
  for (uint32_t i = 0; i < end->n_common; i++)
    if (end->common[i] == next->order->lock) return true;
  return false;
}

static bool usable(const struct search *s) {
  for (size_t i = 0; i < s->n; i++) {
    const struct weir_lo_lock *l = weir_lo_lock_of(s->chain[i].order->lock);
    if (!l || l->handed) return false;
    if (l->end && !all_need(l, &s->chain[(i + 1) % s->n], s->chain[i].stamp)) return false;
    for (size_t j = 0; j < i; j++) { // one that came to lie where another was: never there together
      const struct weir_lo_lock *other = weir_lo_lock_of(s->chain[j].order->lock);
      if (other->address == l->address && other->end == l->end) return false;
    }
  }
  return true;
}

// Circles of other locks at the same places of the program are one finding.
static bool is_new(const struct search *s) {
  uint64_t key = 0;
  for (size_t i = 0; i < s->n; i++) {
    const struct weir_lo_order *o = s->chain[i].order;
    uint64_t x = (uintptr_t)o->pc * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 29 ^ (uintptr_t)o->held[s->chain[i].place].pc) * 0xbf58476d1ce4e5b9u;
    key += x ^ x >> 32;
  }
  for (size_t i = 0; i < reported.n; i++)
    if (reported.key[i] == key) return false;
  if (reported.n == REPORTED_MAX) return false;
  reported.key[reported.n++] = key;
  return true;
}

static bool take(struct search *s) {
  if (!usable(s) || !is_new(s)) return false;
  s->out->n = s->n;
  for (size_t i = 0; i < s->n; i++)
    copy_step(s, i, &s->out->step[i]);
  return true;
}

// --- the walk -----------------------------------------------------------------------------------

// Whether the last one wants what the first one holds.
static bool closes(struct search *s) {
  const struct weir_lo_order *first = s->chain[0].order, *last = s->chain[s->n - 1].order;
  for (uint32_t i = 0; i < first->n_held; i++)
    if (may_wait(last, &first->held[i])) {
      s->chain[0].place = i;
      return true;
    }
  return false;
}

static bool extend(struct search *s);

static bool try_order(struct search *s, const struct weir_lo_order *o, uint32_t place) {
  struct link *l = &s->chain[s->n];
  for (int i = 0; i < WEIR_LO_STAMPS; i++) {
    if (!fits_stamp(s, &o->stamp[i])) continue;
    *l = (struct link){o, &o->stamp[i], place};
    s->n++;
    bool found = closes(s) ? take(s) : extend(s);
    s->n--;
    if (found) return true;
  }
  s->other_times = true; // with stamps that it may have another day
  return false;
}

static bool extend(struct search *s) {
  const struct weir_lo_order *last = s->chain[s->n - 1].order;
  const struct weir_lo_lock *l = weir_lo_lock_of(last->lock);
  if (!l || s->n == WEIR_LO_CHAIN) return false;
  for (weir_lo_ref ref = l->first, next; ref; ref = next) {
    const struct weir_lo_order *o = &weir_lo.orders[(ref - 1) / WEIR_HELD_MAX];
    uint32_t place = (ref - 1) % WEIR_HELD_MAX;
    next = o->held[place].next;
    if (++s->steps > STEPS_MAX) return false;
    if (!may_wait(last, &o->held[place]) || !fits_order(s, o)) continue;
    if (try_order(s, o, place)) return true;
  }
  return false;
}

bool weir_lo_search(struct weir_lo_order *o, struct weir_lo_stamp *stamp,
                    struct weir_lo_circle *out) {
  if (o->harmless_in == weir_lo.version) return false;
  struct search s = {.chain = {{o, stamp, 0}}, .n = 1, .out = out};
  bool found = extend(&s);
  if (!found && !s.other_times) o->harmless_in = weir_lo.version;
  return found;
}
