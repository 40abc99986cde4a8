// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

struct hub {
  weir_chan(int) out, quit;
  weir_wg workers;
  int n;
};
static weir_chan(char) done;
int check(int);

void at_once(weir_chan(int) c) {
  weir_close(c);
  weir_close(c); // expect: double-close 'c' is closed a second time
}

int deferred(weir_chan(int) c, int n) {
  weir_defer(weir_close(c)); // expect: double-close 'c' is closed a second time, on one way here
  if (n < 0) {
    weir_close(c);
    return -1;
  }
  weir_send(c, n);
  return 0;
}

void at_the_cleanup(struct hub *h) {
  if (check(1)) {
    weir_close(h->quit);
    goto out;
  }
  h->n++;
out:
  weir_close(h->quit); // expect: double-close 'h->quit' is closed a second time, on one way here
}

void each_worker(weir_chan(int) c, int n) {
  for (int i = 0; i < n; i++) {
    check(i);
    weir_close(c); // expect: double-close 'c' is closed a second time, in the next turn of the loop
  }
}

static void stop(struct hub *h) {
  weir_close(h->out);
  weir_wg_wait(&h->workers);
}
void the_callee_did(struct hub *h) {
  stop(h);
  weir_close(h->out); // expect: double-close 'h->out' is closed a second time
}
void both_callees(struct hub *h) {
  stop(h);
  check(7);
  stop(h); // expect: double-close 'h->out' is closed a second time by the function called here
}

void of_all(int n) {
  weir_close(done);
  if (n > 3) n = 3;
  weir_close(done); // expect: double-close 'done' is closed a second time
}
int main(void) {
  return 0;
}
