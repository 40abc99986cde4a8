// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_27037: Goroutines started in a loop share its counter, as closures did in Go before
// 1.22: they read it while the loop counts on.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: try_version main version
//
// CHECK-DAG: data race
#include <stdio.h>
#include <weir/weir.h>

static weir_wg tries;

static void use(int version) {
  char name[16];
  snprintf(name, sizeof name, "v1.%d", version);
  volatile char last = name[3];
  (void)last;
}

#ifdef FIXED
static void try_version(int version) {
  use(version);
  weir_wg_done(&tries);
}
#else
static void try_version(const int *version) {
  // CHECK-DAG: ead of size 4 {{.*}} (try_version):
  // CHECK-DAG: at moby_27037.c:[[@LINE+1]] in try_version
  use(*version);
  weir_wg_done(&tries);
}
#endif

int main(void) {
  static int version;
  // CHECK-DAG: rite of size 4 {{.*}}goroutine 1 (main):
  // CHECK-DAG: at moby_27037.c:[[@LINE+1]] in main
  for (version = 17; version <= 21; version++) {
    weir_wg_add(&tries, 1);
#ifdef FIXED
    weir_go(try_version, version);
#else
    weir_go(try_version, &version);
#endif
  }
  weir_wg_wait(&tries);
  return 0;
}
