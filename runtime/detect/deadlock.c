// SPDX-License-Identifier: Apache-2.0
//
// The finding `deadlock`: nothing can ever run again. The scheduler's monitor calls when all
// goroutines are parked, no timer is pending, no descriptor is waited for and no other thread
// of the process could wake one; they all stay parked while this runs. So it is proven,
// and the program ends here, as a Go program does.
//
// A cycle of locks among them that was not reported yet is part of it. If one was, when it closed,
// or if all of them are in reports already, they have the same cause: the program ends with a line
// that says so, since one bug is one finding.
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

static struct weir_lock_walk cycle; // the same; n 0: none

static bool everyone(const struct weir_g_view *v) {
  for (size_t i = 0; i < cycle.n; i++)
    if (cycle.edge[i].g == v->g) return false;
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
  struct weir_cycle_step steps[WEIR_CYCLE_MAX];
  weir_record_goroutines_open(r);
  for (size_t i = 0; i < cycle.n; i++) {
    struct weir_g_view v;
    weir_inspect_one(cycle.edge[i].g, &v);
    steps[i].goroutine = v.id;
    steps[i].object = weir_record_lock_at(r, cycle.edge[i].lock);
    weir_record_present_goroutine(r, &v, 1);
  }
  put_those(r, false);
  put_those(r, true);
  weir_record_goroutines_close(r);
  if (cycle.n) weir_record_cycle(r, steps, cycle.n);
}

// Whether main has ended by weir_goexit. (After a return from main nobody calls us.)
static bool main_is_gone(void) {
  return weir_inspect_find(1) == NULL;
}

static bool is_unreported(const struct weir_g_view *v, void *any) {
  *(bool *)any = everyone(v) && !weir_leak_reported(v->g);
  return !*(bool *)any;
}

// Whether what holds them up has been reported.
static bool is_known(void) {
  bool any = false;
  if (weir_lock_cycle_stands()) return true;
  weir_inspect_each(is_unreported, &any);
  return !any;
}

static struct weir_record *begin(unsigned long n) {
  if (n == 0)
    return weir_record_begin(WEIR_F_DEADLOCK,
                             "No goroutine is left: main has ended by weir_goexit, "
                             "and nobody can end the program.");
  if (n == 1)
    return weir_record_begin(
        WEIR_F_DEADLOCK, "The only goroutine is blocked, and nothing is left that could wake it.");
  return weir_record_begin(
      WEIR_F_DEADLOCK, "All %lu goroutines are blocked%s, and nothing is left that could wake one.",
      n, main_is_gone() ? " and main has ended" : "");
}

void weir_deadlock_found(void) {
  if (!weir_flags.deadlock) return;
  if (weir_flags.partial_deadlock) weir_lock_suspects_cycle(&cycle);
  weir_groups_collect(&groups, everyone);
  unsigned long n = groups.total + cycle.n;
  if (n == 0 && !main_is_gone()) return;
  if (n > 0 && !cycle.n && is_known()) {
    weir_warn("all goroutines (%lu) are blocked now, which the findings explain: the end", n);
    weir_end_program();
  }
  struct weir_record *r = begin(n);
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
