// SPDX-License-Identifier: Apache-2.0
//
// The loop beats where there is work and forgets to where there is none. The fixed twin beats in
// every round. The silence is one finding, however long it is.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: heartbeat missed
// CHECK: (consumer) has not beaten for the consumer's loop for more than 800 ms
#include <weir/weir.h>

static void consumer(weir_chan(int) jobs) {
  // CHECK-DAG: It was entered by goroutine {{.*}} at one_branch.c:[[#@LINE+1]]
  weir_heartbeat(WEIR_MS(800), "the consumer's loop");
  for (int idle = 0; idle < 30;) {
    if (weir_try_recv(jobs, NULL, NULL)) {
      weir_beat();
      continue;
    }
#ifdef FIXED
    weir_beat();
#endif
    idle++;
    weir_sleep(WEIR_MS(50)); // time is what this is about
  }
}

int main(void) {
  weir_chan(int) jobs = weir_chan_make(int, 8);
  weir_wg all = {0};
  for (int i = 0; i < 8; i++)
    weir_send(jobs, i);
  weir_wg_go(&all, consumer, jobs);
  weir_wg_wait(&all);
  weir_chan_free(jobs);
}
