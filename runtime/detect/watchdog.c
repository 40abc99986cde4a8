// SPDX-License-Identifier: Apache-2.0
//
// The findings `watchdog-expired` and `heartbeat-missed`: scopes that last longer, and goroutines
// that are silent for longer, than they themselves said (weir/watchdog.h). Observed: it is so,
// whatever the reason. The report shows what the goroutine does now, what it waits for, who could
// wake it, and where the scope was entered.
//
// Runs on the monitor thread and keeps no state; sched/watch.c says each expiry once.
#include <stdio.h>

#include "base/flags.h"
#include "detect/emit.h"
#include "detect/hooks.h"

enum { PER_TICK = 64 };

static struct weir_record *begin(const struct weir_watch_view *w, const struct weir_g_view *v) {
  char who[64];
  snprintf(who, sizeof who, v->name[0] ? "Goroutine %lu (%s)" : "Goroutine %lu",
           (unsigned long)w->goid, v->name);
  unsigned long ms = (unsigned long)(w->limit / 1000000);
  if (w->heartbeat)
    return weir_record_begin(WEIR_F_HEARTBEAT_MISSED,
                             "%s has not beaten for %s for more than %lu ms.", who, w->name, ms);
  return weir_record_begin(WEIR_F_WATCHDOG_EXPIRED, "%s has been in %s for more than %lu ms.", who,
                           w->name, ms);
}

static bool report(const struct weir_watch_view *w) {
  struct weir_g_view v;
  weir_inspect_one(w->g, &v);
  if (v.id != w->goid) return false; // it has ended meanwhile
  struct weir_record *r = begin(w, &v);
  weir_record_goroutines_open(r);
  if (v.state == WEIR_G_WAITING)
    weir_record_blocked_goroutine(r, &v, 1);
  else
    weir_record_present_goroutine(r, &v, 1);
  weir_record_goroutines_close(r);
  weir_record_other(r, "entered by", w->goid, (const uintptr_t[]){(uintptr_t)w->pc}, 1);
  return weir_record_end(r) || weir_flags.watchdog_halt;
}

void weir_watchdog_tick(void) {
  struct weir_watch_view due[PER_TICK];
  size_t n = weir_inspect_watches(due, PER_TICK);
  for (size_t i = 0; i < n; i++)
    if (report(&due[i])) weir_end_program();
}
