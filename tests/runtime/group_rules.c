// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// Groups, weighted semaphores and singleflight: the first error stays over several waits, limits
// are exact, a large request is served beside small ones that come again and again, one that was
// cancelled is out of the way, and an execution that leaves by weir_goexit lets nobody hang.
#include <errno.h>
#include <stdatomic.h>

#include "check.h"

static int give(int result) {
  return result;
}

// --- groups
static void first_error_stays(void) {
  static const int results[][4] = {{0}, {5}, {5, 0}, {5, 0, 6}, {0, 6, 5}};
  for (size_t k = 0; k < sizeof results / sizeof results[0]; k++) {
    weir_group g = {0};
    int first = 0;
    for (int i = 0; i < 4; i++) {
      weir_group_go(&g, give, results[k][i]);
      if (!first) first = results[k][i];
      CHECK_EQ(weir_group_wait(&g), first);
    }
  }
}
static void context_done_after_wait(void) {
  for (int err = 0; err < 2; err++)
    for (int n = 0; n < 3; n++) {
      weir_group g = weir_group_with_ctx(weir_ctx_background());
      for (int i = 0; i < n; i++)
        weir_group_go(&g, give, i == 0 ? err : 0);
      CHECK_EQ(weir_group_wait(&g), n ? err : 0);
      CHECK(weir_try_recv(weir_ctx_done(weir_group_ctx(&g)), NULL, NULL));
      CHECK_EQ(weir_ctx_cause(weir_group_ctx(&g)), n && err ? err : ECANCELED);
      weir_group_free(&g);
    }
}

static int pass_through(weir_chan(int) gate) {
  weir_send(gate, 1);
  return 0;
}
static void open_gate(weir_chan(int) gate, int n) {
  for (int i = 0; i < n; i++)
    weir_recv(gate, NULL);
}
static void exact_limit(void) {
  enum { LIMIT = 42 };
  weir_chan(int) gate = weir_chan_make(int, 0);
  weir_group g = {0};
  weir_group_set_limit(&g, LIMIT);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < LIMIT; i++)
      CHECK(weir_group_try_go(&g, pass_through, gate));
    CHECK(!weir_group_try_go(&g, pass_through, gate));
    weir_go(open_gate, gate, LIMIT);
    CHECK_EQ(weir_group_wait(&g), 0);
  }
  weir_group_set_limit(&g, 1);
  CHECK(weir_group_try_go(&g, pass_through, gate));
  CHECK(!weir_group_try_go(&g, pass_through, gate));
  weir_go(open_gate, gate, 1);
  weir_group_wait(&g);
  weir_group_set_limit(&g, 0);
  for (int i = 0; i < 1000; i++)
    CHECK(!weir_group_try_go(&g, pass_through, gate));
  CHECK_EQ(weir_group_wait(&g), 0);
  weir_group_free(&g);
  weir_chan_free(gate);
}
static int go_waits_for_a_place(weir_group *g, weir_chan(int) gate, atomic_bool *started) {
  weir_group_go(g, pass_through, gate);
  atomic_store(started, true);
  return 0;
}
static void go_waits(void) {
  weir_chan(int) gate = weir_chan_make(int, 0);
  weir_group g = {0}, outer = {0};
  atomic_bool started = false;
  weir_group_set_limit(&g, 1);
  weir_group_go(&g, pass_through, gate);
  weir_group_go(&outer, go_waits_for_a_place, &g, gate, &started);
  let_others_park();
  CHECK(!atomic_load(&started));
  weir_recv(gate, NULL); // the first ends: its place goes to the second
  weir_recv(gate, NULL);
  weir_group_wait(&outer);
  CHECK(atomic_load(&started));
  CHECK_EQ(weir_group_wait(&g), 0);
  weir_group_free(&g);
  weir_chan_free(gate);
}

// --- semaphores
static void hammer(weir_sem *sem, int units, int n) {
  for (int i = 0; i < n; i++) {
    CHECK_EQ(weir_sem_acquire(sem, weir_ctx_background(), units), 0);
    weir_yield();
    weir_sem_release(sem, units);
  }
}
static void all_weights(void) {
  enum { UNITS = 6 };
  weir_sem sem = WEIR_SEM(UNITS);
  weir_wg wg = {0};
  for (int i = 0; i <= UNITS; i++)
    weir_wg_go(&wg, hammer, &sem, i, 300);
  weir_wg_wait(&wg);
  CHECK(weir_sem_try(&sem, UNITS));
}
static int acquire_within(weir_sem *sem, int64_t ns, int units) {
  weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), ns);
  int err = weir_sem_acquire(sem, ctx, units);
  weir_ctx_free(ctx);
  return err;
}
static void with_timeouts(void) {
  weir_sem sem = WEIR_SEM(2);
  CHECK_EQ(weir_sem_acquire(&sem, NULL, 1), 0);
  CHECK_EQ(acquire_within(&sem, WEIR_S(100), 1), 0);
  CHECK_EQ(acquire_within(&sem, WEIR_MS(2), 1), ETIMEDOUT);
  weir_sem_release(&sem, 2);
  CHECK_EQ(acquire_within(&sem, WEIR_S(100), 1), 0);
  CHECK_EQ(weir_sem_acquire(&sem, NULL, 1), 0);
  CHECK_EQ(acquire_within(&sem, WEIR_MS(2), 1), ETIMEDOUT);
  CHECK(!weir_sem_try(&sem, 1));
}
static int too_many(weir_sem *sem) {
  CHECK_EQ(weir_sem_acquire(sem, NULL, 3), EINVAL);
  return 0;
}
static int one(weir_sem *sem) {
  int err = weir_sem_acquire(sem, NULL, 1);
  weir_yield();
  weir_sem_release(sem, 1);
  return err;
}
static void too_big_is_in_nobodys_way(void) {
  weir_sem sem = WEIR_SEM(2);
  weir_group g = {0};
  weir_group_go(&g, too_many, &sem);
  for (int i = 0; i < 6; i++)
    weir_group_go(&g, one, &sem);
  CHECK_EQ(weir_group_wait(&g), 0);
}
static void give_and_take(weir_sem *sem, atomic_bool *stop) {
  while (!atomic_load(stop)) {
    weir_yield();
    weir_sem_release(sem, 1);
    weir_sem_acquire(sem, NULL, 1);
  }
  weir_sem_release(sem, 1);
}
static void large_does_not_starve(void) {
  enum { UNITS = 5 };
  weir_sem sem = WEIR_SEM(UNITS);
  weir_wg wg = {0};
  atomic_bool stop = false;
  for (int i = 0; i < UNITS; i++) {
    CHECK(weir_sem_try(&sem, 1));
    weir_wg_go(&wg, give_and_take, &sem, &stop);
  }
  CHECK_EQ(weir_sem_acquire(&sem, NULL, UNITS), 0); // hangs if they pass it
  atomic_store(&stop, true);
  weir_sem_release(&sem, UNITS);
  weir_wg_wait(&wg);
}
static void acquire_all(weir_sem *sem, weir_ctx *ctx, int units, weir_chan(int) result) {
  weir_send(result, weir_sem_acquire(sem, ctx, units));
}
static void until_somebody_waits(weir_sem *sem) {
  while (weir_sem_try(sem, 1)) {
    weir_sem_release(sem, 1);
    weir_yield();
  }
}
static void cancel_it(weir_ctx *ctx) {
  weir_ctx_cancel(ctx);
}
static void cancelled_lets_others_in(void) {
  for (int i = 0; i < 200; i++) {
    weir_sem sem = WEIR_SEM(10);
    weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
    weir_chan(int) result = weir_chan_make(int, 1);
    weir_wg wg = {0};
    int err = 0;
    CHECK(weir_sem_try(&sem, 1));
    weir_go(acquire_all, &sem, ctx, 10, result);
    until_somebody_waits(&sem);
    weir_wg_go(&wg, cancel_it, ctx);
    CHECK_EQ(weir_sem_acquire(&sem, NULL, 1), 0);
    weir_recv(result, &err);
    CHECK_EQ(err, ECANCELED);
    weir_sem_release(&sem, 2);
    CHECK(weir_sem_try(&sem, 10));
    weir_wg_wait(&wg);
    weir_ctx_free(ctx);
    weir_chan_free(result);
  }
}
static void cancelled_before_the_release(void) { // fails for certain, and takes nothing
  for (int i = 0; i < 200; i++) {
    weir_sem sem = WEIR_SEM(2);
    weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
    weir_chan(int) result = weir_chan_make(int, 1);
    int err = 0;
    CHECK(weir_sem_try(&sem, 1));
    weir_go(acquire_all, &sem, ctx, 2, result);
    until_somebody_waits(&sem);
    weir_ctx_cancel(ctx);
    weir_sem_release(&sem, 1);
    weir_recv(result, &err);
    CHECK_EQ(err, ECANCELED);
    CHECK(weir_sem_try(&sem, 2));
    weir_ctx_free(ctx);
    weir_chan_free(result);
  }
}

// --- singleflight
static weir_singleflight flights;
static atomic_int executions, joined, returned;

struct flight {
  weir_chan(int) gate; // NULL: no need to wait
};
static void *land(void *arg) {
  atomic_fetch_add(&executions, 1);
  weir_chan(int) gate = ((struct flight *)arg)->gate;
  if (gate) weir_recv(gate, NULL);
  return arg;
}
static void fly(struct flight *mine, void **result, weir_wg *wg) {
  atomic_fetch_add(&joined, 1);
  *result = weir_singleflight_do(&flights, "key", land, mine, NULL);
  weir_wg_done(wg);
}
static void until(atomic_int *what, int n) {
  while (atomic_load(what) < n)
    weir_yield();
}
// After forget a call executes anew; later calls join that one, not the forgotten one, also when
// the forgotten one ends first.
static void forgotten_stays_forgotten(void) {
  struct flight f[3] = {{weir_chan_make(int, 0)}, {weir_chan_make(int, 0)}, {NULL}};
  void *result[3];
  weir_wg first = {0}, others = {0};
  weir_wg_add(&first, 1);
  weir_wg_add(&others, 2);
  weir_go(fly, &f[0], &result[0], &first);
  until(&executions, 1);
  weir_singleflight_forget(&flights, "key");
  weir_go(fly, &f[1], &result[1], &others);
  until(&executions, 2);
  weir_close(f[0].gate);
  weir_wg_wait(&first);
  weir_go(fly, &f[2], &result[2], &others);
  until(&joined, 3);
  let_others_park();
  weir_close(f[1].gate);
  weir_wg_wait(&others);
  CHECK(result[0] == &f[0] && result[1] == &f[1]);
  if (weir_set_procs(0) == 1) CHECK(result[2] == &f[1]);
  CHECK_EQ(atomic_load(&executions),
           result[2] == &f[1] ? 2 : 3); // on several workers it may be late
  weir_chan_free(f[0].gate);
  weir_chan_free(f[1].gate);
}
static void *leave(void *arg) {
  (void)arg;
  weir_yield();
  weir_goexit();
}
static void count_return(void) {
  atomic_fetch_add(&returned, 1);
}
static void fly_and_leave(void) {
  weir_defer(count_return());
  CHECK(weir_singleflight_do(&flights, "leave", leave, NULL, NULL) == NULL);
}
static void nobody_hangs(void) {
  weir_wg wg = {0};
  for (int i = 0; i < 5; i++)
    weir_wg_go(&wg, fly_and_leave);
  weir_wg_wait(&wg);
  CHECK_EQ(atomic_load(&returned), 5);
}
// The result by a channel, so that the asker can wait for other things as well.
static void fly_to(weir_chan(void *) out, void *arg) {
  weir_send(out, weir_singleflight_do(&flights, "channel", land, arg, NULL));
}
static void by_channel(void) {
  weir_chan(void *) out = weir_chan_make(void *, 1);
  weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), WEIR_S(100));
  void *result = NULL;
  struct flight direct = {NULL};
  weir_go(fly_to, out, (void *)&direct);
  CHECK_EQ(
      weir_select(weir_on_recv(out, &result, NULL), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)),
      0);
  CHECK(result == &direct);
  weir_ctx_free(ctx);
  weir_chan_free(out);
}

int main(void) {
  first_error_stays();
  context_done_after_wait();
  exact_limit();
  go_waits();
  all_weights();
  with_timeouts();
  too_big_is_in_nobodys_way();
  large_does_not_starve();
  cancelled_lets_others_in();
  cancelled_before_the_release();
  forgotten_stays_forgotten();
  nobody_hangs();
  by_channel();
}
