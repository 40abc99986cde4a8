// SPDX-License-Identifier: Apache-2.0
//
// A progress meter that reads what the workers count without a lock. That it has looked is
// told by a relaxed atomic, which orders nothing: so it always has, and the race stays one.
#include <stdatomic.h>
#include <stdio.h>
#include <weir/weir.h>

struct progress {
  weir_mutex mu;
  long done; // guarded by mu
};

static atomic_bool looked;

static void worker(struct progress *p) {
  for (int i = 0; i < 100; i++) {
    weir_guard(&p->mu);
    p->done++; // BUG: data-race
  }
}

static void meter(struct progress *p, weir_chan(char) finished, long *seen) {
  weir_ticker *ticker = weir_ticker_new(WEIR_MS(1));
  while (weir_select(weir_on_recv(weir_ticker_chan(ticker), NULL, NULL),
                     weir_on_recv(finished, NULL, NULL)) == 0) {
    *seen = p->done; // BUG: data-race
    atomic_store_explicit(&looked, true, memory_order_relaxed);
  }
  weir_ticker_free(ticker);
}

int main(void) {
  static struct progress p;
  weir_chan(char) finished = weir_chan_make(char, 0);
  weir_wg working = {0}, showing = {0};
  long seen = 0;
  weir_wg_go(&showing, meter, &p, finished, &seen);
  for (int i = 0; i < 4; i++)
    weir_wg_go(&working, worker, &p);
  weir_wg_wait(&working);
  while (!atomic_load_explicit(&looked, memory_order_relaxed))
    weir_sleep(WEIR_MS(1));
  weir_close(finished);
  weir_wg_wait(&showing);
  weir_chan_free(finished);
  printf("%ld of 400\n", p.done);
}
