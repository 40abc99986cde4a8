// SPDX-License-Identifier: Apache-2.0
//
// A look-alike: everybody waits for an OS thread that works outside of Weir for a while. It was
// started by a goroutine on a worker other than main's, so it blocks the signals that a worker does,
// as the race detector's own thread does, too. No deadlock.
// REQUIRES: races
// RUN: %weircc %s -o %t.i && WEIR_OPTIONS=procs=2 %t.i 2>&1 | count 0
// RUN: %weircc_plain %s -o %t && WEIR_OPTIONS=procs=2 %t 2>&1 | count 0
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <weir/weir.h>

static atomic_bool started;

static void *works(void *result) {
  nanosleep(&(struct timespec){0, 600000000}, NULL); // it works; more than a look for deadlock takes
  weir_send((weir_chan(int))result, 7);
  return NULL;
}

static void starts(weir_chan(int) result) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, works, (void *)result) == 0) pthread_detach(thread);
  atomic_store(&started, true);
}

int main(void) {
  weir_chan(int) result = weir_chan_make(int, 0);
  weir_go(starts, result);
  while (!atomic_load(&started)) { // keeps main's worker: another one runs it
  }
  int v = 0;
  weir_recv(result, &v);
  return v != 7;
}
