// SPDX-License-Identifier: Apache-2.0
//
// The finding `livelock`: goroutines that try, fail, give way and try again, and only ever because
// of each other; and `starvation` of one that tries while others succeed by turns. Suspected.
//
// Each goroutine counts the tries that failed in a row, and remembers because of whom: who had the
// lock, or, of an unbuffered channel, who tried the other side, as two tries never meet there. A
// try that succeeds begins anew, and so does a wait for anything but a lock or the clock: that is
// progress. A try that some other goroutine could make succeed, one that nobody knows of, begins
// anew as well. So a loop that polls for what comes from outside is never in question.
//
// A livelock is a set of goroutines, each with livelock_rounds failures in a row and each failure
// because of a member of the set. It is looked at twice, some rounds apart: all must have gone on
// failing in between. What the members write in memory is not seen, so a loop without any try, that
// yields until a variable changes, is not judged: one that computes and yields looks the same.
//
// A goroutine's counts are its own; others read them while they change, which the second look is
// for. Lock: `looking`, only ever tried.
#include "base/flags.h"
#include "detect/emit.h"
#include "detect/hooks.h"
#include "detect/kinds.h"
#include "os/lock.h"

enum { MEMBERS = 16, SUSPECTS = 16, LOOKS = 8 };

struct set {
  size_t n;
  struct weir_g *g[MEMBERS];
  uint32_t failed[MEMBERS];
};

static struct weir_lock looking;
static struct set suspects[SUSPECTS]; // looking; by the goroutine that looks, which is the first
static struct weir_kinds livelocks, passed; // looking; by the place of the try

static uint32_t failed_of(const struct weir_tries *t) {
  return atomic_load_explicit(&t->failed, memory_order_relaxed);
}

// --- counting ------------------------------------------------------------------------------------

static void begin_anew(struct weir_tries *t, uint64_t goid) {
  atomic_store_explicit(&t->failed, 0, memory_order_relaxed);
  atomic_store_explicit(&t->blockers, 0, memory_order_relaxed);
  t->goid = goid;
  t->passed = 0;
  t->last = NULL;
}

static void note_blocker(struct weir_tries *t, struct weir_g *blocker) {
  if (t->last && t->last != blocker) t->passed++;
  t->last = blocker;
  uint32_t n = atomic_load_explicit(&t->blockers, memory_order_relaxed);
  for (uint32_t i = 0; i < n && i < WEIR_TRY_BLOCKERS; i++)
    if (t->blocker[i] == blocker) return;
  if (n < WEIR_TRY_BLOCKERS) t->blocker[n] = blocker;
  if (n <= WEIR_TRY_BLOCKERS) // one more than there is room for: too many
    atomic_store_explicit(&t->blockers, n + 1, memory_order_release);
}

// --- livelock ------------------------------------------------------------------------------------

static bool add(struct set *s, struct weir_g *g) {
  for (size_t i = 0; i < s->n; i++)
    if (s->g[i] == g) return true;
  if (s->n == MEMBERS) return false;
  s->g[s->n++] = g;
  return true;
}

// A member's blockers come in; false: it is none.
static bool add_blockers_of(struct set *s, size_t member) {
  struct weir_g_view v;
  weir_inspect_one(s->g[member], &v);
  const struct weir_tries *t = weir_inspect_tries(s->g[member]);
  uint32_t n = atomic_load_explicit(&t->blockers, memory_order_acquire);
  s->failed[member] = failed_of(t);
  bool elsewhere = v.op != WEIR_WAIT_NONE && v.op != WEIR_WAIT_SLEEP && !weir_waits_for_lock(v.op);
  if (t->goid != v.id || elsewhere || n == 0 || n > WEIR_TRY_BLOCKERS) return false;
  if (s->failed[member] < (uint32_t)weir_flags.livelock_rounds / 2) return false;
  for (uint32_t i = 0; i < n; i++)
    if (!add(s, t->blocker[i])) return false;
  return true;
}

static bool closes(struct set *s, struct weir_g *g) {
  s->n = 0;
  add(s, g);
  for (size_t i = 0; i < s->n; i++)
    if (!add_blockers_of(s, i)) return false;
  return true;
}

static bool went_on_failing(const struct set *before, const struct set *now) {
  if (before->n != now->n) return false;
  for (size_t i = 0; i < now->n; i++)
    if (before->g[i] != now->g[i] || before->failed[i] >= now->failed[i]) return false;
  return true;
}

static void put(struct weir_record *r, struct weir_g *g, const struct weir_tries *t) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  if (g == weir_inspect_self()) v.api_pc = t->pc;
  weir_record_present_goroutine(r, &v, 1);
}

static bool report_livelock(const struct set *s) {
  struct weir_cycle_step steps[MEMBERS];
  const struct weir_tries *own = weir_inspect_tries(s->g[0]);
  unsigned long rounds = s->failed[0];
  struct weir_record *r =
      s->n == 1 ? weir_record_begin(WEIR_F_LIVELOCK,
                                    "Goroutine %lu has tried %lu times in a row to get what it has "
                                    "itself, and tries again.",
                                    (unsigned long)own->goid, rounds)
                : weir_record_begin(WEIR_F_LIVELOCK,
                                    "%zu goroutines keep each other from going on: each has tried "
                                    "about %lu times in a row and failed because of another.",
                                    s->n, rounds);
  weir_kinds_add(&livelocks, (uintptr_t)own->pc, weir_record_number(r));
  weir_record_goroutines_open(r);
  for (size_t i = 0; i < s->n; i++) {
    const struct weir_tries *t = weir_inspect_tries(s->g[i]);
    steps[i].goroutine = t->goid;
    steps[i].object = weir_record_object_at(r, t->kind, t->object);
    put(r, s->g[i], t);
  }
  weir_record_goroutines_close(r);
  if (own->kind != WEIR_OBJ_CHAN) weir_record_cycle(r, steps, s->n); // nobody has a channel
  return weir_record_end(r);
}

static bool look_for_livelock(struct weir_g *g, struct weir_tries *t) {
  struct set now, *before = &suspects[(uintptr_t)g / 64 % SUSPECTS];
  if (!closes(&now, g)) return false;
  bool certain = went_on_failing(before, &now), end = false;
  *before = now;
  if (!certain) return false;
  for (size_t i = 0; i < now.n; i++)
    weir_inspect_tries(now.g[i])->reported = weir_inspect_tries(now.g[i])->goid;
  if (weir_kinds_new(&livelocks, (uintptr_t)t->pc)) end = report_livelock(&now);
  return end;
}

// --- passed over ---------------------------------------------------------------------------------

static bool report_passed(struct weir_g *g, struct weir_tries *t) {
  struct weir_g_view v;
  t->reported = t->goid;
  if (!weir_kinds_new(&passed, (uintptr_t)t->pc)) return false;
  weir_inspect_one(g, &v);
  struct weir_record *r = weir_record_begin(
      WEIR_F_STARVATION,
      "Goroutine %lu has tried %lu times in a row without success, while what it tries to get went "
      "from one of the others to another %lu times.",
      (unsigned long)v.id, (unsigned long)failed_of(t), (unsigned long)t->passed);
  weir_kinds_add(&passed, (uintptr_t)t->pc, weir_record_number(r));
  weir_record_goroutines_open(r);
  put(r, g, t);
  uint32_t n = atomic_load_explicit(&t->blockers, memory_order_relaxed);
  for (uint32_t i = 0; i < n && i < WEIR_TRY_BLOCKERS; i++)
    put(r, t->blocker[i], t);
  weir_record_object_at(r, t->kind, t->object);
  weir_record_goroutines_close(r);
  return weir_record_end(r);
}

// --- the hooks -----------------------------------------------------------------------------------

// The tries of g that failed are many enough for a look.
static bool many(const struct weir_tries *t) {
  long rounds = weir_flags.livelock_rounds, over = weir_flags.starvation_rounds;
  uint32_t failed = failed_of(t);
  if (t->reported == t->goid) return false;
  return (rounds > 0 && failed >= rounds && failed % (rounds / LOOKS + 1) == 0) ||
         (over > 0 && t->passed >= over);
}

bool weir_try_failed(struct weir_g *g, enum weir_object_kind kind, const void *object,
                     const void *pc, struct weir_g *blocker) {
  struct weir_tries *t = weir_inspect_tries(g);
  uint64_t goid = weir_inspect_id(g);
  if (t->goid != goid || weir_inspect_took_part(g)) begin_anew(t, goid);
  if (!blocker) {
    if (failed_of(t)) begin_anew(t, goid);
    return false;
  }
  t->kind = kind;
  t->object = object;
  t->pc = pc;
  note_blocker(t, blocker);
  atomic_store_explicit(&t->failed, failed_of(t) + 1, memory_order_relaxed);
  return many(t);
}

bool weir_try_look(struct weir_g *g) {
  struct weir_tries *t = weir_inspect_tries(g);
  if (!weir_lock_try(&looking)) return false;
  bool passed_over = weir_flags.starvation_rounds > 0 && t->passed >= weir_flags.starvation_rounds;
  bool end = passed_over ? report_passed(g, t) : look_for_livelock(g, t);
  weir_lock_release(&looking);
  return end;
}

void weir_try_say_seen(void) {
  weir_kinds_say_seen(&livelocks);
  weir_kinds_say_seen(&passed);
}
