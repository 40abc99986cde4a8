// SPDX-License-Identifier: Apache-2.0
//
// A channel in a struct that was never made.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: close of nil
#include <weir/weir.h>

struct server {
  weir_chan(int) quit;
};

static void stop(struct server *s) {
  // CHECK-DAG: field_never_made.c:[[@LINE+1]]
  weir_close(s->quit);
}

int main(void) {
  struct server s = {0};
#ifdef FIXED
  s.quit = weir_chan_make(int, 0);
#endif
  // CHECK-DAG: field_never_made.c:[[@LINE+1]]
  stop(&s);
  return 0;
}
// CHECK: channel server.quit: nil{{$}}
