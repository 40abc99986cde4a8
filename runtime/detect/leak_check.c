// SPDX-License-Identifier: Apache-2.0
//
// The finding `goroutine-leak`: the course of a check. Everybody else is stopped, wherever they
// are; what can be reached is marked, and what the goroutines left over wait for can never come: no
// pointer to it exists. So it is proven, whatever happens next, but for pointers that are no
// longer words in memory (compressed, encrypted, in a file) and for what leak_roots.c doubts.
//
// Somebody may have been stopped inside malloc. Then the check is tried again, and in the
// end made with the whole heap as a root.
//
// The monitor makes the periodic checks, and has timers to fire: where a copy is looked at it
// comes back at a later tick for the answer. Meanwhile the lock of all checks is its.
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <weir/diag.h>

#include "base/check.h"
#include "base/flags.h"
#include "detect/hooks.h"
#include "detect/knot.h"
#include "detect/leak.h"
#include "hb/tsan.h"
#include "os/asan.h"
#include "os/futex.h"
#include "os/io.h"
#include "os/lock.h"
#include "os/signal.h"
#include "os/stop.h"
#include "os/thread.h"

enum { TRIES = 60, BLOCKED_TRIES = 30, TIMEOUTS = 2, COARSE_TRIES = 2, PAUSE_NS = 300000 };

static struct weir_lock one;          // check at a time
static unsigned doubts;               // of the last check
static struct weir_knot_notes *notes; // of this check

// --- before it
// -------------------------------------------------------------------------------------------

static bool anybody(const struct weir_g_view *v, void *arg) {
  bool waits =
      v->state == WEIR_G_WAITING && !v->thread && !v->expected && !weir_waits_outside(v->op);
  *(bool *)arg |= waits;
  return !waits;
}

// These need no look at memory. (main may mean it: the others serve.)
static bool mark_for_ever(const struct weir_g_view *v, void *arg) {
  (void)arg;
  if (v->state == WEIR_G_WAITING && weir_waits_for_ever(v->op) && !v->thread && !v->expected &&
      v->id != 1)
    weir_inspect_mark(v->g, WEIR_MARK_LEAKED);
  return true;
}

// --- the whole
// -------------------------------------------------------------------------------------------

// A thread may block all signals for a moment only, as it starts.
static bool is_momentary(int err, int tries) {
  return err == -EAGAIN || err == -ETIMEDOUT || (err == -EPERM && tries < BLOCKED_TRIES);
}

// 0: there is an answer, or there will be.
static int begin(const struct weir_leak_caller *caller) {
  _Atomic uint32_t nobody_wakes = 0;
  struct weir_io_signals signals;
  int err = -EAGAIN;
  weir_io_signals_block(&signals);
  for (int i = 0, late = 0; i < TRIES && is_momentary(err, i); i++) {
    if (err == -ETIMEDOUT && ++late == TIMEOUTS) break;
    if (i) weir_futex_wait(&nobody_wakes, 0, PAUSE_NS);
    err = weir_leak_look_begin(caller, i < TRIES - COARSE_TRIES, notes);
  }
  weir_io_signals_restore(&signals);
  return err == -ETIMEDOUT ? -EAGAIN : err;
}

static int search(const struct weir_leak_caller *caller) {
  int err = begin(caller);
  if (!err) err = weir_leak_look_end(true, &doubts);
  if (err != -ECHILD) return err;
  if (!(err = begin(caller))) err = weir_leak_look_end(true, &doubts); // in place
  return err;
}

// One that has moved on since it was looked at (leak_look.c) is not leaked.
static void mark_leaked(void) {
  for (size_t slot = 0; slot < notes->slots; slot++) {
    if (notes->verdict[slot] != WEIR_NEVER) continue;
    struct weir_g_context c;
    weir_inspect_context(slot, &c);
    if (c.state != WEIR_G_WAITING || c.park_seq != notes->park_seq[slot]) continue;
    weir_inspect_mark(weir_inspect_slot(slot), doubts && !weir_waits_for_ever(c.op)
                                                   ? WEIR_MARK_MAYBE_LEAKED
                                                   : WEIR_MARK_LEAKED);
  }
}

struct counting { // of the leaked, with that label if there is a key
  const char *key, *value;
  long n;
};

static bool has_label(struct weir_g *g, const char *key, const char *value) {
  struct weir_g_labels labels;
  weir_inspect_labels(g, &labels);
  for (size_t i = 0; i < labels.n; i++)
    if (strcmp(labels.label[i].key, key) == 0)
      return !value || strcmp(labels.label[i].value, value) == 0;
  return false;
}

// By their marks: to look at all that is known of 100,000 goroutines takes 10 ms.
static void count(struct counting *c) {
  for (size_t slot = 0; slot < weir_inspect_slots(); slot++) {
    struct weir_g *g = weir_inspect_slot(slot);
    struct weir_g_context is;
    if (!(weir_inspect_mark(g, 0) & WEIR_MARK_LEAKED)) continue;
    weir_inspect_context(slot, &is);
    if (is.state != WEIR_G_DEAD) c->n += !c->key || has_label(g, c->key, c->value);
  }
}

static const char *why_not(int err) {
  switch (err) {
  case -ENOTSUP:
    return "a sanitizer hides the program's memory";
  case -EPERM:
    return "a thread that runs blocks the signal that would stop it";
  case -EBUSY:
    return "the program handles the signal that stops threads";
  case -EAGAIN:
    return "a thread could not be stopped";
  case -EFBIG:
    return "there is too much memory to look at";
  case -ENOMEM:
    return "out of memory";
  default:
    return "the process cannot be read";
  }
}

static void say_why_not(int err) {
  static atomic_flag said = ATOMIC_FLAG_INIT;
  if (weir_flags.verbosity >= 1 && !atomic_flag_test_and_set(&said))
    weir_warn("no leak check: %s", why_not(err));
}

static bool anybody_waits(void) {
  bool any = false;
  weir_inspect_each(anybody, &any);
  return any;
}

// From here to close the lock is the caller's.
static int open_check(const struct weir_leak_caller *caller) {
  if (!caller->knots_only) weir_inspect_each(mark_for_ever, NULL);
  if (weir_asan_on || (weir_hb_fibers && !weir_tsan_heap_learn())) return -ENOTSUP;
  if (!(notes = weir_knot_open(weir_inspect_slots()))) return -ENOMEM;
  weir_inspect_learn_main();
  weir_roots_learn();
  if (!weir_hb_fibers) weir_heap_learn();
  return 0;
}

// True: to end now.
static bool close_check(const struct weir_leak_caller *caller, int err) {
  bool end = false;
  if (err) say_why_not(err);
  if (!err && !caller->knots_only) mark_leaked();
  if (!err) end = weir_knot_report(notes, doubts);
  if (!end && !caller->knots_only) end = weir_leak_report(doubts);
  if (notes) weir_knot_close();
  notes = NULL;
  return end;
}

// 0 or -errno; counts the goroutines proven leaked.
static int check(const struct weir_leak_caller *caller, struct counting *counting) {
  if (!anybody_waits()) return 0;
  weir_tsan_ignore_begin();
  weir_lock_acquire(&one);
  int err = open_check(caller);
  if (!err) err = search(caller);
  bool end = close_check(caller, err);
  count(counting);
  weir_lock_release(&one);
  weir_tsan_ignore_end();
  if (end) weir_end_program();
  return err;
}

// What the program has in registers is saved in this frame.
__attribute__((noinline)) static uintptr_t here(void) {
  return (uintptr_t)__builtin_frame_address(0);
}

static long counted(const struct weir_leak_caller *caller, const char *key, const char *value) {
  struct counting c = {key, value, 0};
  int kept = weir_errno_get(), err = check(caller, &c);
  weir_errno_set(err ? -err : kept);
  return err ? -1 : c.n;
}

long weir_leak_check(void) {
  __builtin_unwind_init();
  struct weir_leak_caller caller = {.sp = here()};
  return counted(&caller, NULL, NULL);
}

long weir_leak_check_label(const char *key, const char *value) {
  __builtin_unwind_init();
  struct weir_leak_caller caller = {.sp = here()};
  if (key) return counted(&caller, key, value);
  weir_errno_set(EINVAL);
  return -1;
}

void weir_leak_check_at_exit(bool main_gone) {
  struct weir_leak_caller caller = {.sp = here(), .main_gone = main_gone};
  if (weir_flags.leak_check) check(&caller, &(struct counting){0});
}

// --- by the monitor, whose thread has nothing of the program's
// --------------------------------------------------------------------------------------

static bool looking;        // at a copy, for the monitor, which has the lock
static bool for_knots;      // only
static _Atomic int ordered; // a signal has come
static bool to_say;         // the answer is for who sent it

static void answer_signal(int err) {
  const char *signal = weir_flags.leak_check_signal;
  struct counting c = {0};
  count(&c);
  if (err)
    weir_warn("no leak check on signal %s: %s", signal, why_not(err));
  else
    weir_warn("leak check on signal %s: %ld goroutine%s leaked", signal, c.n,
              c.n == 1 ? " is" : "s are");
}

static void close_of_monitor(int err) {
  bool end = close_check(&(struct weir_leak_caller){.knots_only = for_knots}, err);
  weir_lock_release(&one);
  if (to_say && !for_knots) {
    to_say = false;
    answer_signal(err);
  }
  if (end) weir_end_program();
}

static void look_for_answer(void) {
  int err = weir_leak_look_end(false, &doubts);
  looking = err == -EAGAIN;
  if (!looking) close_of_monitor(err);
}

static void start_looking(bool knots_only) {
  struct weir_leak_caller caller = {.sp = here(), .knots_only = knots_only};
  for_knots = knots_only;
  if (!to_say && !anybody_waits()) return;
  if (!weir_lock_try(&one)) return; // somebody looks just now
  int err = open_check(&caller);
  if (!err) err = begin(&caller);
  if (err)
    close_of_monitor(err);
  else
    look_for_answer();
}

long weir_leak_check_now(void) {
  struct weir_leak_caller caller = {.sp = here()};
  struct counting c = {0};
  int err = looking ? -EAGAIN : check(&caller, &c);
  return err ? err : c.n;
}

// Runs on any thread, whatever that was doing.
__attribute__((disable_sanitizer_instrumentation)) static void on_signal(int sig) {
  (void)sig;
  atomic_store_explicit(&ordered, 1, memory_order_relaxed);
}

void weir_leak_start(void) {
  const char *name = weir_flags.leak_check_signal;
  if (!*name) return;
  int sig = weir_signal_number(name);
  if (sig && sig != WEIR_STOP_SIGNAL)
    weir_signal_if_default(sig, on_signal);
  else
    weir_warn("option leak_check_signal: '%s' is no signal that a program may use", name);
}

static bool is_due(void) {
  enum { TICK_MS = 100 };
  static long ticks;
  if (weir_flags.leak_check_ms <= 0 || ++ticks * TICK_MS < weir_flags.leak_check_ms) return false;
  ticks = 0;
  return anybody_waits();
}

void weir_leak_tick(void) {
  if (looking) look_for_answer();
  if (looking) return;
  if (atomic_exchange_explicit(&ordered, 0, memory_order_relaxed)) to_say = true;
  if (to_say || is_due()) start_looking(false);
}

bool weir_leak_check_knots(void) {
  if (!looking) start_looking(true);
  return !looking;
}

bool weir_leak_is_looking(void) {
  return looking;
}
