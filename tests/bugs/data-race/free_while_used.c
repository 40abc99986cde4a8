// SPDX-License-Identifier: Apache-2.0
//
// One goroutine frees what another reads. The report says that it was a free.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
// CHECK: goroutine 3 (close_it) freed {{.*}} while goroutine 2 (read_it) read it
// CHECK-DAG: Free of size
#include <stdlib.h>

#include "hidden.h"

static void read_it(const int *value, weir_wg *read, weir_wg *closed) {
  // CHECK-DAG: free_while_used.c:[[@LINE+1]]
  int v = *value;
  weir_wg_done(read);
  hidden_post();
  weir_wg_wait(closed);
  if (v != 3) abort();
}

static void close_it(int *value, weir_wg *read, weir_wg *closed) {
#ifdef FIXED
  weir_wg_wait(read);
#endif
  hidden_wait(1);
  // CHECK-DAG: free_while_used.c:[[@LINE+1]]
  free(value);
  weir_wg_done(closed);
  (void)read;
}

int main(void) {
  static weir_wg read, closed;
  int *value = malloc(sizeof *value);
  *value = 3;
  weir_wg_add(&read, 1), weir_wg_add(&closed, 1);
  weir_go(read_it, value, &read, &closed);
  weir_go(close_it, value, &read, &closed);
  weir_wg_wait(&closed);
  weir_wg_wait(&read);
  return 0;
}
