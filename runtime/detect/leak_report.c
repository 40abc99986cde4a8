// SPDX-License-Identifier: Apache-2.0
//
// The findings of a leak check: goroutines with the same stack, wait and creation are one, with
// their ids. They are blocked for good, so they are read at leisure, while the program goes on.
// Each is reported once; those that a reported cycle of locks holds are not reported again.
#include "detect/emit.h"
#include "detect/groups.h"
#include "detect/hooks.h"
#include "detect/leak.h"
#include "os/lock.h"

static struct weir_groups groups; // reporting
static struct weir_lock reporting;

static bool in_reported_cycle(const struct weir_g_view *v) {
  return weir_waits_for_lock(v->op) && weir_partial_deadlock_lock(v->object);
}

static bool fresh(const struct weir_g_view *v, uint32_t kind) {
  uint32_t marks = weir_inspect_mark(v->g, 0);
  return (marks & kind) && !(marks & WEIR_MARK_LEAK_REPORTED) && v->state == WEIR_G_WAITING &&
         !in_reported_cycle(v);
}
static bool fresh_proven(const struct weir_g_view *v) {
  return fresh(v, WEIR_MARK_LEAKED);
}
static bool fresh_suspected(const struct weir_g_view *v) {
  return fresh(v, WEIR_MARK_MAYBE_LEAKED);
}

static bool note_reported(const struct weir_g_view *v, void *arg) {
  (void)arg;
  if (weir_inspect_mark(v->g, 0) & (WEIR_MARK_LEAKED | WEIR_MARK_MAYBE_LEAKED))
    weir_inspect_mark(v->g, WEIR_MARK_LEAK_REPORTED);
  return true;
}

static const char *why(enum weir_wait_op op) {
  if (op == WEIR_WAIT_CHAN_SEND_NIL || op == WEIR_WAIT_CHAN_RECV_NIL)
    return "a nil channel never has a partner";
  if (op == WEIR_WAIT_SELECT_EMPTY) return "a select without cases never ends";
  if (op == WEIR_WAIT_SINGLEFLIGHT) return "who makes the call that it shares never returns";
  return "nothing alive can reach what would wake it: no goroutine that can run, no thread, timer, "
         "poller or global";
}

const char *weir_leak_doubt_text(unsigned doubts) {
  if (doubts & WEIR_DOUBT_IO_URING) return "the program uses io_uring, which may hold a pointer";
  if (doubts & WEIR_DOUBT_SLEEPER)
    return "a thread that blocks signal 61 may hold a pointer in its registers";
  return "what the kernel keeps for the program could not be read";
}

static bool report(const struct weir_group *group, const char *certainty, unsigned doubts) {
  struct weir_g_view v;
  weir_inspect_one(group->g, &v);
  const char *op = weir_wait_op_text(v.op);
  struct weir_record *r;
  if (group->count == 1)
    r = weir_record_begin_as(WEIR_F_GOROUTINE_LEAK, certainty,
                             "Goroutine %lu is blocked in %s for ever: %s.", (unsigned long)v.id,
                             op, why(v.op));
  else
    r = weir_record_begin_as(WEIR_F_GOROUTINE_LEAK, certainty,
                             "%lu goroutines are blocked in %s for ever, each on its own: %s.",
                             group->count, op, why(v.op));
  weir_record_goroutines_open(r);
  weir_record_present_goroutine(r, &v, group->count);
  weir_record_goroutines_close(r);
  weir_record_group_ids(r, group);
  if (doubts) weir_record_doubt(r, weir_leak_doubt_text(doubts));
  return weir_record_end(r);
}

static bool report_all(bool (*want)(const struct weir_g_view *v), const char *certainty,
                       unsigned doubts) {
  bool end = false;
  weir_groups_collect(&groups, want);
  for (size_t i = 0; i < groups.n && !end; i++)
    end = report(&groups.group[i], certainty, doubts);
  return end;
}

static bool anything_new(void) {
  for (size_t slot = 0; slot < weir_inspect_slots(); slot++) {
    uint32_t marks = weir_inspect_mark(weir_inspect_slot(slot), 0);
    if ((marks & (WEIR_MARK_LEAKED | WEIR_MARK_MAYBE_LEAKED)) && !(marks & WEIR_MARK_LEAK_REPORTED))
      return true;
  }
  return false;
}

bool weir_leak_report(unsigned doubts) {
  if (!anything_new()) return false;
  weir_lock_acquire(&reporting);
  bool end =
      report_all(fresh_proven, "proven", 0) || report_all(fresh_suspected, "suspected", doubts);
  weir_inspect_each(note_reported, NULL);
  weir_lock_release(&reporting);
  return end;
}

bool weir_leak_reported(struct weir_g *g) {
  return weir_inspect_mark(g, 0) & WEIR_MARK_LEAK_REPORTED;
}
