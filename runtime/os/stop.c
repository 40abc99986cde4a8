// SPDX-License-Identifier: Apache-2.0
//
// stop.h. One slot per thread; the signal carries the number of the stop and of the slot, so a
// signal that comes after its stop was given up finds a newer number and does nothing.
//
// The list of threads is read until it shows no new one: a thread that is started meanwhile is
// started by one that is not stopped yet. A thread that blocks the signal is found before any is
// stopped, from /proc, so that nobody waits for it in vain. If it sleeps in a system
// call (sigwait), it counts as stopped there, until it is seen to have run.
//
// slot.state: the sender writes EXPECTED before the signal, the handler STOPPED (release, pairs
// with the sender's acquire) once the slot is filled. `number` is written by the sender only; the
// handlers wait for it to change.
#define _GNU_SOURCE
#include "os/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#include "os/context.h"
#include "os/futex.h"
#include "os/io.h"
#include "os/lock.h"
#include "os/rawcall.h"
#include "os/signal.h"
#include "os/thread.h"

enum { EXPECTED, STOPPED };
enum { WAIT = 128, WAKE = 129 }; // futex operations, private
enum { XSTATE_MAGIC = 0x46505853, XSTATE_MAGIC_AT = 464, XSTATE_SIZE_AT = 468, FXSAVE = 512 };

static struct {
  struct weir_stopped thread;
  _Atomic uint32_t state;
} slots[WEIR_STOP_MAX];
static _Atomic uint32_t number;  // of the stop; odd while one is on
static _Atomic uint32_t arrived; // threads, in all
static size_t count;

// A visit: its number and what has become of it, in one word. The visitor sends it, and the handler
// or, when it has waited long enough, the visitor takes it back by compare-and-swap.
enum { VISIT_SENT = 1, VISIT_ON, VISIT_OVER, VISIT_STATES = 4, VISIT_SLOT = WEIR_STOP_MAX };
static struct {
  struct weir_lock lock; // one visitor at a time
  _Atomic uint32_t word; // number * VISIT_STATES + state
  void (*fn)(const struct weir_ctx_regs *at, void *arg);
  void *arg;
} visit;

__attribute__((disable_sanitizer_instrumentation)) static void on_visit(uint32_t sent,
                                                                        const ucontext_t *at) {
  const greg_t *r = at->uc_mcontext.gregs;
  struct weir_ctx_regs here = {
      .rip = (uintptr_t)r[REG_RIP],
      .rsp = (uintptr_t)r[REG_RSP],
      .rbp = (uintptr_t)r[REG_RBP],
      .rbx = (uintptr_t)r[REG_RBX],
      .r12 = (uintptr_t)r[REG_R12],
      .r13 = (uintptr_t)r[REG_R13],
      .r14 = (uintptr_t)r[REG_R14],
      .r15 = (uintptr_t)r[REG_R15],
  };
  uint32_t on = sent - VISIT_SENT + VISIT_ON;
  if (!atomic_compare_exchange_strong(&visit.word, &sent, on)) return; // it was given up
  visit.fn(&here, visit.arg);
  atomic_store_explicit(&visit.word, on - VISIT_ON + VISIT_OVER, memory_order_release);
  weir_raw(SYS_futex, &visit.word, WAKE, 1);
}

static uintptr_t end_of_vectors(const ucontext_t *at) {
  const char *fp = (const char *)at->uc_mcontext.fpregs;
  uint32_t magic, size;
  if (!fp) return 0;
  memcpy(&magic, fp + XSTATE_MAGIC_AT, sizeof magic);
  memcpy(&size, fp + XSTATE_SIZE_AT, sizeof size);
  return (uintptr_t)fp + (magic == XSTATE_MAGIC && size > FXSAVE ? size : FXSAVE);
}

// Not instrumented: in a program that is checked for races it runs anywhere.
__attribute__((disable_sanitizer_instrumentation)) static void on_stop(int sig, siginfo_t *info,
                                                                       void *context) {
  (void)sig;
  uint64_t which = (uint64_t)(uintptr_t)info->si_value.sival_ptr;
  uint32_t mine = (uint32_t)(which >> 32), slot = (uint32_t)which;
  if (info->si_code != SI_QUEUE) return;
  if (slot == VISIT_SLOT) on_visit(mine, context);
  if (slot >= WEIR_STOP_MAX) return;
  if (atomic_load_explicit(&number, memory_order_acquire) != mine) return;
  const ucontext_t *at = context;
  struct weir_stopped *t = &slots[slot].thread;
  uintptr_t low = (uintptr_t)at->uc_stack.ss_sp;
  t->sp = (uintptr_t)at->uc_mcontext.gregs[REG_RSP];
  t->in_handler = !(at->uc_stack.ss_flags & SS_DISABLE) && t->sp - low < at->uc_stack.ss_size;
  t->tls = (uintptr_t)__builtin_thread_pointer();
  t->saved_low = (uintptr_t)at;
  uintptr_t end = end_of_vectors(at);
  t->saved_high = end ? end : (uintptr_t)(at + 1);
  atomic_store_explicit(&slots[slot].state, STOPPED, memory_order_release);
  atomic_fetch_add_explicit(&arrived, 1, memory_order_release);
  weir_raw(SYS_futex, &arrived, WAKE, 1);
  while (atomic_load_explicit(&number, memory_order_acquire) == mine)
    weir_raw(SYS_futex, &number, WAIT, mine, 0);
}

// --- the threads -------------------------------------------------------------------------------

static int number_of(const char *digits) {
  int n = 0;
  for (; *digits >= '0' && *digits <= '9'; digits++)
    n = n * 10 + (*digits - '0');
  return n;
}

static bool known(int tid) {
  for (size_t i = 0; i < count; i++)
    if (slots[i].thread.tid == tid) return true;
  return false;
}

static int64_t now(void) {
  struct timespec t;
  weir_raw(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int send(int tid, uint32_t to, size_t slot) {
  siginfo_t info = {.si_code = SI_QUEUE};
  info.si_pid = weir_io_pid();
  uint64_t which = (uint64_t)to << 32 | slot;
  info.si_value.sival_ptr = (void *)(uintptr_t)which;
  return (int)weir_raw(SYS_rt_tgsigqueueinfo, weir_io_pid(), tid, WEIR_STOP_SIGNAL, &info);
}

static void pause_shortly(void) {
  _Atomic uint32_t nobody_wakes = 0;
  struct timespec pause = {.tv_nsec = 1000000};
  weir_raw(SYS_futex, &nobody_wakes, WAIT, 0, &pause);
}

static int take_asleep(int tid) {
  struct weir_stopped t = {.tid = tid, .asleep = true};
  if (count == WEIR_STOP_MAX) return -EAGAIN;
  if (!weir_thread_asleep(tid, &t.sp, &t.slept)) return -EPERM;
  slots[count].thread = t;
  atomic_store_explicit(&slots[count++].state, STOPPED, memory_order_relaxed);
  return 0;
}

bool weir_stop_undisturbed(void) {
  for (size_t i = 0; i < count; i++) {
    const struct weir_stopped *t = &slots[i].thread;
    uintptr_t sp;
    uint64_t slept;
    if (t->asleep && !(weir_thread_asleep(t->tid, &sp, &slept) && slept == t->slept)) return false;
  }
  return true;
}

// 0, also for one that has ended. Who is still on its way out of an earlier stop is busy.
static int stop_one(int tid, bool sleepers, int64_t until) {
  enum weir_thread_signal can;
  while ((can = weir_thread_takes(tid, WEIR_STOP_SIGNAL)) == WEIR_THREAD_BUSY && now() < until)
    pause_shortly();
  if (can == WEIR_THREAD_GONE) return 0;
  if (can == WEIR_THREAD_BLOCKS) return sleepers ? take_asleep(tid) : -EPERM;
  if (can == WEIR_THREAD_BUSY) return -ETIMEDOUT;
  if (count == WEIR_STOP_MAX) return -EAGAIN;
  slots[count].thread = (struct weir_stopped){.tid = tid};
  atomic_store_explicit(&slots[count].state, EXPECTED, memory_order_relaxed);
  int err = send(tid, atomic_load(&number), count);
  if (err == 0) count++;
  return err == -ESRCH ? 0 : err;
}

// Sends to those that have none yet. Negative: an error; else how many there were.
static int send_to_new(int except, bool sleepers, int64_t until) {
  _Alignas(struct weir_raw_dirent) char entries[4096];
  int dir =
      (int)weir_raw(SYS_openat, AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int self = (int)weir_raw(SYS_gettid), found = 0, err = dir < 0 ? -EAGAIN : 0;
  for (long n; !err && (n = weir_raw(SYS_getdents64, dir, entries, sizeof entries)) > 0;)
    for (long at = 0; !err && at < n;) {
      const struct weir_raw_dirent *e = (const void *)(entries + at);
      int tid = number_of(e->name);
      at += e->size;
      if (tid == 0 || tid == self || tid == except || known(tid)) continue;
      size_t before = count;
      err = stop_one(tid, sleepers, until);
      found += count > before;
    }
  if (dir >= 0) weir_raw(SYS_close, dir);
  return err ? err : found;
}

static bool all_arrived(void) {
  for (size_t i = 0; i < count; i++)
    if (atomic_load_explicit(&slots[i].state, memory_order_acquire) == EXPECTED) return false;
  return true;
}

// One that has ended since it was sent the signal will not come.
static void drop_ended(void) {
  for (size_t i = 0; i < count; i++)
    if (atomic_load_explicit(&slots[i].state, memory_order_acquire) == EXPECTED &&
        weir_thread_takes(slots[i].thread.tid, WEIR_STOP_SIGNAL) == WEIR_THREAD_GONE) {
      slots[i].thread = (struct weir_stopped){0};
      atomic_store_explicit(&slots[i].state, STOPPED, memory_order_relaxed);
    }
}

static int wait_for_all(int64_t until) {
  enum { SLICE_NS = 2000000 };
  for (;;) {
    uint32_t seen = atomic_load_explicit(&arrived, memory_order_acquire);
    if (all_arrived()) return 0;
    if (now() >= until) return -ETIMEDOUT;
    struct timespec slice = {.tv_nsec = SLICE_NS};
    if (weir_raw(SYS_futex, &arrived, WAIT, seen, &slice) == -ETIMEDOUT) drop_ended();
  }
}

int weir_stop_world(int except, bool sleepers, int64_t limit_ns) {
  int err = weir_signal_take(WEIR_STOP_SIGNAL, on_stop);
  if (err) return err;
  int64_t until = now() + limit_ns;
  count = 0;
  atomic_fetch_add(&number, 1);
  int more;
  while ((more = send_to_new(except, sleepers, until)) > 0 && (err = wait_for_all(until)) == 0)
    ;
  if (more < 0) err = more;
  if (err) weir_stop_resume();
  return err;
}

void weir_stop_resume(void) {
  atomic_fetch_add(&number, 1);
  weir_raw(SYS_futex, &number, WAKE, INT32_MAX);
}

size_t weir_stopped_count(void) {
  return count;
}
const struct weir_stopped *weir_stopped_at(size_t i) {
  return &slots[i].thread;
}

// --- visits --------------------------------------------------------------------------------------

// Waits until the word is no longer `state`, or the limit is over.
static uint32_t wait_while(uint32_t state, int64_t until) {
  uint32_t word;
  while ((word = atomic_load_explicit(&visit.word, memory_order_acquire)) == state) {
    int64_t left = until - now();
    if (left <= 0) break;
    struct timespec t = {.tv_nsec = left < 10000000 ? left : 10000000};
    weir_raw(SYS_futex, &visit.word, WAIT, state, &t);
  }
  return word;
}

static int visit_one(int tid, int64_t limit_ns) {
  uint32_t sent = (atomic_load(&visit.word) / VISIT_STATES + 1) * VISIT_STATES + VISIT_SENT;
  atomic_store(&visit.word, sent);
  int err = send(tid, sent, VISIT_SLOT);
  if (err) return err;
  wait_while(sent, now() + limit_ns);
  uint32_t word = sent;
  if (atomic_compare_exchange_strong(&visit.word, &word, sent - VISIT_SENT)) return -ETIMEDOUT;
  while (word != sent - VISIT_SENT + VISIT_OVER) // fn is on, and does not wait for anything
    word = wait_while(word, INT64_MAX);
  return 0;
}

int weir_stop_visit(int tid, void (*fn)(const struct weir_ctx_regs *at, void *arg), void *arg,
                    int64_t limit_ns) {
  int err = weir_signal_take(WEIR_STOP_SIGNAL, on_stop);
  if (err) return err;
  enum weir_thread_signal can = weir_thread_takes(tid, WEIR_STOP_SIGNAL);
  if (can != WEIR_THREAD_TAKES)
    return can == WEIR_THREAD_GONE ? -ESRCH : can == WEIR_THREAD_BUSY ? -ETIMEDOUT : -EPERM;
  weir_lock_acquire(&visit.lock);
  visit.fn = fn;
  visit.arg = arg;
  err = visit_one(tid, limit_ns);
  weir_lock_release(&visit.lock);
  return err;
}
