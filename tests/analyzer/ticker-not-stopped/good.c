// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

struct clock {
  weir_ticker *every;
};
int check(int);
int beat(void);
void watch(weir_ticker *t);

void by_defer(weir_chan(int) quit) {
  weir_ticker *t = weir_ticker_new(WEIR_MS(10));
  weir_defer(weir_ticker_free(t));
  for (;;) switch (weir_select(weir_on_recv(weir_ticker_chan(t), NULL, NULL), weir_on_recv(quit, NULL, NULL))) {
    case 0:
      if (beat() < 0) return;
      break;
    case 1: return;
    }
}
void stopped(int n) {
  weir_ticker *t = weir_ticker_new(WEIR_MS(10));
  while (n-- > 0)
    weir_recv(weir_ticker_chan(t), NULL);
  weir_ticker_stop(t);
}
// It is never left.
void for_ever(void) {
  weir_ticker *t = weir_ticker_new(WEIR_MS(10));
  for (;;) {
    weir_recv(weir_ticker_chan(t), NULL);
    beat();
  }
}
void if_wanted(int ms) {
  weir_ticker *t = ms > 0 ? weir_ticker_new(WEIR_MS(ms)) : NULL;
  beat();
  if (t) weir_ticker_free(t);
}
void if_made(int ms) {
  weir_ticker *t = NULL;
  if (check(ms)) t = weir_ticker_new(WEIR_MS(ms));
  beat();
  if (t != NULL) weir_ticker_free(t);
}
void each_turn(int n) {
  while (n-- > 0) {
    weir_ticker *t = weir_ticker_new(WEIR_MS(n));
    weir_recv(weir_ticker_chan(t), NULL);
    weir_ticker_free(t);
  }
}
// Others have it.
void stored(struct clock *c) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1));
  c->every = t;
}
weir_ticker *returned(void) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1));
  weir_ticker_reset(t, WEIR_S(2));
  return t;
}
void watched(void) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1));
  watch(t);
}
static void run(weir_ticker *t, int n) {
  weir_defer(weir_ticker_free(t));
  while (n-- > 0)
    weir_recv(weir_ticker_chan(t), NULL);
}
void in_a_goroutine(void) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1));
  weir_go(run, t, 3);
}
void by_pointer(weir_ticker **at) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1));
  *at = t;
}
int main(void) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1));
  return !weir_recv(weir_ticker_chan(t), NULL);
}
