// SPDX-License-Identifier: Apache-2.0
//
// What can be told from one moment alone: goroutines that wait for each other's locks in a circle,
// and a program all of whose goroutines wait for each other. The rest of what the runtime proves
// needs the heap.
#include "target/findings.h"

#include <stdlib.h>
#include <string.h>

#include "target/record.h"

// --- circles of locks ----------------------------------------------------------------------

// The lock that the goroutine waits for and who has it; NULL: it waits for none, or nobody has it.
static const struct weir_seen_goroutine *
next_in_circle(const struct weir_seen *seen, const struct weir_seen_goroutine *g, int *object) {
  if (g->state != WEIR_SEEN_WAITING || g->wait_count != 1) return NULL;
  *object = g->waits[0].object;
  return weir_seen_find(seen, seen->objects[*object].owner);
}

// The circle that g is in, beginning with it; 0: it is in none, or another of it comes first.
static size_t circle_of(const struct weir_seen *seen, const struct weir_seen_goroutine *g,
                        struct weir_seen_edge *out, size_t max) {
  const struct weir_seen_goroutine *at = g;
  for (size_t n = 0; n < max && at && at >= g; n++) {
    int object;
    const struct weir_seen_goroutine *next = next_in_circle(seen, at, &object);
    if (next) out[n] = (struct weir_seen_edge){at, object};
    if (next == g) return n + 1;
    at = next;
  }
  return 0;
}

static void add_circles(struct weir_target *t, const struct weir_seen *seen, json_t *all) {
  enum { MOST = 1000 };
  struct weir_seen_edge edges[MOST];
  for (size_t i = 0; i < seen->count; i++) {
    size_t n = circle_of(seen, &seen->goroutines[i], edges, MOST);
    const struct weir_seen_goroutine *in[MOST];
    for (size_t j = 0; j < n; j++)
      in[j] = edges[j].goroutine;
    if (n)
      json_array_append_new(all, weir_seen_record(t, seen, "partial-deadlock", "proven",
                                                  "goroutines wait for each other's locks", in, n,
                                                  edges, n));
  }
}

// --- everybody waits -------------------------------------------------------------------------

// The clock, the world or another thread may wake it.
static bool may_be_woken(const struct weir_seen_goroutine *g) {
  static const char *const ops[] = {"sleep", "IO wait", "blocking call", "exit"};
  if (g->state != WEIR_SEEN_WAITING || !*g->op) return true;
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    if (!strcmp(g->op, ops[i])) return true;
  return false;
}

static void add_deadlock(struct weir_target *t, const struct weir_seen *seen, json_t *all) {
  const struct weir_seen_goroutine **in = weir_xmalloc((seen->count + 1) * sizeof *in);
  size_t n = 0;
  for (size_t i = 0; i < seen->count; i++)
    if (!may_be_woken(&seen->goroutines[i])) in[n++] = &seen->goroutines[i];
  if (n && n == seen->count && !seen->lost) {
    json_t *o = weir_seen_record(t, seen, "deadlock", "suspected", "all goroutines are blocked", in,
                                 n, NULL, 0);
    json_object_set_new(o, "doubt",
                        json_string("timers and threads outside the runtime were not looked at"));
    json_array_append_new(all, o);
  }
  free(in);
}

json_t *weir_seen_findings(struct weir_target *t, const struct weir_seen *seen, bool live) {
  const struct weir_seen_goroutine **in = weir_xmalloc((seen->count + 1) * sizeof *in);
  json_t *all = json_array();
  for (size_t i = 0; i < seen->count; i++)
    in[i] = &seen->goroutines[i];
  json_t *dump = weir_seen_record(t, seen, "goroutine-dump", "observed",
                                  "all goroutines of the process", in, seen->count, NULL, 0);
  weir_seen_record_signal(t, seen, dump);
  json_array_append_new(all, dump);
  add_circles(t, seen, all);
  if (!live && json_array_size(all) == 1) add_deadlock(t, seen, all);
  free(in);
  return all;
}
