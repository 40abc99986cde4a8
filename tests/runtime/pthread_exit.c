// SPDX-License-Identifier: Apache-2.0
//
// pthread_exit in main ends main, and the goroutines go on, on any number of workers; in another
// goroutine it is refused.
// RUN: %weircc_plain %s -o %t && %weircc %s -o %t.i
// RUN: for n in 1 4; do { WEIR_OPTIONS=procs=$n %t main; test $? = 11; } || exit 1; done
// RUN: { %t.i main; test $? = 11; }
// RUN: { %t goroutine 2> %t.err; test $? = 3; } && FileCheck %s < %t.err
// CHECK: weir: fatal: pthread_exit called from a goroutine; use weir_goexit
#include <pthread.h>
#include <stdlib.h>

#include "check.h"

static void ends(weir_chan(int) c) {
  for (int i = 0; i < 1000; i++) {
    weir_send(c, i);
    CHECK(weir_recv(c, NULL));
    weir_yield();
  }
  exit(11);
}

static void leaves(void) {
  pthread_exit(NULL);
}

int main(int argc, char **argv) {
  weir_wg wg = {0};
  if (argc > 1 && argv[1][0] == 'm') {
    weir_go(ends, weir_chan_make(int, 1));
    weir_defer(_exit(12)); // its frame is gone: must not run
    pthread_exit(NULL);
  }
  weir_wg_go(&wg, leaves);
  weir_wg_wait(&wg);
  return 2;
}
