// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int compute(int);

static void other_way(weir_chan(int) a, weir_chan(int) b) {
  weir_send(b, 1);
  weir_recv(a, NULL);
}
void both_send_first(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0);
  weir_go(other_way, a, b);
  weir_send(a, 1); // expect: channel-deadlock waits for ever to send on 'a'
  weir_recv(b, NULL);
}

static void give(weir_chan(int) to, weir_wg *wg) {
  weir_send(to, compute(1));
  weir_wg_done(wg);
}
int waits_before_it_takes(void) {
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_wg wg = {0};
  int sum = 0, v;
  for (int i = 0; i < 2; i++) {
    weir_wg_add(&wg, 1);
    weir_go(give, results, &wg);
  }
  weir_wg_wait(&wg); // expect: channel-deadlock waits for ever for 'wg': the others wait as well
  weir_close(results);
  while (weir_recv(results, &v))
    sum += v;
  return sum;
}

static void give_three(weir_chan(int) to) {
  for (int i = 0; i < 3; i++)
    weir_send(to, i);
}
int nobody_closes(void) {
  weir_chan(int) values = weir_chan_make(int, 0);
  weir_go(give_three, values);
  int sum = 0;
  for (int v; weir_recv(values, &v);) // expect: channel-deadlock all others have ended
    sum += v;
  return sum;
}

static void ask(weir_chan(int) reply, int input) {
  int r = compute(input);
  if (r < 0) return;
  weir_send(reply, r);
}
int not_when_it_fails(int input) {
  weir_chan(int) reply = weir_chan_make(int, 0);
  weir_go(ask, reply, input);
  int r;
  weir_recv(reply, &r); // expect: channel-deadlock waits for ever to receive from 'reply'
  return r;
}

static void under_lock(weir_mutex *m, weir_chan(int) c) {
  weir_mutex_lock(m);
  weir_send(c, 1);
  weir_mutex_unlock(m);
}
void wants_the_lock(void) {
  weir_mutex m = {0};
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(under_lock, &m, c);
  weir_mutex_lock(&m); // expect: channel-deadlock waits for ever for 'm'
  weir_recv(c, NULL);  // expect: channel-deadlock waits for ever to receive from 'c'
  weir_mutex_unlock(&m);
}

static void counted(weir_wg *wg, int n) {
  if (compute(n)) weir_wg_done(wg);
}
void skipped(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(counted, &wg, 1);
  weir_wg_wait(&wg); // expect: channel-deadlock waits for ever for 'wg': all others have ended
}

static void pass(weir_chan(int) in, weir_chan(int) out) {
  int v;
  weir_recv(in, &v); // expect: channel-deadlock waits for ever to receive from 'in'
  weir_send(out, v);
}
void ring(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0);
  weir_go(pass, a, b);
  pass(b, a);
}
