// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_38669: A watcher begins by sending what is already there, before it looks
// whether it has been stopped. Who stops it at once does not receive that any more.
//
// A tool must name the goroutine in the send, that the constructor started it, and the channel. The
// fixed form has a channel that says stop to every send.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit
// names: process send_event new_cache_watcher result
#include <stdlib.h>
#include <weir/weir.h>

enum { INITIAL = 2 };

struct cache_watcher {
  weir_mutex mu;
  weir_chan(int) input, result;
  bool stopped; // under mu
#ifdef FIXED
  weir_chan(char) done;
  weir_wg running;
#endif
};

static void stop(struct cache_watcher *w) {
  weir_guard(&w->mu);
  if (w->stopped) return;
  w->stopped = true;
#ifdef FIXED
  weir_close(w->done);
#endif
  weir_close(w->input);
}

static void send_event(struct cache_watcher *w, int event) {
#ifdef FIXED
  weir_select(weir_on_send(w->result, event), weir_on_recv(w->done, NULL, NULL));
#else
  weir_send(w->result, event); // CHECK-DAG: kubernetes_38669.c:[[@LINE]]
#endif
}

static void process(struct cache_watcher *w, const int *initial) {
  for (int i = 0; i < INITIAL; i++)
    send_event(w, initial[i]);
  int event;
  while (weir_recv(w->input, &event))
    send_event(w, event);
  stop(w);
  weir_close(w->result);
#ifdef FIXED
  weir_wg_done(&w->running);
#endif
}

static struct cache_watcher *new_cache_watcher(int capacity, const int *initial) {
  struct cache_watcher *w = calloc(1, sizeof *w);
  w->input = weir_chan_make(int, capacity);
  w->result = weir_chan_make(int, capacity); // CHECK-DAG: kubernetes_38669.c:[[@LINE]]
#ifdef FIXED
  w->done = weir_chan_make(char, 0);
  weir_wg_add(&w->running, 1);
#endif
  weir_go(process, w, initial); // CHECK-DAG: kubernetes_38669.c:[[@LINE]]
  return w;
}

int main(void) {
  static const int initial[INITIAL] = {1, 2};
  struct cache_watcher *w = new_cache_watcher(0, initial);
  stop(w);
#ifdef FIXED
  weir_wg_wait(&w->running);
#endif
  return 0;
}
