// SPDX-License-Identifier: Apache-2.0
//
// The findings `cpu-hog` and `starvation`: goroutines that are runnable and do not run, because one
// that has a worker keeps it (goroutines are not preempted), or although all of them give way.
// Both suspected: too long is a matter of limits (cpu_hog_ms, starvation_ms; 0: off).
//
// A hog is a goroutine that has used more than cpu_hog_ms of its thread's processor time since its
// worker last switched, while another has been waiting to run for as long. Nobody starves while a
// worker is idle, nor is a worker a hog that nobody waits for.
//
// Time is processor time, so that a busy machine accuses nobody: the clock goes on by what the
// workers have used since the last tick, shared among as many as may run, and never by more than
// a tick. Who waits since when on that clock, inspect.h says.
//
// One finding for goroutines that were created at the same place. All state is the monitor's.
#include <stdio.h>

#include "base/flags.h"
#include "detect/emit.h"
#include "detect/hooks.h"
#include "detect/kinds.h"
#include "os/thread.h"

enum { TICK_MS = 100, WORKERS = 1024, SHOWN = 3 };
#define NS_OF_MS 1000000

struct worker {
  uint32_t switches; // when last looked at
  uint32_t reported; // 1 + switches, of the stretch that was reported last
  int64_t cpu;       // of its thread, in all
  int64_t kept;      // since it switched
  struct weir_g *g;  // that it runs since then
};
static struct worker workers[WORKERS];
static int64_t used;     // by all of them, since the last tick
static int64_t clock_ns; // the clock

static struct weir_kinds hogs, starved;

static uint32_t now_ms(void) {
  return (uint32_t)(clock_ns / NS_OF_MS);
}

// --- the clock, and who keeps a worker -----------------------------------------------------------

static void look_at_worker(const struct weir_worker_view *v, void *arg) {
  (void)arg;
  if (v->index >= WORKERS) return;
  struct worker *w = &workers[v->index];
  int64_t cpu = weir_thread_cpu_ns(v->tid), more = cpu - w->cpu;
  bool first = w->cpu == 0 || more < 0; // another thread has the place
  bool same = !first && v->g && v->active && v->switches == w->switches && v->g == w->g;
  w->kept = same ? w->kept + more : 0;
  if (!first) used += more;
  w->cpu = cpu < 0 ? 0 : cpu;
  w->switches = v->switches;
  w->g = v->g;
}

static void go_on(void) {
  used = 0;
  weir_inspect_workers(look_at_worker, NULL);
  int64_t shared = used / weir_inspect_procs(), tick = TICK_MS * (int64_t)NS_OF_MS;
  clock_ns += shared < tick ? shared : tick;
}

// --- who waits -----------------------------------------------------------------------------------

struct waiting {
  uint32_t limit;
  unsigned long n;   // all that wait
  unsigned long due; // for longer than the limit
  uint32_t longest;
  struct weir_g *g[SHOWN]; // of those; the first: who has waited longest
};

static bool count(struct weir_g *g, uint32_t since, void *arg) {
  struct waiting *w = arg;
  uint32_t ms = now_ms() - since;
  w->n++;
  if (ms <= w->limit) return true;
  unsigned long at = w->due < SHOWN ? w->due : SHOWN - 1;
  w->due++;
  if (ms > w->longest) {
    w->longest = ms;
    w->g[at] = w->g[0];
    w->g[0] = g;
  } else {
    w->g[at] = g;
  }
  return true;
}

static struct waiting who_waits(int64_t limit_ms) {
  struct waiting w = {.limit = (uint32_t)limit_ms};
  weir_inspect_runnable(now_ms(), count, &w);
  return w;
}

// --- the reports ---------------------------------------------------------------------------------

static const char *who(const struct weir_g_view *v, char *out, size_t size) {
  snprintf(out, size, v->name[0] ? "Goroutine %lu (%s)" : "Goroutine %lu", (unsigned long)v->id,
           v->name);
  return out;
}

static void put(struct weir_record *r, struct weir_g *g) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  if (v.state != WEIR_G_DEAD) weir_record_present_goroutine(r, &v, 1);
}

static void put_waiting(struct weir_record *r, const struct waiting *w) {
  for (unsigned long i = 0; i < SHOWN && i < w->due; i++)
    put(r, w->g[i]);
}

static bool report_hog(struct worker *hog, const struct waiting *waiting) {
  struct weir_g_view v;
  char name[64];
  weir_inspect_one(hog->g, &v);
  uint64_t kind = weir_kind_of_creation(&v);
  if (!weir_kinds_new(&hogs, kind)) {
    weir_kinds_more(&hogs, kind, 1);
    return false;
  }
  struct weir_record *r = weir_record_begin(
      WEIR_F_CPU_HOG,
      "%s has kept its worker for %ld ms of processor time without giving way, while %lu "
      "goroutine%s to run.",
      who(&v, name, sizeof name), (long)(hog->kept / NS_OF_MS), waiting->n,
      waiting->n == 1 ? " waits" : "s wait");
  weir_kinds_add(&hogs, kind, weir_record_number(r));
  weir_record_goroutines_open(r);
  weir_record_present_goroutine(r, &v, 1);
  put_waiting(r, waiting);
  weir_record_goroutines_close(r);
  return weir_record_end(r);
}

// True: the program shall end.
static bool look_for_hogs(void) {
  bool end = false;
  struct waiting waiting = who_waits(weir_flags.cpu_hog_ms);
  for (int i = 0; i < WORKERS && waiting.due && !end; i++) {
    struct worker *w = &workers[i];
    if (!w->g || w->kept <= weir_flags.cpu_hog_ms * NS_OF_MS || w->reported == w->switches + 1)
      continue;
    w->reported = w->switches + 1;
    end = report_hog(w, &waiting);
  }
  return end;
}

static bool report_starved(const struct waiting *waiting) {
  struct weir_g_view v;
  char name[64];
  weir_inspect_one(waiting->g[0], &v);
  uint64_t kind = weir_kind_of_creation(&v);
  if (v.state != WEIR_G_RUNNABLE || !weir_kinds_new(&starved, kind)) return false;
  struct weir_record *r = weir_record_begin(
      WEIR_F_STARVATION,
      "%s has been runnable and has not run for %lu ms of processor time, while others ran; %lu "
      "goroutine%s to run.",
      who(&v, name, sizeof name), (unsigned long)waiting->longest, waiting->n,
      waiting->n == 1 ? " waits" : "s wait");
  weir_kinds_add(&starved, kind, weir_record_number(r));
  weir_record_goroutines_open(r);
  put_waiting(r, waiting);
  for (int i = 0, shown = 0; i < WORKERS && shown < SHOWN; i++)
    if (workers[i].g) put(r, workers[i].g), shown++;
  weir_record_goroutines_close(r);
  return weir_record_end(r);
}

// Where a worker does not switch, that is the reason.
static bool others_give_way(int64_t limit_ms) {
  for (int i = 0; i < WORKERS; i++)
    if (workers[i].kept > limit_ms * NS_OF_MS / 2) return false;
  return true;
}

static bool look_for_starved(void) {
  struct waiting waiting = who_waits(weir_flags.starvation_ms);
  return waiting.due && others_give_way(weir_flags.starvation_ms) && report_starved(&waiting);
}

// Shaken, who waits for long does so because the seed wants it.
static bool may_starve(void) {
  return weir_flags.starvation_ms > 0 && !weir_flags.shake;
}

void weir_processors_tick(void) {
  if (weir_flags.cpu_hog_ms <= 0 && weir_flags.starvation_ms <= 0) return;
  go_on();
  if (!weir_inspect_all_busy()) return;
  if (weir_flags.cpu_hog_ms > 0 && look_for_hogs()) weir_end_program();
  if (may_starve() && look_for_starved()) weir_end_program();
}

void weir_processors_say_seen(void) {
  weir_kinds_say_seen(&hogs);
  weir_kinds_say_seen(&starved);
}
