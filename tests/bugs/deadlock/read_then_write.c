// SPDX-License-Identifier: Apache-2.0
//
// A cache that finds nothing under its read lock takes the write lock as well, and then
// everybody waits. One report: the lock that is taken twice, and who else is blocked by it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: locks rwmutex index_mu at {{.*}}, which it holds already for reading since
// CHECK-SAME: it waits for itself and can never go on. All {{[0-9]}} goroutines are blocked.
#include <weir/weir.h>

static weir_rwmutex index_mu;
static int slot[16];

static int fill(int key) {
  // CHECK-DAG: read_then_write.c:[[@LINE+1]]
  weir_guard(&index_mu);
  if (!slot[key]) slot[key] = key + 1;
  return slot[key];
}

static int get(int key) {
  {
    // CHECK-DAG: read_then_write.c:[[@LINE+1]]
    weir_rguard(&index_mu);
    if (slot[key]) return slot[key];
#ifndef FIXED
    return fill(key);
#endif
  }
  return fill(key);
}

static void user(int key, weir_chan(int) out) {
  weir_send(out, get(key));
}

int main(void) {
  weir_chan(int) out = weir_chan_make(int, 0);
  for (int i = 0; i < 3; i++)
    weir_go(user, i, out);
  for (int i = 0; i < 3; i++)
    weir_recv(out, NULL);
  weir_chan_free(out);
}
