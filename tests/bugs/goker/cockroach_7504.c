// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_7504: The name cache is locked before the lease on one way and after it on
// the other.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock lock-order
// names: acquirer releaser cache
#include <weir/weir.h>

struct lease {
  weir_mutex mu;
  int id;
  bool cached;
};
static struct lease leases[2];
static weir_mutex ts, cache;
static struct lease *map_[2], *active[2];
static weir_wg wg;

static void get(int id) {
  weir_guard(&cache);
  struct lease *l = map_[id];
  if (!l) return;
  weir_guard(&l->mu);
  l->id = 0;
}

static void remove_(struct lease *l) {
  weir_guard(&cache);
  if (map_[0] == l) map_[0] = NULL;
}

static void release(struct lease *l) {
#ifdef FIXED
  {
    weir_guard(&ts);
    weir_guard(&l->mu);
    active[0] = NULL;
  }
  remove_(l);
#else
  weir_guard(&ts);
  weir_guard(&l->mu);
  active[0] = NULL;
  remove_(l);
#endif
}

static void acquirer(void) {
  get(0);
  weir_wg_done(&wg);
}

static void releaser(void) {
  release(&leases[0]);
  weir_wg_done(&wg);
}

int main(void) {
  map_[0] = active[0] = &leases[0];
  map_[1] = active[1] = &leases[1];
  weir_wg_add(&wg, 2);
  weir_go(acquirer);
  weir_go(releaser);
  weir_wg_wait(&wg);
}
