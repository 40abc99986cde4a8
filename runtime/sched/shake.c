// SPDX-License-Identifier: Apache-2.0
//
// Most goroutines give way now and then at the points where they meet others. Some, which ones the
// seed says, are lazy: they are held up again and again, and at first for some time, as if their
// thread had been taken away. A bug of depth d wants d - 1 such delays at the right points
// (Burckhardt et al. 2010, probabilistic concurrency testing); to hold up whole goroutines finds
// those of "A is through before B has begun", which even random delays seldom make.
#include "sched/shake.h"

#include <weir/time.h>

#include "base/flags.h"
#include "sched/g.h"

enum { LAZY_ONE_IN = 4, LAZY_YIELDS = 24, LAZY_POINTS = 32, NAP_NS = 400000 };

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

static bool is_lazy(uint64_t goid) {
  return mix(seed ^ goid << 32) % LAZY_ONE_IN == 0;
}

static void give_way(uint32_t times) {
  while (times-- > 0)
    weir_yield();
}

void weir_shake_(void) {
  struct weir_worker *w = weir_worker_self();
  struct weir_g *g = w ? w->cur : NULL;
  if (!g || g == &w->g0 || !atomic_load_explicit(&weir_sched.started, memory_order_relaxed)) return;
  uint32_t r = weir_shake_random();
  if (!is_lazy(g->id) || g->shaken >= LAZY_POINTS) {
    if (r % 4 == 0) give_way(1 + r / 4 % 3);
    return;
  }
  bool first = g->shaken++ == 0;
  if (r % 2) give_way(1 + r / 2 % LAZY_YIELDS);
  if (first && r % 3 == 0) weir_sleep(r % NAP_NS);
}
