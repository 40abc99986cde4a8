// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_6632: The writer sends a reset with the write lock held. Nobody receives it;
// who would close the channel and so end the writing needs that lock first.
//
// A tool must name the writer, the monitor, the lock, and the channel with no receiver. That
// the channel is closed is no race with the send, as both have the lock. In the fixed form the
// monitor has a drainer take what is sent.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock goroutine-leak goroutine-leak-at-exit
// names: writer monitor write_mu reset
#include <stdlib.h>
#include <weir/weir.h>

struct connection {
  weir_chan(bool) closed;
};
struct framer {
  weir_mutex write_mu;
  weir_chan(bool) reset; // under write_mu; NULL when it is shut
  struct connection *conn;
  weir_wg running;
};

static void closer(struct framer *f) {
  weir_send(f->conn->closed, true);
  weir_wg_done(&f->running);
}

#ifdef FIXED
static void drainer(struct framer *f, weir_chan(bool) reset) {
  while (weir_recv(reset, NULL)) {
  }
  weir_wg_done(&f->running);
}
#endif

static void monitor(struct framer *f, weir_chan(bool) reset) {
  while (weir_select(weir_on_recv(f->conn->closed, NULL, NULL)) == 0) {
#ifdef FIXED
    weir_wg_add(&f->running, 1);
    weir_go(drainer, f, reset);
#endif
    // CHECK-DAG: kubernetes_6632.c:[[@LINE+1]]
    weir_mutex_lock(&f->write_mu);
    weir_close(reset);
    f->reset = NULL;
    weir_mutex_unlock(&f->write_mu);
    break;
  }
  weir_wg_done(&f->running);
}

static void write_frame(struct framer *f) {
  // CHECK-DAG: kubernetes_6632.c:[[@LINE+1]]
  weir_guard(&f->write_mu);
  if (!f->reset) return;
  weir_send(f->reset, true); // CHECK-DAG: kubernetes_6632.c:[[@LINE]]
}

static void writer(struct framer *f) {
  write_frame(f);
  weir_wg_done(&f->running);
}

int main(void) {
  struct framer *f = calloc(1, sizeof *f);
  f->reset = weir_chan_make(bool, 0);
  f->conn = calloc(1, sizeof *f->conn);
  f->conn->closed = weir_chan_make(bool, 0);
  weir_wg_add(&f->running, 3);
  weir_go(closer, f);
  weir_go(monitor, f, f->reset);
  weir_go(writer, f);
#ifdef FIXED
  weir_wg_wait(&f->running);
#endif
  return 0;
}
