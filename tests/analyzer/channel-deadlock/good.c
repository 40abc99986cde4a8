// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int compute(int);

static void other_way(weir_chan(int) a, weir_chan(int) b) {
  weir_recv(a, NULL);
  weir_send(b, 1);
}
void in_one_order(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0);
  weir_go(other_way, a, b);
  weir_send(a, 1);
  weir_recv(b, NULL);
}

static void both_first(weir_chan(int) a, weir_chan(int) b) {
  weir_send(b, 1);
  weir_recv(a, NULL);
}
void with_room(void) {
  weir_chan(int) a = weir_chan_make(int, 1), b = weir_chan_make(int, 1);
  weir_go(both_first, a, b);
  weir_send(a, 1);
  weir_recv(b, NULL);
}

static void give(weir_chan(int) to, weir_wg *wg) {
  weir_send(to, compute(1));
  weir_wg_done(wg);
}
static void close_after(weir_wg *wg, weir_chan(int) c) {
  weir_wg_wait(wg);
  weir_close(c);
}
int closed_by_one_more(void) {
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_wg wg = {0};
  int sum = 0;
  for (int i = 0; i < 2; i++) {
    weir_wg_add(&wg, 1);
    weir_go(give, results, &wg);
  }
  weir_go(close_after, &wg, results);
  for (int v; weir_recv(results, &v);)
    sum += v;
  return sum;
}

// A loop with as many turns as somebody says: none, one or many.
int as_many(int n) {
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_wg wg = {0};
  for (int i = 0; i < n; i++) {
    weir_wg_add(&wg, 1);
    weir_go(give, results, &wg);
  }
  int sum = 0, v;
  for (int i = 0; i < n; i++) {
    weir_recv(results, &v);
    sum += v;
  }
  weir_wg_wait(&wg);
  return sum;
}

static void answer(weir_chan(int) reply, int input) {
  int r = compute(input);
  if (r < 0) {
    weir_send(reply, -1);
    return;
  }
  weir_send(reply, r);
}
int on_both_ways(int input) {
  weir_chan(int) reply = weir_chan_make(int, 0);
  weir_go(answer, reply, input);
  int r;
  weir_recv(reply, &r);
  return r;
}

// What is sent says whether there is more.
static void tell(weir_chan(int) to) {
  weir_send(to, 1);
  weir_send(to, -1);
}
void until_told(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(tell, c);
  for (int v = 0; v >= 0;)
    weir_recv(c, &v);
}

static void under_lock(weir_mutex *m, weir_chan(int) c) {
  weir_mutex_lock(m);
  compute(1);
  weir_mutex_unlock(m);
  weir_send(c, 1);
}
void gives_the_lock_back(void) {
  weir_mutex m = {0};
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_go(under_lock, &m, c);
  weir_mutex_lock(&m);
  compute(2);
  weir_mutex_unlock(&m);
  weir_recv(c, NULL);
}

static void polls(int *ready, weir_chan(int) c) {
  while (!__atomic_load_n(ready, __ATOMIC_ACQUIRE))
    weir_yield();
  weir_try_recv(c, NULL, NULL);
}
void sent_before(void) {
  int ready = 0;
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_wg wg = {0};
  weir_wg_go(&wg, polls, &ready, c);
  weir_send(c, 1);
  __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
  weir_wg_wait(&wg);
}

// The message carries the way back.
struct call {
  int input;
  weir_chan(int) reply;
};
static void serve(weir_chan(struct call) calls) {
  struct call c;
  while (weir_recv(calls, &c))
    weir_send(c.reply, c.input);
}
int called(void) {
  weir_chan(struct call) calls = weir_chan_make(struct call, 0);
  weir_chan(int) reply = weir_chan_make(int, 0);
  weir_go(serve, calls);
  int sum = 0, r;
  for (int i = 0; i < 2; i++) {
    weir_send(calls, ((struct call){i, reply}));
    weir_recv(reply, &r);
    sum += r;
  }
  weir_close(calls);
  return sum;
}
