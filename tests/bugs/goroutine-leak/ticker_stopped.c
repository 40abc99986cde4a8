// SPDX-License-Identifier: Apache-2.0
//
// To stop a ticker does not end who waits for its next tick: the channel is not closed.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK: Its ticker was stopped
// CHECK-DAG: [chan receive]:
#include "leaks.h"

struct poll {
  weir_ticker *ticker;
  weir_chan(int) stop;
  weir_chan(int) first; // closed when it has polled once
};

static void poll_until_stopped(struct poll *p) {
#ifdef FIXED
  bool polled = false;
  while (weir_select(weir_on_recv(weir_ticker_chan(p->ticker), NULL, NULL),
                     weir_on_recv(p->stop, NULL, NULL)) == 0)
    if (!polled) polled = true, weir_close(p->first);
#else
  weir_recv(weir_ticker_chan(p->ticker), NULL);
  weir_close(p->first);
  // CHECK-DAG: ticker_stopped.c:[[@LINE+1]]
  while (weir_recv(weir_ticker_chan(p->ticker), NULL))
    ;
#endif
}

static void watch(void) {
  struct poll *p = malloc(sizeof *p);
  *p = (struct poll){weir_ticker_new(WEIR_MS(1)), weir_chan_make(int, 0), weir_chan_make(int, 0)};
  weir_go(poll_until_stopped, p);
  weir_recv(p->first, NULL);
  weir_ticker_stop(p->ticker);
  weir_close(p->stop);
}

int main(void) {
  EXPECT_LEAKED(5, 5, watch);
  return 0;
}
