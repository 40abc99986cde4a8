// SPDX-License-Identifier: Apache-2.0
//
// The fence of a request that was given up.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [fence wait]:
#include "leaks.h"

struct request {
  weir_fence ready;
};

static void wait_for(struct request *r) {
  // CHECK-DAG: never_opened.c:[[@LINE+1]]
  weir_fence_wait(&r->ready);
}

static void start(void) {
  struct request *r = calloc(1, sizeof *r);
  weir_go(wait_for, r);
#ifdef FIXED
  weir_fence_open(&r->ready);
#endif
}

int main(void) {
  EXPECT_LEAKED(5, 5, start);
  return 0;
}
