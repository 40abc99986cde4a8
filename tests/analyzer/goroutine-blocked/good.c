// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <stdlib.h>
#include <weir/weir.h>

int compute(int);
void publish(weir_chan(int) c);

static void answer(weir_chan(int) to) {
  weir_send(to, compute(1));
}
int has_room(void) {
  weir_chan(int) result = weir_chan_make(int, 1);
  weir_go(answer, result);
  int r = -1;
  weir_select(weir_on_recv(result, &r, NULL), weir_on_recv(weir_after(WEIR_MS(5)), NULL, NULL));
  return r;
}

// The same condition decides about both.
int asked_twice(int input) {
  weir_chan(int) result = weir_chan_make(int, 0);
  if (input > 0) weir_go(answer, result);
  compute(input);
  int r = 0;
  if (input > 0) weir_recv(result, &r);
  return r;
}
int remembered(int input) {
  weir_chan(int) result = weir_chan_make(int, 0);
  bool started = false;
  if (compute(input)) {
    weir_go(answer, result);
    started = true;
  }
  int r = 0;
  if (started) weir_recv(result, &r);
  return r;
}

// As many as were started, however many that is.
int all_of(int n) {
  weir_chan(int) result = weir_chan_make(int, 0);
  for (int i = 0; i < n; i++)
    weir_go(answer, result);
  int sum = 0, r;
  for (int i = 0; i < n; i++) {
    weir_recv(result, &r);
    sum += r;
  }
  return sum;
}

static void produce(weir_chan(int) to, weir_ctx *ctx) {
  for (int i = 0; i < 10; i++)
    if (weir_select(weir_on_send(to, i), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1) return;
}
int told_to_stop(void) {
  weir_chan(int) values = weir_chan_make(int, 0);
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_defer(weir_ctx_cancel(ctx));
  weir_go(produce, values, ctx);
  for (int v; weir_recv(values, &v);)
    if (v == 3) return v;
  return 0;
}

// Read to the end by somebody else on the way out.
static void drain(weir_chan(int) values) {
  while (weir_recv(values, NULL))
    ;
}
static void three(weir_chan(int) to) {
  for (int i = 0; i < 3; i++)
    weir_send(to, i);
  weir_close(to);
}
int drained(void) {
  weir_chan(int) values = weir_chan_make(int, 0);
  weir_go(three, values);
  weir_defer(drain(values));
  int v = 0;
  weir_recv(values, &v);
  return compute(v);
}

// Others get to know the channel.
void published(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  publish(c);
  weir_go(answer, c);
}
weir_chan(int) returned(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(answer, c);
  return c;
}
struct job {
  weir_chan(int) result;
};
void filled(struct job *j) {
  j->result = weir_chan_make(int, 0);
  weir_go(answer, j->result);
}

static void daemon_of(weir_chan(int) requests) {
  weir_expect_blocked();
  weir_recv(requests, NULL);
}
void has_a_daemon(void) {
  weir_chan(int) requests = weir_chan_make(int, 0);
  weir_go(daemon_of, requests);
}

static void offers(weir_chan(int) to) {
  if (!weir_try_send(to, 1)) compute(0);
}
void only_tried(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(offers, c);
}

static void worker(weir_chan(int) jobs, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  for (int j; weir_recv(jobs, &j);)
    compute(j);
}
void pool(int n) {
  weir_chan(int) jobs = weir_chan_make(int, 2);
  weir_wg wg = {0};
  for (int i = 0; i < 2; i++) {
    weir_wg_add(&wg, 1);
    weir_go(worker, jobs, &wg);
  }
  for (int i = 0; i < n; i++)
    weir_send(jobs, i);
  weir_close(jobs);
  weir_wg_wait(&wg);
}

// An element that nobody can tell from the others.
void one_of_many(int i) {
  weir_chan(int) all[3];
  for (int j = 0; j < 3; j++)
    all[j] = weir_chan_make(int, 0);
  weir_go(answer, all[1]);
  weir_recv(all[i], NULL);
}

// How it is told to stop is not seen here.
static void serves(weir_chan(int) c, weir_chan(int) quit) {
  weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(quit, NULL, NULL));
}
void served(weir_chan(int) quit) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(serves, c, quit);
}
