// SPDX-License-Identifier: Apache-2.0
//
// main ends by weir_goexit and so do all others: nobody is left who could end the program. The
// fixed twin leaves that to the last one.
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: main has ended
#include <stdlib.h>
#include <weir/weir.h>

static void last(void) {
  weir_yield();
#ifdef FIXED
  exit(0);
#endif
}

int main(void) {
  weir_go(last);
  weir_goexit();
}
