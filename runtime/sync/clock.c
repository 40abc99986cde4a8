// SPDX-License-Identifier: Apache-2.0
//
// The table of clock.h in code. A clock is a block of the slab; for the race detector only its
// address matters. One that would say nothing is NULL. Lock: the slab's own
// (a leaf), taken inside channel locks.
#include "sync/clock.h"

#include "base/check.h"
#include "os/futex.h"
#include "sync/slab.h"

struct weir_clock {
  void *slab_link;
  char mark;      // its address is what the race detector sees
  uint32_t extra; // holders besides the first (a ticker's ticks); atomic
  struct weir_hb_clock hb;
};

enum { CLOCK_SIZE = sizeof(struct weir_clock) };

static bool is_shared(const struct weir_clock *k) {
  return __atomic_load_n(&k->extra, __ATOMIC_RELAXED);
}

void weir_clock_set(struct weir_clock **k) {
  if (!weir_hb_clock_says_()) {
    weir_clock_free(*k);
    *k = NULL;
    return;
  }
  if (*k && is_shared(*k)) { // others still carry what it says
    weir_clock_free(*k);
    *k = NULL;
  }
  if (!*k) {
    *k = weir_slab_alloc(CLOCK_SIZE);
    if (!*k) weir_fatal("out of memory for the race detector's channel clocks");
    (*k)->extra = 0;
    (*k)->hb = (struct weir_hb_clock){0};
  }
  weir_hb_clock_set_(&(*k)->mark, &(*k)->hb);
}

struct weir_clock *weir_clock_new(void) {
  struct weir_clock *k = NULL;
  weir_clock_set(&k);
  return k;
}

void weir_clock_free(struct weir_clock *k) {
  if (!k) return;
  // acq_rel: the last holder frees it after all others have read it
  uint32_t extra = __atomic_load_n(&k->extra, __ATOMIC_ACQUIRE);
  while (extra)
    if (__atomic_compare_exchange_n(&k->extra, &extra, extra - 1, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
      return;
  weir_hb_clock_drop_(&k->hb);
  weir_slab_free(k, CLOCK_SIZE);
}

struct weir_clock *weir_clock_share(struct weir_clock *k) {
  if (k) __atomic_fetch_add(&k->extra, 1, __ATOMIC_RELAXED);
  return k;
}

void weir_clock_acquire(const struct weir_clock *k) {
  if (k) weir_hb_clock_acquire_(&k->mark, &k->hb);
}

void weir_clocks_park(struct weir_wait_clocks *wc) {
  wc->start = weir_clock_new();
  wc->incoming = NULL;
}

// When the operation was not done (the channel was closed) `incoming` is the channel's.
void weir_clocks_wake(struct weir_wait_clocks *wc, bool done) {
  weir_clock_acquire(wc->incoming);
  if (done) weir_clock_free(wc->incoming);
  weir_clock_free(wc->start);
}

void weir_clocks_exchange(struct weir_clock **slot) {
  struct weir_clock *was = *slot;
  if (was && !is_shared(was) && weir_hb_clock_says_() &&
      weir_hb_clock_exchange_(&was->mark, &was->hb))
    return;
  *slot = weir_clock_new();
  weir_clock_acquire(was);
  weir_clock_free(was);
}

void weir_clocks_unbuffered(struct weir_wait_clocks *partner) {
  weir_clocks_exchange(&partner->start);
  partner->incoming = partner->start;
  partner->start = NULL;
}

void weir_clocks_meet(struct weir_clock **slot, struct weir_wait_clocks *partner) {
  weir_clocks_exchange(slot);
  partner->incoming = *slot;
  *slot = partner->start;
  partner->start = NULL;
}

void weir_clocks_post(struct weir_clock **slot, struct weir_clock *sender) {
  weir_clock_free(*slot);
  *slot = sender;
}

void weir_clocks_post_to(struct weir_clock **slot, struct weir_wait_clocks *receiver,
                         struct weir_clock *sender) {
  receiver->incoming = sender;
  weir_clocks_post(slot, receiver->start);
  receiver->start = NULL;
}

void weir_edges_begin(uint32_t *edges, const void *sync, bool lock) {
  enum { UNUSED, BEGINNING, MASK = 3 };
  uint32_t now = __atomic_load_n(edges, __ATOMIC_ACQUIRE);
  if ((now & MASK) == WEIR_EDGES_BEGUN) return;
  while ((now & MASK) == UNUSED) {
    if (!__atomic_compare_exchange_n(edges, &now, now + BEGINNING, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_ACQUIRE))
      continue;
    if (lock)
      weir_hb_clear_lock_(sync);
    else
      weir_hb_clear_(sync);
    // release pairs with the acquires: who goes on finds it cleared
    now = __atomic_add_fetch(edges, WEIR_EDGES_BEGUN - BEGINNING, __ATOMIC_RELEASE);
  }
  while ((__atomic_load_n(edges, __ATOMIC_ACQUIRE) & MASK) != WEIR_EDGES_BEGUN)
    weir_cpu_relax();
}
