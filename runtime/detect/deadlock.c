// SPDX-License-Identifier: Apache-2.0
//
// The finding `deadlock`: nothing can ever run again. The scheduler's monitor calls when all
// goroutines are parked, no timer is pending, no descriptor is waited for and no other thread
// of the process could wake one; they all stay parked while this runs. So it is proven,
// and the program ends here, as a Go program does.
#include "base/flags.h"
#include "detect/emit.h"
#include "detect/groups.h"
#include "detect/hooks.h"

static struct weir_groups groups; // the monitor thread's

static bool everyone(const struct weir_g_view *v) {
  return !(v->thread && v->op == WEIR_WAIT_NONE);
}

static void put_all(struct weir_record *r) {
  weir_record_goroutines_open(r);
  for (size_t i = 0; i < groups.n; i++) {
    struct weir_g_view v;
    weir_inspect_one(groups.group[i].g, &v);
    weir_record_present_goroutine(r, &v, groups.group[i].count);
  }
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
