// SPDX-License-Identifier: Apache-2.0
//
// A look-alike: a wild pointer in a goroutine is a crash and no overflow, and keeps its own signal.
//
// RUN: %weircc %s -o %t && { %t 2> %t.err; test $? = 139; } && not grep -q 'stack overflow' %t.err
// RUN: %weircc_plain %s -o %t && { %t 2> %t.err; test $? = 139; } && not grep -q 'stack overflow' %t.err
#include <weir/weir.h>

static void crash(int *wild) {
  *wild = 1;
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_go(&wg, crash, (int *)16);
  weir_wg_wait(&wg);
}
