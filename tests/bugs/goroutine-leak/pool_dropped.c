// SPDX-License-Identifier: Apache-2.0
//
// A pool of workers is let go of without closing its jobs.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan receive]:
#include "leaks.h"

struct pool {
  weir_chan(int) jobs;
  int workers;
};

static void work(weir_chan(int) jobs) {
  // CHECK-DAG: pool_dropped.c:[[@LINE+1]]
  while (weir_recv(jobs, NULL))
    ;
}

static struct pool *pool_new(int workers) {
  struct pool *p = malloc(sizeof *p);
  *p = (struct pool){weir_chan_make(int, 4), workers};
  for (int i = 0; i < workers; i++)
    weir_go(work, p->jobs);
  return p;
}

static void pool_free(struct pool *p) {
#ifdef FIXED
  weir_close(p->jobs);
#endif
  free(p);
}

static void use(void) {
  struct pool *p = pool_new(3);
  for (int i = 0; i < 10; i++)
    weir_send(p->jobs, i);
  pool_free(p);
}

int main(void) {
  EXPECT_LEAKED(9, 3, use);
  return 0;
}
