// SPDX-License-Identifier: Apache-2.0
//
// A reader of a cache needs the index; who changes the index wants to write the cache.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK-DAG: (look_up) holds rwmutex cache and waits for mutex index_
// CHECK-DAG: (change) holds mutex index_ and waits for rwmutex cache
#include <weir/weir.h>

static weir_rwmutex cache;
static weir_mutex index_;
static weir_chan(int) reading, changing, here;

static void look_up(void) {
#ifdef FIXED
  weir_guard(&index_);
#endif
  weir_rguard(&cache);
  weir_close(reading);
  weir_recv(changing, NULL);
#ifndef FIXED
  // CHECK-DAG: rwmutex_readers.c:[[@LINE+1]]
  weir_guard(&index_);
#endif
}

static void read_only(void) { // another reader, which is in no cycle
  weir_rguard(&cache);
  weir_close(here);
  weir_recv(changing, NULL);
}

static void change(void) {
  weir_recv(reading, NULL);
#ifdef FIXED
  weir_close(changing);
#endif
  weir_guard(&index_);
#ifndef FIXED
  weir_close(changing);
#endif
  // CHECK-DAG: rwmutex_readers.c:[[@LINE+1]]
  weir_guard(&cache);
}

int main(void) {
  weir_wg wg = {0};
  reading = weir_chan_make(int, 0);
  changing = weir_chan_make(int, 0);
  here = weir_chan_make(int, 0);
  weir_wg_go(&wg, read_only);
  weir_recv(here, NULL);
  weir_go(look_up);
  weir_go(change);
  weir_wg_wait(&wg);
  return 0;
}
