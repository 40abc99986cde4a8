// SPDX-License-Identifier: Apache-2.0
//
// Two services ask each other at the same time, and neither serves while it waits for its answer.
//
// REQUIRES: races
// RUN: env TRIES=3 RUN_OPTIONS=knot_check_ms=100:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock{{.*}}[proven]
// CHECK: is {{sending on|in a select}}{{.*}}: neither can ever go on.
// CHECK-SAME: So goroutine 1 (main) is receiving from channel finished
#include "heartbeat.h"

struct service {
  weir_chan(int) requests, replies;
};

static void serve(struct service *me, struct service *other, weir_chan(int) finished) {
  int asked = 0, served = 0, answer;
  while (asked < 1 || served < 1) {
#ifdef FIXED
    weir_chan(int) ask = asked ? NULL : other->requests;
    weir_chan(int) reply = served ? NULL : me->requests;
    switch (weir_select(weir_on_send(ask, 1), weir_on_recv(reply, &answer, NULL))) {
    case 0:
      asked++;
      break;
    default:
      served++;
    }
#else
    // CHECK-DAG: services.c:[[@LINE+1]]
    weir_send(other->requests, 1);
    asked++;
    weir_recv(me->requests, &answer);
    served++;
#endif
  }
  weir_send(finished, served);
}

int main(void) {
  weir_chan(int) finished = weir_chan_make(int, 0);
  struct service a = {weir_chan_make(int, 0), weir_chan_make(int, 1)};
  struct service b = {weir_chan_make(int, 0), weir_chan_make(int, 1)};
  heartbeat();
  weir_go(serve, &a, &b, finished);
  weir_go(serve, &b, &a, finished);
  weir_recv(finished, NULL);
  weir_recv(finished, NULL);
  return 0;
}
