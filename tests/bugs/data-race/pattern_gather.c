// SPDX-License-Identifier: Apache-2.0
//
// Scatter and gather into one array: each goroutine has an element of its own, but they count
// them together. In the twin the gatherer alone counts.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
#include "hidden.h"

static struct gathered {
  int n, offers[2];
} gathered;

static void request(int turn, weir_chan(int) offers) {
  hidden_wait(turn);
#ifdef FIXED
  weir_send(offers, turn);
#else
  (void)offers;
  // CHECK-DAG: pattern_gather.c:[[@LINE+1]]
  gathered.offers[gathered.n++] = turn;
#endif
  hidden_post();
}

int main(void) {
  weir_chan(int) offers = weir_chan_make(int, 2);
  weir_wg asking = {0};
  weir_wg_go(&asking, request, 0, offers);
  weir_wg_go(&asking, request, 1, offers);
  weir_wg_wait(&asking);
  weir_close(offers);
  for (int offer; weir_recv(offers, &offer);)
    gathered.offers[gathered.n++] = offer;
  weir_chan_free(offers);
  return gathered.n == 2 ? 0 : 1;
}
