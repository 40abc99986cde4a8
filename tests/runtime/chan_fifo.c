// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t
// RUN: %weircc %s -o %t.i && %t.i
//
// Order: elements leave in the order they were sent, and waiting senders and receivers are
// served oldest first. One worker, so that the goroutines wait in the order they
// were started; `arrived` counts them.
#include <stdatomic.h>

#include "check.h"

enum { N = 64 };
static atomic_int arrived;

const char *weir_default_options(void) {
  return "procs=1";
}

static void send_one(weir_chan(int) c, int i) {
  arrived++;
  weir_send(c, i);
}
static void recv_one(weir_chan(int) c, weir_chan(int) out, int i) {
  int v;
  arrived++;
  CHECK(weir_recv(c, &v));
  CHECK_EQ(v, i);
  weir_send(out, i);
}

// Starts them one by one: each is parked before the next starts.
static void wait_for(int n) {
  while (arrived < n)
    weir_yield();
}

static void waiting_senders(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap);
  arrived = 0;
  for (int i = 0; i < N; i++) {
    weir_go(send_one, c, i);
    wait_for(i + 1);
  }
  for (int i = 0; i < N; i++) {
    int v;
    CHECK(weir_recv(c, &v));
    CHECK_EQ(v, i);
  }
  weir_chan_free(c);
}

static void waiting_receivers(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap), out = weir_chan_make(int, N);
  arrived = 0;
  for (int i = 0; i < N; i++) {
    weir_go(recv_one, c, out, i);
    wait_for(i + 1);
  }
  for (int i = 0; i < N; i++)
    weir_send(c, i);
  for (int i = 0; i < N; i++)
    CHECK(weir_recv(out, NULL));
  weir_chan_free(c);
  weir_chan_free(out);
}

static void wraps_around(void) {
  weir_chan(int) c = weir_chan_make(int, 3);
  int sent = 0, got = 0, v;
  for (int round = 0; round < 20; round++) {
    while (weir_try_send(c, sent))
      sent++;
    for (int i = 0; i <= round % 3; i++) {
      CHECK(weir_recv(c, &v));
      CHECK_EQ(v, got++);
    }
  }
  weir_chan_free(c);
}

int main(void) {
  waiting_senders(0);
  waiting_senders(1);
  waiting_senders(7);
  waiting_receivers(0);
  waiting_receivers(7);
  wraps_around();
}
