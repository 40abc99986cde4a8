// SPDX-License-Identifier: Apache-2.0
//
// The answer comes when nobody waits for it any more: the asker has given up.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan send]:
#include "leaks.h"

static void ask(weir_chan(int) go_on, weir_chan(int) answers) {
  weir_recv(go_on, NULL);
  // CHECK-DAG: sender_after_timeout.c:[[@LINE+1]]
  weir_send(answers, 42);
}

static void request(void) {
#ifdef FIXED
  weir_chan(int) answers = weir_chan_make(int, 1);
#else
  weir_chan(int) answers = weir_chan_make(int, 0);
#endif
  weir_chan(int) go_on = weir_chan_make(int, 0);
  weir_go(ask, go_on, answers);
  int answer;
  weir_select(weir_on_recv(answers, &answer, NULL), weir_on_recv(weir_after(1), NULL, NULL));
  weir_close(go_on);
}

int main(void) {
  EXPECT_LEAKED(5, 5, request);
  return 0;
}
