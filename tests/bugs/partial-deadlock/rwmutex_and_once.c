// SPDX-License-Identifier: Apache-2.0
//
// A writer of an rwmutex needs a once; the function of the once needs to read under the rwmutex.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK: waits for {{once loaded|rwmutex rw}}
#include <weir/weir.h>

static weir_rwmutex rw;
static weir_once loaded;
static weir_chan(int) writing, loading;

static void load(void) {
  weir_close(loading);
  weir_recv(writing, NULL);
  // CHECK-DAG: rwmutex_and_once.c:[[@LINE+1]]
  weir_rwmutex_rlock(&rw);
  weir_rwmutex_runlock(&rw);
}

static void use(void) {
  weir_once_do(&loaded, load);
}

static void update(void) {
  weir_recv(loading, NULL);
#ifndef FIXED
  weir_guard(&rw);
#endif
  weir_close(writing);
  // CHECK-DAG: rwmutex_and_once.c:[[@LINE+1]]
  weir_once_do(&loaded, load);
#ifdef FIXED
  weir_guard(&rw);
#endif
}

int main(void) {
  writing = weir_chan_make(int, 0);
  loading = weir_chan_make(int, 0);
  weir_go(use);
  weir_go(update);
  return 0;
}
