// SPDX-License-Identifier: Apache-2.0
//
// What the renderers have in common: labels for goroutines, objects, frames and
// places, goroutines that are alike, the answer in one sentence and the summary. A
// view belongs to one finding and is freed before it; every string it returns lives as
// long as the view, and is plain text without control characters.
#ifndef WEIR_RENDER_VIEW_H
#define WEIR_RENDER_VIEW_H

#include "model/finding.h"

struct weir_group { // goroutines with the same stack, creation and operation
  const struct weir_goroutine *first;
  uint64_t count;
  uint64_t *ids; // the known ones
  size_t id_count;
  bool same_object; // all wait for the same one
};

struct weir_view {
  const struct weir_finding *f;
  struct weir_arena arena;
  const char **object_names; // "account.mu #1"; unique in the finding
  struct weir_group *groups;
  size_t group_count;
};

struct weir_view *weir_view_new(const struct weir_finding *f);
void weir_view_free(struct weir_view *v);

const char *weir_view_title(struct weir_view *v);              // "data race"
const char *weir_view_path(struct weir_view *v, const char *); // relative to where it ran
const char *weir_view_function(struct weir_view *v, const struct weir_frame *frame);
const char *weir_view_source(struct weir_view *v, const struct weir_frame *frame); // file:line:col
const char *weir_view_at(struct weir_view *v, const struct weir_stack *s);   // "a.c:3 in f" or ""
const char *weir_view_site(struct weir_view *v, const struct weir_place *p); // the same
const char *weir_view_goroutine(struct weir_view *v, uint64_t id); // "goroutine 7 (transfer)"
const char *weir_view_name(struct weir_view *v, const struct weir_goroutine *g); // or ""
const char *weir_view_object(struct weir_view *v, int object); // "mutex account.mu #1"
// The same, as said of a goroutine: one that stands for several alike may have another of that
// name than the rest, so the number is left out.
const char *weir_view_object_of(struct weir_view *v, const struct weir_goroutine *g, int object);
bool weir_view_is_sleep(struct weir_view *v, int object); // a timer without name or state
const char *weir_view_object_state(struct weir_view *v, int object);
const char *weir_view_location(struct weir_view *v);        // "global 'total'"
const char *weir_view_location_detail(struct weir_view *v); // a sentence, or ""
const char *weir_view_waiting(struct weir_view *v,
                              const struct weir_goroutine *g); // "sending on ..."
const char *weir_view_header(struct weir_view *v,
                             const struct weir_goroutine *g); // "goroutine 7 [...]"
const char *weir_view_duration(struct weir_view *v, int64_t ns);
const char *weir_view_locks(struct weir_view *v, const int *objects,
                            size_t n);                // "mutex a, mutex b"
const char *weir_view_reproduce(struct weir_view *v); // a shell command, or ""

const char *weir_view_did(struct weir_view *v, const struct weir_access *a); // "wrote", "freed" ...
const char *weir_view_access(struct weir_view *v, const struct weir_access *a, bool previous);
// The stack that tells where the finding is; NULL if there is none.
const struct weir_stack *weir_view_main_stack(const struct weir_finding *f);
const char *weir_view_other(struct weir_view *v);      // "closed by goroutine 7 (stop)"
const char *weir_view_pair(const struct weir_view *v); // what `accesses` are: "accesses", "calls"
const char *weir_view_place(struct weir_view *v);      // where the finding is: "a.c:3 in f" or ""

// Of a race: the last synchronisation from one side to the other, order.c.
enum { WEIR_HOPS_MAX = 16 };
const char *weir_view_order_head(struct weir_view *v, const struct weir_order *o);
// Fills lines[2 * WEIR_HOPS_MAX] and returns how many.
size_t weir_view_order(struct weir_view *v, const struct weir_order *o, const char **lines);
// A sentence without its full stop, or "". `did`: what the earlier side did to the memory.
const char *weir_view_order_hint(struct weir_view *v, const char *did);

struct weir_cycle_row { // one goroutine of the cycle; each text may be ""
  const char *who, *holds, *holds_at, *waits, *waits_at;
  const char *link; // from what it waits for to the next one: "held by"
};
struct weir_cycle_row weir_view_cycle_row(struct weir_view *v, size_t edge);

// Of orders that can deadlock in another schedule: its goroutines did not wait in the cycle.
bool weir_view_is_lock_order(const struct weir_view *v);
const char *weir_view_wants(struct weir_view *v, const struct weir_goroutine *g); // "taking a"
// What the goroutine of an edge has that the one before wants: "mutex a", or, as nobody has a
// channel or a wait group, "to send on channel c".
const char *weir_view_has(struct weir_view *v, size_t edge, int object);
bool weir_view_serves(const struct weir_view *v, size_t edge);  // the latter, or
bool weir_view_is_turn(const struct weir_view *v, size_t edge); // it writes before that one reads
bool weir_view_is_serving(const struct weir_view *v, const struct weir_goroutine *g);
const char *weir_view_held(struct weir_view *v, const struct weir_goroutine *g,
                           int object); // "holds mutex a", "still has to send on channel c"
// The schedule in which they would, step by step, schedule.c.
struct weir_schedule_row {
  const char *who, *does, *at;
};
size_t weir_view_schedule(struct weir_view *v, struct weir_schedule_row **rows); // 0: none

// The object that the goroutine waits for in the cycle or at all; -1: none. And how
// it holds the one that the goroutine before it in the cycle waits for.
int weir_view_waited(struct weir_view *v, const struct weir_goroutine *g);
const struct weir_hold *weir_view_hold(const struct weir_goroutine *g, int object);

// Who waits for whom where channels and the like take part, knot.c.
const struct weir_wait_for *weir_view_wait_for(struct weir_view *v, uint64_t goroutine, int object);
struct weir_wait_row { // each text may be ""
  const char *who, *waits, *waits_at, *by, *by_at;
};
struct weir_wait_row weir_view_wait_row(struct weir_view *v, size_t row);
const char *weir_view_answer_knot(struct weir_view *v);
// A sentence: why it is not proven; nothing where that is not said.
void weir_view_add_doubt(struct weir_view *v, struct weir_buf *b);

// What a check of the source found, in the compiler's form, check.c.
void weir_render_check(struct weir_view *v, bool color, struct weir_buf *out);

const char *weir_view_answer(struct weir_view *v);  // one sentence, answer.c
const char *weir_view_summary(struct weir_view *v); // "data race bank.c:31 in transfer"

// What its goroutines did last, oldest first; 0 where that does not help (last.c).
enum { WEIR_LAST_ROWS = 6 };
struct weir_last_row {
  const char *before, *who, *did, *at; // before: how long before the record
};
size_t weir_view_last(struct weir_view *v, struct weir_last_row rows[WEIR_LAST_ROWS]);

#endif
