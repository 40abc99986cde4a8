// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_16167: A read lock is taken again further down, and a writer has come in
// between.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock goroutine-leak-at-exit lock-order
// names: updater get_cache
#include <weir/weir.h>

struct executor {
  weir_rwmutex mu;
};
static struct executor *e;
static struct executor ex;
static weir_wg all;
struct locker {
  void (*lock)(weir_rwmutex *);
  void (*unlock)(weir_rwmutex *);
  weir_rwmutex *m;
};
static void rl(weir_rwmutex *m) {
  weir_rwmutex_rlock(m);
}

static void ru(weir_rwmutex *m) {
  weir_rwmutex_runlock(m);
}

__attribute__((noinline)) static int get_cache(void) {
#ifndef FIXED
  weir_rwmutex_rlock(&e->mu);
  weir_rwmutex_runlock(&e->mu);
#endif
  return 1;
}

__attribute__((noinline)) static int reset(void) {
  return get_cache() + 1;
}

__attribute__((noinline)) static int prepare(void) {
  return reset() + 1;
}

__attribute__((noinline)) static int stmt(void) {
  return prepare() + 1;
}

static void updater(void) {
  weir_rwmutex_lock(&e->mu);
  weir_rwmutex_unlock(&e->mu);
  weir_wg_done(&all);
}

int main(void) {
  e = &ex;
  struct locker l = {rl, ru, &e->mu};
  weir_wg_add(&all, 1);
  weir_go(updater);
  l.lock(l.m);
  int r = stmt();
  l.unlock(l.m);
#ifdef FIXED
  weir_wg_wait(&all);
#endif
  return r != 4;
}
