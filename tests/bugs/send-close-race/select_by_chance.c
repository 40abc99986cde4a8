// SPDX-License-Identifier: Apache-2.0
//
// A select that finds its channel of items closed, and takes another case only because chance had
// it so: of many, so that it always does. Needs no check of races, nor that the two are unordered.
// In the twin who closes the items has waited for the last select.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: send close race {{.*}} [predicted]
// CHECK: goroutine 2 (produce) took another case than the send on channel items at
// CHECK-SAME: which goroutine 1 (main) had closed at
// CHECK-SAME: by chance: the send ends the program
// CHECK: It was closed by goroutine 1 (main)
#include <weir/weir.h>

enum { CASES = 50000 };

static void produce(weir_chan(int) items, weir_chan(char) quit, weir_chan(char) ended) {
  static struct weir_case cases[CASES];
  for (int i = 1; i < CASES; i++)
    cases[i] = weir_on_recv(quit, NULL, NULL);
  cases[0] = weir_on_send(items, 1);
  weir_recv(quit, NULL);
  // CHECK-DAG: select_by_chance.c:[[@LINE+1]]
  weir_select_n(cases, CASES);
  weir_close(ended);
}

int main(void) {
  weir_chan(int) items = weir_chan_make(int, 0);
  weir_chan(char) quit = weir_chan_make(char, 0), ended = weir_chan_make(char, 0);
  weir_go(produce, items, quit, ended);
#ifdef FIXED
  weir_close(quit);
  weir_recv(ended, NULL);
  weir_close(items);
#else
  weir_close(items);
  weir_close(quit);
  weir_recv(ended, NULL);
#endif
  return 0;
}
