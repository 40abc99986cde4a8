// SPDX-License-Identifier: Apache-2.0
//
// Goroutines give way now and then at the points where they meet others. At a quarter of the first
// of these they are held up, as if their thread had been taken away. A bug of depth d wants d - 1
// such delays at the right points (Burckhardt et al. 2010, probabilistic concurrency testing).
// Under every other seed some goroutines, which ones the seed says, are lazy: held up at half of
// the points and for longer. That finds those of "A is through before B has begun", which random
// delays seldom make. Some of these want A to be quick, so under every eighth seed
// only the lazy ones are bothered at all.
//
// To be held up is to let others go first many times; with several workers, where there may be
// nobody in the queue, it may also be to sleep. With one worker there is no clock in it, so
// the seed gives the same order again.
#include "sched/shake.h"

#include <weir/time.h>

#include "base/flags.h"
#include "sched/g.h"

enum { POINTS = 32, YIELDS = 48, NAP_NS = 400000 };
enum { LAZY_ONE_IN = 4, LAZY_YIELDS = 64, LAZY_NAP_NS = 1000000 };
enum { SELDOM = 1024 };

bool weir_shake_on;
static uint64_t seed;
static _Atomic uint64_t drawn;

static uint64_t mix(uint64_t x) { // splitmix64 (Steele et al. 2014)
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

void weir_shake_init(void) {
  seed = mix((uint64_t)weir_flags.shake);
  weir_shake_on = weir_flags.shake > 0;
}

uint32_t weir_shake_random(void) {
  return (uint32_t)mix(seed + atomic_fetch_add_explicit(&drawn, 1, memory_order_relaxed));
}

bool weir_shake_once_in(uint32_t n) {
  return weir_shake_random() % n == 0;
}

static bool only_lazy(void) {
  return weir_flags.shake % 8 == 3;
}

static bool is_lazy(uint64_t goid) {
  return weir_flags.shake % 2 && mix(seed ^ goid << 32) % LAZY_ONE_IN == 0;
}

static void give_way(uint32_t times) {
  while (times-- > 0)
    weir_yield();
}

static void hold_up(uint32_t r, bool nap, uint32_t yields, uint32_t ns) {
  if (nap && atomic_load_explicit(&weir_sched.procs, memory_order_relaxed) > 1)
    weir_sleep(r % ns);
  else
    give_way(1 + r % yields);
}

void weir_shake_(void) {
  struct weir_worker *w = weir_worker_self();
  struct weir_g *g = w ? w->cur : NULL;
  if (!g || g == &w->g0 || !atomic_load_explicit(&weir_sched.started, memory_order_relaxed)) return;
  uint32_t r = weir_shake_random(), rest = r / 16;
  bool early = g->shaken < POINTS;
  if (early) g->shaken++;
  if (early && is_lazy(g->id)) {
    if (r % 2) hold_up(rest, r / 2 % 3 == 0, LAZY_YIELDS, LAZY_NAP_NS);
  } else if (only_lazy()) {
    if (r % SELDOM == 1) give_way(1); // or one that only looks, again and again, keeps its worker
  } else if (early && r % 4 == 0) {
    hold_up(rest, r / 4 % 2, YIELDS, NAP_NS);
  } else if (r % 4 == 1) {
    give_way(1 + rest % 3);
  }
}
