// SPDX-License-Identifier: Apache-2.0
//
// lock_order.h: locks beside channels and wait groups. Who waits for a send, a receive or a done
// with a lock in hand waits for goroutines that may need that lock first. To the graph the end of a
// channel, or a wait group, is one more lock: who waits wants it, and who serves it has it while he
// takes the locks that he served it with or had given back just before. So the circle is found as
// all others are, with the same exclusions.
//
// Any sender will do for a receiver: so a circle counts only if the lock is one that all had
// need of who ever served that end, and if nobody did so in a way that the waiting one knows of,
// since what he sent may still be there. One that serves it himself waits for nobody. Of a wait
// group each done is needed. A send with room in the buffer does not wait; a receive could have had
// to.
//
// What one goroutine alone did on an unbuffered channel without a lock is no way out: let all go on
// as they did until it wants the lock, then whoever takes that and waits for it on the channel
// waits for good. What it had sent or received before was for others, and they have had it.
//
// "Just before" is the last lock given back since the goroutine last published anything: the
// publication would tell others that it is past that lock. One that it had tried for it did not
// need.
#include "detect/hooks.h"
#include "detect/lock_order.h"
#include "hb/tsan.h"

static struct weir_lock_look end_look(enum weir_end end, const struct weir_site *site) {
  enum weir_object_kind kind = end == WEIR_END_WAIT ? WEIR_OBJ_WAIT_GROUP : WEIR_OBJ_CHAN;
  return (struct weir_lock_look){.end = end, .kind = kind, .site = site};
}

// --- who serves it -----------------------------------------------------------------------------

static bool contains(const uint32_t *numbers, uint32_t n, uint32_t x) {
  for (uint32_t i = 0; i < n; i++)
    if (numbers[i] == x) return true;
  return false;
}

static bool is_server(const struct weir_lo_lock *l, uint64_t knower) {
  for (uint32_t i = 0; i < l->n_servers; i++)
    if (l->server[i] == knower) return true;
  return false;
}

// Under the lock. Notes that the goroutine serves it with these locks; false: it is free now, for
// want of a common one or of room.
static bool serve(struct weir_lo_lock *l, uint64_t knower, const uint32_t *locks, uint32_t n) {
  bool first = !l->n_servers;
  if (!is_server(l, knower)) {
    if (l->n_servers == WEIR_LO_SERVERS) return false;
    l->server[l->n_servers++] = knower;
  }
  if (first) {
    l->n_common = n < WEIR_LO_COMMON ? n : WEIR_LO_COMMON;
    for (uint32_t i = 0; i < l->n_common; i++)
      l->common[i] = locks[i];
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < l->n_common; i++)
    if (contains(locks, n, l->common[i])) l->common[kept++] = l->common[i];
  l->n_common = kept;
  return kept > 0;
}

struct needs { // the locks of one who serves
  uint32_t n;
  struct weir_lock_look look[WEIR_HELD_MAX + 1];
  const void *pc[WEIR_HELD_MAX + 1];
};

static void add_need(struct needs *all, const struct weir_lock_look *look, const void *pc) {
  all->look[all->n] = *look;
  all->pc[all->n++] = pc;
}

static void find_needs(struct weir_g *g, const struct weir_own *own, struct needs *all) {
  struct weir_held held[WEIR_HELD_MAX];
  struct weir_lo_event e = {.g = g};
  unsigned n = weir_inspect_held(g, held);
  all->n = 0;
  weir_lo_look_held(&e, held, n < WEIR_HELD_MAX ? n : WEIR_HELD_MAX);
  for (uint32_t i = 0; i < e.n_held; i++) {
    if (e.held[i].mutex == own->tried) continue;
    weir_lock_acquire(&weir_lo.lock);
    if (weir_lo_ready())
      e.held_look[i].number = weir_lo_number((void *)e.held[i].mutex, &e.held_look[i]);
    weir_lock_release(&weir_lo.lock);
    add_need(all, &e.held_look[i], e.held[i].pc);
  }
  struct weir_lock_look lately = {.number = own->lately};
  if (own->lately) add_need(all, &lately, own->lately_at);
}

// Under the lock: what all who served this end had need of. A wait group's done counts for itself.
static bool note_needs(struct weir_knower *k, void *object, struct weir_lock_look *look,
                       const struct needs *all) {
  uint32_t numbers[WEIR_HELD_MAX + 1];
  look->number = weir_lo_number(object, look);
  struct weir_lo_lock *l = weir_lo_lock_of(look->number);
  for (uint32_t i = 0; i < all->n; i++)
    numbers[i] = all->look[i].number;
  if (look->end == WEIR_END_WAIT || serve(l, k->id, numbers, all->n)) return true;
  l->n_common = 0;
  weir_object_end_set_number(object, look->end, WEIR_END_FREE);
  return false;
}

static bool meet_all(struct weir_knower *k, struct weir_g *g, void *object,
                     const struct weir_lock_look *look, const struct needs *all, const void *pc) {
  bool end = false;
  for (uint32_t i = 0; i < all->n; i++) {
    struct weir_lo_event e = {.g = g, .look = all->look[i], .pc = all->pc[i], .from = pc};
    e.n_held = 1;
    e.held[0] = (struct weir_held){object, pc};
    e.held_look[0] = *look;
    end |= weir_lo_meet(k, &e);
  }
  return end;
}

static bool unbuffered(const void *chan) {
  struct weir_object_desc d;
  weir_object_describe(WEIR_OBJ_CHAN, chan, &d);
  return d.cap == 0;
}

// The goroutine serves an end of a channel with no need of a lock.
static void served_freely(struct weir_g *g, enum weir_end end, void *chan) {
  uint32_t me = weir_lo_alone(weir_inspect_id(g));
  weir_lock_acquire(&weir_lo.lock);
  uint32_t number = weir_object_end_number(chan, end);
  struct weir_lo_lock *l = weir_lo.locks ? weir_lo_lock_of(number) : NULL;
  uint32_t alone = l ? l->alone : number;
  if (alone ? alone != me : !unbuffered(chan))
    weir_object_end_set_number(chan, end, WEIR_END_FREE);
  else if (l)
    l->alone = me;
  else
    weir_object_end_set_number(chan, end, me);
  weir_lock_release(&weir_lo.lock);
}

static bool served(struct weir_g *g, enum weir_end end, void *object, const struct weir_site *site,
                   const void *pc) {
  struct needs all;
  struct weir_own *own = weir_own_of_self();
  struct weir_lock_look look = end_look(end, site);
  find_needs(g, own, &all);
  if (!all.n && end != WEIR_END_WAIT) served_freely(g, end, object);
  struct weir_knower *k = all.n ? weir_knower_self() : NULL;
  if (!k) return false;
  weir_lock_acquire(&weir_lo.lock);
  bool wanted = weir_lo_ready() && note_needs(k, object, &look, &all);
  weir_lock_release(&weir_lo.lock);
  return wanted && meet_all(k, g, object, &look, &all, pc);
}

// What a goroutine does again and again it is asked for each time at first, then now and then.
static bool often_enough(struct weir_g *g, const void *object, const void *pc) {
  enum { ALWAYS = 16, THEN_EVERY = 64 };
  struct weir_own *own = weir_own_of_self();
  struct weir_held held[WEIR_HELD_MAX];
  if (!own->knower || weir_inspect_held(g, held)) return false;
  uint64_t what = ((uintptr_t)object ^ own->lately) * 0x9e3779b97f4a7c15u + (uintptr_t)pc;
  size_t i = (what >> 32) % WEIR_SEEN;
  if (own->knower->seen[i].what != what) {
    own->knower->seen[i].what = what;
    own->knower->seen[i].epoch = 0;
  }
  uint64_t times = own->knower->seen[i].epoch++;
  return times >= ALWAYS && times % THEN_EVERY;
}

static bool needs_nothing(const struct weir_g *g) {
  struct weir_held held[WEIR_HELD_MAX];
  return !weir_own_of_self()->lately && !weir_inspect_held(g, held);
}

void weir_hook_end_served(struct weir_g *g, enum weir_end end, void *object,
                          const struct weir_site *site, const void *pc) {
  uint32_t number = weir_object_end_number(object, end);
  if (number == WEIR_END_FREE) return;
  if (number == weir_lo_alone(weir_inspect_id(g)) && needs_nothing(g)) return;
  if (weir_own_of_self()->lately && often_enough(g, object, pc)) return;
  weir_tsan_ignore_begin();
  bool stop = served(g, end, object, site, pc);
  weir_tsan_ignore_end();
  if (stop) weir_end_program();
}

// --- who wants it ------------------------------------------------------------------------------

// Under the lock. Whether somebody who serves it has done so before, as far as the goroutine knows.
static bool served_before(const struct weir_lo_lock *l, const struct weir_knower *k) {
  for (weir_lo_ref ref = l->first; ref;) {
    const struct weir_lo_order *o = &weir_lo.orders[(ref - 1) / WEIR_HELD_MAX];
    for (const struct weir_lo_stamp *s = o->stamp; s < o->stamp + WEIR_LO_STAMPS; s++)
      if (s->knower && weir_known_epoch(k->known, s->dimension) >= s->epoch) return true;
    ref = o->held[(ref - 1) % WEIR_HELD_MAX].next;
  }
  return false;
}

static bool may_be_kept_waiting(struct weir_knower *k, void *object, struct weir_lock_look *look) {
  weir_lock_acquire(&weir_lo.lock);
  bool may = weir_lo_ready();
  if (may) {
    look->number = weir_lo_number(object, look);
    struct weir_lo_lock *l = weir_lo_lock_of(look->number);
    may = look->end == WEIR_END_WAIT || (!is_server(l, k->id) && !served_before(l, k));
  }
  weir_lock_release(&weir_lo.lock);
  return may;
}

static bool wanted(struct weir_g *g, enum weir_end end, void *object, const struct weir_site *site,
                   const void *pc, const struct weir_held *held, unsigned n) {
  struct weir_lo_event e = {
      .g = g, .lock = object, .look = end_look(end, site), .pc = pc, .from = pc};
  if (!weir_lo_look_held(&e, held, n)) return false;
  struct weir_knower *k = weir_knower_self();
  return k && may_be_kept_waiting(k, object, &e.look) && weir_lo_meet(k, &e);
}

void weir_hook_end_wanted(struct weir_g *g, enum weir_end end, void *object,
                          const struct weir_site *site, const void *pc) {
  struct weir_held held[WEIR_HELD_MAX];
  unsigned n = weir_inspect_held(g, held);
  if (!n || n > WEIR_HELD_MAX || weir_object_end_number(object, end) == WEIR_END_FREE) return;
  weir_tsan_ignore_begin();
  bool stop = wanted(g, end, object, site, pc, held, n);
  weir_tsan_ignore_end();
  if (stop) weir_end_program();
}
