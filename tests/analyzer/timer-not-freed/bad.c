// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int check(int);
int beat(void);

int never(weir_chan(int) from) {
  int v = 0;
  weir_timer *t = weir_timer_new(WEIR_S(1)); // expect: timer-not-freed 't' is never freed: its memory is lost
  weir_select(weir_on_recv(from, &v, NULL), weir_on_recv(weir_timer_chan(t), NULL, NULL));
  return v;
}

// To stop it is not enough.
void stopped(void) {
  weir_timer *t = weir_timer_new(WEIR_S(1)); // expect: timer-not-freed 't' is never freed
  if (beat()) weir_timer_stop(t);
}

int early_return(weir_chan(int) from) {
  int v = 0;
  weir_timer *t = weir_timer_new(WEIR_S(1));
  if (weir_select(weir_on_recv(from, &v, NULL), weir_on_recv(weir_timer_chan(t), NULL, NULL)) == 1)
    return -1; // expect: timer-not-freed 't' is not freed when early_return is left here
  weir_timer_free(t);
  return v;
}

void in_turns(weir_chan(int) from) {
  int v;
  while (weir_recv(from, &v)) {
    weir_timer *t = weir_timer_new(WEIR_S(v)); // expect: timer-not-freed 't' is never freed
    weir_recv(weir_timer_chan(t), NULL);
  }
}

static bool over(weir_timer *t) {
  return weir_try_recv(weir_timer_chan(t), NULL, NULL);
}
bool the_callee_only_asks(void) {
  weir_timer *t = weir_timer_new(WEIR_S(1)); // expect: timer-not-freed 't' is never freed
  beat();
  return over(t);
}

int at_the_cleanup(int n) {
  weir_timer *t = weir_timer_new(WEIR_S(1));
  if (check(n)) goto failed;
  weir_timer_free(t);
  return 0;
failed:
  return -1; // expect: timer-not-freed 't' is not freed when at_the_cleanup is left here
}
int main(void) {
  return 0;
}
