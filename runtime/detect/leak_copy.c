// SPDX-License-Identifier: Apache-2.0
//
// leak.h: what a look at a copy of the process needs beside the copy. Memory that is shared goes
// on changing, so it is copied by hand. Of what a race detector keeps, which is most of such
// a process, no look needs much: that is left out, as the time to make a copy is the time that the
// program stands still. And the child makes sure that it has all the rest.
#include <errno.h>

#include "base/hooks.h"
#include "detect/leak.h"
#include "os/maps.h"
#include "os/memory.h"
#include "os/snapshot.h"
#include "os/stop.h"

enum { READ_ROOM = 64 << 10 };
#define SHARED_LIMIT ((uintptr_t)64 << 20) // more is not worth a copy

static struct {
  struct weir_object_span *shared; // copies
  size_t n;
  bool whole;  // all that was shared has been copied
  size_t seen; // mappings that the child has found
  bool missing;
  char text[READ_ROOM];
} copy;

// --- what is shared
// -----------------------------------------------------------------------------------------

static bool is_ours(const struct weir_map_line *m) {
  for (size_t i = 0; i < weir_mapped.n_regions; i++)
    if (weir_mapped.region[i].low == m->low) return true;
  return false;
}

static bool is_shared_root(const struct weir_map_line *m) {
  return m->shared && weir_mapped_may_hold_pointers(m) && !is_ours(m);
}

// What cannot be read of it is no root either; its copy is zero there.
static bool keep_shared(const struct weir_map_line *m) {
  enum { AT_ONCE = 64 << 10 };
  char *to = weir_leak_take(m->high - m->low);
  if (!to) return false;
  for (uintptr_t at = m->low, n; at < m->high; at += n) {
    n = m->high - at < AT_ONCE ? m->high - at : AT_ONCE;
    if (weir_maps_copy(to + (at - m->low), at, n)) continue;
    n = WEIR_PAGE;
    weir_maps_copy(to + (at - m->low), at, n);
  }
  copy.shared[copy.n++] =
      (struct weir_object_span){(uintptr_t)to, (uintptr_t)to + (m->high - m->low)};
  return true;
}

bool weir_copy_has_shared(void) {
  return copy.whole;
}

void weir_copy_each_shared(void (*fn)(uintptr_t low, uintptr_t high)) {
  for (size_t i = 0; i < copy.n; i++)
    fn(copy.shared[i].low, copy.shared[i].high);
}

void weir_copy_forget(void) {
  copy.n = 0;
  copy.whole = false;
}

int weir_copy_keep_shared(void) {
  uintptr_t n = 0, bytes = 0;
  for (size_t i = 0; i < weir_mapped.n_lines; i++)
    if (is_shared_root(&weir_mapped.line[i])) {
      bytes += weir_mapped.line[i].high - weir_mapped.line[i].low;
      n++;
    }
  if (bytes > SHARED_LIMIT) return -EFBIG;
  if (!(copy.shared = weir_leak_take((n + 1) * sizeof *copy.shared))) return -ENOMEM;
  for (size_t i = 0; i < weir_mapped.n_lines; i++)
    if (is_shared_root(&weir_mapped.line[i]) && !keep_shared(&weir_mapped.line[i])) return -ENOMEM;
  copy.whole = true;
  return 0;
}

// --- what is left out
// -----------------------------------------------------------------------------------------

static void needed(uintptr_t address) {
  const struct weir_map_line *m = weir_mapped_line(address);
  if (m) weir_mapped.useless[m - weir_mapped.line] = false;
}

static void leave_out_runs(bool leave) {
  for (size_t i = 0, n; i < weir_mapped.n_lines; i += n) {
    n = 1;
    if (!weir_mapped.useless[i]) continue;
    while (i + n < weir_mapped.n_lines && weir_mapped.useless[i + n] &&
           weir_mapped.line[i + n].low == weir_mapped.line[i + n - 1].high)
      n++;
    weir_snapshot_leave_out(weir_mapped.line[i].low, weir_mapped.line[i + n - 1].high, leave);
  }
}

// Each of these is a mapping by itself.
static void find_unread(void) {
  for (size_t i = 0; i < weir_mapped.n_regions; i++) {
    const struct weir_mem_region *r = &weir_mapped.region[i];
    const struct weir_map_line *m = r->use == WEIR_MEM_UNREAD ? weir_mapped_line(r->low) : NULL;
    if (m && m->low == r->low && m->high == r->high)
      weir_mapped.useless[m - weir_mapped.line] = true;
  }
}

void weir_copy_leave_out(const struct weir_leak_caller *caller, bool leave) {
  if (!weir_hb_fibers) return;
  find_unread();
  needed(caller->sp);
  needed((uintptr_t)__builtin_thread_pointer());
  for (size_t i = 0; i < weir_stopped_count(); i++) {
    needed(weir_stopped_at(i)->sp);
    needed(weir_stopped_at(i)->saved_low);
    needed(weir_stopped_at(i)->tls);
  }
  leave_out_runs(leave);
  weir_tsan_leave_out(leave);
}

// --- in the child
// -----------------------------------------------------------------------------------------

// Both lists are sorted. A stack may have grown.
static void find_inherited(const struct weir_map_line *mine, bool wiped, void *unused) {
  (void)unused;
  for (; copy.seen < weir_mapped.n_lines && weir_mapped.line[copy.seen].low < mine->high;
       copy.seen++) {
    const struct weir_map_line *m = &weir_mapped.line[copy.seen];
    bool there = mine->low <= m->low && m->high <= mine->high && !wiped;
    bool matters = weir_mapped_may_hold_pointers(m) && !m->shared;
    if (weir_hb_fibers) matters &= weir_tsan_leaves_alone(m) && !weir_mapped.useless[copy.seen];
    if (matters && !there) copy.missing = true;
  }
}

int weir_copy_inherited(void) {
  copy.seen = 0;
  copy.missing = false;
  if (!weir_maps_each_inherited(copy.text, sizeof copy.text, find_inherited, NULL)) return -EXDEV;
  return copy.missing ? -EXDEV : 0;
}
