// SPDX-License-Identifier: Apache-2.0
//
// raise in a goroutine, whichever worker it runs on, and in a blocking call: the handler has run
// when it returns, on the goroutine's stack or on the thread's own; a signal without a handler ends
// the program; one that main, or the goroutine, blocks stays for sigwait.
//
// RUN: %weircc_plain %s -o %t && %weircc -O1 %s -o %t.i
// RUN: for n in 1 2 8; do WEIR_OPTIONS=procs=$n %t handled || exit 1; done
// RUN: for n in 1 2 8; do WEIR_OPTIONS=procs=$n %t.i handled || exit 1; done
// RUN: for n in 1 8; do { WEIR_OPTIONS=procs=$n %t ended; test $? = 143; } || exit 1; done
// RUN: { WEIR_OPTIONS=procs=8 %t.i ended; test $? = 143; }
// RUN: for n in 1 8; do { WEIR_OPTIONS=procs=$n %t crashed; test $? = 134; } || exit 1; done
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { GOROUTINES = 16, EACH = 20, ROUNDS = 10, NEAR = 64 * 1024 };
static struct {
  atomic_int times;
  atomic_uintptr_t at;
} ran[1 << 16]; // of each thread, by its id

static int self(void) {
  return (int)gettid() % (1 << 16);
}

static void on_signal(int sig) {
  char here;
  CHECK_EQ(sig, SIGUSR1);
  ran[self()].at = (uintptr_t)&here;
  ran[self()].times++;
}

static void handle(int flags) {
  struct sigaction a = {.sa_handler = on_signal, .sa_flags = flags};
  CHECK_EQ(sigaction(SIGUSR1, &a, NULL), 0);
}

static void raises(bool own_stack) {
  char frame;
  int before = ran[self()].times;
  errno = 0;
  CHECK_EQ(raise(SIGUSR1), 0);
  CHECK_EQ(errno, 0);
  CHECK_EQ(ran[self()].times, before + 1);
  CHECK((llabs((long long)(ran[self()].at - (uintptr_t)&frame)) < NEAR) == own_stack);
}

// Nobody yields before all of up to `together` have come, so each has a worker of its own.
static atomic_int came;
static void on_a_worker(bool own_stack, int together, weir_wg *wg) {
  came++;
  while (came < together)
    ;
  for (int i = 0; i < EACH; i++) {
    raises(own_stack);
    weir_yield();
  }
  weir_wg_done(wg);
}

static void in_a_call(void) {
  handle(0);
  weir_blocking(raises, true);
}

static void on_all_workers(int flags) {
  weir_wg wg = {0};
  int workers = weir_set_procs(0);
  came = 0;
  handle(flags);
  weir_wg_add(&wg, GOROUTINES);
  for (int i = 0; i < GOROUTINES; i++)
    weir_go(on_a_worker, !flags, workers - 1, &wg); // main may have one
  weir_wg_wait(&wg);
  raises(!flags);
}

static void raises_blocked(weir_wg *wg) {
  CHECK_EQ(raise(SIGUSR2), 0);
  weir_wg_done(wg);
}

static void blocked_by_main(void) { // by default SIGUSR2 ends the process
  sigset_t set;
  int got = 0;
  weir_wg wg = {0};
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  weir_lock_os_thread();
  CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    got = 0;
    weir_wg_add(&wg, 1);
    weir_go(raises_blocked, &wg);
    if (i % 2) weir_wg_wait(&wg); // else it may come before or during the wait
    CHECK_EQ(sigwait(&set, &got), 0);
    CHECK_EQ(got, SIGUSR2);
    weir_wg_wait(&wg);
  }
}

// With a mask of its own, as it has its thread for itself.
static void blocks_itself(weir_wg *wg) {
  sigset_t set, old;
  int got = 0;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  weir_lock_os_thread();
  CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
  CHECK_EQ(raise(SIGUSR2), 0);
  CHECK_EQ(sigwait(&set, &got), 0);
  CHECK_EQ(got, SIGUSR2);
  raises(true);
  sigaddset(&set, SIGUSR1);
  CHECK_EQ(sigprocmask(SIG_SETMASK, &set, NULL), 0);
  CHECK_EQ(raise(SIGUSR1), 0);
  CHECK_EQ(sigwait(&set, &got), 0);
  CHECK_EQ(got, SIGUSR1);
  CHECK_EQ(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
  raises(true);
  weir_unlock_os_thread();
  weir_wg_done(wg);
}

static void blocked_by_goroutine(void) {
  weir_wg wg = {0};
  handle(0);
  weir_wg_add(&wg, 1);
  weir_go(blocks_itself, &wg);
  weir_wg_wait(&wg);
}

static void ends(int sig) {
  raise(sig);
  _exit(1);
}

int main(int argc, char **argv) {
  CHECK_EQ(argc, 2);
  CHECK_EQ(raise(1000), -1);
  CHECK_EQ(errno, EINVAL);
  CHECK_EQ(sigprocmask(1000, &(sigset_t){0}, NULL), -1);
  CHECK_EQ(errno, EINVAL);
  if (strcmp(argv[1], "handled") == 0) {
    on_all_workers(0);
    on_all_workers(SA_ONSTACK);
    in_a_call();
    blocked_by_goroutine();
    blocked_by_main();
    return 0;
  }
  weir_go(ends, strcmp(argv[1], "ended") == 0 ? SIGTERM : SIGABRT);
  for (;;) // keeps this thread
    if (weir_set_procs(0) == 1) weir_yield();
}
