// SPDX-License-Identifier: Apache-2.0
//
// A scope that computes for too long, on main and without any goroutine: the finding comes while it
// computes. The fixed twin allows it an hour.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: watchdog expired
// CHECK: {{[Gg]}}oroutine 1{{.*}} has been in the sum for more than 200 ms
#include <stdatomic.h>
#include <weir/weir.h>

#ifdef FIXED
enum { LIMIT_S = 3600, WORK_MS = 1 };
#else
enum { LIMIT_S = 0, WORK_MS = 1500 };
#endif

static atomic_ulong sum;

static void add_up(void) {
  int64_t end = weir_now() + WEIR_MS(WORK_MS);
  // CHECK-DAG: It was entered by goroutine 1 {{.*}}at computes.c:[[#@LINE+1]]
  weir_watchdog(WEIR_S(LIMIT_S) + WEIR_MS(200), "the sum");
  while (weir_now() < end)
    atomic_fetch_add(&sum, 1);
}

int main(void) {
  add_up();
}
