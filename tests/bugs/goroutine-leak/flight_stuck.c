// SPDX-License-Identifier: Apache-2.0
//
// Three ask for one thing at the same time and share the one look-up, which waits for an answer
// that was lost: who shares it waits with it.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [singleflight.Do]:
#include "leaks.h"

static weir_singleflight flights; // leads to every flight, and nobody can land one by it

static void *look_up(void *found) {
  weir_chan(int) answer = weir_chan_make(int, 0);
#ifdef FIXED
  weir_close(answer);
#endif
  weir_recv(answer, NULL);
  return found;
}

static void ask(int request) {
  static char found;
  char key[20];
  snprintf(key, sizeof key, "%d", request);
  // CHECK-DAG: flight_stuck.c:[[@LINE+1]]
  weir_singleflight_do(&flights, key, look_up, &found, NULL);
}

static void handle(void) {
  static int requests;
  int request = __atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 3; i++)
    weir_go(ask, request);
}

int main(void) {
  EXPECT_LEAKED(15, 5, handle);
  return 0;
}
