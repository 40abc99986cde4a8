// SPDX-License-Identifier: Apache-2.0
// Signals of the program: a handler may run on a goroutine's stack, or with SA_ONSTACK on a stack
// of its own that every thread has; the goroutine goes on as if nothing had been. The runtime's own
// threads take no signals, so what main blocks stays pending for sigwait.
//
// RUN: %weircc_plain %s -o %t
// RUN: env WEIR_OPTIONS=procs=1 %t
// RUN: env WEIR_OPTIONS=procs=3 %t
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { NEAR = 64 * 1024, GOROUTINES = 8, EACH = 50 };
static _Atomic uintptr_t handler_stack;
static _Atomic int handled;

static void on_signal(int sig) {
  char here;
  (void)sig;
  handler_stack = (uintptr_t)&here;

  handled++;
}

static void handle(int sig, int flags) {
  struct sigaction a = {.sa_handler = on_signal, .sa_flags = flags};
  CHECK_EQ(sigaction(sig, &a, NULL), 0);
}

// The signal reaches the main thread. Locked, main is there; so is a goroutine with one worker.
static bool near(const void *frame) {
  return llabs((long long)(handler_stack - (uintptr_t)frame)) < NEAR;
}

static void signals_itself(bool own_stack, weir_wg *wg) {
  char frame;
  CHECK_EQ(kill(getpid(), SIGUSR1), 0); // delivered before kill returns, if this is its thread
  CHECK(near(&frame) == own_stack);
  weir_wg_done(wg);
}

static void on_goroutine_stack(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  handle(SIGUSR1, 0);
  weir_go(signals_itself, true, &wg);
  weir_yield();
  handle(SIGUSR1, SA_ONSTACK);
  weir_go(signals_itself, false, &wg);
  weir_wg_wait(&wg);
}

static void storms(weir_chan(int) ch, weir_wg *wg) {
  for (int i = 0; i < EACH; i++) {
    CHECK_EQ(kill(getpid(), SIGUSR1), 0);
    weir_send(ch, i);
  }
  weir_wg_done(wg);
}

static void sums(weir_chan(int) ch, long *sum) {
  for (int v; weir_recv(ch, &v);)
    *sum += v;
}

static void in_a_storm(void) {
  weir_wg senders = {0}, receiver = {0};
  weir_chan(int) ch = weir_chan_make(int, 0);
  long sum = 0;
  handle(SIGUSR1, SA_ONSTACK | SA_RESTART);
  weir_wg_go(&receiver, sums, ch, &sum);
  weir_wg_add(&senders, GOROUTINES);
  for (int i = 0; i < GOROUTINES; i++)
    weir_go(storms, ch, &senders);
  weir_wg_wait(&senders);
  weir_close(ch);
  weir_wg_wait(&receiver);
  CHECK_EQ(sum, (long)GOROUTINES * EACH * (EACH - 1) / 2);
  CHECK(handled > 0);
}

static void sends(int sig, weir_wg *wg) {
  CHECK_EQ(kill(getpid(), sig), 0);
  weir_wg_done(wg);
}

static void blocked_by_main(void) { // by default SIGUSR2 ends the process
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  weir_lock_os_thread();
  CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(sends, SIGUSR2, &wg);
  weir_wg_wait(&wg);
  int sig = 0;
  CHECK_EQ(sigwait(&set, &sig), 0);
  CHECK_EQ(sig, SIGUSR2);
  weir_unlock_os_thread();
}

int main(void) {
  if (weir_set_procs(0) == 1) on_goroutine_stack();
  in_a_storm();
  blocked_by_main();
  return 0;
}
