// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t && WEIR_OPTIONS=procs=1 %t && WEIR_OPTIONS=procs=4 %t
// RUN: %weircc %s -o %t.i && %t.i
//
// The mutex: exclusion under contention with and without a switch inside, trylock, guard,
// unlock by another goroutine, and that nobody starves beside a goroutine that locks
// again at once.
#include <stdatomic.h>

#include "check.h"

static weir_mutex mu;
static long count;

static void add(int n, bool yields) {
  for (int i = 0; i < n; i++) {
    weir_mutex_lock(&mu);
    long seen = count;
    if (yields) weir_yield();
    count = seen + 1;
    weir_mutex_unlock(&mu);
  }
}

static void excludes(int goroutines, int n, bool yields) {
  weir_wg wg = {0};
  count = 0;
  for (int i = 0; i < goroutines; i++)
    weir_wg_go(&wg, add, n, yields);
  weir_wg_wait(&wg);
  CHECK_EQ(count, (long)goroutines * n);
}

static void try_add(int n) {
  for (int i = 0; i < n;) {
    if (weir_mutex_trylock(&mu)) {
      count++;
      weir_mutex_unlock(&mu);
      i++;
    } else {
      weir_yield();
    }
  }
}

static void tries(void) {
  CHECK(weir_mutex_trylock(&mu));
  CHECK(!weir_mutex_trylock(&mu));
  weir_mutex_unlock(&mu);
  weir_wg wg = {0};
  count = 0;
  for (int i = 0; i < 4; i++)
    weir_wg_go(&wg, try_add, 1000);
  for (int i = 0; i < 4; i++)
    weir_wg_go(&wg, add, 1000, i % 2 == 0);
  weir_wg_wait(&wg);
  CHECK_EQ(count, 8000);
}

static void guarded(int *out) {
  weir_guard(&mu);
  CHECK(!weir_mutex_trylock(&mu));
  ++*out;
}

static void unlock_it(weir_mutex *m, weir_chan(int) done) {
  weir_mutex_unlock(m);
  weir_send(done, 1);
}
static void unlocked_by_other(void) {
  weir_mutex m = {0};
  weir_chan(int) done = weir_chan_make(int, 0);
  for (int i = 0; i < 100; i++) {
    weir_mutex_lock(&m);
    weir_go(unlock_it, &m, done);
    weir_recv(done, NULL);
  }
  CHECK(weir_mutex_trylock(&m));
  weir_mutex_unlock(&m);
  weir_chan_free(done);
}

// Gives way only while it holds the mutex, and takes it again at once.
static void hog(atomic_bool *stop) {
  while (!atomic_load(stop)) {
    weir_mutex_lock(&mu);
    weir_yield();
    weir_mutex_unlock(&mu);
  }
}
static void no_starvation(void) {
  atomic_bool stop = false;
  weir_wg wg = {0};
  weir_wg_go(&wg, hog, &stop);
  for (int i = 0; i < 50; i++) {
    weir_yield();
    weir_mutex_lock(&mu);
    weir_mutex_unlock(&mu);
  }
  atomic_store(&stop, true);
  weir_wg_wait(&wg);
}

int main(void) {
  excludes(1, 10000, false);
  excludes(8, 10000, false);
  excludes(8, 500, true);
  tries();
  int n = 0;
  guarded(&n);
  guarded(&n);
  CHECK_EQ(n, 2);
  unlocked_by_other();
  no_starvation();
}
