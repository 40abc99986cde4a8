// SPDX-License-Identifier: Apache-2.0
//
// The read-only view of all goroutines, for detectors. Views are snapshots; a
// goroutine struct is never unmapped, so reading a stale one is safe, and `park_seq`
// tells whether it moved on meanwhile: equal before and after means that it stayed
// in one and the same wait in between, if it was in one.
#ifndef WEIR_SCHED_INSPECT_H
#define WEIR_SCHED_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <weir/detail.h>
#include <weir/inline.h>

#include "base/object.h"

struct weir_g;

enum weir_g_state { WEIR_G_DEAD, WEIR_G_RUNNABLE, WEIR_G_RUNNING, WEIR_G_WAITING };

// Why a goroutine is parked. The text is Go's (weir_wait_op_text).
enum weir_wait_op {
  WEIR_WAIT_NONE,
  WEIR_WAIT_CHAN_SEND,
  WEIR_WAIT_CHAN_RECV,
  WEIR_WAIT_CHAN_SEND_NIL,
  WEIR_WAIT_CHAN_RECV_NIL,
  WEIR_WAIT_SELECT,
  WEIR_WAIT_SELECT_EMPTY,
  WEIR_WAIT_MUTEX,
  WEIR_WAIT_WAIT_GROUP,
  WEIR_WAIT_SLEEP,
  WEIR_WAIT_IO,
  WEIR_WAIT_SINGLEFLIGHT,
  WEIR_WAIT_BLOCKING, // a call of weir_blocking, on a helper thread
  WEIR_WAIT_RWMUTEX,
  WEIR_WAIT_RWMUTEX_READ,
  WEIR_WAIT_ONCE,
  WEIR_WAIT_COND,
  WEIR_WAIT_SEM,
  WEIR_WAIT_FENCE,
  WEIR_WAIT_EXIT, // goroutine 1 at exit, while the others come to rest
  WEIR_WAIT_OPS
};
extern const char *const weir_wait_op_texts[WEIR_WAIT_OPS];
static inline const char *weir_wait_op_text(enum weir_wait_op op) { // "chan receive" ...
  return weir_wait_op_texts[op];
}

// One object a parked goroutine waits for; a select has several.
struct weir_wait_on {
  enum weir_object_kind kind;
  enum weir_wait_op op;
  const void *object;
};

// struct weir_held, a lock that a goroutine holds, is in weir/inline.h; weir_object_lock_kind says
// of which kind it is.
enum { WEIR_HELD_MAX = WEIR_HELD_RING, WEIR_CREATION_FRAMES = 16 };

struct weir_g_view {
  struct weir_g *g;
  uint64_t id;
  char name[32]; // set by weir_set_name, else the entry function; may be ""
  enum weir_g_state state;
  bool thread;   // a foreign OS thread
  bool expected; // weir_expect_blocked
  bool timed;    // a clock or the world can wake it: sleep, fd, a channel with a timer behind it
  enum weir_wait_op op;
  const void *object; // single object; NULL for select
  int64_t since;      // weir_now() when it parked
  uint32_t park_seq;  // grows at the end of every wait
  const void *api_pc; // return address, in user code, of the API call it is parked in
  uint64_t parent;
  const struct weir_site *go_site;          // of the weir_go; NULL for goroutine 1
  uintptr_t creation[WEIR_CREATION_FRAMES]; // return addresses, innermost first, 0-terminated
  struct weir_held held[WEIR_HELD_MAX];     // the newest ones
  unsigned held_count;
};

// The labels of a goroutine, sorted by key. A snapshot: one that is set meanwhile may be cut short.
enum { WEIR_LABELS_MAX = WEIR_LABELS_BYTES, WEIR_LABELS = WEIR_LABELS_MAX / 3 };
struct weir_g_labels {
  size_t n;
  struct {
    const char *key, *value;
  } label[WEIR_LABELS];
  char text[WEIR_LABELS_MAX + 2];
};
void weir_inspect_labels(struct weir_g *g, struct weir_g_labels *out); // points into itself

// Calls fn for every goroutine that is not dead, in order of id as far as slots
// allow; stops when fn returns false. No lock is held during fn.
void weir_inspect_each(bool (*fn)(const struct weir_g_view *view, void *arg), void *arg);
void weir_inspect_one(struct weir_g *g, struct weir_g_view *view);
enum weir_wait_op weir_inspect_op(const struct weir_g *g); // what it is parked in, alone
struct weir_g *weir_inspect_self(void); // calling goroutine, or NULL in a bare thread
// Whether p is a goroutine's struct: what stands in memory that may be another's by now is
// anything.
bool weir_inspect_is_goroutine(const void *p);
struct weir_g *weir_inspect_find(uint64_t goid); // NULL if gone
uint64_t weir_inspect_new_id(void);              // for a thread that is no goroutine

// What a parked goroutine waits for; returns how many (may exceed max).
size_t weir_inspect_waits(struct weir_g *g, struct weir_wait_on *out, size_t max);

// Return addresses of a goroutine, innermost first, beginning in user code (frames
// of the runtime are cut). Works for parked goroutines and for the caller itself
// (give its api pc as `from`); 0 for one that runs elsewhere.
size_t weir_inspect_stack(struct weir_g *g, const void *from, uintptr_t *pcs, size_t max);

// Where a signal came upon the caller, of the context that its handler was given. The first is
// made to look like a return address, too.
size_t weir_inspect_stack_of_signal(const void *context, uintptr_t *pcs, size_t max);

// The frame in which the local variable at `address` lies. g waits, or is the caller, whose n
// return addresses are given; else false, as where the frames do not lead there.
struct weir_ctx_frame;
bool weir_inspect_frame(struct weir_g *g, const void *address, const uintptr_t *pcs, size_t n,
                        struct weir_ctx_frame *out);

// The same for one that runs elsewhere: its thread is interrupted for a moment, and a system call
// that is not restarted (poll, nanosleep) returns EINTR there. 0 where it cannot be told: an OS
// thread, one that is not running any more, a program that blocks or uses the signal (os/stop.h).
size_t weir_inspect_running_stack(struct weir_g *g, uintptr_t *pcs, size_t max);

// The tries of a goroutine that have failed in a row (detect/livelock.c). Its own, and read by
// others.
enum { WEIR_TRY_BLOCKERS = 4 };
struct weir_tries {
  uint64_t goid, reported; // whose they are: those of another are over
  _Atomic uint32_t failed;
  _Atomic uint32_t blockers; // who was in the way; more than there is room for: too many
  struct weir_g *blocker[WEIR_TRY_BLOCKERS], *last;
  uint32_t passed; // how often the last one was another than before
  enum weir_object_kind kind;
  const void *object, *pc; // of the newest
};
struct weir_tries *weir_inspect_tries(struct weir_g *g);
uint64_t weir_inspect_id(const struct weir_g *g);
// By g itself: whether since it last asked it has got what it tried to get, or waited for anything
// but a lock or the clock.
bool weir_inspect_took_part(struct weir_g *g);

// --- processors (inspect_workers.c); for the monitor
struct weir_worker_view {
  int index, tid;
  uint32_t switches; // grows at every switch
  bool active;       // has a right to run, and is not idle
  struct weir_g *g;  // that it runs; NULL: none of the program's
};
void weir_inspect_workers(void (*fn)(const struct weir_worker_view *w, void *arg), void *arg);
int weir_inspect_procs(void);
bool weir_inspect_all_busy(void); // no worker is looking for work
// Asks each worker to clear its vector registers when its goroutine next waits or yields: what
// stays in them over a switch is nobody's, and one that never uses them would keep it for good.
void weir_inspect_clear_registers(void);
// Calls fn for every runnable goroutine with the `now` of the first such call that found it
// runnable and since when it has not run. fn returns false to end it.
void weir_inspect_runnable(uint32_t now, bool (*fn)(struct weir_g *g, uint32_t since, void *arg),
                           void *arg);

// The goroutine on whose stack the address lies, or 0. (Not for OS threads' stacks.)
uint64_t weir_inspect_stack_owner(const void *address);

// Scopes of weir/watchdog.h that have run out. The monitor calls it at each tick, and each is said
// once, a heartbeat once for each silence.
struct weir_watch_view {
  struct weir_g *g;
  uint64_t goid;  // if g has another id, it has ended since
  const void *pc; // return address of the call that entered the scope
  int64_t limit;
  uint32_t beats;
  bool heartbeat;
  char name[32];
};
size_t weir_inspect_watches(struct weir_watch_view *out, size_t max);

// --- all of memory (inspect_memory.c); for a caller that has stopped all other threads ----------
// Before the others are stopped: from here to release no timer is started or taken off.
const void *weir_inspect_unwinder(void); // a variable of the library that unwinds stacks for us
void weir_inspect_learn_main(void);      // where its frame ends, if that can be told now
void weir_inspect_hold(void);
void weir_inspect_release(void);

// Slots of goroutines are numbered from 0, which is main. Dead ones have their slot, too.
struct weir_g_context {
  uint64_t id;
  enum weir_g_state state;
  enum weir_wait_op op;
  uint32_t park_seq;
  bool thread, expected;
  bool being_woken;                // somebody has taken it off a queue already
  uintptr_t sp;                    // saved; of one that runs or is dead it means nothing
  uintptr_t stack_low, stack_high; // usable part; 0, 0 for threads
  uintptr_t waits_low, waits_high; // its waiters, which the queues of objects point to
};
size_t weir_inspect_slots(void);
struct weir_g *weir_inspect_slot(size_t slot);
void weir_inspect_context(size_t slot, struct weir_g_context *out);
// Of a goroutine that waits for another one: not for a clock, the world or for ever, and not as it
// said it may. False: of any other. A snapshot; the others need not be stopped.
struct weir_g_wait {
  uint64_t id;
  int64_t since;
  uint32_t park_seq;
};
bool weir_inspect_wait(size_t slot, struct weir_g_wait *out);
size_t weir_inspect_waits_stopped(size_t slot, struct weir_wait_on *out, size_t max, size_t from);
size_t weir_inspect_held_stopped(size_t slot, const void *out[WEIR_HELD_MAX]);
const void *weir_inspect_member_of(size_t slot); // the wait group it will be done on, or NULL
enum { WEIR_NO_SLOT = -1 };
long weir_inspect_slot_around(uintptr_t address); // whose struct it lies in
// Whose stack the address lies on, of a region of stacks (os/memory.h) from low on.
long weir_inspect_slot_of_stack(uintptr_t low, size_t stride, uintptr_t address);

// What a thread of the runtime's is doing, by its kernel id.
enum weir_thread_role {
  WEIR_THREAD_FOREIGN, // none of ours
  WEIR_THREAD_AT_REST, // in a loop of the runtime, with no goroutine in hand
  WEIR_THREAD_AT_WORK,
};
enum weir_thread_role weir_inspect_thread(int tid);

// The pending timers, and the one that fires: each as the address of the timer, which lies
// in what it belongs to.
void weir_inspect_timers(void (*fn)(const void *timer, const void *owner, void *arg), void *arg);

// The detector's private word in each goroutine (bits "already reported").
// The locks of the calling goroutine, oldest first, of which there may be more.
unsigned weir_inspect_held(const struct weir_g *g, struct weir_held out[WEIR_HELD_MAX]);
// Where the function begins that the return address lies in, as far as unwinding knows; 0: unknown.
uintptr_t weir_inspect_function(uintptr_t pc);

uint32_t weir_inspect_mark(struct weir_g *g, uint32_t set); // ors in, returns the old bits

// OS threads of this process that are neither workers nor the monitor nor parked
// in Weir, and calls of weir_blocking: while there is one, it may wake anybody.
int weir_inspect_foreign_threads(void);

// At exit, by the caller of weir_hook_exit: lets the other goroutines go on until none can
// run any more (true) or ns have passed (false). The caller is parked meanwhile if it is a
// goroutine (WEIR_WAIT_EXIT).
bool weir_settle(int64_t ns);

#endif
