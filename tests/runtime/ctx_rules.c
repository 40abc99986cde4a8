// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// Contexts: what err and cause say after every order of cancels and deadlines, that a deadline in
// the past has passed at once, and that done is closed for whoever has seen err, and err set for
// whoever has seen done, while others cancel, make and free contexts of the same tree.
#include <errno.h>
#include <stdatomic.h>

#include "check.h"

enum { PARENT = 7001, CHILD, SLOW, EARLY };
static const int64_t FOREVER = WEIR_S(1000000);

static bool is_done(weir_ctx *c) {
  return weir_try_recv(weir_ctx_done(c), NULL, NULL);
}
static void expect(weir_ctx *c, int err, int cause) {
  CHECK_EQ(weir_ctx_err(c), err);
  CHECK_EQ(weir_ctx_cause(c), cause);
  CHECK_EQ(is_done(c), err != 0);
}
static void free_both(weir_ctx *a, weir_ctx *b) {
  weir_ctx_free(b);
  weir_ctx_free(a);
}

// --- which cause, for every order of two cancels. 0: a cancel without a cause
static void two_cancels(int parents, int childs, bool parent_first, int cause_of_child) {
  weir_ctx *p = weir_ctx_with_cancel(weir_ctx_background()), *c = weir_ctx_with_cancel(p);
  if (parent_first) weir_ctx_cancel_cause(p, parents);
  weir_ctx_cancel_cause(c, childs);
  if (!parent_first) {
    expect(p, 0, 0);
    weir_ctx_cancel_cause(p, parents);
  }
  expect(p, ECANCELED, parents ? parents : ECANCELED);
  expect(c, ECANCELED, cause_of_child);
  free_both(p, c);
}
static void cause_of_two(void) {
  two_cancels(PARENT, CHILD, true, PARENT);
  two_cancels(PARENT, CHILD, false, CHILD);
  two_cancels(PARENT, 0, true, PARENT);
  two_cancels(PARENT, 0, false, ECANCELED);
  two_cancels(0, CHILD, true, ECANCELED);
  two_cancels(0, CHILD, false, CHILD);
  two_cancels(0, 0, true, ECANCELED);
}

// --- deadlines
static void past_at_once(void) {
  weir_ctx *bg = weir_ctx_background();
  weir_ctx *a = weir_ctx_with_timeout(bg, 0), *b = weir_ctx_with_timeout_cause(bg, -5, SLOW),
           *c = weir_ctx_with_deadline(bg, weir_now()),
           *d = weir_ctx_with_deadline(bg, weir_now() - WEIR_S(1));
  expect(a, ETIMEDOUT, ETIMEDOUT);
  expect(b, ETIMEDOUT, SLOW);
  expect(c, ETIMEDOUT, ETIMEDOUT);
  expect(d, ETIMEDOUT, ETIMEDOUT);
  weir_ctx_cancel_cause(a, EARLY); // too late
  expect(a, ETIMEDOUT, ETIMEDOUT);
  weir_ctx *below = weir_ctx_with_cancel(b);
  expect(below, ETIMEDOUT, SLOW);
  free_both(a, below);
  free_both(b, c);
  weir_ctx_free(d);
}
static void cancelled_before_the_deadline(void) {
  weir_ctx *p = weir_ctx_with_cancel(weir_ctx_background());
  weir_ctx *c = weir_ctx_with_timeout_cause(p, FOREVER, SLOW);
  expect(c, 0, 0);
  weir_ctx_cancel_cause(p, EARLY);
  expect(c, ECANCELED, EARLY);
  free_both(p, c);
  p = weir_ctx_with_timeout_cause(weir_ctx_background(), FOREVER, SLOW);
  weir_ctx_cancel(p);
  expect(p, ECANCELED, ECANCELED);
  weir_ctx_free(p);
}
static void passed_before_the_parent(void) {
  weir_ctx *p = weir_ctx_with_cancel(weir_ctx_background());
  weir_ctx *c = weir_ctx_with_timeout_cause(p, 0, SLOW);
  weir_ctx_cancel_cause(p, EARLY);
  expect(c, ETIMEDOUT, SLOW);
  free_both(p, c);
}
static void without_cancel(void) {
  static char key, value;
  weir_ctx *p = weir_ctx_with_value(weir_ctx_background(), &key, &value),
           *c = weir_ctx_without_cancel(p), *t = weir_ctx_with_timeout_cause(p, 0, SLOW),
           *d = weir_ctx_without_cancel(t);
  int64_t when;
  weir_ctx_cancel_cause(p, EARLY);
  expect(c, 0, 0);
  expect(d, 0, 0);
  CHECK(!weir_ctx_deadline(d, &when));
  CHECK(weir_ctx_value(d, &key) == &value);
  expect(weir_ctx_background(), 0, 0);
  free_both(p, c);
  free_both(t, d);
}

static void parent_null(void) {
  weir_ctx *c = weir_ctx_with_cancel((weir_ctx *)NULL), *d = weir_ctx_with_cancel(c);
  expect(c, 0, 0);
  weir_ctx_cancel(c);
  expect(d, ECANCELED, ECANCELED);
  free_both(c, d);
}

// --- a tree from above and from below
static void parent_first(void) {
  static char key;
  weir_ctx *p = weir_ctx_with_cancel(weir_ctx_background()), *c = weir_ctx_with_cancel(p),
           *v = weir_ctx_with_value(p, &key, &key), *t = weir_ctx_with_timeout(v, FOREVER);
  CHECK_EQ(weir_select(weir_on_recv(weir_ctx_done(p), NULL, NULL),
                       weir_on_recv(weir_ctx_done(c), NULL, NULL),
                       weir_on_recv(weir_ctx_done(v), NULL, NULL),
                       weir_on_recv(weir_ctx_done(t), NULL, NULL), weir_on_default()),
           WEIR_DEFAULT);
  weir_ctx_cancel(p);
  expect(p, ECANCELED, ECANCELED);
  expect(c, ECANCELED, ECANCELED);
  expect(v, ECANCELED, ECANCELED);
  expect(t, ECANCELED, ECANCELED);
  weir_ctx *late = weir_ctx_with_value(p, &key, NULL);
  expect(late, ECANCELED, ECANCELED);
  free_both(p, c);
  free_both(v, t);
  weir_ctx_free(late);
}
static void child_first(weir_ctx *parent) {
  weir_ctx *c = weir_ctx_with_cancel(parent);
  expect(c, 0, 0);
  weir_ctx_cancel(c);
  expect(c, ECANCELED, ECANCELED);
  expect(parent, 0, 0);
  weir_ctx_free(c);
}

// --- many at once
static void cancel_it(weir_ctx *c, int cause) {
  weir_ctx_cancel_cause(c, cause);
}
static void simultaneous(void) { // every node of a tree by its own goroutine
  enum { N = 121 };
  weir_ctx *all[N] = {weir_ctx_with_cancel(weir_ctx_background())};
  weir_wg wg = {0};
  for (int i = 1; i < N; i++)
    all[i] = weir_ctx_with_cancel(all[(i - 1) / 4]);
  for (int i = 0; i < N; i++)
    weir_wg_go(&wg, cancel_it, all[i * 37 % N], i + 1);
  for (int i = 0; i < N; i++)
    CHECK(!weir_recv(weir_ctx_done(all[i]), NULL));
  weir_wg_wait(&wg);
  for (int i = 0; i < N; i++) {
    CHECK(weir_ctx_cause(all[i]) >= 1 && weir_ctx_cause(all[i]) <= N);
    weir_ctx_free(all[i]);
  }
}
static void cancel_child_after(weir_ctx *parent, weir_ctx *child, weir_wg *wg) {
  weir_recv(weir_ctx_done(parent), NULL);
  weir_ctx_cancel(child);
  weir_wg_done(wg);
}
static void interlocked(void) {
  weir_ctx *p = weir_ctx_with_cancel(weir_ctx_background()), *c = weir_ctx_with_cancel(p);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(cancel_child_after, p, c, &wg);
  weir_ctx_cancel(p);
  CHECK(!weir_recv(weir_ctx_done(c), NULL));
  weir_wg_wait(&wg);
  free_both(p, c);
}
static void born_while_cancelled(void) {
  for (int i = 0; i < 300; i++) {
    weir_ctx *p = weir_ctx_with_cancel(weir_ctx_background());
    weir_wg wg = {0};
    weir_wg_go(&wg, cancel_it, p, PARENT);
    if (i % 2) weir_yield();
    weir_ctx *c = weir_ctx_with_cancel(p);
    CHECK(!weir_recv(weir_ctx_done(c), NULL));
    expect(c, ECANCELED, PARENT);
    weir_wg_wait(&wg);
    free_both(p, c);
  }
}
// One cancels contexts, one after the other, each when the other has begun to look at it; so
// that they meet in most rounds, both wait without giving way for a while.
static atomic_int turn; // relaxed: no order but by the contexts
static void spin(unsigned *spins) {
  if (++*spins % (weir_set_procs(0) == 1 ? 1 : 30000) == 0) weir_yield();
}
static void cancel_in_turn(weir_ctx **c, int n) {
  unsigned spins = 0;
  for (int i = 0; i < n; i++) {
    while (atomic_load_explicit(&turn, memory_order_relaxed) < i)
      spin(&spins);
    weir_ctx_cancel_cause(c[i], PARENT);
  }
}
static void look_at(weir_ctx *c, int i) { // returns as soon as it is cancelled
  unsigned spins = 0;
  atomic_store_explicit(&turn, i, memory_order_relaxed);
  while (i % 2 ? !weir_ctx_err(c) : !weir_ctx_cause(c))
    spin(&spins);
}
static void err_means_done(void) {
  enum { N = 400 };
  static weir_ctx *c[N];
  weir_wg wg = {0};
  for (int i = 0; i < N; i++)
    c[i] = weir_ctx_with_cancel(weir_ctx_background());
  atomic_store(&turn, -1);
  weir_wg_go(&wg, cancel_in_turn, c, N);
  for (int i = 0; i < N; i++) {
    look_at(c[i], i);
    CHECK(is_done(c[i]));
    expect(c[i], ECANCELED, PARENT);
  }
  weir_wg_wait(&wg);
  for (int i = 0; i < N; i++)
    weir_ctx_free(c[i]);
}
static void from_above(void) { // who is told by a context knows that those above it are over, too
  enum { N = 100, DEPTH = 16 };
  static weir_ctx *c[DEPTH][N];
  weir_wg wg = {0};
  for (int d = 0; d < DEPTH; d++)
    for (int i = 0; i < N; i++)
      c[d][i] = weir_ctx_with_cancel(d ? c[d - 1][i] : weir_ctx_background());
  atomic_store(&turn, -1);
  weir_wg_go(&wg, cancel_in_turn, c[0], N);
  for (int i = 0; i < N; i++) {
    look_at(c[DEPTH - 1][i], i);
    for (int d = 0; d < DEPTH; d++)
      expect(c[d][i], ECANCELED, PARENT);
  }
  weir_wg_wait(&wg);
  for (int i = 0; i < N; i++)
    for (int d = DEPTH; d > 0; d--)
      weir_ctx_free(c[d - 1][i]);
}

// --- thirty layers of all kinds, cancelled somewhere or timed out
enum { LAYERS = 33 };
static void layers(unsigned seed, bool timeout) {
  weir_ctx *c[LAYERS + 1] = {weir_ctx_background()};
  bool valued[LAYERS + 1] = {false};
  int last = 0; // the lowest that can be cancelled
  for (int i = 1; i <= LAYERS; i++) {
    seed = seed * 1664525u + 1013904223u;
    int kind = i <= 3 ? i - 1 : (int)(seed >> 24) % 3; // at least one of each
    if (kind == 0) c[i] = weir_ctx_with_value(c[i - 1], &c[i], &c[i]), valued[i] = true;
    if (kind == 1) c[i] = weir_ctx_with_cancel(c[i - 1]), last = i;
    if (kind == 2) c[i] = weir_ctx_with_timeout(c[i - 1], timeout ? WEIR_MS(1) : FOREVER);
  }
  if (!timeout) {
    expect(c[LAYERS], 0, 0);
    weir_ctx_cancel(c[1 + (int)(seed >> 8) % last]);
  }
  CHECK(!weir_recv(weir_ctx_done(c[LAYERS]), NULL));
  CHECK_EQ(weir_ctx_err(c[LAYERS]), timeout ? ETIMEDOUT : ECANCELED);
  for (int i = 1; i <= LAYERS; i++)
    if (valued[i]) CHECK(weir_ctx_value(c[LAYERS], &c[i]) == &c[i]);
  for (int i = LAYERS; i > 0; i--)
    weir_ctx_free(c[i]);
}

int main(void) {
  cause_of_two();
  past_at_once();
  cancelled_before_the_deadline();
  passed_before_the_parent();
  without_cancel();
  parent_null();
  parent_first();
  weir_ctx *parent = weir_ctx_with_cancel(weir_ctx_background());
  child_first(weir_ctx_background());
  child_first(parent);
  weir_ctx_free(parent);
  for (int i = 0; i < 20; i++) {
    simultaneous();
    interlocked();
    layers((unsigned)i, false);
    layers((unsigned)i, true);
  }
  born_while_cancelled();
  err_means_done();
  from_above();
}
