// SPDX-License-Identifier: Apache-2.0
//
// Functions that check sizes are not put in the place of those that the race detector looks into.
//
// REQUIRES: races
// RUN: rm -rf %t && mkdir -p %t
// RUN: %weircc -O2 -g -D_FORTIFY_SOURCE=2 %s -o %t/p
// RUN: env WEIR_OPTIONS=procs=1 not %t/p 2>&1 | FileCheck %s
#include <string.h>

#include "../bugs/Inputs/hidden.h"

char text[64] = "text", line[64];

static void copy(int n) {
  memcpy(line, text, (size_t)n); // CHECK: fortified.c:[[@LINE]]:3
  hidden_post();
}

int main(int argc, char **argv) {
  (void)argv;
  weir_go(copy, argc * 4);
  hidden_wait(1);
  memset(text, 'x', 4);
}
