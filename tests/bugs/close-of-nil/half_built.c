// SPDX-License-Identifier: Apache-2.0
//
// The second stage of a pipeline cannot be made, and the way out tears down both. The fixed twin
// tears down what there is.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: close of nil
#include <stdbool.h>
#include <weir/weir.h>

enum { STAGES = 2 };

struct pipeline {
  weir_chan(int) stage[STAGES];
  int built;
};

static void tear_down(struct pipeline *p) {
#ifdef FIXED
  int stages = p->built;
#else
  int stages = STAGES;
#endif
  for (int i = 0; i < stages; i++)
    // CHECK-DAG: half_built.c:[[@LINE+1]]
    weir_close(p->stage[i]);
}

static bool build(struct pipeline *p, int working) {
  for (; p->built < STAGES; p->built++) {
    if (p->built == working) goto fail;
    p->stage[p->built] = weir_chan_make(int, 1);
  }
  return true;
fail:
  tear_down(p);
  return false;
}

int main(void) {
  struct pipeline p = {0};
  // CHECK-DAG: half_built.c:[[@LINE+1]]
  return build(&p, 1) ? 1 : 0;
}
