// SPDX-License-Identifier: Apache-2.0
//
// main has ended by weir_goexit, and the last goroutine waits on a nil channel.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK-DAG: [chan receive (nil chan)]:
#include <stdlib.h>
#include <weir/weir.h>

static void last(void) {
#ifdef FIXED
  exit(0);
#endif
  weir_chan(int) never = NULL;
  // CHECK-DAG: main_gone.c:[[@LINE+1]]
  weir_recv(never, NULL);
}

int main(void) {
  weir_go(last);
  weir_goexit();
}
