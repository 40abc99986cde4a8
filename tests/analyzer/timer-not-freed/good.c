// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <stdlib.h>
#include <weir/weir.h>

struct job {
  weir_timer *limit;
};
int check(int);
int beat(void);
void watch(weir_timer *t);

int freed(weir_chan(int) from) {
  int v = 0;
  weir_timer *t = weir_timer_new(WEIR_S(1));
  weir_select(weir_on_recv(from, &v, NULL), weir_on_recv(weir_timer_chan(t), NULL, NULL));
  weir_timer_free(t);
  return v;
}
int by_defer(int n) {
  weir_timer *t = weir_timer_new(WEIR_S(1));
  weir_defer(weir_timer_free(t));
  if (check(n)) return -1;
  return !weir_recv(weir_timer_chan(t), NULL);
}
int anew(weir_chan(int) from) {
  int v = 0;
  weir_timer *t = weir_timer_new(WEIR_S(1));
  while (weir_recv(from, &v))
    weir_timer_reset(t, WEIR_S(v));
  weir_timer_free(t);
  return v;
}
void each_turn(weir_chan(int) from) {
  int v;
  while (weir_recv(from, &v)) {
    weir_timer *t = weir_timer_new(WEIR_S(v));
    if (v) weir_recv(weir_timer_chan(t), NULL);
    weir_timer_free(t);
  }
}
void if_made(int ms) {
  weir_timer *t = NULL;
  if (check(ms)) t = weir_timer_new(WEIR_MS(ms));
  beat();
  weir_timer_free(t);
}
// weir_after needs no free.
void after(void) {
  weir_recv(weir_after(WEIR_MS(1)), NULL);
}
// Others have it.
void stored(struct job *j) {
  weir_timer *t = weir_timer_new(WEIR_S(1));
  j->limit = t;
}
weir_timer *returned(void) {
  weir_timer *t = weir_timer_new(WEIR_S(1));
  return t;
}
void watched(void) {
  weir_timer *t = weir_timer_new(WEIR_S(1));
  watch(t);
}
static void drop(weir_timer *t) {
  if (!weir_timer_stop(t)) beat();
  weir_timer_free(t);
}
void by_a_callee(void) {
  weir_timer *t = weir_timer_new(WEIR_S(1));
  beat();
  drop(t);
}
void dies(void) {
  weir_timer *t = weir_timer_new(WEIR_S(1));
  weir_recv(weir_timer_chan(t), NULL);
  abort();
}
int main(void) {
  return 0;
}
