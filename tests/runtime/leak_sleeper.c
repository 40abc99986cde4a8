// SPDX-License-Identifier: Apache-2.0
//
// A thread that blocks all signals cannot be stopped by one. While it sleeps in a system call it
// counts as stopped: what its stack leads to is alive, and a leak is found, but suspected only, as
// its registers are not known. One that runs cannot be dealt with: EPERM.
//
// RUN: %weircc_plain -O1 %s -o %t
// RUN: %t lost 2>&1 | FileCheck %s
// RUN: %t kept 2>&1 | count 0
// RUN: %t runs 2>&1 | count 0
// CHECK: goroutine leak{{.*}}[suspected]
// CHECK: a thread that blocks signal 61 may hold a pointer in its registers
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

typedef weir_chan(int) chan;

static atomic_bool up;
static weir_wg made;

static void *sleep_with(void *box) {
  chan volatile mine = box ? *(chan *)box : NULL;
  sigset_t quit;
  int sig;
  if (box) *(chan *)box = NULL;
  sigemptyset(&quit);
  sigaddset(&quit, SIGUSR1);
  atomic_store(&up, true);
  sigwait(&quit, &sig);
  weir_send(mine, 1);
  return NULL;
}

static void *run(void *unused) {
  atomic_store(&up, true);
  while (atomic_load(&up))
    ;
  return unused;
}

static void start_thread(void *(*fn)(void *), void *arg) {
  pthread_t t;
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  CHECK_EQ(pthread_create(&t, NULL, fn, arg), 0);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void wait_for(chan c) {
  weir_recv(c, NULL);
}

static void make(const char *what) {
  static chan box;
  chan c = weir_chan_make(int, 0);
  weir_go(wait_for, c);
  if (strcmp(what, "kept") == 0) box = c;
  if (strcmp(what, "runs") == 0)
    start_thread(run, NULL);
  else
    start_thread(sleep_with, box ? &box : NULL);
  while (!atomic_load(&up))
    weir_yield();
  weir_wg_done(&made);
}

int main(int argc, char **argv) {
  enum { LOST = 300, KEPT = 30 };
  CHECK(argc == 2);
  bool runs = strcmp(argv[1], "runs") == 0, refused = false;
  weir_wg_add(&made, 1);
  weir_go(make, argv[1]);
  weir_wg_wait(&made);
  for (int i = strcmp(argv[1], "lost") == 0 ? LOST : KEPT; i > 0; i--) {
    long n = weir_leak_check(); // only the proven count
    CHECK(n == 0 || errno == EAGAIN || errno == EPERM);
    refused = n == -1 && errno == EPERM;
    weir_yield();
  }
  CHECK(refused || !runs); // to begin with nobody was blocked yet
  _exit(0);
}
