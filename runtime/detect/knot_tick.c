// SPDX-License-Identifier: Apache-2.0
//
// When to look for partial deadlocks that no lock closes (knot.h) while the program runs, on
// the monitor's tick, where knot_check_ms says so. A look stops all threads for a moment, so there
// must be a reason: somebody has been blocked for two ticks, by nothing that a clock or the world
// ends. If those are the same as at the last look, only what the others lead to may have changed;
// then it looks less and less often.
//
// Neither the looks nor the search for a reason take more than a hundredth of the time: after each
// comes a pause a hundred times as long.
//
// All state belongs to the monitor thread.
#include <weir/time.h>

#include "base/flags.h"
#include "detect/hooks.h"
#include "detect/leak.h"

#define MS INT64_C(1000000)
enum { LONG_MS = 200, SHARE = 100, LEAST_OFTEN = 64 };

static struct {
  int64_t next;      // do nothing before that
  int64_t next_same; // nor before that, if they are the same
  int64_t pause;     // before the next one at the same
  uint64_t same;     // who was blocked at the last look
  int64_t began;     // a look of which there is no answer yet; 0: none
} tick;

// Who has been blocked for long, and in which wait: a sum, so that the order does not matter.
static uint64_t blocked_for_long(int64_t now) {
  uint64_t sum = 0;
  size_t n = weir_inspect_slots();
  for (size_t i = 0; i < n; i++) {
    struct weir_g_wait w;
    if (!weir_inspect_wait(i, &w) || now - w.since < LONG_MS * MS) continue;
    uint64_t h = (w.id << 32 ^ w.park_seq) * 0x9e3779b97f4a7c15ull;
    sum += h ^ h >> 29;
  }
  return sum;
}

static bool reason(int64_t now) {
  uint64_t who = blocked_for_long(now);
  if (!who) return false;
  if (who != tick.same) {
    tick.same = who;
    tick.pause = weir_flags.knot_check_ms * MS;
  } else if (now < tick.next_same) {
    return false;
  } else if (tick.pause < LEAST_OFTEN * weir_flags.knot_check_ms * MS) {
    tick.pause *= 2;
  }
  tick.next_same = now + tick.pause;
  return true;
}

void weir_knot_tick(int64_t now) {
  if (weir_flags.knot_check_ms <= 0 || !weir_flags.partial_deadlock || now < tick.next) return;
  if (weir_leak_is_looking()) return;
  int64_t began = tick.began ? tick.began : weir_now();
  bool over = tick.began || !reason(now) || weir_leak_check_knots();
  tick.began = over ? 0 : began;
  if (!over) return;
  int64_t took = weir_now() - began, least = weir_flags.knot_check_ms * MS;
  tick.next = now + (took * SHARE > least ? took * SHARE : least);
}
