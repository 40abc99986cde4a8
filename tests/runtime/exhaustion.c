// SPDX-License-Identifier: Apache-2.0
//
// Threads and memory run out, from the first on or later: the program goes on with less, or ends
// with status 3 and one line that says what is missing, or the call fails. It never crashes or
// hangs. Failures are injected by counting calls.
//
// RUN: %weircc_plain %s -o %t
// RUN: %python %S/Inputs/exhaustion.py %t
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "check.h"

static _Atomic long threads_left = 1 << 30, maps_left = 1 << 30;

int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *), void *arg) {
  int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
      dlsym(RTLD_NEXT, "pthread_create");
  return threads_left-- > 0 ? real(t, a, fn, arg) : EAGAIN;
}

void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset) {
  void *(*real)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, "mmap");
  if (maps_left-- > 0) return real(at, n, prot, flags, fd, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}

static void waits(weir_chan(int) ch) {
  weir_recv(ch, NULL);
}

static void starts(int n) {
  weir_chan(int) ch = weir_chan_make(int, 0);
  for (int i = 0; i < n; i++)
    weir_go(waits, ch);
  weir_sleep(WEIR_US(100));
  for (int i = 0; i < n; i++)
    weir_send(ch, i);
}

static void asks_for_procs(void) {
  int n = weir_set_procs(6);
  CHECK(n >= 1 || errno == EAGAIN);
  n = weir_set_procs(0);
  CHECK(n >= 1 && n <= 6);
}

static void locks(weir_wg *wg) {
  weir_lock_os_thread();
  weir_yield();
  weir_unlock_os_thread();
  weir_wg_done(wg);
}

static void locks_threads(int n) {
  weir_wg wg = {0};
  weir_wg_add(&wg, n);
  for (int i = 0; i < n; i++)
    weir_go(locks, &wg);
  weir_wg_wait(&wg);
}

static void nothing(void) {}
static void deep(weir_wg *wg) {
  weir_wg_done(wg);
}

static void all(void) {
  starts(200);
  asks_for_procs();
  locks_threads(3);
  weir_blocking(nothing);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go_stack(1 << 20, deep, &wg);
  weir_wg_wait(&wg);
  weir_timer *t = weir_timer_new(WEIR_S(60));
  weir_timer_free(t);
  int fds[2];
  CHECK_EQ(pipe(fds), 0);
  CHECK_EQ(weir_write(fds[1], "x", 1), 1);
}

static void too_little_address_space(void) {
  struct rlimit limit = {512 << 20, 512 << 20};
  CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  starts(100000);
}

static void reads(int fd) {
  char c;
  CHECK_EQ(read(fd, &c, 1), 1);
}
static void writes(int fd) {
  CHECK_EQ(write(fd, "x", 1), 1);
}

// Every thread is held by a call that only another goroutine ends, and there is no other thread.
static void held_for_ever(void) {
  int fds[2];
  CHECK_EQ(pipe(fds), 0);
  starts(1);
  threads_left = 0;
  weir_wg wg = {0};
  weir_wg_go(&wg, writes, fds[1]);
  weir_wg_go(&wg, reads, fds[0]); // runs first
  weir_sleep(WEIR_MS(100));
  weir_wg_wait(&wg);
}

int main(int argc, char **argv) {
  CHECK(argc >= 2);
  if (!strcmp(argv[1], "as")) too_little_address_space();
  if (!strcmp(argv[1], "held")) held_for_ever();
  if (!strcmp(argv[1], "threads")) threads_left = atol(argv[2]);
  if (!strcmp(argv[1], "maps")) maps_left = atol(argv[2]);
  if (argc > 2) all();
  _exit(0); // whatever still waits
}
