// SPDX-License-Identifier: Apache-2.0
//
// Two goroutines unlock what one of them has locked. In a program checked for races the report says
// who has unlocked it before.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: unlock of unlocked
// CHECK: It was last unlocked by goroutine 2 (release) at given_back_twice.c:[[#LINE:]] in
// release
#include <weir/weir.h>

static weir_mutex door;

static void release(weir_chan(char) released) {
  weir_mutex_unlock(&door);
  weir_send(released, 1);
}

int main(void) {
  weir_chan(char) released = weir_chan_make(char, 0);
  weir_mutex_lock(&door);
  weir_go(release, released);
  weir_recv(released, NULL);
#ifndef FIXED
  // CHECK-DAG: given_back_twice.c:[[@LINE+1]]
  weir_mutex_unlock(&door);
#endif
  return 0;
}
