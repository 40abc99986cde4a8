// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_17176: With nothing to clean up, the cleanup returns without giving the lock back.
// The next one to take it waits for good; its caller has given up after a moment.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit
// names: locker devices main cleanup
#include <stdlib.h>
#include <weir/weir.h>

struct device_set {
  weir_mutex devices; // guards deleted
  int deleted;
};

static weir_wg lockers;

static int cleanup(struct device_set *ds) {
  // CHECK-DAG: at moby_17176.c:[[@LINE+1]] in cleanup
  weir_mutex_lock(&ds->devices);
#ifdef FIXED
  int left = ds->deleted;
  weir_mutex_unlock(&ds->devices);
  return left;
#else
  if (ds->deleted == 0) return 0;
  weir_mutex_unlock(&ds->devices);
  return -1;
#endif
}

static void locker(struct device_set *ds, weir_chan(bool) done) {
  // CHECK-DAG: at moby_17176.c:[[@LINE+1]] in locker
  weir_mutex_lock(&ds->devices);
  weir_send(done, true);
  weir_mutex_unlock(&ds->devices);
  weir_wg_done(&lockers);
}

static void test_cleanup(void) {
  struct device_set *ds = calloc(1, sizeof *ds);
  cleanup(ds);
#ifdef FIXED
  weir_chan(bool) done = weir_chan_make(bool, 1);
#else
  weir_chan(bool) done = weir_chan_make(bool, 0);
#endif
  weir_wg_add(&lockers, 1);
  // CHECK-DAG: moby_17176.c:[[@LINE+1]]:
  weir_go(locker, ds, done);
  weir_select(weir_on_recv(weir_after(WEIR_MS(1)), NULL, NULL), weir_on_recv(done, NULL, NULL));
}

int main(void) {
  test_cleanup();
#ifdef FIXED
  weir_wg_wait(&lockers);
#endif
  return 0;
}
