// SPDX-License-Identifier: Apache-2.0
//
// Which workers may run goroutines. There are as many rights to run as weir_set_procs says; an
// active or idle worker has one, a benched one has none and sleeps. Rights move:
// - away from a worker that is held up in a system call (the monitor), to one from the bench;
// - to the thread of a locked goroutine when it is next, from the worker that picked it, and
//   from there to the bench when it parks;
// - to and from the bench when the number changes.
// A worker that runs cannot be interrupted: it is asked to come to its loop (attention), which it
// does at its next switch. One that lost its right while it ran (LEAVE) then goes to the bench.
//
// Goroutine 1. It stays on the main thread, which is worker 0's, and is runnable in a flag of its
// own. Exceptions, so that nobody can keep it from running: while worker 0 is held up by another
// goroutine main runs anywhere; while worker 0 is benched main is queued with worker 0 as its
// home, and who picks it hands worker 0 its right. weir_lock_os_thread makes that home permanent.
//
// Invariant: awake workers that are not asked to leave, and rights owed, add up to procs. The
// bench holds no worker whose thread is locked. Lock: idle.lock, for roles and lists.
//
// Sleep and wake are a Dekker pair: a worker that goes to sleep first announces itself
// (idle.count, seq_cst) and then looks for work once more; a thread that is no worker first
// adds work and then (fence, seq_cst) looks at idle.count. One of the two sees the other. A
// worker that adds work saves the fence, see weir_wake_a_worker.
#include <errno.h>
#include <weir/go.h>

#include "base/check.h"
#include "sched/switch.h"

static void lock(void) {
  weir_lock_acquire(&weir_sched.idle.lock);
}
static void unlock(void) {
  weir_lock_release(&weir_sched.idle.lock);
}

static void attend_to(struct weir_worker *w, uint32_t why) {
  atomic_fetch_or_explicit(&w->attention, why, memory_order_seq_cst);
}
static void attended(struct weir_worker *w, uint32_t why) {
  atomic_fetch_and_explicit(&w->attention, ~why, memory_order_seq_cst);
}
static bool attends(struct weir_worker *w, uint32_t why) {
  return atomic_load_explicit(&w->attention, memory_order_acquire) & why;
}

// --- roles; all under the lock ----------------------------------------------------------------

static void become(struct weir_worker *w, enum weir_role role) {
  atomic_store_explicit(&w->role, role, memory_order_seq_cst);
}
static bool is(const struct weir_worker *w, enum weir_role role) {
  return atomic_load_explicit(&w->role, memory_order_seq_cst) == role;
}

static void unlist(struct weir_worker **list, struct weir_worker *w) {
  while (*list && *list != w)
    list = &(*list)->list_next;
  if (*list) *list = w->list_next;
}

static void leave_idle(struct weir_worker *w) {
  unlist(&weir_sched.idle.list, w);
  become(w, WEIR_ACTIVE);
  atomic_fetch_sub_explicit(&weir_sched.idle.count, 1, memory_order_seq_cst);
  atomic_fetch_add_explicit(&weir_sched.idle.left, 1, memory_order_seq_cst);
}

static void to_bench(struct weir_worker *w) {
  become(w, WEIR_BENCHED);
  atomic_fetch_sub_explicit(&weir_sched.idle.awake, 1, memory_order_seq_cst);
  if (w->locked) return;
  w->list_next = weir_sched.idle.bench;
  weir_sched.idle.bench = w;
}

static void from_bench(struct weir_worker *w) {
  unlist(&weir_sched.idle.bench, w);
  become(w, WEIR_ACTIVE);
  atomic_fetch_add_explicit(&weir_sched.idle.awake, 1, memory_order_seq_cst);
}

// The next to get a right, or NULL. Main's own comes first.
static struct weir_worker *call_up(void) {
  struct weir_worker *w = weir_sched.idle.bench, *zero = weir_sched.workers[0];
  for (struct weir_worker *b = w; b; b = b->list_next)
    if (b == zero && b->index == 0) w = b;
  if (w) from_bench(w);
  return w;
}

static bool all_asleep(void) {
  return atomic_load_explicit(&weir_sched.idle.count, memory_order_seq_cst) ==
         atomic_load_explicit(&weir_sched.idle.awake, memory_order_seq_cst);
}

// --- rights --------------------------------------------------------------------------------------

// One more worker may run. False: there is no thread for it.
static bool give_right(void) {
  lock();
  struct weir_worker *w = call_up();
  unlock();
  if (w) weir_worker_rouse(w);
  return w || weir_worker_add(false, NULL) == 0;
}

static void give_right_or_owe(void) {
  if (!give_right()) atomic_fetch_add(&weir_sched.idle.owed, 1);
}

void weir_right_owed(void) {
  int owed = atomic_load_explicit(&weir_sched.idle.owed, memory_order_relaxed);
  if (owed > 0 && atomic_compare_exchange_strong(&weir_sched.idle.owed, &owed, owed - 1))
    give_right_or_owe();
}

int weir_spare_worker(void) {
  lock();
  bool any = weir_sched.idle.bench;
  unlock();
  return any ? 0 : weir_worker_add(true, NULL);
}

bool weir_right_retake(struct weir_worker *w) {
  lock();
  bool held_up = is(w, WEIR_ACTIVE) && !attends(w, WEIR_ATTEND_LEAVE);
  if (held_up) attend_to(w, WEIR_ATTEND_LEAVE);
  unlock();
  if (!held_up) return false;
  if (give_right()) {
    // Who runs now may always find another at hand, and never come to look here.
    weir_policy_hand_in(w);
    return true;
  }
  static atomic_bool told;
  if (!atomic_exchange(&told, true))
    weir_warn("goroutines wait for a thread that another one holds in a call, and no thread can be "
              "started for them (limits: ulimit -u, -v, threads-max)");
  lock();
  attended(w, WEIR_ATTEND_LEAVE);
  unlock();
  return false;
}

// w does not run what it added any more, so somebody has to look: hence the fence.
static void leave_work(struct weir_worker *w) {
  atomic_thread_fence(memory_order_seq_cst);
  if (weir_policy_any(w)) weir_wake_a_worker();
}

void weir_leave_work(struct weir_worker *w) {
  weir_policy_hand_in(w);
  leave_work(w);
}

// Sleeps on the bench until there is a right for w: it was asked to leave, or its thread is locked
// and its goroutine waits. Then its right goes to another. What it had queued is for all.
static void sit_out(struct weir_worker *w) {
  weir_policy_hand_in(w);
  atomic_store_explicit(&w->wake, 0, memory_order_relaxed);
  lock();
  bool leaves = attends(w, WEIR_ATTEND_LEAVE);
  if (w->handed || !(leaves || w->locked)) { // there is something to run, or it may stay
    unlock();
    return;
  }
  attended(w, WEIR_ATTEND_LEAVE);
  to_bench(w);
  bool rest = WEIR_DETECTS && all_asleep();
  unlock();
  if (!leaves)
    give_right_or_owe();
  else if (rest)
    weir_monitor_wake();
  leave_work(w);
  if (w->index == 0) weir_main_held_up(false); // from now on main is queued
  weir_worker_sleep(w);
}

// w has picked g, which is at home elsewhere: gives the right to run to that worker. Returns g if w
// is to run it after all.
static struct weir_g *hand_over(struct weir_worker *w, struct weir_g *g) {
  struct weir_worker *home = g->home;
  bool leaves, gives = false, sleeps = false, ours = false;
  weir_policy_hand_in(w);
  atomic_store_explicit(&w->wake, 0, memory_order_relaxed);
  lock();
  leaves = attends(w, WEIR_ATTEND_LEAVE);
  if (!leaves && is(home, WEIR_BENCHED)) {
    from_bench(home);
    to_bench(w);
    gives = true;
  } else if (!leaves && is(home, WEIR_IDLE)) {
    leave_idle(home);
    sleeps = true;
  } else if (!leaves) {
    ours = !g->thread_locks; // main, whose worker has a right and something else to do
  }
  if (!leaves && !ours) {
    home->handed = g;
    attend_to(home, WEIR_ATTEND_HANDED);
  }
  unlock();
  if (leaves) weir_policy_add(NULL, g, false); // without a right there is none to hand over
  if (gives || sleeps) weir_worker_rouse(home);
  if (leaves || gives) leave_work(w);
  if (gives) weir_worker_sleep(w);
  if (ours) g->home = NULL;
  return ours ? g : NULL;
}

static struct weir_g *take_handed(struct weir_worker *w) {
  lock();
  struct weir_g *g = w->handed;
  w->handed = NULL;
  attended(w, WEIR_ATTEND_HANDED);
  unlock();
  if (g && !g->thread_locks) g->home = NULL;
  return g;
}

static void end_thread(struct weir_worker *w) {
  weir_policy_hand_in(w);
  lock();
  bool leaves = attends(w, WEIR_ATTEND_LEAVE);
  atomic_store_explicit(&w->attention, 0, memory_order_seq_cst);
  become(w, WEIR_GONE);
  w->tid = 0;
  atomic_fetch_sub_explicit(&weir_sched.idle.awake, 1, memory_order_seq_cst);
  bool rest = WEIR_DETECTS && all_asleep();
  unlock();
  if (!leaves)
    give_right_or_owe();
  else if (rest)
    weir_monitor_wake();
  leave_work(w);
  lock();
  w->list_next = weir_sched.idle.gone; // from here on another thread may be this worker
  weir_sched.idle.gone = w;
  unlock();
}

void weir_inspect_clear_registers(void) {
  int n = atomic_load_explicit(&weir_sched.n_workers, memory_order_acquire);
  for (int i = 0; i < n; i++) {
    struct weir_worker *w = atomic_load_explicit(&weir_sched.workers[i], memory_order_acquire);
    if (w) attend_to(w, WEIR_ATTEND_CLEAR);
  }
}

bool weir_attend_here(struct weir_worker *w) {
  if (attends(w, WEIR_ATTEND_CLEAR)) {
    attended(w, WEIR_ATTEND_CLEAR);
    weir_ctx_clear_vectors();
  }
  return atomic_load_explicit(&w->attention, memory_order_acquire) == 0;
}

struct weir_g *weir_attend(struct weir_worker *w, bool *ends) {
  if (weir_attend_here(w)) return NULL;
  struct weir_g *g = w->handoff;
  w->handoff = NULL;
  attended(w, WEIR_ATTEND_HANDOFF);
  if (g) return hand_over(w, g);
  if ((g = take_handed(w))) return g;
  if ((*ends = attends(w, WEIR_ATTEND_ENDS)))
    end_thread(w);
  else
    sit_out(w);
  return NULL;
}

// --- idle ---

void weir_wake_a_worker(void) {
  // From a worker no fence: it is awake and would itself run what it added, so missing a
  // worker that falls asleep just now costs time and not progress, and the monitor makes up
  // for it. Any other thread fences, as nobody else may ever look.
  if (!weir_worker_self()) weir_nap_end(); // with a fence
  if (atomic_load_explicit(&weir_sched.idle.count, memory_order_relaxed) == 0) return;
  if (atomic_load_explicit(&weir_sched.idle.spinning, memory_order_relaxed) > 0) return;
  lock();
  struct weir_worker *w = weir_sched.idle.list;
  if (w && w->list_next && weir_poller_is(w)) w = w->list_next; // events need their reader
  if (w) leave_idle(w);
  unlock();
  if (w) weir_worker_rouse(w);
}

void weir_wake_worker(struct weir_worker *w) {
  atomic_thread_fence(memory_order_seq_cst);
  lock();
  bool sleeps = is(w, WEIR_IDLE);
  if (sleeps) leave_idle(w);
  unlock();
  if (sleeps)
    weir_worker_rouse(w);
  else
    weir_nap_end();
}

bool weir_worker_is_idle(const struct weir_worker *w) {
  return is(w, WEIR_IDLE);
}

bool weir_leave_idle(struct weir_worker *w) {
  lock();
  bool idle = is(w, WEIR_IDLE);
  if (idle) leave_idle(w);
  unlock();
  return idle;
}

bool weir_all_idle(void) {
  lock();
  int n = atomic_load_explicit(&weir_sched.n_workers, memory_order_acquire);
  bool all = all_asleep();
  for (int i = 0; all && i < n; i++)
    all = !weir_policy_any(weir_sched.workers[i]);
  unlock();
  return all;
}

// What stands in others' queues is seen to by the one that looks around, if somebody does: it
// ceases to (seq_cst), then looks whether anybody is idle; here it is the other way round.
static bool something_for(struct weir_worker *w) {
  bool looked_after = atomic_load_explicit(&weir_sched.idle.spinning, memory_order_seq_cst) > 0;
  return looked_after ? weir_policy_any_here(w) : weir_policy_any(w);
}

void weir_go_idle(struct weir_worker *w) {
  atomic_store_explicit(&w->wake, 0, memory_order_relaxed);
  lock();
  if (attends(w, ~0u)) {
    unlock();
    return;
  }
  become(w, WEIR_IDLE);
  w->list_next = weir_sched.idle.list;
  weir_sched.idle.list = w;
  atomic_fetch_add_explicit(&weir_sched.idle.count, 1, memory_order_seq_cst);
  bool rest = WEIR_DETECTS && all_asleep();
  unlock();
  atomic_thread_fence(memory_order_seq_cst);
  if (something_for(w)) {
    if (weir_leave_idle(w)) return; // else another wakes us at this moment
  } else if (rest && !weir_poll_any() && weir_monitor_hurries()) {
    weir_monitor_wake(); // the last one asleep: is this the end? not while a descriptor is awaited
  }
  weir_poller_rest(w);
}

// --- goroutine 1 ---

// Takes main from its flag into the queue of all, where worker 0's right is not needed.
static bool queue_main(struct weir_worker *home) {
  if (!atomic_exchange_explicit(&weir_sched.main_ready, false, memory_order_seq_cst)) return false;
  weir_sched.main_g.home = home;
  weir_policy_add(NULL, &weir_sched.main_g, false);
  weir_wake_a_worker();
  return true;
}

// Dekker with sit_out: the flag is set, then worker 0's role looked at; there the other way.
bool weir_main_ready(struct weir_worker *w) {
  struct weir_worker *zero = weir_sched.workers[0];
  if (weir_sched.main_g.thread_locks) return false;
  if (atomic_load(&weir_sched.main_away)) {
    weir_sched.main_g.home = NULL;
    return false;
  }
  atomic_store_explicit(&weir_sched.main_ready, true, memory_order_seq_cst);
  if (is(zero, WEIR_BENCHED))
    queue_main(zero);
  else if (w != zero)
    weir_wake_worker(zero);
  return true;
}

void weir_main_held_up(bool held_up) {
  struct weir_worker *zero = weir_sched.workers[0];
  if (atomic_load(&weir_sched.main_away) != held_up) atomic_store(&weir_sched.main_away, held_up);
  if (held_up)
    queue_main(NULL);
  else if (is(zero, WEIR_BENCHED))
    queue_main(zero);
}

// --- how many ------------------------------------------------------------------------------------

// Takes back `n` rights: from idle workers at once, from others when they next switch. Worker 0,
// which goroutine 1 needs, keeps its own.
static void take_back(int n) {
  for (struct weir_worker *w = weir_sched.idle.list, *next; w && n > 0; w = next) {
    next = w->list_next;
    if (w->index == 0) continue;
    leave_idle(w); // it sleeps on, now on the bench
    to_bench(w);
    weir_poller_interrupt(w); // it reads no more, and wakes another
    n--;
  }
  for (int i = atomic_load(&weir_sched.n_workers) - 1; i > 0 && n > 0; i--) {
    struct weir_worker *w = weir_sched.workers[i];
    if (!is(w, WEIR_ACTIVE) || attends(w, WEIR_ATTEND_LEAVE)) continue;
    attend_to(w, WEIR_ATTEND_LEAVE);
    n--;
  }
}

// Gives `n` rights back to workers that were asked to leave and have not yet; returns the rest.
static int ask_to_stay(int n) {
  for (int i = 0; i < atomic_load(&weir_sched.n_workers) && n > 0; i++) {
    struct weir_worker *w = weir_sched.workers[i];
    if (!is(w, WEIR_ACTIVE) || !attends(w, WEIR_ATTEND_LEAVE)) continue;
    attended(w, WEIR_ATTEND_LEAVE);
    n--;
  }
  return n;
}

// Under the lock. Returns how many more workers are to be given a right.
static int change_procs(int n) {
  int more = n - atomic_load(&weir_sched.procs);
  atomic_store(&weir_sched.procs, n);
  if (!atomic_load(&weir_sched.started)) return 0;
  if (more < 0) {
    while (more < 0 && atomic_load(&weir_sched.idle.owed) > 0) {
      atomic_fetch_sub(&weir_sched.idle.owed, 1);
      more++;
    }
    take_back(-more);
    return 0;
  }
  return ask_to_stay(more);
}

int weir_set_procs(int n) {
  if (n < 0 || n > WEIR_MAX_PROCS) {
    errno = EINVAL;
    return -1;
  }
  static struct weir_lock one_at_a_time;
  weir_lock_acquire(&one_at_a_time);
  int before = atomic_load(&weir_sched.procs);
  int more = 0;
  if (n > 0) {
    lock();
    more = change_procs(n);
    unlock();
  }
  while (more > 0 && give_right())
    more--;
  if (more > 0) { // no thread to be had: what there is stays
    lock();
    atomic_fetch_sub(&weir_sched.procs, more);
    unlock();
    errno = EAGAIN;
  }
  weir_lock_release(&one_at_a_time);
  return more > 0 ? -1 : before;
}
