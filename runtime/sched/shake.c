// SPDX-License-Identifier: Apache-2.0
//
// Which goroutine runs is chosen anew at each point where it meets others. How, the seed says, and
// ways that find different bugs take turns from one seed to the next, so that ten runs try
// all of them. Most bugs of real programs want one of a few plain orders:
//
//   in step        each goroutine goes on by one operation in turn: "both are in the middle of it"
//   newest first   the others wait until those that they have started wait, or have ended
//   oldest first   who is started begins when nobody else can go on: "A is through before B begins"
//   late           in step, but each begins after some turns of the others, how many is random
//   few last       in step, but for a random quarter, which goes on only when nobody else can; or,
//   few first      the other way round, before everybody else
//   held up        at random points, for random times, as if threads were taken away
//
// All but the last are ranks: of those that can run the one with the highest does (Burckhardt et
// al. 2010, probabilistic concurrency testing), those of equal rank by turns (policy.c). So only
// one runs at a time, also on several workers, unless it comes to no such point for long. Who goes
// on for ever without the others loses its rank, and now and then the one that waits longest has a
// turn: no order starves anybody for good.
//
// On one worker there is no clock in any of this, so the seed gives the same order again.
#include "sched/shake.h"

#include <weir/time.h>

#include "base/flags.h"
#include "sched/g.h"
#include "sched/policy.h"

enum ranks { NONE, EQUAL, NEWEST, OLDEST, FEW_LAST, FEW_FIRST };

// Under seed n the way is n modulo their number: those that find most come first.
static const struct way {
  enum ranks ranks;
  uint32_t late; // a goroutine begins after at most so many turns of the others
  bool held_up;
} ways[] = {
    {NONE, 0, true},    {EQUAL, 0, false},  {NEWEST, 0, false},   {EQUAL, 24, false},
    {OLDEST, 0, false}, {EQUAL, 64, false}, {FEW_LAST, 0, false}, {FEW_FIRST, 24, false},
    {EQUAL, 48, true},  {EQUAL, 4, false},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

enum { POINTS = 32, YIELDS = 48, NAP_NS = 400000 }; // of those held up
enum { TOO_LONG = 20000 };                          // to go on alone

bool weir_shake_on, weir_shake_ranks;
static const struct way *way = &ways[0];
static uint64_t seed;
static _Atomic uint64_t drawn;
static _Atomic uint32_t born; // goroutines

static uint64_t mix(uint64_t x) { // splitmix64 (Steele et al. 2014)
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

uint32_t weir_shake_random(void) {
  return (uint32_t)mix(seed + atomic_fetch_add_explicit(&drawn, 1, memory_order_relaxed));
}

bool weir_shake_once_in(uint32_t n) {
  return weir_shake_random() % n == 0;
}

// --- ranks -----------------------------------------------------------------------------------

static uint8_t rank_of(uint32_t n) { // the n-th goroutine
  bool one_of_few = mix(seed ^ n) % 4 == 0;
  uint8_t age = (uint8_t)(n < UINT8_MAX ? n : UINT8_MAX - 1);
  switch (way->ranks) {
  case NEWEST:
    return 1 + age;
  case OLDEST:
    return UINT8_MAX - age;
  case FEW_LAST:
    return 1 + !one_of_few;
  case FEW_FIRST:
    return 1 + one_of_few;
  default:
    return 1;
  }
}

uint8_t weir_shake_rank(void) {
  return rank_of(atomic_fetch_add_explicit(&born, 1, memory_order_relaxed));
}

bool weir_shake_keeps(struct weir_worker *w, struct weir_g *g) {
  // to the other workers and the monitor it is not stuck
  atomic_store_explicit(&w->tick, w->tick + 1, memory_order_relaxed);
  if (++g->kept_on >= TOO_LONG) g->shake_rank = 0;
  bool keeps = g->shake_rank && !weir_policy_outranked(w, g);
  if (!keeps) g->kept_on = 0;
  return keeps;
}

// --- points ----------------------------------------------------------------------------------

static void give_way(uint32_t times) {
  while (times-- > 0)
    weir_yield();
}

// With several workers there may be nobody in the queue to let go first.
static void hold_up(uint32_t r) {
  bool nap = r % 2 && atomic_load_explicit(&weir_sched.procs, memory_order_relaxed) > 1;
  if (nap && !weir_shake_ranks)
    weir_sleep(r / 4 % NAP_NS);
  else
    give_way(1 + r / 4 % YIELDS);
}

static void hold_up_at_random(bool early) {
  uint32_t r = weir_shake_random();
  if (early && r % 4 == 0)
    hold_up(r / 4);
  else if (r % 4 == 1)
    give_way(1 + r / 16 % 3);
}

void weir_shake_(void) {
  struct weir_worker *w = weir_worker_self();
  struct weir_g *g = w ? w->cur : NULL;
  if (!g || g == &w->g0 || !atomic_load_explicit(&weir_sched.started, memory_order_relaxed)) return;
  bool first = !g->shaken, early = g->shaken < POINTS;
  if (early) g->shaken++;
  if (first && way->late)
    give_way(1 + weir_shake_random() % way->late);
  else if (way->held_up)
    hold_up_at_random(early);
  else
    give_way(1);
}

void weir_shake_init(void) {
  weir_shake_on = weir_flags.shake > 0;
  if (!weir_shake_on) return;
  seed = mix((uint64_t)weir_flags.shake);
  way = &ways[(uint32_t)weir_flags.shake % WAYS];
  weir_shake_ranks = way->ranks != NONE;
  weir_sched.main_g.shake_rank = weir_shake_rank();
}
