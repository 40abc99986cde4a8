// SPDX-License-Identifier: Apache-2.0
//
// The hooks of a runtime without detectors: it tells nobody, and what only detectors read is not
// written (WEIR_DETECTS in weir/inline.h). It takes the place of detect/ in libweir-bare.a, which
// is what the cost of the detectors is measured against (tests/bench/overhead.py); nothing else is
// built with it.
//
// The calls that announce happened-before edges to a race detector stay in: they belong to race
// checking, not to what is always on. What Go's rules make fatal stays fatal, without a report; a
// deadlock is not noticed.
#include "base/hooks.h"
#include "base/check.h"
#include "base/trace.h"

void weir_hook_start(void) {}
void weir_hook_main_returns(void) {}
void weir_hook_exit(void) {}
void weir_hook_quiescent(void) {}
void weir_hook_quit_signal(void) {}
void weir_hook_undecided(int threads, int calls) {
  (void)threads, (void)calls;
}
void weir_hook_tick(int64_t now) {
  (void)now;
}
void weir_hook_blocked_on_lock(struct weir_g *g, const void *mutex) {
  (void)g, (void)mutex;
}
void weir_hook_try_failed(struct weir_g *g, enum weir_object_kind kind, const void *object,
                          const void *pc, struct weir_g *blocker) {
  (void)g, (void)kind, (void)object, (void)pc, (void)blocker;
}
void weir_hook_by_chance(enum weir_finding_id id, const struct weir_object_desc *object,
                         const struct weir_site *use, const void *pc) {
  (void)id, (void)object, (void)use, (void)pc;
}
void weir_hook_lock_nested(struct weir_g *g, void *lock, bool read, const struct weir_site *site,
                           const void *pc) {
  (void)g, (void)lock, (void)read, (void)site, (void)pc;
}
void weir_hook_unlock(struct weir_g *taker, void *lock, const void *taken_at) {
  (void)taker, (void)lock, (void)taken_at;
}
void weir_hook_end_wanted(struct weir_g *g, enum weir_end end, void *object,
                          const struct weir_site *site, const void *pc) {
  (void)g, (void)end, (void)object, (void)site, (void)pc;
}
void weir_hook_end_served(struct weir_g *g, enum weir_end end, void *object,
                          const struct weir_site *site, const void *pc) {
  (void)g, (void)end, (void)object, (void)site, (void)pc;
}
void weir_hook_ended(const void *channel, uint64_t goid, const uintptr_t *pcs, size_t n) {
  (void)channel, (void)goid, (void)pcs, (void)n;
}
void weir_hook_crash(struct weir_g *g, const struct weir_crash *crash) {
  (void)g, (void)crash;
}
void weir_hook_renamed(struct weir_g *g) {
  (void)g;
}

void *weir_hb_fiber_thread(struct weir_g *g) {
  (void)g;
  return NULL;
}
void *weir_hb_fiber_new(struct weir_g *g) {
  (void)g;
  return NULL;
}

static const char *const titles[] = {
#define WEIR_FINDING(enumerator, id, certainty, title) title,
#include <weir/findings.def>
};

void weir_hook_misuse(enum weir_finding_id id, enum weir_object_kind kind, const void *object,
                      const struct weir_site *site, const void *pc, const void *other_pc,
                      uint64_t other_goid) {
  (void)kind, (void)object, (void)site, (void)pc, (void)other_pc, (void)other_goid;
  weir_fatal("%s", titles[id]);
}

void weir_hook_stack_overflow(struct weir_g *g, const uintptr_t *pcs, size_t n, size_t size) {
  (void)g, (void)pcs, (void)n, (void)size;
  weir_fatal("%s", titles[WEIR_F_GOROUTINE_STACK_OVERFLOW]);
}

bool weir_trace_on, weir_trace_switches;
void weir_trace_start(const char *const *waits, size_t n) {
  (void)waits, (void)n;
}
void weir_trace_lane(unsigned lane) {
  (void)lane;
}
void weir_trace_tick(void) {}
void weir_trace_end(void) {}
void weir_trace_forget(void) {}
void weir_trace_put(unsigned op, uint64_t goid, uint64_t what, const struct weir_site *site,
                    uint64_t where, unsigned argument) {
  (void)op, (void)goid, (void)what, (void)site, (void)where, (void)argument;
}
void weir_trace_file_(enum weir_sync_op op, const struct weir_g *g, const void *object,
                      const struct weir_site *site, const void *pc) {
  (void)op, (void)g, (void)object, (void)site, (void)pc;
}
void weir_trace_stack_(uint64_t goid, const uintptr_t *pcs, size_t n) {
  (void)goid, (void)pcs, (void)n;
}
void weir_trace_name(uint64_t goid, const char *name) {
  (void)goid, (void)name;
}
const char *weir_trace_path(void) {
  return "";
}
void weir_trace_modules(const char *text) {
  (void)text;
}
