// SPDX-License-Identifier: Apache-2.0
//
// lock_order.h: the locks and orders that are known, in three tables of fixed size: locks by
// number, orders in a ring, and a hash that finds an order by what makes it one. An order stands in
// the list of each lock that it holds; so those that want what an order's lock guards are found
// from the lock. A new lock or order throws out the one that has its place.
#include "detect/lock_order.h"

#include <string.h>

#include "os/memory.h"

struct weir_lo_state weir_lo;

static void *map(size_t size) {
  return weir_mem_map((size + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE);
}

bool weir_lo_ready(void) {
  struct weir_lo_state *s = &weir_lo;
  if (!s->locks) s->locks = map(WEIR_LO_LOCKS * sizeof *s->locks);
  if (!s->orders) s->orders = map(WEIR_LO_ORDERS * sizeof *s->orders);
  if (!s->hash) s->hash = map(WEIR_LO_ORDERS * sizeof *s->hash);
  return s->locks && s->orders && s->hash;
}

// --- the list of a lock ------------------------------------------------------------------------

static weir_lo_ref ref_of(const struct weir_lo_order *o, uint32_t place) {
  return (weir_lo_ref)(o - weir_lo.orders) * WEIR_HELD_MAX + place + 1;
}

static struct weir_lo_hold *hold_at(weir_lo_ref ref) {
  return &weir_lo.orders[(ref - 1) / WEIR_HELD_MAX].held[(ref - 1) % WEIR_HELD_MAX];
}

static void link_hold(struct weir_lo_order *o, uint32_t place) {
  struct weir_lo_hold *h = &o->held[place];
  struct weir_lo_lock *l = weir_lo_lock_of(h->lock);
  h->prev = 0;
  h->next = l ? l->first : 0;
  if (!l) return;
  if (h->next) hold_at(h->next)->prev = ref_of(o, place);
  l->first = ref_of(o, place);
}

static void unlink_hold(struct weir_lo_hold *h) {
  struct weir_lo_lock *l = weir_lo_lock_of(h->lock);
  if (h->next) hold_at(h->next)->prev = h->prev;
  if (h->prev)
    hold_at(h->prev)->next = h->next;
  else if (l)
    l->first = h->next;
}

// --- orders ------------------------------------------------------------------------------------

static uint32_t *bucket(uint64_t key) {
  return &weir_lo.hash[key % WEIR_LO_ORDERS];
}

struct weir_lo_order *weir_lo_find(uint64_t key) {
  for (uint32_t i = *bucket(key); i; i = weir_lo.orders[i - 1].chain)
    if (weir_lo.orders[i - 1].key == key) return &weir_lo.orders[i - 1];
  return NULL;
}

static void throw_out(struct weir_lo_order *o) {
  if (!o->key) return;
  uint32_t *at = bucket(o->key), self = (uint32_t)(o - weir_lo.orders) + 1;
  while (*at != self)
    at = &weir_lo.orders[*at - 1].chain;
  *at = o->chain;
  for (uint32_t i = 0; i < o->n_held; i++)
    unlink_hold(&o->held[i]);
  for (int i = 0; i < WEIR_LO_STAMPS; i++)
    weir_known_drop(o->stamp[i].known);
  memset(o, 0, sizeof *o);
}

struct weir_lo_order *weir_lo_add(uint64_t key, const struct weir_lo_event *e) {
  uint32_t at = weir_lo.next_order++ % WEIR_LO_ORDERS;
  struct weir_lo_order *o = &weir_lo.orders[at];
  throw_out(o);
  o->key = key;
  o->lock = e->look.number;
  o->reading = e->look.reading;
  o->pc = e->pc;
  o->n_held = e->n_held;
  for (uint32_t i = 0; i < e->n_held; i++) {
    o->held[i].lock = e->held_look[i].number;
    o->held[i].reading = e->held_look[i].reading;
    o->held[i].pc = e->held[i].pc;
    link_hold(o, i);
  }
  o->chain = *bucket(key);
  *bucket(key) = at + 1;
  weir_lo.version++;
  return o;
}

// --- locks -------------------------------------------------------------------------------------

struct weir_lo_lock *weir_lo_lock_of(uint32_t number) {
  struct weir_lo_lock *l = &weir_lo.locks[number % WEIR_LO_LOCKS];
  return number && l->number == number ? l : NULL;
}

// All orders that hold it; those that want it find no record any more.
static void forget_lock(struct weir_lo_lock *l) {
  while (l->first)
    throw_out(&weir_lo.orders[(l->first - 1) / WEIR_HELD_MAX]);
  *l = (struct weir_lo_lock){0};
}

// A copy of a lock that is in use has its number, and is another lock.
uint32_t weir_lo_number(void *lock, const struct weir_lock_look *look) {
  uint32_t old =
      look->end ? weir_object_end_number(lock, look->end) : weir_object_lock_number(lock);
  struct weir_lo_lock *l = weir_lo_lock_of(old);
  if (l && l->address == lock) {
    l->site = look->site;
    return old;
  }
  uint32_t number = old;
  if (look->end != WEIR_END_TURN) {
    uint32_t pair = look->kind == WEIR_OBJ_RWMUTEX; // its turns have a number, too
    number = weir_lo.last_lock % (WEIR_END_FREE - 2) + 1;
    weir_lo.last_lock = number + pair;
  }
  l = &weir_lo.locks[number % WEIR_LO_LOCKS];
  forget_lock(l);
  *l = (struct weir_lo_lock){
      .number = number, .end = look->end, .kind = look->kind, .address = lock, .site = look->site};
  if (look->end && old) // whoever did so when its record was lost is unknown
    l->alone = old & WEIR_END_ALONE ? old : WEIR_END_ALONE;
  if (look->end && look->end != WEIR_END_TURN)
    weir_object_end_set_number(lock, look->end, number);
  else if (!look->end)
    weir_object_lock_set_number(lock, number);
  return number;
}

static uint64_t mix(uint64_t h, uint64_t x) { // the finalizer of MurmurHash3 (Appleby)
  h = (h ^ x) * 0xff51afd7ed558ccdu;
  return h ^ h >> 33;
}

uint64_t weir_lo_key(struct weir_lo_event *e) {
  if (e->lock) e->look.number = weir_lo_number(e->lock, &e->look);
  uint64_t h = mix(e->look.number, (uintptr_t)e->pc * 2 + e->look.reading);
  for (unsigned i = 0; i < e->n_held; i++) {
    struct weir_lock_look *look = &e->held_look[i];
    look->number = weir_lo_number((void *)e->held[i].mutex, look);
    h = mix(mix(h, look->number), (uintptr_t)e->held[i].pc * 2 + look->reading);
  }
  return h ? h : 1;
}

// --- stamps ------------------------------------------------------------------------------------

static void note_who(struct weir_lo_stamp *s, struct weir_knower *k, struct weir_g *g) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  s->knower = k->id;
  s->goid = v.id;
  s->parent = v.parent;
  memcpy(s->name, v.name, sizeof s->name);
  memcpy(s->creation, v.creation, sizeof s->creation);
}

// The goroutine's own; else a free one; else one that comes before whatever the newcomer does,
// since who is ordered after the newcomer is so after that one, too; else the first.
static struct weir_lo_stamp *place_for(struct weir_lo_order *o, const struct weir_knower *k) {
  struct weir_lo_stamp *free_ = NULL, *past = NULL;
  for (struct weir_lo_stamp *s = o->stamp; s < o->stamp + WEIR_LO_STAMPS; s++) {
    if (s->knower == k->id) return s;
    if (!s->knower) free_ = free_ ? free_ : s;
    if (s->knower && weir_known_epoch(k->known, s->dimension) >= s->epoch) past = past ? past : s;
  }
  return free_ ? free_ : past ? past : &o->stamp[0];
}

struct weir_lo_stamp *weir_lo_stamp(struct weir_lo_order *o, struct weir_knower *k,
                                    struct weir_g *g) {
  struct weir_lo_stamp *s = place_for(o, k);
  if (s->knower != k->id) note_who(s, k, g);
  struct weir_known *was = s->known;
  s->known = weir_known_share(k->known);
  weir_known_drop(was);
  s->epoch = weir_knower_stamp(k);
  s->dimension = k->dimension;
  return s;
}
