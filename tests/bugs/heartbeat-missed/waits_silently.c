// SPDX-License-Identifier: Apache-2.0
//
// A poller beats once for each answer, and one answer does not come. The fixed twin waits with a
// time limit, and beats when it is over.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: heartbeat missed
// CHECK-SAME: [observed]
// CHECK: (poller) has not beaten for answers for more than
#include <weir/weir.h>

enum { ANSWERS = 3 };

static void poller(weir_chan(int) answers) {
  // CHECK-DAG: It was entered by goroutine {{[0-9]+}} (poller) at waits_silently.c:[[#@LINE+1]]
  weir_heartbeat(WEIR_MS(1000), "answers");
  for (bool more = true; more; weir_beat()) {
#ifdef FIXED
    weir_chan(int64_t) late = weir_after(WEIR_MS(50));
    weir_select(weir_on_recv(answers, NULL, &more), weir_on_recv(late, NULL, NULL));
#else
    // CHECK-DAG: waits_silently.c:[[#@LINE+1]]
    more = weir_recv(answers, NULL);
#endif
  }
}

int main(void) {
  weir_chan(int) answers = weir_chan_make(int, 0);
  weir_wg all = {0};
  weir_wg_go(&all, poller, answers);
  for (int i = 0; i < ANSWERS; i++)
    weir_send(answers, i);
  weir_sleep(WEIR_S(2)); // time is what this is about
  weir_close(answers);
  weir_wg_wait(&all);
  weir_chan_free(answers);
}
