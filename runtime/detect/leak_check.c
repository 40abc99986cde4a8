// SPDX-License-Identifier: Apache-2.0
//
// The finding `goroutine-leak`: the course of a check. Everybody else is stopped, wherever they
// are; what can be reached is marked, and what the goroutines left over wait for can never come: no
// pointer to it exists. So it is proven, whatever happens next, but for pointers that are no
// longer words in memory (compressed, encrypted, in a file) and for what leak_roots.c doubts.
//
// Locks, taken before anybody is stopped, in this order: the timers', those of the runtime's
// allocator, the list of mappings. So their data is whole; of everything else the marker
// reads only single words, and takes who is in the middle of something for alive.
//
// Somebody may have been stopped inside malloc. Then the check is tried again, and in the
// end made with the whole heap as a root.
#include <errno.h>
#include <stdatomic.h>
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
#include "os/maps.h"
#include "os/memory.h"
#include "os/stop.h"
#include "os/thread.h"

enum { TRIES = 60, TIMEOUTS = 2, COARSE_TRIES = 2, PAUSE_NS = 300000, READ_ROOM = 16 << 10 };
#define STOP_LIMIT_NS INT64_C(1000000000)
#define ARENA_LEAST ((size_t)128 << 20)

static struct weir_lock one;          // check at a time
static unsigned doubts;               // of the last check
static struct weir_knot_notes *notes; // of this check

// --- before it
// -------------------------------------------------------------------------------------------

static bool maybe_leaked(enum weir_wait_op op) {
  return op != WEIR_WAIT_NONE && op != WEIR_WAIT_SLEEP && op != WEIR_WAIT_IO &&
         op != WEIR_WAIT_BLOCKING && op != WEIR_WAIT_EXIT && op != WEIR_WAIT_SINGLEFLIGHT;
}

static bool anybody(const struct weir_g_view *v, void *arg) {
  bool waits = v->state == WEIR_G_WAITING && !v->thread && !v->expected && maybe_leaked(v->op);
  *(bool *)arg |= waits;
  return !waits;
}

static bool for_ever(enum weir_wait_op op) {
  return op == WEIR_WAIT_CHAN_SEND_NIL || op == WEIR_WAIT_CHAN_RECV_NIL ||
         op == WEIR_WAIT_SELECT_EMPTY;
}

// These need no look at memory. (main may mean it: the others serve.)
static bool mark_for_ever(const struct weir_g_view *v, void *arg) {
  (void)arg;
  if (v->state == WEIR_G_WAITING && for_ever(v->op) && !v->thread && !v->expected && v->id != 1)
    weir_inspect_mark(v->g, WEIR_MARK_LEAKED);
  return true;
}

static void add_writable(const struct weir_map_line *line, void *sum) {
  if (weir_hb_fibers && line->low >> 40 != 0x72) return; // TSan's shadow is all of memory
  if (line->writable && !line->other && !line->shared) *(size_t *)sum += line->high - line->low;
}

// Room for the tables of a heap of that size, and for as many blocks as it may have.
static size_t arena_size(void) {
  static char text[READ_ROOM];
  size_t heap = 0;
  weir_maps_each(text, sizeof text, add_writable, &heap);
  return ARENA_LEAST + heap / 2 + heap / 32 + weir_inspect_slots() * 512;
}

// --- with everybody stopped
// -----------------------------------------------------------------------------

static void note_never(size_t slot) {
  weir_knot_note(notes, slot, WEIR_NEVER);
}
static void note_held_up(size_t slot) {
  weir_knot_note(notes, slot, WEIR_HELD_UP);
}

// A cheap marking, which mostly leaves nobody; then a strict one for the proof, and, where it makes
// a difference, one for those that are held up by others.
static int mark(void) {
  int err = weir_mark(false, true);
  if (err || !weir_mark_any_left()) return err;
  if ((err = weir_mark(true, false))) return err;
  weir_mark_each_left(note_never);
  if (weir_bonds_any() && (err = weir_mark(true, true))) return err;
  weir_mark_each_left(note_held_up);
  weir_knot_find(notes);
  return 0;
}

static int look(const struct weir_leak_caller *caller, bool read_heap) {
  int err = weir_roots_gather(read_heap);
  if (!err) err = weir_mark_goroutines(caller);
  if (!err) err = mark();
  doubts = weir_roots_doubts();
  return err;
}

static int stop_and_look(const struct weir_leak_caller *caller, bool read_heap) {
  if (!weir_leak_arena_open(arena_size())) return -ENOMEM;
  weir_inspect_hold();
  weir_object_hold();
  weir_mem_hold();
  int err = weir_stop_world(weir_hb_fibers ? weir_thread_hidden() : 0, STOP_LIMIT_NS);
  if (!err) {
    err = look(caller, read_heap);
    weir_stop_resume();
  }
  weir_mem_release();
  weir_object_release();
  weir_inspect_release();
  weir_leak_arena_close();
  return err;
}

// --- the whole
// -------------------------------------------------------------------------------------------

static int search(const struct weir_leak_caller *caller) {
  _Atomic uint32_t nobody_wakes = 0;
  struct weir_io_signals signals;
  int err = -EAGAIN;
  if (!(notes = weir_knot_open(weir_inspect_slots()))) return -ENOMEM;
  weir_inspect_learn_main();
  if (!weir_hb_fibers) weir_heap_learn();
  weir_io_signals_block(&signals);
  for (int i = 0, late = 0; i < TRIES && (err == -EAGAIN || err == -ETIMEDOUT); i++) {
    if (err == -ETIMEDOUT && ++late == TIMEOUTS) break;
    if (i) weir_futex_wait(&nobody_wakes, 0, PAUSE_NS);
    err = stop_and_look(caller, i < TRIES - COARSE_TRIES);
  }
  weir_io_signals_restore(&signals);
  return err == -ETIMEDOUT ? -EAGAIN : err;
}

static void mark_leaked(void) {
  for (size_t slot = 0; notes && slot < notes->slots; slot++) {
    if (notes->verdict[slot] != WEIR_NEVER) continue;
    struct weir_g_context c;
    weir_inspect_context(slot, &c);
    weir_inspect_mark(weir_inspect_slot(slot),
                      doubts && !for_ever(c.op) ? WEIR_MARK_MAYBE_LEAKED : WEIR_MARK_LEAKED);
  }
}

static bool count(const struct weir_g_view *v, void *n) {
  *(long *)n += (weir_inspect_mark(v->g, 0) & WEIR_MARK_LEAKED) != 0;
  return true;
}

static void say_why_not(int err) {
  static atomic_flag said = ATOMIC_FLAG_INIT;
  if (weir_flags.verbosity < 1 || atomic_flag_test_and_set(&said)) return;
  const char *why = err == -ENOTSUP  ? "a sanitizer hides the program's memory"
                    : err == -EPERM  ? "a thread blocks the signal that would stop it"
                    : err == -EBUSY  ? "the program handles the signal that stops threads"
                    : err == -EAGAIN ? "a thread could not be stopped"
                    : err == -EFBIG  ? "there is too much memory to look at"
                    : err == -ENOMEM ? "out of memory"
                                     : "the process cannot be read";
  weir_warn("no leak check: %s", why);
}

static int look_for_them(const struct weir_leak_caller *caller) {
  bool any = false;
  weir_inspect_each(anybody, &any);
  if (!any) return 0;
  bool can = !weir_asan_on && (!weir_hb_fibers || weir_tsan_heap_learn());
  int err = can ? search(caller) : -ENOTSUP;
  if (err) say_why_not(err);
  return err;
}

// Number of goroutines proven leaked, or -errno.
static long check(const struct weir_leak_caller *caller) {
  long n = 0;
  weir_tsan_ignore_begin();
  weir_lock_acquire(&one);
  if (!caller->knots_only) weir_inspect_each(mark_for_ever, NULL);
  int err = look_for_them(caller);
  if (!caller->knots_only) mark_leaked();
  weir_inspect_each(count, &n);
  bool end = notes && weir_knot_report(notes, doubts);
  end = end || (!caller->knots_only && weir_leak_report(doubts));
  if (notes) weir_knot_close();
  notes = NULL;
  weir_lock_release(&one);
  weir_tsan_ignore_end();
  if (end) weir_end_program();
  return err ? err : n;
}

static void report_for_ever(void) {
  weir_inspect_each(mark_for_ever, NULL);
  if (weir_leak_report(0)) weir_end_program();
}

// What the program has in registers is saved in this frame.
__attribute__((noinline)) static uintptr_t here(void) {
  return (uintptr_t)__builtin_frame_address(0);
}

long weir_leak_check(void) {
  __builtin_unwind_init();
  int kept = weir_errno_get();
  struct weir_leak_caller caller = {.sp = here()};
  long n = check(&caller);
  weir_errno_set(n < 0 ? (int)-n : kept);
  return n < 0 ? -1 : n;
}

void weir_leak_check_at_exit(bool main_gone) {
  struct weir_leak_caller caller = {.sp = here(), .main_gone = main_gone};
  // Under the race detector its result would hang on stale words more than in a plain program.
  if (weir_flags.leak_check && !weir_hb_fibers)
    check(&caller);
  else if (weir_flags.leak_check)
    report_for_ever();
}

// On the monitor thread, which has nothing of the program's.
long weir_leak_check_now(void) {
  struct weir_leak_caller caller = {.sp = here()};
  return check(&caller);
}

void weir_leak_tick(void) {
  enum { TICK_MS = 100 };
  static long ticks;
  if (weir_flags.leak_check_ms <= 0 || ++ticks * TICK_MS < weir_flags.leak_check_ms) return;
  ticks = 0;
  weir_leak_check_now();
}
