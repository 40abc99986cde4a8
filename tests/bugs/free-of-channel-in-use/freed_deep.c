// SPDX-License-Identifier: Apache-2.0
//
// Sent on after another goroutine has freed it: the report shows the way to the free.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: free of channel in use
// CHECK: It was freed by goroutine 2{{( \(tidy\))?}} at
// CHECK-NEXT: #0 drop
// CHECK: #1 tidy
#include <weir/weir.h>

__attribute__((noinline)) static void drop(weir_chan(int) results) {
  weir_chan_free(results);
}
static void tidy(weir_chan(int) results, weir_chan(char) tidied) {
  drop(results);
  weir_send(tidied, 1);
}

int main(void) {
  weir_chan(int) results = weir_chan_make(int, 1);
  weir_chan(char) tidied = weir_chan_make(char, 0);
#ifdef FIXED
  weir_send(results, 1);
#endif
  weir_go(tidy, results, tidied);
  weir_recv(tidied, NULL);
#ifndef FIXED
  // CHECK-DAG: freed_deep.c:[[@LINE+1]]
  weir_send(results, 1);
#endif
  return 0;
}
