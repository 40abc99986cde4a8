// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

struct hub {
  weir_mutex lock;
  weir_chan(int) out;
  int n, stopped;
};
static weir_chan(int) all;
int check(int);

void at_once(weir_chan(int) c) {
  weir_close(c);
  weir_send(c, 1); // expect: send-after-close 'c' is sent on after it was closed
}

int no_return_behind_it(weir_chan(int) c, int n) {
  if (n < 0) {
    weir_close(c);
    n = 0;
  }
  weir_send(c, n); // expect: send-after-close 'c' is sent on after it was closed, on one way here
  return n;
}

void in_the_next_turn(weir_chan(int) c, int n) {
  for (int i = 0; i < n; i++) {
    weir_send(c, i); // expect: send-after-close 'c' is sent on after it was closed, on one way
    weir_close(c);
  }
}

void of_a_member(struct hub *h, int n) {
  weir_mutex_lock(&h->lock);
  weir_close(h->out);
  h->stopped = 1;
  for (int i = 0; i < n; i++)
    weir_send(h->out, -1); // expect: send-after-close 'h->out' is sent on after it was closed
  weir_mutex_unlock(&h->lock);
}

static void stop(struct hub *h) {
  h->stopped = 1;
  weir_close(h->out);
}
void the_callee_closed(struct hub *h) {
  stop(h);
  weir_send(h->out, 0); // expect: send-after-close 'h->out' is sent on after it was closed
}

static void numbers(weir_chan(int) to) {
  for (int i = 0; i < 3; i++)
    weir_send(to, i);
}
void the_callee_sends(void) {
  weir_chan(int) c = weir_chan_make(int, 8);
  weir_close(c);
  numbers(c); // expect: send-after-close 'c' is sent on after it was closed by the function called
}

void is_tried(int v) {
  weir_close(all);
  if (v) v++;
  weir_try_send(all, v); // expect: send-after-close 'all' is sent on
}

void among_others(weir_chan(int) c, weir_chan(int) d) {
  int v;
  weir_close(c);
  weir_select(weir_on_recv(d, &v, NULL), weir_on_send(c, 1)); // expect: send-after-close
}

// A function that is not known cannot open it again.
void behind_a_call(weir_chan(int) c) {
  weir_close(c);
  check(3);
  weir_send(c, 3); // expect: send-after-close 'c' is sent on
}
int main(void) {
  return 0;
}
