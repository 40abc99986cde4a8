// SPDX-License-Identifier: Apache-2.0
//
// race_threads.h. Fibers of goroutines carry their goroutine's id in their name. Other threads are
// known by TSan's number and the kernel's, as TSan gives its number again when a thread has ended.
// What is known of them (name, who created them and where) goes into the history, from which the
// record is made. Everything here is under TSan's report lock.
#include "detect/race_threads.h"

#include <string.h>

#include "detect/history.h"
#include "detect/modules.h"
#include "hb/tsan.h"
#include "os/copy.h"

enum { THREADS = 256, TRACE = WEIR_CREATION_FRAMES + 1 };

struct told {
  int tid, parent, running;
  uint64_t os_id;
  const char *name;
  uintptr_t creation[TRACE + 1]; // innermost first, 0-terminated
};

static struct {
  int tid;
  uint64_t os_id, id;
} threads[THREADS];
static unsigned n_known;

static bool is_told(void *report, int n_threads, int tid, struct told *t) {
  for (int i = 0; i < n_threads; i++) {
    *t = (struct told){.tid = -1};
    __tsan_get_report_thread(report, (unsigned long)i, &t->tid, &t->os_id, &t->running, &t->name,
                             &t->parent, (void **)t->creation, TRACE);
    if (t->tid == tid) return true;
  }
  return false;
}

static bool is_own_fiber(const struct told *t) {
  return t->name && (strcmp(t->name, "scheduler") == 0 || strcmp(t->name, "blank") == 0);
}

static void remember(uint64_t id, uint64_t parent, const struct told *t) {
  struct weir_g_view v = {.id = id, .parent = parent, .thread = true};
  if (t->name) weir_copy_text(v.name, t->name, sizeof v.name);
  memcpy(v.creation, t->creation, sizeof v.creation);
  weir_history_add_thread(&v);
}

static uint64_t thread_id(void *report, int n_threads, const struct told *t) {
  unsigned i = 0;
  while (i < n_known && (threads[i].tid != t->tid || threads[i].os_id != t->os_id))
    i++;
  if (i == THREADS || is_own_fiber(t)) return 0;
  if (i == n_known) {
    threads[i].tid = t->tid;
    threads[i].os_id = t->os_id;
    threads[i].id = weir_inspect_new_id();
    n_known++;
  }
  bool runs;
  const uint64_t id = threads[i].id;
  remember(id, weir_race_who(report, n_threads, t->parent, &runs), t);
  return id;
}

bool weir_race_is_thread(uint64_t id) {
  for (unsigned i = 0; i < n_known; i++)
    if (threads[i].id == id) return true;
  return false;
}

uint64_t weir_race_who(void *report, int n_threads, int tid, bool *runs) {
  struct told t;
  *runs = true;
  if (tid == 0) return 1;
  if (!is_told(report, n_threads, tid, &t)) return 0;
  *runs = t.running;
  const uint64_t goid = weir_history_parse(t.name);
  return goid ? goid : thread_id(report, n_threads, &t);
}
