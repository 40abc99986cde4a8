// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_1321: The distributor sends with both locks held; who would close the
// channel needs one of them.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock deadlock goroutine-leak goroutine-leak-at-exit
// names: user m
#include <weir/weir.h>

static weir_mutex g, m;
struct watcher {
  weir_chan(char) result, done;
  bool in;
};
static struct watcher w;
static weir_wg wg;

static void distribute(void) {
  weir_guard(&m);
  weir_mutex_lock(&g);
  if (w.in) {
    char x = 0;
#ifdef FIXED
    weir_select(weir_on_send(w.result, x), weir_on_recv(w.done, NULL, NULL));
#else
    weir_send(w.result, x);
#endif
  }
  weir_mutex_unlock(&g);
}

static void distributor(void) {
  for (int i = 0; i < 100; i++)
    distribute();
  weir_wg_done(&wg);
}

static void stop(void) {
#ifdef FIXED
  weir_close(w.done);
#endif
  weir_guard(&m);
  if (!w.in) return;
  w.in = false;
  weir_close(w.result);
}

static void user(void) {
  w.result = weir_chan_make(char, 0);
  w.done = weir_chan_make(char, 0);
  weir_wg_add(&wg, 1);
  weir_go(distributor);
  weir_mutex_lock(&g);
  w.in = true;
  weir_mutex_unlock(&g);
  weir_yield();
  stop();
  weir_wg_done(&wg);
}

int main(void) {
  weir_wg_add(&wg, 1);
  weir_go(user);
#ifdef FIXED
  weir_wg_wait(&wg);
#endif
  return 0;
}
