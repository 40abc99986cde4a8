// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int check(int);

void never_made(void) {
  weir_chan(int) c = NULL;
  weir_send(c, 1); // expect: nil-channel 'c' is NULL here: this send waits for ever
}

int made_on_one_way(int n) {
  weir_chan(int) c = NULL;
  int v = 0;
  if (n > 0) c = weir_chan_make(int, n);
  check(n);
  weir_recv(c, &v); // expect: nil-channel 'c' is NULL here on one way: this receive waits for ever
  return v;
}

void is_closed(int n) {
  weir_chan(int) c = NULL;
  if (check(n)) c = weir_chan_make(int, 0);
  weir_close(c); // expect: nil-channel 'c' is NULL here on one way: to close it ends the program
}

void asked_the_wrong_way(weir_chan(int) c) {
  if (!c) weir_send(c, 1); // expect: nil-channel 'c' is NULL here: this send waits for ever
}

void forgotten(weir_chan(int) c, int n) {
  while (n-- > 0) {
    weir_send(c, n); // expect: nil-channel 'c' is NULL here on one way: this send waits for ever
    c = NULL;
  }
}

// In the select it is turned off; the receive behind it is not.
int turned_off(weir_chan(int) c, weir_chan(int) quit) {
  int v = 0;
  if (check(1)) c = NULL;
  weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(quit, NULL, NULL));
  weir_recv(c, &v); // expect: nil-channel 'c' is NULL here on one way: this receive waits for ever
  return v;
}

void after_the_free(weir_chan(int) c) {
  weir_chan_free(c);
  c = NULL;
  weir_close(c); // expect: nil-channel 'c' is NULL here: to close it ends the program
}
int main(void) {
  return 0;
}
