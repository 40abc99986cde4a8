// SPDX-License-Identifier: Apache-2.0
//
// The monitor: one thread that fires timers, notices when nothing can run any more, ticks the
// detectors, adds a worker when all are stuck in system calls, and sees that somebody reads the
// poller's events. It is the arbiter of quiescence: when all workers sleep and nobody
// waits for a descriptor, only it (or a foreign thread) could wake one, so what it finds then
// stays true while it looks.
#include <signal.h>
#include <string.h>

#include "base/check.h"
#include "base/flags.h"
#include "base/hooks.h"
#include "base/trace.h"
#include "os/futex.h"
#include "os/signal.h"
#include "sched/g.h"

#define MS INT64_C(1000000)
enum { POLL_MS = 1, BUSY_MS = 10, TICK_MS = 100, STUCK_ROUNDS = 2 };

static struct {
  int tid;
  _Atomic uint32_t poked; // futex word; 1: to look again
  _Atomic int64_t until;  // when it last meant to wake up
  atomic_bool quit_signal;
  atomic_bool rests; // sleeps, and has no goroutine in hand
  int64_t last_tick, last_rest_look, last_stuck_look, last_poll_look;
  atomic_bool quiescent_told; // hook called for this rest already
  int64_t quiet_since;        // all idle, and nobody waits for a descriptor; 0: not so
  bool doubt_told;
  struct {
    uint32_t tick, rounds;
  } seen[WEIR_MAX_WORKERS];
} mon;

void weir_monitor_wake(void) {
  // acq_rel: what the waker did before is seen by the round that clears the flag
  if (!atomic_exchange_explicit(&mon.poked, 1, memory_order_acq_rel))
    weir_futex_wake(&mon.poked, 1);
}

// A Dekker pair with rest(): there the moment to wake up is stored and then the earliest timer
// read, here the timer has been stored. Most deadlines are so far away that the monitor is up
// before.
void weir_monitor_wake_for(int64_t when) {
  atomic_thread_fence(memory_order_seq_cst);
  if (when < atomic_load_explicit(&mon.until, memory_order_relaxed)) weir_monitor_wake();
}

bool weir_monitor_rests(int *tid) {
  *tid = mon.tid;
  return atomic_load_explicit(&mon.rests, memory_order_acquire);
}

static void on_quit(int sig) {
  (void)sig;
  atomic_store(&mon.quit_signal, true);
  weir_monitor_wake();
}

// --- nothing can run ------------------------------------------------------------------------

static void count_foreign(int tid, bool all_blocked, void *arg) {
  int *n = arg;
  if (tid == mon.tid) return;
  for (int i = 0; i < atomic_load(&weir_sched.n_workers); i++)
    if (weir_sched.workers[i]->tid == tid) return;
  // the race detector's own thread
  if (weir_hb_fibers && weir_thread_is_hidden(tid, all_blocked)) return;
  if (weir_blocking_is_helper(tid)) return; // its calls are counted instead
  ++*n;
}

int weir_inspect_foreign_threads(void) {
  int n = 0;
  if (weir_thread_each(count_foreign, &n) != 0) return 1; // cannot tell: somebody may be there
  n += weir_blocking_in_flight();
  return n - atomic_load(&weir_sched.parked_threads);
}

static bool is_timed(const struct weir_g_view *v, void *arg) {
  bool timed = v->state == WEIR_G_WAITING && v->timed && v->op != WEIR_WAIT_EXIT;
  *(bool *)arg |= timed;
  return !timed;
}

// A timer that no goroutine waits for, and that starts none, wakes nobody: an abandoned weir_after,
// the deadline of a context that nobody listens to.
static bool timers_can_wake(void) {
  bool timed = weir_timers_start_any();
  if (!timed && weir_timers_any()) weir_inspect_each(is_timed, &timed);
  return timed;
}

// Who waits for a descriptor answers without a look at the threads, which costs as much as several
// messages. To say no: foreign threads first, as one that starts a timer and then parks is seen
// either way.
static bool anything_alive(void) {
  if (weir_poll_any()) return true;
  return weir_inspect_foreign_threads() > 0 || !weir_all_idle() || weir_poll_any() ||
         timers_can_wake();
}

// All sleep, and only threads that Weir does not know, or calls on helpers, could change that:
// not a deadlock that can be told, so it is said that it cannot, once.
static void look_for_doubt(int64_t now) {
  bool quiet = weir_all_idle() && !weir_poll_any() && !atomic_load(&weir_sched.settler);
  if (!quiet) mon.quiet_since = 0;
  if (!quiet || mon.doubt_told || weir_flags.deadlock_doubt_ms <= 0) return;
  if (!mon.quiet_since) mon.quiet_since = now;
  if (now - mon.quiet_since < weir_flags.deadlock_doubt_ms * MS) return;
  mon.quiet_since = 0;
  int alive = weir_inspect_foreign_threads(), calls = weir_blocking_in_flight();
  if (alive <= 0 || timers_can_wake()) return;
  mon.doubt_told = true;
  weir_hook_undecided(alive - calls, calls);
}

bool weir_monitor_hurries(void) {
  return weir_timers_next() == INT64_MAX || atomic_load(&weir_sched.settler);
}

// While timers go off all the time, looking at every goroutine each time would cost too much.
static bool time_to_look(int64_t now) {
  if (weir_timers_any() && !atomic_load(&weir_sched.settler) &&
      now - mon.last_rest_look < TICK_MS * MS)
    return false;
  mon.last_rest_look = now;
  return true;
}

static void look_for_rest(int64_t now) {
  uint32_t begun = weir_blocking_begun(), left = atomic_load(&weir_sched.idle.left);
  if (!weir_all_idle()) {
    mon.quiescent_told = false;
    return;
  }
  if (mon.quiescent_told || !time_to_look(now) || anything_alive()) return;
  // a foreign thread was there until just now, or a call on a helper that has parked since, or a
  // worker that has read an event and is idle again
  if (!weir_all_idle() || weir_blocking_begun() != begun) return;
  if (atomic_load(&weir_sched.idle.left) != left) {
    weir_monitor_wake();
    return;
  }
  struct weir_g *settler = atomic_load(&weir_sched.settler);
  if (settler && atomic_exchange(&weir_sched.settler, NULL)) {
    weir_ready(settler);
    return;
  }
  mon.quiescent_told = true;
  if (!settler) weir_hook_quiescent();
}

// --- workers stuck in system calls -------------------------------------------------------------

// Has it come to switch lately? One that sleeps has nothing to come for.
static bool watch(int i) {
  struct weir_worker *w = weir_sched.workers[i];
  uint32_t tick = atomic_load_explicit(&w->tick, memory_order_relaxed);
  bool same = tick == mon.seen[i].tick && atomic_load(&w->role) == WEIR_ACTIVE;
  mon.seen[i].rounds = same ? mon.seen[i].rounds + 1 : 0;
  mon.seen[i].tick = tick;
  return mon.seen[i].rounds < STUCK_ROUNDS;
}

static bool sleeps_in_kernel(struct weir_worker *w) {
  char state = weir_thread_run_state(w->tid);
  return state == 'S' || state == 'D';
}

// A worker is stuck if it has not switched in the last rounds and its thread sleeps in the
// kernel. When something is runnable and nobody free to run it, another gets its right, one a
// round. What else keeps worker 0 from switching, main goes on elsewhere.
static void look_for_stuck_workers(void) {
  int n = atomic_load(&weir_sched.n_workers);
  bool work = false;
  for (int i = 0; i < n; i++) {
    bool switches = watch(i);
    work |= atomic_load_explicit(&weir_sched.workers[i]->run_next, memory_order_relaxed) != NULL;
    if (i > 0) continue;
    if (switches)
      weir_main_held_up(false);
    else if (atomic_load(&weir_sched.main_ready))
      weir_main_held_up(true);
  }
  weir_right_owed();
  work |= weir_policy_any(weir_sched.workers[n > 1]);
  if (!work) return;
  if (atomic_load_explicit(&weir_sched.idle.count, memory_order_relaxed) > 0) {
    weir_wake_a_worker(); // takes over what a busy worker keeps for itself
    return;
  }
  for (int i = 0; i < n; i++)
    if (mon.seen[i].rounds >= STUCK_ROUNDS && sleeps_in_kernel(weir_sched.workers[i]) &&
        weir_right_retake(weir_sched.workers[i]))
      return;
}

// --- the loop -----------------------------------------------------------------------------------

static int64_t timeout(int64_t now) {
  int awake = atomic_load(&weir_sched.idle.awake), idle = atomic_load(&weir_sched.idle.count);
  int64_t limit = (idle >= awake                          ? TICK_MS
                   : idle > 0 && weir_poller_is_watched() ? POLL_MS
                                                          : BUSY_MS) *
                  MS;
  int64_t next = weir_timers_next();
  if (next <= now) return 0;
  return next - now < limit ? next - now : limit;
}

static void rest(int64_t now) {
  int64_t ns = timeout(now);
  atomic_store(&mon.until, now + ns); // seq_cst, as is the fence there
  atomic_thread_fence(memory_order_seq_cst);
  atomic_store_explicit(&mon.rests, true, memory_order_release);
  if (ns > 0 && weir_timers_next() >= now + ns) weir_futex_wait(&mon.poked, 0, ns);
  atomic_store_explicit(&mon.rests, false, memory_order_release);
  // acq_rel: what the wakers did before is seen from here on
  atomic_exchange_explicit(&mon.poked, 0, memory_order_acq_rel);
}

static void monitor_thread(void *arg) {
  (void)arg;
  mon.tid = weir_thread_id();
  weir_tls_set((void *)((uintptr_t)weir_g_take_thread() | 1));
  for (;;) {
    int64_t now = weir_clock_now();
    rest(now);
    now = weir_clock_now();
    atomic_store_explicit(&weir_sched.coarse_now, now, memory_order_relaxed);
    weir_timers_fire(now);
    if (atomic_exchange(&mon.quit_signal, false)) weir_hook_quit_signal();
    if (now - mon.last_stuck_look >= BUSY_MS * MS) { // a round may be a single event
      mon.last_stuck_look = now;
      look_for_stuck_workers();
    }
    if (now - mon.last_poll_look >= POLL_MS * MS) {
      mon.last_poll_look = now;
      weir_poller_supervise();
    }
    if (now - mon.last_tick >= TICK_MS * MS) {
      mon.last_tick = now;
      weir_hb_watch_signals();
      weir_hook_tick(now);
      weir_trace_tick();
      look_for_doubt(now);
    }
    if (WEIR_DETECTS) look_for_rest(now);
  }
}

void weir_monitor_start(void) {
  weir_hb_watch_signals();
  int err = weir_poller_start();
  if (err) weir_fatal("cannot make the poller: %s", strerror(-err));
  err = weir_thread_start(monitor_thread, NULL, "weir-monitor");
  if (err) weir_fatal("cannot start the monitor thread: %s", strerror(-err));
  weir_signal_if_default(SIGQUIT, on_quit);
}

// --- at exit
// --------------------------------------------------------------------------------------

static void settle_over(struct weir_timer_ *t) {
  struct weir_g *g = t->arg, *expect = g;
  if (atomic_compare_exchange_strong(&weir_sched.settler, &expect, NULL)) weir_ready(g);
}

static void announce_settler(void *arg) {
  atomic_store(&weir_sched.settler, arg);
  mon.quiescent_told = false;
  weir_monitor_wake();
}

bool weir_settle(int64_t ns) {
  if (!atomic_load(&weir_sched.started)) return true;
  struct weir_g *g = weir_self();
  struct weir_waiter what = {.g = g, .op = WEIR_WAIT_EXIT};
  struct weir_timer_ timer = {.when = weir_clock_now() + ns, .fire = settle_over, .arg = g};
  weir_settle_arm(&timer);
  weir_park_describe(g, WEIR_WAIT_EXIT, &what, 1, NULL);
  weir_park_unlock(g, announce_settler, g);
  bool rest = weir_timer_cancel_(&timer, true);
  weir_settle_arm(NULL);
  return rest;
}
