// SPDX-License-Identifier: Apache-2.0
//
// Closed several calls deep by a goroutine that has something else to do by then: the report shows
// the whole way, and where it is now.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: send on closed
// CHECK: which goroutine 2 (stop) had closed at closed_deep.c:[[#]] in shut
// CHECK: It was closed by goroutine 2 (stop) at
// CHECK-NEXT: #0 shut
// CHECK: #1 leave
// CHECK: #2 stop
// CHECK: goroutine 2 (stop) is receiving from channel later
// CHECK: created by main in goroutine 1
#include "parked.h"

__attribute__((noinline)) static void shut(weir_chan(int) results) {
  weir_close(results);
}
__attribute__((noinline)) static void leave(weir_chan(int) results, weir_chan(char) left) {
  shut(results);
  weir_send(left, 1);
}
static void stop(weir_chan(int) results, weir_chan(char) left, weir_chan(char) later) {
  leave(results, left);
  weir_recv(later, NULL);
}

int main(void) {
  weir_chan(int) results = weir_chan_make(int, 1);
  weir_chan(char) left = weir_chan_make(char, 0), later = weir_chan_make(char, 0);
#ifdef FIXED
  weir_send(results, 1);
#endif
  weir_go(stop, results, left, later);
  weir_recv(left, NULL);
#ifndef FIXED
  until_parked(1);
  // CHECK-DAG: closed_deep.c:[[@LINE+1]]
  weir_send(results, 1);
#endif
  weir_close(later);
  return 0;
}
