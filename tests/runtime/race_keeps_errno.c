// SPDX-License-Identifier: Apache-2.0
//
// A race that is reported between a call that fails and the look at errno leaves errno alone.
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t && env WEIR_OPTIONS=exitcode=0 %t 2>&1 | FileCheck %s
// CHECK-DAG: Weir: data race
// CHECK-DAG: errno is kept
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "check.h"

static int hits;

static void visit(void) {
  CHECK(close(-1) == -1);
  hits++;
  CHECK_EQ(errno, EBADF);
}

int main(void) {
  weir_wg visitors = {0};
  for (int i = 0; i < 2; i++)
    weir_wg_go(&visitors, visit);
  weir_wg_wait(&visitors);
  fprintf(stderr, "errno is kept\n");
}
