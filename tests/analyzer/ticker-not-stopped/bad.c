// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int check(int);
int beat(void);

void never(int n) {
  weir_ticker *t = weir_ticker_new(WEIR_MS(10)); // expect: ticker-not-stopped 't' is never stopped: it ticks for ever
  while (n-- > 0)
    weir_recv(weir_ticker_chan(t), NULL);
}

int early_return(weir_chan(int) quit) {
  weir_ticker *t = weir_ticker_new(WEIR_MS(10));
  for (;;) switch (weir_select(weir_on_recv(weir_ticker_chan(t), NULL, NULL), weir_on_recv(quit, NULL, NULL))) {
    case 0:
      if (beat() < 0) return -1; // expect: ticker-not-stopped 't' is not stopped when early_return is left here
      break;
    case 1: weir_ticker_stop(t); return 0;
    }
}

void in_turns(weir_chan(int) work) {
  int v;
  while (weir_recv(work, &v)) {
    weir_ticker *t = weir_ticker_new(WEIR_MS(v)); // expect: ticker-not-stopped 't' is never stopped
    weir_recv(weir_ticker_chan(t), NULL);
  }
}

static void wait_for(weir_ticker *t, int n) {
  while (n-- > 0)
    weir_recv(weir_ticker_chan(t), NULL);
}
int the_callee_only_waits(void) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1)); // expect: ticker-not-stopped 't' is never stopped
  wait_for(t, 3);
  return beat();
}

int at_the_cleanup(int n) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1));
  if (check(n)) goto failed;
  wait_for(t, n);
  weir_ticker_free(t);
  return 0;
failed:
  return -1; // expect: ticker-not-stopped 't' is not stopped when at_the_cleanup is left here
}

weir_ticker *or_nothing(int ms) {
  weir_ticker *t = weir_ticker_new(WEIR_MS(ms));
  if (!beat()) return NULL; // expect: ticker-not-stopped 't' is not stopped when or_nothing is left here
  if (ms > 100) {
    weir_ticker_free(t);
    return NULL;
  }
  return t;
}
int main(void) {
  return 0;
}
