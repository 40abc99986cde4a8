// SPDX-License-Identifier: Apache-2.0
//
// The finding `goroutine-leak-at-exit`: main has returned, everything that could run has come
// to rest (or atexit_settle_ms are over), and these are still blocked. Observed, not proven: a
// goroutine that main's return merely cut short, say one that waits for a reply main would have
// sent later, looks the same.
//
// Not counted: those that said so (weir_expect_blocked), those that the world may still wake (a
// sleep, a descriptor, a channel with a timer behind it), those that wait for a lock of a reported
// cycle, those that were proven to be leaked (leak_check.c), and OS threads. One finding for
// goroutines that are alike.
#include <string.h>

#include "base/flags.h"
#include "detect/emit.h"
#include "detect/groups.h"
#include "detect/hooks.h"

static struct weir_groups groups;

static bool leaked(const struct weir_g_view *v) {
  if (v->state != WEIR_G_WAITING || v->thread || v->expected || v->timed || v->id == 1)
    return false;
  if (v->op == WEIR_WAIT_EXIT || v->op == WEIR_WAIT_NONE) return false;
  if (weir_waits_for_lock(v->op) && weir_partial_deadlock_lock(v->object)) return false;
  return !weir_leak_reported(v->g);
}

static void report(const struct weir_group *group) {
  struct weir_g_view v;
  weir_inspect_one(group->g, &v);
  const char *op = weir_wait_op_text(v.op);
  struct weir_record *r;
  if (group->count == 1)
    r = weir_record_begin(WEIR_F_GOROUTINE_LEAK_AT_EXIT,
                          "Goroutine %lu is still blocked in %s after main has returned.",
                          (unsigned long)v.id, op);
  else
    r = weir_record_begin(WEIR_F_GOROUTINE_LEAK_AT_EXIT,
                          "%lu goroutines are still blocked in %s after main has returned.",
                          group->count, op);
  weir_record_goroutines_open(r);
  weir_record_present_goroutine(r, &v, group->count);
  weir_record_goroutines_close(r);
  if (weir_record_end(r)) weir_end_program();
}

void weir_leak_at_exit_check(void) {
  weir_groups_collect(&groups, leaked);
  for (size_t i = 0; i < groups.n; i++)
    report(&groups.group[i]);
}
