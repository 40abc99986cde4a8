// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O2 %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t 100000 || exit 1; done
// RUN: %weircc -O2 %s -o %t.i && %t.i 10000
//
// Every kind of operation at once, over a million channel operations: senders, receivers,
// selectors and try-operations share channels of three capacities; then all is closed
// and what was sent must have been received, each value once.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

enum { CHANNELS = 3, SENDERS = 6, RECEIVERS = 6 };
static weir_chan(long) c[CHANNELS];
static atomic_long got_sum, got_count;

static void send_all(int id, long n) {
  for (long i = 0; i < n; i++) {
    long v = id * n + i;
    switch ((id + i) % 4) {
    case 0:
      weir_send(c[i % CHANNELS], v);
      break;
    case 1:
      while (!weir_try_send(c[i % CHANNELS], v))
        weir_yield();
      break;
    default:
      weir_select(weir_on_send(c[0], v), weir_on_send(c[1], v), weir_on_send(c[2], v));
    }
  }
}

static void count(long v) {
  atomic_fetch_add_explicit(&got_sum, v, memory_order_relaxed);
  atomic_fetch_add_explicit(&got_count, 1, memory_order_relaxed);
}

static void recv_all(int id) {
  weir_chan(long) open[CHANNELS] = {c[0], c[1], c[2]};
  int left = CHANNELS;
  for (long i = id; left; i++) {
    long v;
    bool ok;
    int which = (int)(i % CHANNELS);
    if (i % 4 == 0) {
      if (!open[which] || !weir_try_recv(open[which], &v, &ok)) {
        weir_yield();
        continue;
      }
    } else {
      which = weir_select(weir_on_recv(open[0], &v, &ok), weir_on_recv(open[1], &v, &ok),
                          weir_on_recv(open[2], &v, &ok));
    }
    if (ok) {
      count(v);
    } else {
      open[which] = NULL;
      left--;
    }
  }
}

int main(int argc, char **argv) {
  long n = argc > 1 ? atol(argv[1]) : 1000;
  weir_wg senders = {0}, receivers = {0};
  for (int i = 0; i < CHANNELS; i++)
    c[i] = weir_chan_make(long, i *i * 4); // 0, 4, 16
  for (int i = 0; i < RECEIVERS; i++)
    weir_wg_go(&receivers, recv_all, i);
  for (int i = 0; i < SENDERS; i++)
    weir_wg_go(&senders, send_all, i, n);
  weir_wg_wait(&senders);
  for (int i = 0; i < CHANNELS; i++)
    weir_close(c[i]);
  weir_wg_wait(&receivers);
  long total = SENDERS * n;
  CHECK_EQ(got_count, total);
  CHECK_EQ(got_sum, total * (total - 1) / 2);
  for (int i = 0; i < CHANNELS; i++)
    weir_chan_free(c[i]);
}
