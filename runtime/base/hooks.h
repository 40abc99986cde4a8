// SPDX-License-Identifier: Apache-2.0
//
// What sched and sync tell the detectors. These calls are declared here, at the
// bottom, and defined by detect/ (hooks.c), so that the runtime below knows
// nothing of any detector. Goroutines and objects are opaque here.
//
// Happens-before hooks cost one predictable branch when no race detector is
// linked (weir_hb_on is false) and are announced only by the goroutine that makes
// the edge. `pc` is the return address of the API call in the user's code.
#ifndef WEIR_BASE_HOOKS_H
#define WEIR_BASE_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/inline.h>

#include "base/object.h"

struct weir_g;

enum weir_finding_id {
#define WEIR_FINDING(enumerator, id, certainty, title) WEIR_F_##enumerator,
#include <weir/findings.def>
  WEIR_F_COUNT
};

// --- life of the runtime -----------------------------------------------------
void weir_hook_start(void);        // once, from the constructor, flags read
void weir_hook_main_returns(void); // goroutine 1, in main's frame; not every program is told
void weir_hook_exit(void);         // atexit, as goroutine 1 (or whoever exits); may not return
void weir_hook_tick(int64_t now);  // monitor thread, about every 100 ms while anything lives
void weir_hook_quiescent(void);    // monitor thread: nothing can run, no timer, no poller,
                                   // no foreign thread; all goroutines stay parked meanwhile
void weir_hook_undecided(int threads,
                         int calls); // monitor thread: the same for a while, but that
                                     // these threads and calls of weir_blocking may wake somebody
void weir_hook_quit_signal(void);    // monitor thread, after SIGQUIT: dump and end
int weir_hook_dump(int fd);          // weir_dump
void weir_hook_renamed(struct weir_g *g); // by weir_set_name, as that goroutine

// --- happens-before: fibers and edges ----------------------------------------
extern __attribute__((visibility("hidden"))) bool weir_hb_on;
extern __attribute__((visibility("hidden"))) bool weir_hb_fibers; // weir_hb_on, or a checked build
// Whether somebody uses edges: a race detector, or the prediction of deadlocks (hb/known.h). From
// the start on, or never.
extern __attribute__((visibility("hidden"))) bool weir_hb_edges;
static inline bool weir_hb_edges_on(void) {
  return __builtin_expect(weir_hb_edges, 0);
}

// What a goroutine did that made or used an edge: for telling which one was the last.
enum weir_sync_op {
#define WEIR_SYNC_OP(enumerator, text) WEIR_SYNC_##enumerator,
#include "base/sync_ops.def"
  WEIR_SYNC_COUNT
};

void *weir_hb_fiber_current(void);            // of a thread of the runtime's own; NULL when off
void *weir_hb_fiber_thread(struct weir_g *g); // of goroutine 1 or a foreign thread, the caller
void *weir_hb_fiber_new(struct weir_g *g);    // g: id, parent, name and creation set; NULL: a loop
void weir_hb_fiber_free(void *fiber);         // never the running one, but for a thread's
void weir_hb_fiber_switch(void *to);          // no edge; directly before the context switch
// A race detector keeps a signal back that comes to a fiber of its, until that fiber next calls
// something that it intercepts: this does, and the program's handler runs in it. So a thread that
// signals reach says it before it leaves a fiber, and again and again while it sleeps: one that
// comes just before the sleep does not end it. The call leaves its mark in the fiber's history,
// which is what reports are made from, so it is made only when the program has handlers at all:
// the monitor looks for them every tick.
void weir_hb_take_signals_(void);
void weir_hb_watch_signals(void);
extern __attribute__((visibility("hidden"))) bool weir_hb_signals; // atomic, relaxed: a hint
static inline void weir_hb_take_signals(void) {
  if (__builtin_expect(__atomic_load_n(&weir_hb_signals, __ATOMIC_RELAXED), 0))
    weir_hb_take_signals_();
}
static inline int64_t weir_hb_sleep_limit(void) {
  return weir_hb_fibers ? 50000000 : -1;
}
void weir_hb_stack_reuse(void *low, size_t size); // forget accesses to a recycled stack
// The same for several of one size, lowest first; cheaper if they lie close to each other.
enum { WEIR_HB_STACKS = 32 };
void weir_hb_stacks_reuse(char **lows, size_t n, size_t size); // at most that many
void weir_hb_api_enter_(const void *pc); // the API frame, for stacks in race reports
void weir_hb_api_leave_(void);
// What the edges that the caller makes or uses from here to api_leave are about. The site names it.
void weir_hb_call_(const void *pc, enum weir_sync_op op, const struct weir_site *site);
void weir_hb_acquire_(const void *sync);
void weir_hb_release_(const void *sync); // joins into what sync already carries
// Replaces what sync carries and leaves the memory at sync alone.
void weir_hb_release_store_(const void *sync);
// The same and acquire for a clock (sync/clock.h), which keeps itself what order.h and known.h
// note of it.
struct weir_known;
struct weir_hb_clock {
  uint64_t order;           // which of its maker's synchronisations it was
  struct weir_known *known; // what its maker knew; a share of it, or NULL
};
void weir_hb_clock_set_(const void *mark, struct weir_hb_clock *k); // what k had is dropped
void weir_hb_clock_acquire_(const void *mark, const struct weir_hb_clock *k);
// Set, and acquire what was there; what is set does not have it in it. False: cannot, nothing done.
bool weir_hb_clock_exchange_(const void *mark, struct weir_hb_clock *k);
void weir_hb_clock_drop_(struct weir_hb_clock *k);
bool weir_hb_clock_says_(void); // a clock that the caller sets now would say something
// From here on sync carries nothing: it is a new object in memory that another one had before.
void weir_hb_clear_(const void *sync);
void weir_hb_clear_lock_(const void *mutex); // the same for a lock, with what its readers left
void weir_hb_read_(const void *addr, size_t size,
                   const void *pc); // user memory read by the runtime
void weir_hb_write_(const void *addr, size_t size, const void *pc);
void weir_hb_lock_pre_(const void *mutex, bool read, bool try_);
void weir_hb_lock_post_(const void *mutex, bool read, bool try_, bool got);
void weir_hb_unlock_pre_(const void *mutex, bool read);
void weir_hb_unlock_post_(const void *mutex, bool read);
void weir_hb_forget_(const void *addr, size_t size); // freed object: its address starts anew

// Calls that may not come in any order: if nothing orders two that do not go together (a send and a
// close of the same channel), another schedule has them the other way round, and that is a misuse.
// Each is announced before the edges that the call makes, and never if the call is fatal anyway.
enum weir_use {
  WEIR_USE_NONE,
  WEIR_USE_SEND, // also in a select or a try that did not take it
  WEIR_USE_RECV, // the same
  WEIR_USE_CLOSE,
  WEIR_USE_FREE,
  WEIR_USE_ADD, // to a wait group, from zero
  WEIR_USE_WAIT,
  WEIR_USE_LOCK,   // a mutex, or an rwmutex for writing
  WEIR_USE_UNLOCK, // by another than holds it
  WEIR_USE_FIRST,  // the first add to a wait group that there was
  WEIR_USE_DONE,   // while all adds to it were one goroutine's
  WEIR_USE_COUNT
};
void weir_hb_use_(const void *object, enum weir_use use);
// The caller, goroutine goid, is going to count a wait group up, or down. `word` is the group's,
// and `bit` of it set from the first add on.
void weir_hb_count_up_(const void *wg, uint32_t *word, uint32_t bit, uint64_t goid);
void weir_hb_count_down_(const void *wg);
void weir_hb_unused_(const void *object); // no use was made of it: it is new, gone, or free

// WEIR_HB: for a race detector alone. WEIR_EDGE: for all who use edges.
#define WEIR_HB(call, ...)                                               \
  do {                                                                   \
    if (__builtin_expect(weir_hb_on, 0)) weir_hb_##call##_(__VA_ARGS__); \
  } while (0)
#define WEIR_EDGE(call, ...)                                \
  do {                                                      \
    if (weir_hb_edges_on()) weir_hb_##call##_(__VA_ARGS__); \
  } while (0)

// What a goroutine knows of others' nested locks: known.h. sched keeps it and hands it on.
struct weir_knower;
struct weir_own { // part of each goroutine; its own
  struct weir_knower *knower;
  uint32_t lately;       // number of the lock it gave back last, with no others in hand and nothing
  const void *lately_at; // published since, and where it had taken it; 0: none
  const void *tried;     // a lock that it has and did not wait for, or NULL
};
struct weir_own *weir_own_of_self(void); // by sched; NULL: no goroutine runs here
struct weir_knower *weir_hb_knower_start(struct weir_knower *maker); // of one that maker starts
// Of an OS thread that was not there before: who made it, and after what, nobody has told.
struct weir_knower *weir_hb_knower_thread(void);
void weir_hb_knower_end(struct weir_knower *k, bool thread);

// --- nested locks ---------------------------------------------------------------------------
extern __attribute__((visibility("hidden"))) bool weir_lock_order_on; // never on again
void weir_lock_order_give_up(void);                                   // for want of memory
// The calling goroutine g has taken `lock`, for which it may have waited, and holds others; or it
// is an rwmutex, taken for writing.
void weir_hook_lock_nested(struct weir_g *g, void *lock, bool read, const struct weir_site *site,
                           const void *pc);
// A lock is about to be given back that `taker` took at taken_at; NULL: not known who.
void weir_hook_unlock(struct weir_g *taker, void *lock, const void *taken_at);
// The calling goroutine g is going to wait for others on a channel or a wait group, if they have
// not come before; and it does what others may wait for there.
void weir_hook_end_wanted(struct weir_g *g, enum weir_end end, void *object,
                          const struct weir_site *site, const void *pc);
void weir_hook_end_served(struct weir_g *g, enum weir_end end, void *object,
                          const struct weir_site *site, const void *pc);

// --- blocking and misuse ------------------------------------------------------
// The calling goroutine has described its wait for a lock (mutex, rwmutex, once) that another
// (or itself) owns and is about to park. The object's internal lock is NOT held.
void weir_hook_blocked_on_lock(struct weir_g *g, const void *mutex);

// A call of g's at pc that tries and does not wait (trylock, try_send, select with a default) has
// found that it cannot, because of `blocker`. NULL: somebody who is not known could have made it
// succeed. No lock of the runtime is held.
void weir_hook_try_failed(struct weir_g *g, enum weir_object_kind kind, const void *object,
                          const void *pc, struct weir_g *blocker);

// In the signal handler, on the signal stack: g has used up its stack of `size` bytes. pcs are
// return addresses, innermost first. Reports and does not return.
_Noreturn void weir_hook_stack_overflow(struct weir_g *g, const uintptr_t *pcs, size_t n,
                                        size_t size);

// The same for any other fault of g, or its abort: reports and returns; the program ends then.
struct weir_crash {
  int sig;
  bool has_address;
  uintptr_t address;
  const uintptr_t *pcs;
  size_t n;
};
void weir_hook_crash(struct weir_g *g, const struct weir_crash *crash);

// The caller closes or frees a channel. Its stack (return addresses, innermost first) is kept for a
// while, for the misuse that may come of it.
enum { WEIR_ENDED_FRAMES = 16 };
void weir_hook_ended(const void *channel, uint64_t goid, const uintptr_t *pcs, size_t n);

// A misuse that did not end badly, by chance: reported once for each call, and the program goes on.
// `use` names the object where its description does not.
void weir_hook_by_chance(enum weir_finding_id id, const struct weir_object_desc *object,
                         const struct weir_site *use, const void *pc);

// A misuse that ends the program: reports and does not return. `other_pc` and
// `other_goid` are the other side where known (who closed it), else NULL and 0.
_Noreturn void weir_hook_misuse(enum weir_finding_id id, enum weir_object_kind kind,
                                const void *object, const struct weir_site *site, const void *pc,
                                const void *other_pc, uint64_t other_goid);

#endif
