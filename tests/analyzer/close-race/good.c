// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int compute(int);

static void give(weir_chan(int) to, weir_wg *wg) {
  weir_send(to, compute(1));
  weir_wg_done(wg);
}
void after_all(void) {
  weir_chan(int) c = weir_chan_make(int, 2);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(give, c, &wg);
  weir_go(give, c, &wg);
  weir_wg_wait(&wg);
  weir_close(c);
}

static void sender(weir_chan(int) to) {
  weir_defer(weir_close(to));
  for (int i = 0; i < 3; i++)
    weir_send(to, i);
}
int sender_closes(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(sender, c);
  int sum = 0;
  for (int v; weir_recv(c, &v);)
    sum += v;
  return sum;
}

// Under a lock, with a flag that says it.
struct feed {
  weir_mutex mu;
  bool closed;
  weir_chan(int) events;
};
static void tick(struct feed *f) {
  weir_mutex_lock(&f->mu);
  if (!f->closed) weir_try_send(f->events, 1);
  weir_mutex_unlock(&f->mu);
}
void flag_under_lock(void) {
  struct feed f = {.events = weir_chan_make(int, 4)};
  weir_wg wg = {0};
  weir_wg_go(&wg, tick, &f);
  weir_mutex_lock(&f.mu);
  f.closed = true;
  weir_close(f.events);
  weir_mutex_unlock(&f.mu);
  weir_wg_wait(&wg);
}

static void one(weir_chan(int) to, weir_chan(char) done) {
  weir_send(to, 1);
  weir_close(done);
}
void told_by_a_channel(void) {
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_chan(char) done = weir_chan_make(char, 0);
  weir_go(one, c, done);
  weir_recv(done, NULL);
  weir_close(c);
}

// As many are taken as are sent.
static void give_two(weir_chan(int) to) {
  weir_send(to, 1);
  weir_send(to, 2);
}
void took_all(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(give_two, c);
  weir_recv(c, NULL);
  weir_recv(c, NULL);
  weir_close(c);
}

static void listens(weir_chan(char) stop, weir_chan(int) work, weir_wg *wg) {
  while (weir_select(weir_on_recv(stop, NULL, NULL), weir_on_recv(work, NULL, NULL)) == 1)
    ;
  weir_wg_done(wg);
}
void only_closed(void) {
  weir_chan(char) stop = weir_chan_make(char, 0);
  weir_chan(int) work = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(listens, stop, work, &wg);
  weir_send(work, 1);
  weir_close(stop);
  weir_wg_wait(&wg);
}

static void ping(weir_chan(int) to, weir_chan(int) from) {
  weir_send(to, 1);
  weir_recv(from, NULL);
}
void in_turns(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0);
  weir_go(ping, a, b);
  weir_recv(a, NULL);
  weir_send(b, 1);
  weir_close(a);
}

static void stoppable(weir_chan(int) to, weir_ctx *ctx, weir_wg *wg) {
  while (weir_select(weir_on_send(to, 1), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 0)
    ;
  weir_wg_done(wg);
}
void stopped_first(void) {
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_ctx *ctx = weir_ctx_with_cancel(NULL);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(stoppable, c, ctx, &wg);
  weir_recv(c, NULL);
  weir_ctx_cancel(ctx);
  weir_wg_wait(&wg);
  weir_close(c);
}
