// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int compute(int);

void without_room(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_send(c, 1); // expect: channel-self-block waits for ever to send on 'c': nobody else knows it
}

void more_than_room(void) {
  weir_chan(int) c = weir_chan_make(int, 2);
  for (int i = 0; i < 3; i++)
    weir_send(c, i); // expect: channel-self-block waits for ever to send on 'c'
}

int nothing_in_it(void) {
  weir_chan(int) c = weir_chan_make(int, 4);
  int v;
  weir_recv(c, &v); // expect: channel-self-block waits for ever to receive from 'c'
  return v;
}

static void fail(weir_chan(int) errors, int error) {
  weir_send(errors, error); // expect: channel-self-block waits for ever to send on 'errors'
}
weir_chan(int) before_it_is_returned(int input) {
  weir_chan(int) errors = weir_chan_make(int, 0);
  if (compute(input)) fail(errors, 1);
  return errors;
}

struct pair {
  weir_chan(int) in, out;
};
void wrong_one(void) {
  struct pair p = {weir_chan_make(int, 1), weir_chan_make(int, 1)};
  weir_send(p.in, 1);
  weir_recv(p.out, NULL); // expect: channel-self-block waits for ever to receive from 'p.out'
}

void in_a_select(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 1);
  int v;
  weir_select(weir_on_send(a, 1), // expect: channel-self-block waits for ever in this select
              weir_on_recv(b, &v, NULL));
}

void taken_once(void) {
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_send(c, 1);
  weir_recv(c, NULL);
  weir_recv(c, NULL); // expect: channel-self-block waits for ever to receive from 'c'
}

int reads_to_the_end(void) {
  weir_chan(int) c = weir_chan_make(int, 3);
  int sum = 0, v;
  weir_send(c, 1);
  while (weir_recv(c, &v)) // expect: channel-self-block waits for ever to receive from 'c'
    sum += v;
  return sum;
}
