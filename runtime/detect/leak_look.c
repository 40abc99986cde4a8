// SPDX-License-Identifier: Apache-2.0
//
// leak.h: one look at the whole process, in place or in a copy of it.
//
// A small program is looked at while it stands still. A large one only stands still until it is
// copied (os/snapshot.h); then it goes on, and a child marks in the copy, which nobody changes.
// What it finds is true later, too: a goroutine that nothing alive could reach when the copy was
// made can be reached by nobody ever after, since who is to get at a pointer must have it from
// somewhere. Still each is compared with what became of it (leak_check.c): one that has moved on is
// not reported.
//
// Before the copy is made, with everybody stopped, is read what a child would not find, or not as
// it was: the list of mappings, what the kernel keeps, memory that is shared. A child that does
// not find all that its parent had says so, and the look is taken in place, as also where no
// child can be made; then every later one is.
//
// Locks, taken before anybody is stopped, in this order: the timers', those of the runtime's
// allocator, the list of mappings. So their data is whole; of everything else the marker
// reads only single words, and takes who is in the middle of something for alive.
#include <errno.h>
#include <weir/time.h>

#include "base/check.h"
#include "base/flags.h"
#include "detect/hooks.h"
#include "detect/knot.h"
#include "detect/leak.h"
#include "hb/tsan.h"
#include "os/maps.h"
#include "os/memory.h"
#include "os/snapshot.h"
#include "os/stop.h"
#include "os/thread.h"

enum { READ_ROOM = 16 << 10 };
#define STOP_LIMIT_NS INT64_C(1000000000)
#define COPY_LIMIT_NS INT64_C(60000000000)
#define ARENA_LEAST ((size_t)384 << 20)
// In core, of private memory: from here on a copy stops the program for less time than marking.
#define COPY_FROM ((size_t)24 << 20)
#define COPY_FROM_CHECKED ((size_t)192 << 20) // for races: most of it is the detector's

struct result { // in memory that is shared with a child, as the notes are
  _Atomic uint32_t done;
  int err;
  unsigned doubts;
};

static struct {
  struct weir_leak_caller caller;
  struct weir_knot_notes *notes;
  struct result *result;
  bool read_heap;
  bool found; // the roots, before the copy was made
  int child;  // 0: none
  int64_t began, paused;
} look;
static _Atomic int no_copy; // why a copy cannot be made, once that is known

// --- room
// ------------------------------------------------------------------------------------

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

static void close_result(void) {
  weir_mem_unmap(look.result, WEIR_PAGE);
  look.result = NULL;
}

// --- with everybody stopped
// -----------------------------------------------------------------------------

static void note_never(size_t slot) {
  weir_knot_note(look.notes, slot, WEIR_NEVER);
}
static void note_held_up(size_t slot) {
  weir_knot_note(look.notes, slot, WEIR_HELD_UP);
}

// With bonds, which mostly leaves nobody; then, where it makes a difference, without them.
static int mark(void) {
  int err = weir_mark(true);
  if (err || !weir_mark_any_left()) return err;
  weir_knot_find(look.notes);
  weir_mark_each_left(weir_bonds_any() ? note_held_up : note_never);
  if (!weir_bonds_any() || (err = weir_mark(false))) return err;
  weir_mark_each_left(note_never);
  return 0;
}

static int look_around(void) {
  int err = look.found ? 0 : weir_roots_find(look.read_heap);
  if (!err) err = weir_mark_goroutines(&look.caller);
  if (!err) err = mark();
  look.result->doubts = weir_roots_doubts();
  return err;
}

static void look_around_in_child(void *unused) {
  (void)unused;
  int err = weir_copy_inherited();
  look.result->err = err ? err : look_around();
}

static bool copy_is_better(void) {
  if (no_copy || (weir_hb_fibers && !weir_hb_on)) return false; // in a checked build: one's own
  return weir_maps_resident() >= (weir_hb_fibers ? COPY_FROM_CHECKED : COPY_FROM);
}

// A race detector's memory is several times the program's. What of it a look needs is found before,
// the rest left out: of 100,000 goroutines and 1 GiB, a copy of all takes half a second.
static int find_what_to_leave_out(void) {
  int err = weir_roots_find(look.read_heap);
  look.found = !err;
  return err;
}

static bool make_copy(void) {
  if (weir_copy_keep_shared()) return false;
  if (weir_hb_fibers && find_what_to_leave_out()) return false;
  weir_copy_leave_out(&look.caller, true);
  look.child = weir_snapshot_start(look_around_in_child, NULL, &look.result->done);
  weir_copy_leave_out(&look.caller, false);
  if (look.child < 0) no_copy = look.child;
  return look.child > 0;
}

static int look_while_stopped(void) {
  int err = weir_roots_read(&look.caller);
  if (!err && look.read_heap && !weir_hb_fibers && weir_heap_busy()) err = -EAGAIN;
  if (err) return err;
  if (copy_is_better() && make_copy()) return 0;
  look.child = 0;
  return look.result->err = look_around();
}

// Somebody who was thought to sleep has run.
static int give_up(void) {
  if (look.child) weir_snapshot_kill(look.child);
  look.child = 0;
  return -EAGAIN;
}

int weir_leak_look_begin(const struct weir_leak_caller *caller, bool read_heap,
                         struct weir_knot_notes *notes) {
  look.caller = *caller;
  look.caller.tid = weir_thread_id();
  look.read_heap = read_heap;
  look.notes = notes;
  weir_knot_clear(notes);
  look.child = 0;
  look.found = false;
  if (!(look.result = weir_mem_map_shared(WEIR_PAGE))) return -ENOMEM;
  if (!weir_leak_arena_open(arena_size())) {
    close_result();
    return -ENOMEM;
  }
  weir_inspect_hold();
  weir_object_hold();
  weir_mem_hold();
  look.began = weir_now();
  int except = weir_hb_fibers ? weir_thread_hidden() : 0;
  int err = weir_stop_world(except, !weir_hb_fibers, STOP_LIMIT_NS);
  if (!err) {
    err = look_while_stopped();
    if (!err && !weir_stop_undisturbed()) err = give_up();
    weir_stop_resume();
  }
  look.paused = weir_now() - look.began;
  weir_mem_release();
  weir_object_release();
  weir_inspect_release();
  weir_inspect_clear_registers(); // for the next look
  weir_leak_arena_close();
  if (err) close_result();
  return err;
}

// --- afterwards
// -------------------------------------------------------------------------------------

static void say_what_it_took(void) {
  if (weir_flags.verbosity < 1) return;
  weir_warn("leak check: the program stood still for %.1f ms, the answer took %.1f ms%s",
            (double)look.paused / 1e6, (double)(weir_now() - look.began) / 1e6,
            look.child ? ", found in a copy" : "");
}

static int end_of_child(bool wait) {
  int err = wait ? weir_snapshot_wait(look.child, &look.result->done, COPY_LIMIT_NS)
                 : weir_snapshot_ended(look.child, &look.result->done);
  if (err == 0 && look.result->err == -EXDEV) err = -EXDEV;
  if (err == -ETIMEDOUT) return -EFBIG;
  if (err && err != -EAGAIN) no_copy = err;
  return err == 0 || err == -EAGAIN ? err : -ECHILD;
}

int weir_leak_look_end(bool wait, unsigned *doubts) {
  int err = look.child ? end_of_child(wait) : 0;
  if (err == -EAGAIN) return err;
  if (!err && !(err = look.result->err)) {
    *doubts = look.result->doubts;
    say_what_it_took();
  }
  close_result();
  return err;
}

const char *weir_leak_no_copy(void) {
  switch (no_copy) {
  case 0:
    return NULL;
  case -EXDEV:
    return "some of its memory is kept from children";
  case -ECHILD:
    return "a child that looked was killed";
  case -ENOMEM:
    return "there was no memory for one";
  default:
    return "the process may not make one";
  }
}
