// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <stdlib.h>
#include <weir/weir.h>

struct hub {
  weir_chan(int) out;
  int shared;
  struct hub *next;
};
int check(int);
void set_up(struct hub *h);

// The free comes last.
void in_order(weir_chan(int) c) {
  weir_close(c);
  weir_recv(c, NULL);
  weir_chan_free(c);
}
void by_defer(void) {
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_defer(weir_chan_free(c));
  weir_send(c, 1);
  weir_recv(c, NULL);
}

// NULL may be freed.
void cleared(struct hub *h) {
  weir_chan_free(h->out);
  h->out = NULL;
  weir_chan_free(h->out);
}

// Another channel under the same name.
void made_anew(weir_chan(int) c) {
  weir_chan_free(c);
  c = weir_chan_make(int, 1);
  weir_send(c, 1);
}
void received_again(weir_chan(int) c, weir_chan(weir_chan(int)) of) {
  for (int i = 0; i < 3; i++) {
    weir_recv(c, NULL);
    weir_chan_free(c);
    weir_recv(of, &c);
  }
}
void out_of_sight(struct hub *h) {
  weir_chan_free(h->out);
  set_up(h);
  weir_send(h->out, 1);
}
void along_a_list(struct hub *h) {
  while (h) {
    struct hub *next = h->next;
    weir_chan_free(h->out);
    free(h);
    h = next;
  }
}
void each_turn_its_own(int n) {
  while (n-- > 0) {
    weir_chan(int) c = weir_chan_make(int, 1);
    weir_send(c, n);
    weir_chan_free(c);
  }
}

// Each way frees once.
int two_ways(weir_chan(int) c, int n) {
  if (n < 0) {
    weir_chan_free(c);
    return -1;
  }
  weir_send(c, n);
  weir_chan_free(c);
  return 0;
}
void by_owner(struct hub *h) {
  if (!h->shared) weir_chan_free(h->out);
  check(1);
  if (h->shared) weir_chan_free(h->out);
}
int by_status(weir_chan(int) c) {
  int status = check(1);
  if (status < 0) weir_chan_free(c);
  if (status < 0) return status;
  weir_send(c, status);
  return 0;
}
static void drop(struct hub *h) {
  if (!h->shared) weir_chan_free(h->out);
}
void the_callee_asks(struct hub *h) {
  drop(h);
  weir_chan_free(h->out);
}
int main(void) {
  return 0;
}
