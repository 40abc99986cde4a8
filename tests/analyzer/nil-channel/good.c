// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

struct hub {
  weir_chan(int) out;
};
int check(int);
int open_it(weir_chan(int) *c);
void set_up(struct hub *h);

// A case of a select is turned off that way.
int merged(weir_chan(int) a, weir_chan(int) b) {
  int v, sum = 0;
  bool ok;
  while (a || b)
    switch (weir_select(weir_on_recv(a, &v, &ok), weir_on_recv(b, &v, &ok))) {
    case 0:
      if (!ok) a = NULL;
      sum += v;
      break;
    case 1:
      if (!ok) b = NULL;
      sum += v;
    }
  return sum;
}
// And a send only when there is something to send.
void relayed(weir_chan(int) from, weir_chan(int) to) {
  int v;
  weir_chan(int) out = NULL;
  for (;;)
    switch (weir_select(weir_on_recv(from, &v, NULL), weir_on_send(out, v))) {
    case 0:
      out = to;
      break;
    case 1:
      out = NULL;
    }
}

// Made on all ways, or by somebody else.
void made_later(int n) {
  weir_chan(int) c = NULL;
  if (n > 4)
    c = weir_chan_make(int, n);
  else
    c = weir_chan_make(int, 4);
  weir_send(c, n);
}
void by_address(void) {
  weir_chan(int) c = NULL;
  open_it(&c);
  weir_send(c, 1);
}
void by_its_owner(struct hub *h) {
  h->out = NULL;
  set_up(h);
  weir_send(h->out, 1);
}
static weir_chan(int) all;
void of_the_program(void) {
  all = NULL;
  check(1);
  weir_send(all, 1);
}

// Asked first, in one way or another.
void asked(weir_chan(int) c) {
  if (c) weir_send(c, 1);
  if (!c) return;
  weir_close(c);
}
void by_flag(int n) {
  weir_chan(int) c = NULL;
  if (n > 1) c = weir_chan_make(int, 1);
  check(n);
  if (n > 1) weir_send(c, n);
}
int by_status(int n) {
  weir_chan(int) c = NULL;
  int made = 0;
  if (check(n)) {
    c = weir_chan_make(int, 1);
    made = 1;
  }
  if (!made) return -1;
  weir_send(c, n);
  return 0;
}

// To try, to ask how many there are and to free are no mistake.
void tried(void) {
  weir_chan(int) c = NULL;
  weir_try_send(c, 1);
  if (weir_chan_len(c) == 0) weir_chan_free(c);
}

// The defer has the channel of before.
void captured(int n) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_defer(weir_close(c));
  if (n) c = NULL;
}
int main(void) {
  return 0;
}
