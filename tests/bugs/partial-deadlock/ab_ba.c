// SPDX-License-Identifier: Apache-2.0
//
// Two goroutines take two locks in opposite order, each holding its first. main goes on.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
#include <weir/weir.h>

static weir_mutex mu_a, mu_b;

static void transfer(weir_mutex *from, weir_mutex *to, weir_chan(int) holding, weir_chan(int) go) {
  // CHECK-DAG: ab_ba.c:[[@LINE+1]]
  weir_mutex_lock(from);
  weir_send(holding, 1);
  weir_recv(go, NULL);
  // CHECK-DAG: ab_ba.c:[[@LINE+1]]
  weir_mutex_lock(to);
  weir_mutex_unlock(to);
  weir_mutex_unlock(from);
}

int main(void) {
  weir_chan(int) holding = weir_chan_make(int, 2), go = weir_chan_make(int, 2);
  weir_go(transfer, &mu_a, &mu_b, holding, go);
#ifdef FIXED
  weir_recv(holding, NULL);
  weir_send(go, 1);
  weir_go(transfer, &mu_a, &mu_b, holding, go);
  weir_recv(holding, NULL);
  weir_send(go, 1);
#else
  weir_go(transfer, &mu_b, &mu_a, holding, go);
  weir_recv(holding, NULL);
  weir_recv(holding, NULL);
  weir_send(go, 1);
  weir_send(go, 1);
#endif
  return 0;
}
