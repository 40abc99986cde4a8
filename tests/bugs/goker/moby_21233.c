// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_21233: The test's consumer of progress gives up at the first item it does not
// expect. Transfers go on to report their progress, and whoever releases one waits for it to end.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit partial-deadlock
// names: test_transfer
//
// CHECK-DAG: (test_transfer)
// CHECK-DAG: channel {{(watcher.running|drained)}}
#include <stdlib.h>
#include <weir/weir.h>

enum { TRANSFERS = 3 };

struct progress {
  int transfer;
};

struct output {
  void (*write)(struct output *, struct progress);
  weir_chan(struct progress) to;
};

struct watcher {
  weir_chan(char) signal, release, running;
};

struct transfer {
  weir_mutex mu;
  struct watcher watcher;
  int number;
};

struct manager {
  weir_mutex mu; // guards transfers
  struct transfer *transfers[TRANSFERS];
};

static weir_wg all;

// The same bits in every run, shared by all who draw.
static bool draw(void) {
  static weir_mutex mu;
  static unsigned drawn;
  static const bool bits[] = {1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1};
  weir_guard(&mu);
  return bits[drawn++ % (sizeof bits / sizeof bits[0])];
}

static void send_progress(struct output *o, struct progress p) {
  weir_send(o->to, p);
}

static void consume(weir_chan(struct progress) progress, weir_chan(char) drained) {
  struct progress p;
  weir_defer(weir_wg_done(&all));
  while (weir_recv(progress, &p))
#ifndef FIXED
    if (draw()) return; // not what the test expects
#else
    draw();
#endif
  weir_close(drained);
}

static void report_progress(struct transfer *t, struct output *output) {
  struct watcher *w = &t->watcher;
  for (bool finishing = false;;) {
    weir_mutex_lock(&t->mu);
    weir_mutex_unlock(&t->mu);
    if (draw()) output->write(output, (struct progress){t->number});
    if (finishing) break;
    if (weir_select(weir_on_recv(w->signal, NULL, NULL), weir_on_recv(w->release, NULL, NULL)) == 1)
      finishing = true;
  }
  weir_close(w->running);
  weir_wg_done(&all);
}

static void watch(struct transfer *t, struct output *output) {
  weir_guard(&t->mu);
  t->watcher.signal = weir_chan_make(char, 0);
  t->watcher.release = weir_chan_make(char, 0);
  t->watcher.running = weir_chan_make(char, 0);
  weir_wg_add(&all, 1);
  weir_go(report_progress, t, output);
}

static struct transfer *start_transfer(struct manager *m, int number, struct output *output) {
  weir_guard(&m->mu);
  struct transfer *t = calloc(1, sizeof *t);
  t->number = number;
  m->transfers[number] = t;
  watch(t, output);
  return t;
}

static void release(struct transfer *t) {
  weir_mutex_lock(&t->mu);
  weir_mutex_unlock(&t->mu);
  weir_close(t->watcher.release);
  weir_recv(t->watcher.running, NULL);
}

static void test_transfer(void) {
  struct manager *m = calloc(1, sizeof *m);
  weir_chan(struct progress) progress = weir_chan_make(struct progress, 0);
  weir_chan(char) drained = weir_chan_make(char, 0);
  struct output *output = malloc(sizeof *output);
  *output = (struct output){send_progress, progress};
  weir_wg_add(&all, 1);
  weir_go(consume, progress, drained);
  for (int i = 0; i < TRANSFERS; i++)
    start_transfer(m, i, output);
  for (int i = 0; i < TRANSFERS; i++)
    release(m->transfers[i]);
  weir_close(progress);
  weir_recv(drained, NULL);
  weir_wg_done(&all);
}

int main(void) {
  weir_wg_add(&all, 1);
  // CHECK-DAG: moby_21233.c:[[@LINE+1]]:
  weir_go(test_transfer);
#ifdef FIXED
  weir_wg_wait(&all);
#endif
  return 0;
}
