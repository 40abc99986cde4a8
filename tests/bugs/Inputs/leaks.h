// SPDX-License-Identifier: Apache-2.0
//
// For the tests of goroutine-leak: a program that goes on serving while it looks for leaks. The
// buggy twin looks until it has found all, the fixed one looks often and finds none. What leaks is
// made by handlers in goroutines of their own, as in a server; what main still had in its frame
// would not be leaked.
#ifndef LEAKS_H
#define LEAKS_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

static void serve(weir_chan(int) requests, weir_chan(int) replies) {
  int n;
  while (weir_recv(requests, &n))
    weir_send(replies, n + 1);
  weir_close(replies);
}

static weir_wg handlers;

static void handle_one(void (*handler)(void)) {
  handler();
  weir_wg_done(&handlers);
}

static void expect(long n, int times, void (*handler)(void)) {
  weir_chan(int) requests = weir_chan_make(int, 0), replies = weir_chan_make(int, 0);
  weir_go(serve, requests, replies);
  weir_wg_add(&handlers, times);
  for (int i = 0; i < times; i++)
    weir_go(handle_one, handler);
  weir_wg_wait(&handlers);
  enum { ROUNDS = 12 };
  for (long round = 0, found = 0; n ? found < n : round < ROUNDS; round++) {
    int reply;
    weir_send(requests, (int)round);
    weir_recv(replies, &reply);
    if (reply != (int)round + 1) abort();
    found = weir_leak_check();
    if (found > n || (found < 0 && errno != EAGAIN)) {
      fprintf(stderr, "%ld leaks found, expected %ld (%s)\n", found, n, strerror(errno));
      exit(1);
    }
  }
  weir_close(requests);
  weir_recv(replies, NULL);
}

// The handler runs that many times, each in a goroutine of its own, and leaks n in all.
#ifdef FIXED
#define EXPECT_LEAKED(n, times, handler) expect(0, times, handler)
#else
#define EXPECT_LEAKED(n, times, handler) expect(n, times, handler)
#endif

#endif
