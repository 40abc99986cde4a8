// SPDX-License-Identifier: Apache-2.0
//
// A program that ends is asked once more. The request that leaks has left nothing behind in main,
// so what it leaked is proven, in programs that are checked for races, too.
//
// REQUIRES: races
// RUN: env TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK: goroutine {{[0-9]+}} (look_up) is blocked for ever, sending on channel answers
#include <weir/weir.h>

static void look_up(weir_chan(int) answers) {
  // CHECK-DAG: request_at_exit.c:[[@LINE+1]]
  weir_send(answers, 1);
}

static void request(weir_wg *requests) {
#ifdef FIXED
  weir_chan(int) answers = weir_chan_make(int, 1);
#else
  weir_chan(int) answers = weir_chan_make(int, 0);
#endif
  weir_go(look_up, answers);
  weir_wg_done(requests);
}

int main(void) {
  weir_wg requests = {0};
  weir_wg_add(&requests, 1);
  weir_go(request, &requests);
  weir_wg_wait(&requests);
  return 0;
}
