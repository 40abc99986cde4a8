// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <stdatomic.h>
#include <weir/weir.h>

struct hub {
  weir_chan(int) out;
  int n, stopped;
  atomic_int closing;
  struct hub *next;
};
int check(int);
void refresh(struct hub *h);
void finish(weir_chan(int) c);

// The close comes last.
void in_order(weir_chan(int) c, int n) {
  for (int i = 0; i < n; i++)
    weir_send(c, i);
  weir_close(c);
}
void by_defer(weir_chan(int) c, int n) {
  weir_defer(weir_close(c));
  if (n < 0) return;
  weir_send(c, n);
}

// Another channel under the same name.
void made_anew(weir_chan(int) c) {
  weir_close(c);
  c = weir_chan_make(int, 1);
  weir_send(c, 1);
}
void of_a_member(struct hub *h) {
  weir_close(h->out);
  h->out = weir_chan_make(int, 1);
  weir_send(h->out, 1);
}
static void again(struct hub *h) {
  h->out = weir_chan_make(int, 1);
}
void by_a_callee(struct hub *h) {
  weir_close(h->out);
  again(h);
  weir_send(h->out, 1);
}
void out_of_sight(struct hub *h) {
  weir_close(h->out);
  refresh(h);
  weir_send(h->out, 1);
}
void along_a_list(struct hub *h) {
  for (; h; h = h->next) {
    weir_send(h->out, 0);
    weir_close(h->out);
  }
}
void each_turn_its_own(int n) {
  for (int i = 0; i < n; i++) {
    weir_chan(int) c = weir_chan_make(int, 1);
    weir_send(c, i);
    weir_close(c);
  }
}

// A flag, the same question, or a question to others keeps them apart.
void by_flag(weir_chan(int) c, int n) {
  int closed = 0;
  for (int i = 0; i < n; i++) {
    if (!closed) weir_send(c, i);
    if (!closed && check(i)) {
      weir_close(c);
      closed = 1;
    }
  }
}
void by_order(weir_chan(int) c, int n, int max) {
  if (n > max) weir_close(c);
  check(n);
  if (n <= max) weir_send(c, n);
}
static void stop(struct hub *h) {
  if (!h->stopped) weir_close(h->out);
  h->stopped = 1;
}
void stopped_before(struct hub *h) {
  stop(h);
  if (!h->stopped) weir_send(h->out, 1);
}
void who_is_first(struct hub *h) {
  if (!atomic_exchange(&h->closing, 1)) weir_close(h->out);
  if (!atomic_load(&h->closing)) weir_send(h->out, 1);
}
void last_of_a_loop(weir_chan(int) c, int n) {
  for (int i = 0; i < n; i++) {
    weir_send(c, i);
    if (i == n - 1) weir_close(c);
  }
}
void by_kind(weir_chan(int) c, weir_chan(int) from) {
  int kind;
  while (weir_recv(from, &kind))
    switch (kind) {
    case 0:
      weir_close(c);
      break;
    default:
      weir_send(c, kind);
    }
}

// The way ends there; a receive is no send; of two channels, one each.
int on_two_ways(weir_chan(int) c, int n) {
  if (n < 0) {
    weir_close(c);
    return -1;
  }
  weir_send(c, n);
  return 0;
}
void drained(weir_chan(int) c) {
  int v;
  weir_close(c);
  while (weir_recv(c, &v))
    check(v);
}
void of_two(weir_chan(int) a, weir_chan(int) b) {
  weir_close(a);
  weir_send(b, 1);
  weir_close(b);
}

// What the callee sends depends on its argument.
static void maybe(weir_chan(int) c, int n) {
  if (n) weir_send(c, n);
}
void asks(weir_chan(int) c) {
  weir_close(c);
  maybe(c, 0);
}
int main(void) {
  return 0;
}
