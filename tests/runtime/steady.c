// SPDX-License-Identifier: Apache-2.0
//
// Counted, not measured: in steady state no operation allocates (not from the C heap, not from
// the runtime's slabs, no address space), and none that finds what it needs, or whose partner runs
// on the same worker, makes a system call.
//
// Allocation: the linker sends the calls of the program and of libweir through counters. System
// calls: a child is traced, its main thread only, and on one worker that thread runs all
// goroutines; two calls that nothing else makes frame what is counted. Where tracing is not
// permitted that part says so.
// RUN: %weircc_plain -O2 %s -o %t -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=mmap \
// RUN:   -Wl,--wrap=weir_slab_alloc,--wrap=weir_mem_map
// RUN: WEIR_OPTIONS=procs=1 %t allocations && WEIR_OPTIONS=procs=4 %t allocations
// RUN: WEIR_OPTIONS=procs=1 %t system-calls
// The counters count, and the tracer sees:
// RUN: WEIR_OPTIONS=procs=1 not %t allocations wrong 2>&1 | grep -q 'wrong: 1000 allocations'
// RUN: { WEIR_OPTIONS=procs=1 %t system-calls wrong || true; } > %t.out 2>&1
// RUN: grep -q 'wrong: 1000 system calls\|not permitted' %t.out
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "check.h"

enum { TIMES = 1000 };

// --- what is counted ----------------------------------------------------------------------------

static atomic_long allocations;

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_mmap(void *, size_t, int, int, int, off_t);
void *__real_weir_slab_alloc(size_t);
void *__real_weir_mem_map(size_t);

void *__wrap_malloc(size_t n) {
  allocations++;
  return __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t size) {
  allocations++;
  return __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t n) {
  allocations++;
  return __real_realloc(p, n);
}
void *__wrap_mmap(void *at, size_t n, int prot, int flags, int fd, off_t off) {
  allocations++;
  return __real_mmap(at, n, prot, flags, fd, off);
}
void *__wrap_weir_slab_alloc(size_t n) {
  allocations++;
  return __real_weir_slab_alloc(n);
}
void *__wrap_weir_mem_map(size_t n) {
  allocations++;
  return __real_weir_mem_map(n);
}

// --- the operations
// -------------------------------------------------------------------------------

static weir_chan(int) one, eight[8], to, from;
static weir_mutex mu;
static weir_rwmutex rw;
static weir_wg wg;
static weir_once once;
static weir_cond ping, pong;
static int turn;
static weir_sem sem = WEIR_SEM(3);
static weir_ctx *ctx;
static weir_timer *near, *far;

static void nothing(void) {}
static void note(int *p) {
  ++*p;
}

static void buffered(void) {
  int v;
  weir_send(one, 1);
  weir_recv(one, &v);
}
static void tries(void) {
  int v;
  bool ok;
  weir_try_send(one, 1);
  weir_try_send(one, 1);
  weir_try_recv(one, &v, &ok);
  weir_try_recv(one, &v, &ok);
}
static void len_cap(void) {
  CHECK(weir_chan_len(one) + weir_chan_cap(one) == 1);
}
static void unbuffered(void) {
  int v;
  weir_send(to, 1);
  weir_recv(from, &v);
}
static void select_ready(void) {
  int v = 0;
  weir_select(weir_on_send(one, 1), weir_on_recv(to, &v, NULL));
  weir_select(weir_on_recv(one, &v, NULL), weir_on_recv(eight[0], &v, NULL));
}
static void select_default(void) {
  weir_select(weir_on_recv(one, NULL, NULL), weir_on_recv(eight[1], NULL, NULL), weir_on_default());
}
static void select_eight(void) {
  struct weir_case cases[8];
  for (int i = 0; i < 8; i++)
    cases[i] = weir_on_recv(i == 5 ? from : eight[i], NULL, NULL);
  weir_send(to, 1);
  CHECK_EQ(weir_select_n(cases, 8), 5);
}
static void mutex(void) {
  weir_mutex_lock(&mu);
  weir_mutex_unlock(&mu);
  CHECK(weir_mutex_trylock(&mu));
  weir_mutex_unlock(&mu);
}
static void guard_and_defer(void) {
  int n = 0;
  weir_guard(&mu);
  weir_defer(note, &n);
}
static void rwmutex(void) {
  weir_rwmutex_lock(&rw);
  weir_rwmutex_unlock(&rw);
  weir_rwmutex_rlock(&rw);
  weir_rwmutex_rlock(&rw);
  weir_rwmutex_runlock(&rw);
  weir_rwmutex_runlock(&rw);
}
static void wait_group(void) {
  weir_wg_add(&wg, 2);
  weir_wg_done(&wg);
  weir_wg_done(&wg);
  weir_wg_wait(&wg);
}
static void goroutine(void) {
  weir_wg_go(&wg, nothing);
  weir_wg_wait(&wg);
}
static void once_done(void) {
  weir_once_do(&once, nothing);
}
static void condition(void) {
  weir_guard(&mu);
  turn = 1;
  weir_cond_signal(&ping);
  while (turn == 1)
    weir_cond_wait(&pong, &mu);
}
static void semaphore(void) {
  CHECK_EQ(weir_sem_acquire(&sem, NULL, 2), 0);
  CHECK(weir_sem_try(&sem, 1));
  CHECK(!weir_sem_try(&sem, 1));
  weir_sem_release(&sem, 3);
  CHECK_EQ(weir_sem_acquire(&sem, ctx, 1), 0);
  weir_sem_release(&sem, 1);
}
static void context(void) {
  CHECK_EQ(weir_ctx_err(ctx), 0);
  CHECK(weir_ctx_value(ctx, &ctx) == NULL);
  weir_select(weir_on_recv(weir_ctx_done(ctx), NULL, NULL), weir_on_default());
}
static void timer(void) { // not the earliest one, for which the monitor must be woken
  CHECK(weir_timer_reset(far, WEIR_S(7200)));
  CHECK(weir_timer_stop(far));
  CHECK(!weir_timer_reset(far, WEIR_S(7000)));
}
static void yield(void) {
  weir_yield();
}
static void self(void) {
  CHECK(weir_goid() == 1 && weir_num_goroutine() > 1 && weir_now() > 0);
}

static void *volatile kept; // or the compiler leaves the two out
static void wrong(void) {
  kept = malloc((size_t)(1000 + syscall(SYS_getuid)));
  free(kept);
}

static void echo(void) {
  weir_expect_blocked();
  for (int v; weir_recv(to, &v);)
    weir_send(from, v);
}
static void answer(void) {
  weir_expect_blocked();
  weir_guard(&mu);
  for (;;) {
    while (turn == 0)
      weir_cond_wait(&ping, &mu);
    turn = 0;
    weir_cond_signal(&pong);
  }
}

static const struct {
  const char *name;
  void (*fn)(void);
} ops[] = {
#define OP(fn) {#fn, fn}
    OP(buffered),        OP(tries),          OP(len_cap),      OP(unbuffered),
    OP(select_ready),    OP(mutex),          OP(rwmutex),      OP(yield),
    OP(guard_and_defer), OP(select_default), OP(wait_group),   OP(goroutine),
    OP(timer),           OP(once_done),      OP(select_eight), OP(condition),
    OP(semaphore),       OP(context),        OP(self),         OP(wrong),
};
enum { N_OPS = sizeof ops / sizeof *ops };

static void set_up(void) {
  one = weir_chan_make(int, 1);
  to = weir_chan_make(int, 0);
  from = weir_chan_make(int, 0);
  for (int i = 0; i < 8; i++)
    eight[i] = weir_chan_make(int, i % 2);
  ctx = weir_ctx_with_cancel(weir_ctx_background());
  near = weir_timer_new(WEIR_S(3600));
  far = weir_timer_new(WEIR_S(7000));
  weir_go(echo);
  weir_go(answer);
}

static bool is_wanted(int op, const char *only) {
  return only ? strcmp(only, ops[op].name) == 0 : ops[op].fn != wrong;
}

static void times(void (*fn)(void)) {
  for (int i = 0; i < TIMES; i++)
    fn();
}

// --- allocations
// -----------------------------------------------------------------------------------

static int count_allocations(const char *only) {
  int bad = 0;
  for (int i = 0; i < N_OPS; i++) {
    if (!is_wanted(i, only)) continue;
    times(ops[i].fn); // warm
    long n = 1;
    for (int k = 0; k < 20 && n; k++) { // the runtime's threads may still be about to start
      long before = allocations;
      times(ops[i].fn);
      n = allocations - before;
    }
    if (n) dprintf(2, "%s: %ld allocations in %d rounds\n", ops[i].name, n, TIMES);
    bad += n != 0;
  }
  return bad;
}

// --- system calls
// -----------------------------------------------------------------------------------

enum { MARK = SYS_getppid };

static void traced(const char *only) {
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(77);
  raise(SIGSTOP);
  set_up();
  for (int i = 0; i < N_OPS; i++) {
    if (!is_wanted(i, only)) continue;
    times(ops[i].fn);
    syscall(MARK);
    times(ops[i].fn);
    syscall(MARK);
  }
  _exit(0);
}

// Lets the child go on to its next entry into the kernel; -1: it has ended, with *status.
static long next_call(pid_t child, int *status) {
  static bool inside;
  for (int sig = 0;;) {
    if (ptrace(PTRACE_SYSCALL, child, NULL, (void *)(intptr_t)sig) != 0) return -1;
    if (waitpid(child, status, 0) != child || !WIFSTOPPED(*status)) return -1;
    sig = WSTOPSIG(*status);
    if (sig != (SIGTRAP | 0x80)) continue; // a signal of its own: goes on to it
    sig = 0;
    inside = !inside;
    if (!inside) continue;
    struct user_regs_struct regs;
    CHECK(ptrace(PTRACE_GETREGS, child, NULL, &regs) == 0);
    return (long)regs.orig_rax;
  }
}

static int count_system_calls(const char *only) {
  pid_t child = fork(); // before anything was started: a runtime of its own
  if (child == 0) traced(only);
  int status, bad = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (!WIFSTOPPED(status) ||
      ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0) {
    dprintf(2, "tracing is not permitted here: system calls are not counted\n");
    return 0;
  }
  for (int i = 0; i < N_OPS; i++) {
    if (!is_wanted(i, only)) continue;
    long call, n = 0, last = -1;
    while ((call = next_call(child, &status)) != MARK)
      CHECK(call >= 0);
    for (; (call = next_call(child, &status)) != MARK; n++, last = call)
      CHECK(call >= 0);
    if (n)
      dprintf(2, "%s: %ld system calls in %d rounds, the last is %ld\n", ops[i].name, n, TIMES,
              last);
    bad += n != 0;
  }
  while (next_call(child, &status) >= 0) {
  }
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return bad;
}

int main(int argc, char **argv) {
  const char *only = argc > 2 ? argv[2] : NULL;
  CHECK(argc > 1);
  if (strcmp(argv[1], "system-calls") == 0) _exit(count_system_calls(only) != 0);
  set_up();
  _exit(count_allocations(only) != 0);
}
