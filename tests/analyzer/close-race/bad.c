// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int compute(int);

static void give(weir_chan(int) to) {
  weir_send(to, compute(1)); // expect: close-race another goroutine may have closed 'to' by then
}
void closes_too_early(void) {
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_go(give, c);
  weir_close(c);
}

static void give_two(weir_chan(int) to) {
  weir_send(to, 1);
  weir_send(to, 2); // expect: close-race another goroutine may have closed 'to' by then
}
void receiver_closes(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(give_two, c);
  int v;
  weir_recv(c, &v);
  if (compute(v)) {
    weir_close(c);
    return;
  }
  weir_recv(c, &v);
}

static void finish(weir_chan(char) done) {
  weir_close(done); // expect: close-race another goroutine may have closed 'done' by then
}
void two_that_close(void) {
  weir_chan(char) done = weir_chan_make(char, 0);
  weir_go(finish, done);
  weir_go(finish, done);
  weir_recv(done, NULL);
}

static void offer(weir_chan(int) to, weir_chan(char) quit) {
  weir_select(weir_on_send(to, 1), // expect: close-race another goroutine may have closed
              weir_on_recv(quit, NULL, NULL));
}
void closes_both(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_chan(char) quit = weir_chan_make(char, 0);
  weir_go(offer, c, quit);
  weir_close(quit);
  weir_close(c);
}

struct feed {
  weir_chan(int) events;
  weir_mutex mu;
};
static void tick(struct feed *f) {
  weir_mutex_lock(&f->mu);
  weir_try_send(f->events, 1); // expect: close-race may have closed 'f->events'
  weir_mutex_unlock(&f->mu);
}
void lock_is_no_order(void) {
  struct feed f = {weir_chan_make(int, 4), {0}};
  weir_wg wg = {0};
  weir_wg_go(&wg, tick, &f);
  weir_mutex_lock(&f.mu);
  weir_close(f.events);
  weir_mutex_unlock(&f.mu);
  weir_wg_wait(&wg);
}

// Done too early: the last send comes after it.
static void done_first(weir_chan(int) to, weir_wg *wg) {
  weir_wg_done(wg);
  weir_send(to, 1); // expect: close-race another goroutine may have closed 'to' by then
}
void waited_for_too_little(void) {
  weir_chan(int) c = weir_chan_make(int, 2);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(done_first, c, &wg);
  weir_wg_wait(&wg);
  weir_close(c);
}
