// SPDX-License-Identifier: Apache-2.0
//
// weir_dump and SIGQUIT: all goroutines with their states and stacks. Not a finding, but the
// same record with the id goroutine-dump, rendered at once on the wanted descriptor. OS threads
// that run are listed without a stack.
#include <weir/diag.h>

#include "base/hooks.h"
#include "detect/emit.h"
#include "detect/groups.h"
#include "detect/hooks.h"
#include "os/lock.h"

static struct weir_groups groups; // dump_lock
static struct weir_lock dump_lock;

static bool everyone(const struct weir_g_view *v) {
  (void)v;
  return true;
}

int weir_dump_all(int fd) {
  weir_lock_acquire(&dump_lock);
  weir_groups_collect(&groups, everyone);
  const char *plural = groups.total == 1 ? "" : "s", *why = weir_leak_no_copy();
  struct weir_record *r =
      why ? weir_record_begin_dump(
                "%lu goroutine%s. Leak checks look at the program while it stands "
                "still, not at a copy: %s.",
                groups.total, plural, why)
          : weir_record_begin_dump("%lu goroutine%s.", groups.total, plural);
  weir_record_goroutines_open(r);
  for (size_t i = 0; i < groups.n; i++) {
    struct weir_g_view v;
    weir_inspect_one(groups.group[i].g, &v);
    weir_record_present_goroutine(r, &v, groups.group[i].count);
  }
  weir_record_goroutines_close(r);
  int err = weir_record_end_on(r, fd);
  weir_lock_release(&dump_lock);
  return err;
}

void weir_dump(int fd) {
  weir_hook_dump(fd);
}
