// SPDX-License-Identifier: Apache-2.0
//
// The finding `deadlock`: nothing can ever run again. The scheduler's monitor calls when all
// goroutines are parked, no timer is pending, no descriptor is waited for and no other thread
// of the process could wake one; they all stay parked while this runs. So it is proven,
// and the program ends here, as a Go program does.
//
// Who waits for a lock that another one has, or for a wait group, mostly suffers from what holds up
// the others; so those come last. And where a thread that Weir does not know could wake somebody,
// so that nothing can be concluded, it says so, once.
#include "base/check.h"
#include "base/flags.h"
#include "detect/emit.h"
#include "detect/groups.h"
#include "detect/hooks.h"
#include "detect/lock_cycle.h"

static struct weir_groups groups; // the monitor thread's

static bool everyone(const struct weir_g_view *v) {
  return !(v->thread && v->op == WEIR_WAIT_NONE);
}

static bool waits_for_others(const struct weir_g_view *v) {
  if (v->op == WEIR_WAIT_WAIT_GROUP || v->op == WEIR_WAIT_SINGLEFLIGHT) return true;
  return weir_waits_for_lock(v->op) && weir_lock_owner_of(v->object);
}

static void put_those(struct weir_record *r, bool waits) {
  for (size_t i = 0; i < groups.n; i++) {
    struct weir_g_view v;
    weir_inspect_one(groups.group[i].g, &v);
    if (waits_for_others(&v) == waits) weir_record_present_goroutine(r, &v, groups.group[i].count);
  }
}

static void put_all(struct weir_record *r) {
  weir_record_goroutines_open(r);
  put_those(r, false);
  put_those(r, true);
  weir_record_goroutines_close(r);
}

// Whether main has ended by weir_goexit. (After a return from main nobody calls us.)
static bool main_is_gone(void) {
  return weir_inspect_find(1) == NULL;
}

void weir_deadlock_found(void) {
  if (!weir_flags.deadlock) return;
  weir_groups_collect(&groups, everyone);
  if (groups.total == 0 && !main_is_gone()) return;
  struct weir_record *r;
  if (groups.total == 0)
    r = weir_record_begin(WEIR_F_DEADLOCK, "No goroutine is left: main has ended by weir_goexit, "
                                           "and nobody can end the program.");
  else if (groups.total == 1)
    r = weir_record_begin(WEIR_F_DEADLOCK,
                          "The only goroutine is blocked, and nothing is left that could wake it.");
  else
    r = weir_record_begin(
        WEIR_F_DEADLOCK,
        "All %lu goroutines are blocked%s, and nothing is left that could wake one.", groups.total,
        main_is_gone() ? " and main has ended" : "");
  put_all(r);
  weir_record_end(r);
  weir_end_program();
}

static bool count(const struct weir_g_view *v, void *n) {
  *(unsigned long *)n += v->state == WEIR_G_WAITING && !v->thread;
  return true;
}

void weir_deadlock_undecided(int threads, int calls) {
  unsigned long n = 0;
  if (!weir_flags.deadlock) return;
  weir_inspect_each(count, &n);
  if (!n) return;
  if (calls > 0)
    weir_warn("all goroutines (%lu) are blocked, but whether for ever cannot be told: a call of "
              "weir_blocking is under way (%d in all)",
              n, calls);
  else
    weir_warn(
        "all goroutines (%lu) are blocked, but whether for ever cannot be told: a thread that "
        "waits for nothing of Weir's could wake one (%d in all)",
        n, threads);
}
