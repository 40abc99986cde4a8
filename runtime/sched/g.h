// SPDX-License-Identifier: Apache-2.0
//
// The goroutine, the worker and the scheduler's state: private to sched.
//
// A goroutine struct is taken from a table that only grows, and is reused together
// with its stack; so a stale pointer always points to some goroutine, and park_seq tells
// whether it is still the same wait. Fields without a note belong to the goroutine
// itself while it runs and to whoever dequeued it while it does not.
//
// Lock ranks, innermost last: idle.lock, global.lock, timers.lock, table.lock; object
// locks of sync may be held when any of them is taken.
#ifndef WEIR_SCHED_G_H
#define WEIR_SCHED_G_H

#include <stdatomic.h>
#include <weir/post_mortem.h>

#include "base/hooks.h"
#include "os/context.h"
#include "os/fp.h"
#include "os/lock.h"
#include "sched/sched.h"

struct weir_worker;

// What only reports read. Lies at the top of the goroutine's stack, in a page that is touched
// anyhow, so it costs no memory.
struct weir_g_cold {
  union { // 0-terminated when shorter
    uintptr_t creation[WEIR_CREATION_FRAMES];
    uintptr_t parked[WEIR_CREATION_FRAMES]; // of a foreign thread: its stack as it last parked
  };
  struct weir_held held[WEIR_HELD_MAX];
  char name[32];
  struct weir_g *g;             // whose stack it is; NULL for threads
  struct weir_own own;          // for the prediction of deadlocks
  const void *member_of;        // the wait group that it is done on at its end, or NULL
  char labels[WEIR_LABELS_MAX]; // label.c
  uint32_t seen_at;             // the monitor's, with WEIR_G_SEEN
  struct weir_tries tries;
};

// By cache lines: what a switch and a wake touch, what describes a wait, and the rest.
struct weir_g {
  _Alignas(64) uint64_t id; // up to defers as in struct weir_self_
  struct weir_held *held;
  _Atomic uint32_t held_count;
  _Atomic uint32_t state; // enum weir_g_state; release by the writer, acquire by inspect
  struct weir_defer_ *defers;
  void *sp;                 // saved context while not running
  struct weir_g *next;      // in a run queue or free list
  struct weir_worker *home; // the only one that may run it; NULL: any
  _Atomic uint32_t park_seq;
  _Atomic uint8_t op; // enum weir_wait_op; what it waits for, valid while op is not NONE
  bool thread, expected;
  uint8_t stack_class; // 0: the usual size; else its pool, counted from 1

  const struct weir_waiter *waits;
  size_t n_waits;
  const void *api_pc;
  int64_t since;
  void *fiber;            // happens-before fiber, or NULL
  void *block;            // what to run
  _Atomic uint32_t marks; // detectors' bits
  uint32_t waited;        // bits of enum weir_wait_op, since weir_inspect_took_part; its own
  struct weir_fp fp;      // to begin with; mxcsr 0: the usual
  uint8_t shaken;         // shake.c: how many of its points it has passed
  uint8_t shake_rank;     // who of those that can run goes first
  uint16_t kept_on;       // shake.c: points in a row at which nobody came before it

  _Atomic uint32_t wake;  // foreign threads: futex word, 1 = readied
  uint32_t thread_locks;  // weir_lock_os_thread without its unlock
  uint32_t slot;          // in the table; constant
  _Atomic uint32_t beats; // weir_beat; relaxed
  uint64_t parent;
  char *stack_low, *stack_high; // usable part; NULL low for threads
  const struct weir_site *go_site;
  struct weir_g_cold *cold; // set with the stack, and for threads with the struct
};
_Static_assert(offsetof(struct weir_g, waits) == 64, "the first line is what a switch touches");
_Static_assert(sizeof(struct weir_g) == 192, "one line more is 64 bytes for each of a million");

enum { WEIR_G_CHUNK = 1024 }; // structs that are got at a time
extern const struct weir_goroutine_table_ weir_goroutine_table_;

// Beside RUNNABLE in the state: the monitor has seen it so (weir_inspect_runnable_since). Whoever
// changes the state stores all of it, so a goroutine that has run since has lost the mark.
enum { WEIR_G_SEEN = 0x100, WEIR_G_STATES = 0xff };

static inline enum weir_g_state weir_g_state_of(const struct weir_g *g) {
  // acquire pairs with the release of the writer
  uint32_t state = atomic_load_explicit(&g->state, memory_order_acquire);
  return (enum weir_g_state)(state & WEIR_G_STATES);
}

enum { WEIR_RUNQ_SIZE = 256, WEIR_MAX_WORKERS = 1024, WEIR_MAX_PROCS = 256 };

// Single producer (the worker), many consumers; after Go's runq.
struct weir_runq {
  _Atomic uint32_t head; // consumers advance it by CAS
  _Atomic uint32_t tail; // only the owner writes; release publishes the slots before it
  struct weir_g *_Atomic slot[WEIR_RUNQ_SIZE];
};

// What must happen once the outgoing context is saved; done by the incoming one.
enum weir_after_kind {
  WEIR_AFTER_NOTHING,
  WEIR_AFTER_RELEASE, // the lock `arg`
  WEIR_AFTER_CALL,    // call(arg)
  WEIR_AFTER_REQUEUE, // the goroutine `arg` has yielded
  WEIR_AFTER_RECYCLE, // the goroutine `arg` has finished
};
struct weir_after_switch {
  enum weir_after_kind kind;
  void *arg;
  void (*call)(void *arg);
};

// A worker is one of these; written under idle.lock, rights.c says what moves it.
enum weir_role {
  WEIR_ACTIVE,  // looks for goroutines and runs them
  WEIR_IDLE,    // may run, has found nothing, sleeps
  WEIR_BENCHED, // may not run, sleeps; its queue is empty
  WEIR_GONE,    // its thread has ended
};

// Why a worker shall come to its loop at the next switch.
enum {
  WEIR_ATTEND_LEAVE = 1,   // its right to run was given to another, or taken back
  WEIR_ATTEND_LOCKED = 2,  // its thread belongs to one goroutine
  WEIR_ATTEND_HANDED = 4,  // it was handed a goroutine that only it may run
  WEIR_ATTEND_HANDOFF = 8, // it has picked a goroutine that only another may run
  WEIR_ATTEND_ENDS = 16,   // the goroutine that had its thread has finished
  WEIR_ATTEND_CLEAR = 32,  // it is to clear its vector registers
};

struct weir_worker {
  struct weir_g *cur; // first: sched.h reads it. Never NULL; &g0 in the scheduler loop
  int *errno_at;      // of its thread
  _Atomic(struct weir_g *) run_next;
  uint32_t next_streak; // picks from run_next in a row
  uint32_t random, yields;
  _Atomic uint32_t tick;      // grows at every switch; the monitor watches it
  _Atomic uint32_t attention; // WEIR_ATTEND_*, set by anybody
  struct weir_after_switch after;
  struct weir_g *free_list; // finished goroutines, at most FREE_LOCAL
  uint32_t free_count;
  struct weir_g
      *used[WEIR_HB_STACKS]; // finished too, with stacks that a race detector shall forget
  uint32_t n_used;
  uint64_t id_next, id_end; // batch of goroutine ids
  _Atomic long started, finished;
  struct weir_g g0; // the scheduler loop's own context

  _Alignas(64) struct weir_runq queue;
  // What a thief last saw here (policy.c); atomic, relaxed, as several may look.
  _Alignas(64) struct weir_watched {
    _Atomic uint32_t mark, tick;
    _Atomic int64_t mark_since, tick_since; // when that was seen first
  } watched;

  _Alignas(64) _Atomic uint32_t wake; // futex word while idle or benched
  _Atomic uint32_t nap;               // futex word while it naps (worker.c): 0 until roused
  struct weir_worker *list_next;      // idle.lock: of the idle, benched or gone
  _Atomic uint32_t role;              // idle.lock; also read without
  struct weir_g *handed;              // idle.lock: to run next, whatever else there is
  struct weir_g *locked;              // has the thread to itself; set by the worker itself
  struct weir_g *handoff;             // picked here, home elsewhere; its own
  int index;
  _Atomic int tid; // 0 until its thread runs; the monitor looks
};

struct weir_sched {
  atomic_bool started, forked;
  _Atomic int procs; // rights to run; written under idle.lock
  _Atomic int n_workers;
  struct weir_worker *_Atomic workers[WEIR_MAX_WORKERS];

  struct { // goroutines that are in no worker's queue
    struct weir_lock lock;
    struct weir_g *first, *last;
    _Atomic uint32_t count;
  } global;

  struct {
    struct weir_lock lock;
    struct weir_worker *list, *bench, *gone;
    _Atomic int awake;    // workers that are active or idle
    _Atomic int owed;     // rights for which there was no thread to be had
    _Atomic int count;    // seq_cst partner of the fence in weir_wake_a_worker
    _Atomic int spinning; // at most one spins, or naps, at a time
    // who naps (worker.c); seq_cst partner of what ends a nap
    _Atomic(struct weir_worker *) napper;
    _Atomic uint32_t left; // how often one ceased to be idle
  } idle;

  _Atomic long started_elsewhere, main_gone; // for weir_num_goroutine
  struct weir_g main_g;                      // goroutine 1
  char *main_low;                            // its stack, with stack_high
  atomic_bool main_ready;                    // it is runnable: worker 0 takes it
  atomic_bool main_away;                     // worker 0 is held up: main is as any other
  atomic_bool main_is_here;                  // the constructor ran on the main thread
  _Atomic int parked_threads;                // foreign threads parked in Weir
  struct weir_g *_Atomic settler;
  _Atomic int64_t coarse_now; // monotonic, as of the monitor's last round
};
extern struct weir_sched weir_sched;

static inline struct weir_worker *weir_worker_self(void); // NULL in a foreign thread

// --- g.c: table, stacks, recycling ---------------------------------------------------
struct weir_g *
weir_g_take(struct weir_worker *w); // a goroutine with a stack; fatal when out of memory
enum { WEIR_STACK_MIN = 16 << 10, WEIR_STACK_MAX = 1 << 30, WEIR_STACK_CLASSES = 17 };
struct weir_g *weir_g_take_sized(size_t size); // within min and max; a stack of at least that
void weir_g_recycle(struct weir_worker *w, struct weir_g *g);
// The same under race detection, which forgets the accesses to the stack first.
void weir_g_recycle_checked(struct weir_worker *w, struct weir_g *g);
struct weir_g *weir_g_take_thread(void);
void weir_g_drop_thread(struct weir_g *g);
uint64_t weir_g_next_id(struct weir_worker *w);
size_t weir_g_count(void);                       // slots in the table
struct weir_g *weir_g_at(size_t slot);           // never NULL below the count
struct weir_g *weir_g_around(uintptr_t address); // whose struct the address lies in, or NULL
struct weir_g *weir_g_of_stack(uintptr_t low, size_t stride); // NULL: nobody has it yet

// --- policy.c: who runs next ----------------------------------------------------------
#include "sched/policy.h"

// --- worker.c ---------------------------------------------------------------------------
void weir_sched_start(void); // workers and monitor; called once, by weir_sched_ensure
static inline void weir_sched_ensure(void) {
  if (__builtin_expect(!atomic_load_explicit(&weir_sched.started, memory_order_acquire), 0))
    weir_sched_start();
}
// Another worker, on the bench or not, and for one goroutine alone if given. 0 or -errno.
int weir_worker_add(bool benched, struct weir_g *only_for);
void weir_worker_rouse(struct weir_worker *w);
void weir_worker_sleep(struct weir_worker *w); // until roused
void weir_nap_end(void);                       // if somebody naps: it looks at once

void weir_fault_watch(void); // fault.c: stack overflows, from now on
void weir_g_finish(struct weir_worker *w, struct weir_g *g); // after its last switch
void weir_worker_main(struct weir_g *main_g); // worker 0, on the main thread; before main
void weir_worker_watch_end(void);             // park.c: the calling worker may call pthread_exit
void weir_threads_init(void);                 // park.c: foreign threads detach when they end
void weir_g_entry(void *pass);
void weir_lock_os_thread_ends(struct weir_worker *w, struct weir_g *g); // with its goroutine

// --- rights.c: which workers may run ---------------------------------------------------------
void weir_wake_a_worker(void);
void weir_wake_worker(struct weir_worker *w); // that one, if it is idle
bool weir_all_idle(void);
void weir_go_idle(struct weir_worker *w);
bool weir_worker_is_idle(const struct weir_worker *w);
bool weir_leave_idle(struct weir_worker *w); // the worker itself; false: it is idle no more
void weir_leave_work(struct weir_worker *w); // what it has queued is for all
// Does of it what does not need the loop, at a switch or in the loop. True: that was all.
bool weir_attend_here(struct weir_worker *w);
// Does what attention asks for. The goroutine to run now, or NULL: look for one. *ends: the
// worker is gone, and the thread is to end.
struct weir_g *weir_attend(struct weir_worker *w, bool *ends);
int weir_spare_worker(void);                   // sees that there is one on the bench
bool weir_right_retake(struct weir_worker *w); // from one that is held up; false: not done
void weir_right_owed(void);                    // monitor: try again to start a thread
bool weir_main_ready(struct weir_worker *w);   // false: it is to be queued as any other
void weir_main_held_up(bool held_up);          // monitor: worker 0 does not come to switch

// --- blocking.c ---------------------------------------------------------------------------
bool weir_blocking_is_helper(int tid); // a thread that runs weir_blocking's functions
int weir_blocking_in_flight(void);     // calls that have begun and not ended
uint32_t weir_blocking_begun(void);    // calls that ever began; grows before in_flight does

// --- monitor.c ----------------------------------------------------------------------------
void weir_monitor_start(void);
void weir_monitor_wake(void);             // look again soon: all idle
void weir_monitor_wake_for(int64_t when); // a new earliest timer, unless it is up by then
int64_t weir_timers_next(void);           // INT64_MAX: none
void weir_timers_fire(int64_t now);
bool weir_monitor_hurries(void);  // rest is to be looked for at once: no timer is pending
bool weir_timers_start_any(void); // one that will start a goroutine is pending
bool weir_timers_any(void);       // pending or firing, the settler's own excepted
bool weir_poll_any(void);         // somebody waits for a descriptor
void weir_poll_init(int epoll_fd);
void weir_poll_event(uint64_t data, uint32_t events);
void weir_settle_arm(struct weir_timer_ *t);
void weir_timers_hold(void); // no timer comes or goes until release
void weir_timers_release(void);
uintptr_t weir_main_top(void);     // main_frame.c: the end of main's frame, or of its stack
bool weir_monitor_rests(int *tid); // it waits for events; its thread's id

// --- poller.c: who reads events ------------------------------------------------------------
int weir_poller_start(void);                             // 0 or -errno
void weir_poller_rest(struct weir_worker *w);            // an idle worker, until it is active
bool weir_poller_is(const struct weir_worker *w);        // it reads events just now; NULL: nobody
bool weir_poller_interrupt(const struct weir_worker *w); // if it does; false: it does not
bool weir_poller_look(void);                             // handles what there is; true: something
void weir_poller_supervise(void);                        // the monitor, every round
bool weir_poller_is_watched(void); // such a round is due soon: there were events, or nobody reads

#include "os/thread.h"
static inline struct weir_worker *weir_worker_self(void) {
  uintptr_t word = (uintptr_t)weir_tls_get();
  return word & 1 ? NULL : (struct weir_worker *)word;
}

#endif
