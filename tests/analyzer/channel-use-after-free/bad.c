// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

struct hub {
  weir_chan(int) out;
  int n;
};
int check(int);

void sent_on(weir_chan(int) c) {
  weir_chan_free(c);
  weir_send(c, 1); // expect: channel-use-after-free 'c' is used after it was freed
}

int received_from(weir_chan(int) c, int n) {
  int v = 0;
  if (n < 0) weir_chan_free(c);
  weir_recv(c, &v); // expect: channel-use-after-free used after it was freed, on one way here
  return v;
}

void closed(struct hub *h) {
  weir_chan_free(h->out);
  h->n = 0;
  weir_close(h->out); // expect: channel-use-after-free 'h->out' is used after it was freed
}

void freed_again(struct hub *h) {
  weir_close(h->out);
  weir_chan_free(h->out);
  weir_chan_free(h->out); // expect: channel-use-after-free 'h->out' is freed a second time
}

static void tear_down(struct hub *h) {
  weir_close(h->out);
  weir_chan_free(h->out);
}
void the_callee_did(struct hub *h) {
  tear_down(h);
  weir_chan_free(h->out); // expect: channel-use-after-free 'h->out' is freed a second time
}

size_t looked_at(weir_chan(int) c) {
  weir_chan_free(c);
  check(1);
  return weir_chan_len(c); // expect: channel-use-after-free 'c' is used after it was freed
}

int deferred(int n) {
  weir_chan(int) c = weir_chan_make(int, 1), *at = NULL;
  weir_defer(weir_chan_free(c)); // expect: channel-use-after-free freed a second time, on one way
  if (check(n)) {
    weir_chan_free(c);
    return -1;
  }
  return at == NULL;
}

void in_turns(weir_chan(int) c, int n) {
  while (n-- > 0)
    weir_chan_free(c); // expect: channel-use-after-free freed a second time, in the next turn
}
int main(void) {
  return 0;
}
