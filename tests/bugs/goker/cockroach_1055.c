// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_1055: A task may begin while its stopper is being stopped, and never ends:
// the closer waits for it with the lock held that the worker needs.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock
// names: closer mu
#include <stdatomic.h>
#include <weir/weir.h>

struct stopper {
  weir_chan(char) stopper;
  weir_wg stop, drain;
  weir_mutex mu;
  atomic_int draining;
};
static struct stopper s[3];
static weir_chan(char) done;
static bool start_task(struct stopper *p) {
#ifdef FIXED
  weir_mutex_lock(&p->mu);
  bool ok = !p->draining;
  if (ok) weir_wg_add(&p->drain, 1);
  weir_mutex_unlock(&p->mu);
  return ok;
#else
  if (p->draining) return false;
  weir_mutex_lock(&p->mu);
  weir_wg_add(&p->drain, 1);
  weir_mutex_unlock(&p->mu);
  return true;
#endif
}

static void worker(struct stopper *p) {
  bool t = start_task(p);
#ifdef FIXED
  if (t) weir_wg_done(&p->drain);
#else
  (void)t;
#endif
  weir_recv(p->stopper, NULL);
  weir_wg_done(&p->stop);
}

static void quiesce(struct stopper *p) {
  weir_mutex_lock(&p->mu);
  p->draining = 1;
#ifdef FIXED
  weir_mutex_unlock(&p->mu);
#endif
  weir_wg_wait(&p->drain);
#ifdef FIXED
  weir_mutex_lock(&p->mu);
#endif
  p->draining = 0;
  weir_mutex_unlock(&p->mu);
}

static void stop(struct stopper *p) {
  weir_mutex_lock(&p->mu);
  p->draining = 1;
#ifdef FIXED
  weir_mutex_unlock(&p->mu);
#endif
  weir_wg_wait(&p->drain);
  weir_close(p->stopper);
  weir_wg_wait(&p->stop);
#ifndef FIXED
  weir_mutex_unlock(&p->mu);
#endif
}

static void closer(void) {
  for (int i = 0; i < 3; i++)
    quiesce(&s[i]);
  for (int i = 0; i < 3; i++)
    stop(&s[i]);
  weir_close(done);
}

int main(void) {
  done = weir_chan_make(char, 0);
  for (int i = 0; i < 3; i++) {
    s[i].stopper = weir_chan_make(char, 0);
    weir_wg_add(&s[i].stop, 1);
    weir_go(worker, &s[i]);
  }
  weir_go(closer);
  weir_recv(done, NULL);
  return 0;
}
