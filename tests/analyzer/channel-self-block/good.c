// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int compute(int);
void publish(weir_chan(int) c);
static weir_chan(int) known;

void has_room(void) {
  weir_chan(int) c = weir_chan_make(int, 3);
  for (int i = 0; i < 3; i++)
    weir_send(c, i);
}

static void take(weir_chan(int) c) {
  weir_recv(c, NULL);
}
void somebody_takes(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(take, c);
  weir_send(c, 1);
}

void others_know(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  publish(c);
  weir_send(c, 1);
}
void global_one(void) {
  known = weir_chan_make(int, 0);
  weir_send(known, 1);
}

void room_for_n(int n) {
  weir_chan(int) c = weir_chan_make(int, n);
  for (int i = 0; i < n; i++)
    weir_send(c, i);
}

void only_tries(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  if (!weir_try_send(c, 1)) compute(1);
  weir_select(weir_on_send(c, 1), weir_on_default());
}

int closed_before(void) {
  weir_chan(int) c = weir_chan_make(int, 3);
  int sum = 0, v;
  weir_send(c, 1);
  weir_close(c);
  while (weir_recv(c, &v))
    sum += v;
  return sum;
}

int with_a_limit(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  return weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(weir_after(WEIR_MS(1)), NULL, NULL));
}

// As a semaphore: what is taken is given back.
void as_semaphore(int n) {
  weir_chan(char) slots = weir_chan_make(char, 1);
  for (int i = 0; i < n; i++) {
    weir_send(slots, 1);
    compute(i);
    weir_recv(slots, NULL);
  }
}

// Never both.
void one_or_the_other(int input) {
  weir_chan(int) c = weir_chan_make(int, 1);
  if (input) weir_send(c, 1);
  if (!input) weir_send(c, 2);
  weir_recv(c, NULL);
}
