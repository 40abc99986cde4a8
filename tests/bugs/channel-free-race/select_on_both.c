// SPDX-License-Identifier: Apache-2.0
//
// A goroutine waits for items or for the end, and hears of the end. Nobody waited until it had; the
// channel of items is freed. The twin joins it first, by a lock of pthread.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: channel free race {{.*}} [predicted]
// CHECK: Free by goroutine 1 (main)
// CHECK: Previous receive by goroutine 2 (consume)
#include "hidden.h"
#include <pthread.h>

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER; // guards ended
static bool ended;

static void consume(weir_chan(int) items, weir_chan(char) quit) {
  // CHECK-NEXT: select_on_both.c:[[@LINE+1]]
  weir_select(weir_on_recv(items, NULL, NULL), weir_on_recv(quit, NULL, NULL));
  pthread_mutex_lock(&mu);
  ended = true;
  pthread_mutex_unlock(&mu);
  hidden_post();
}

int main(void) {
  weir_chan(int) items = weir_chan_make(int, 0);
  weir_chan(char) quit = weir_chan_make(char, 0);
  weir_go(consume, items, quit);
  weir_close(quit);
  hidden_wait(1);
#ifdef FIXED
  pthread_mutex_lock(&mu);
  if (!ended) return 1;
  pthread_mutex_unlock(&mu);
#endif
  weir_chan_free(items);
  return 0;
}
