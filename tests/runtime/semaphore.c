// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// The weighted semaphore: never more than its capacity, first come first served, requests
// that cannot be served fail at once, and a context ends the wait and takes nothing.
#include <errno.h>
#include <stdatomic.h>

#include "check.h"

static weir_sem sem = WEIR_SEM(5);
static atomic_int taken;

static void use(int id, int n) {
  for (int i = 0; i < n; i++) {
    int units = 1 + (id + i) % 5;
    if (i % 4 == 0)
      while (!weir_sem_try(&sem, units))
        weir_yield();
    else
      CHECK_EQ(weir_sem_acquire(&sem, NULL, units), 0);
    CHECK(atomic_fetch_add(&taken, units) + units <= 5);
    if (i % 8 == 0) weir_yield();
    atomic_fetch_sub(&taken, units);
    weir_sem_release(&sem, units);
  }
}

static void limits(void) {
  weir_wg wg = {0};
  for (int i = 0; i < 8; i++)
    weir_wg_go(&wg, use, i, 2000);
  weir_wg_wait(&wg);
  CHECK(weir_sem_try(&sem, 5)); // all are back
  weir_sem_release(&sem, 5);
}

static void at_once(void) {
  weir_sem none = {0}, two;
  weir_sem_init(&two, 2);
  CHECK_EQ(weir_sem_acquire(&none, NULL, 1), EINVAL);
  CHECK_EQ(weir_sem_acquire(&none, NULL, 0), 0);
  CHECK_EQ(weir_sem_acquire(&two, NULL, 3), EINVAL);
  CHECK_EQ(weir_sem_acquire(&two, NULL, -1), EINVAL);
  CHECK_EQ(weir_sem_acquire(&two, NULL, INT64_MAX), EINVAL);
  CHECK(!weir_sem_try(&two, 3) && !weir_sem_try(&two, -1));
  CHECK(weir_sem_try(&two, 2) && !weir_sem_try(&two, 1) && weir_sem_try(&two, 0));
  weir_sem_release(&two, 1);
  weir_sem_release(&two, 1);
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  CHECK_EQ(weir_sem_acquire(&two, ctx, 1), 0);
  weir_sem_release(&two, 1);
  weir_ctx_cancel(ctx);
  CHECK_EQ(weir_sem_acquire(&two, ctx, 1), ECANCELED); // although there is one
  weir_ctx_free(ctx);
  ctx = weir_ctx_with_timeout(weir_ctx_background(), 0);
  weir_recv(weir_ctx_done(ctx), NULL);
  CHECK_EQ(weir_sem_acquire(&two, ctx, 3), ETIMEDOUT); // before it looks at the units
  weir_ctx_free(ctx);
}

// --- order
// ------------------------------------------------------------------------------------------
static int order[4];
static atomic_int served;

static void take_as(int id, int units) {
  CHECK_EQ(weir_sem_acquire(&sem, NULL, units), 0);
  order[atomic_fetch_add(&served, 1)] = id;
}
static void park_next(weir_wg *wg, int id, int units) {
  weir_wg_go(wg, take_as, id, units);
  for (int i = 0; i < 1000; i++) // one worker: then it is parked
    weir_yield();
}
static void in_order(void) {
  if (weir_set_procs(0) != 1) return;
  weir_wg wg = {0};
  CHECK(weir_sem_try(&sem, 5));
  park_next(&wg, 0, 4);
  park_next(&wg, 1, 1);
  park_next(&wg, 2, 2);
  weir_sem_release(&sem, 3);
  weir_yield();
  CHECK(!weir_sem_try(&sem, 1)); // nobody passes those who wait
  CHECK_EQ(atomic_load(&served), 0);
  weir_sem_release(&sem, 1); // four free
  while (atomic_load(&served) < 1)
    weir_yield();
  CHECK_EQ(atomic_load(&served), 1);
  weir_sem_release(&sem, 1); // the last that main took: one free
  while (atomic_load(&served) < 2)
    weir_yield();
  weir_sem_release(&sem, 4); // on behalf of those served
  weir_wg_wait(&wg);
  for (int i = 0; i < 3; i++)
    CHECK_EQ(order[i], i);
  weir_sem_release(&sem, 3);
}

// --- contexts
// -----------------------------------------------------------------------------------------
static void ask(weir_ctx *ctx, int units, int want, atomic_int *started) {
  atomic_fetch_add(started, 1);
  int err = weir_sem_acquire(&sem, ctx, units);
  CHECK_EQ(err, want);
  if (!err) weir_sem_release(&sem, units);
}
// The first in line gives up: the next, which needs less, gets what is there.
static void gives_up(void) {
  weir_wg wg = {0};
  atomic_int started = 0;
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  CHECK(weir_sem_try(&sem, 4));
  weir_wg_go(&wg, ask, ctx, 5, ECANCELED, &started);
  while (atomic_load(&started) < 1)
    weir_yield();
  weir_wg_go(&wg, ask, (weir_ctx *)NULL, 1, 0, &started);
  while (atomic_load(&started) < 2)
    weir_yield();
  weir_ctx_cancel(ctx);
  weir_wg_wait(&wg);
  weir_sem_release(&sem, 4);
  weir_ctx_free(ctx);
  ctx = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(5));
  CHECK(weir_sem_try(&sem, 1));
  CHECK_EQ(weir_sem_acquire(&sem, ctx, 5), ETIMEDOUT);
  weir_sem_release(&sem, 1);
  weir_ctx_free(ctx);
}

// Releases and cancellations at the same time: whoever wins, no unit is lost.
static void ask_either(weir_ctx *ctx, weir_sem *s, int units) {
  int err = weir_sem_acquire(s, ctx, units);
  CHECK(err == 0 || err == ECANCELED);
  if (!err) weir_sem_release(s, units);
}
static void cancel_it(weir_ctx *ctx) {
  weir_ctx_cancel(ctx);
}
static void release_it(weir_sem *s) {
  weir_sem_release(s, 3);
}
static void cancelled_while_served(void) {
  for (int i = 0; i < 1000; i++) {
    weir_sem s = WEIR_SEM(3);
    weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
    weir_wg wg = {0};
    CHECK(weir_sem_try(&s, 3));
    for (int j = 0; j < 4; j++)
      weir_wg_go(&wg, ask_either, ctx, &s, 1 + (i + j) % 3);
    if (i % 2) weir_yield();
    weir_wg_go(&wg, cancel_it, ctx);
    weir_wg_go(&wg, release_it, &s);
    weir_wg_wait(&wg);
    CHECK(weir_sem_try(&s, 3));
    weir_ctx_free(ctx);
  }
}

int main(void) {
  limits();
  at_once();
  in_order();
  gives_up();
  cancelled_while_served();
}
