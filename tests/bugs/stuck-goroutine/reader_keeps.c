// SPDX-License-Identifier: Apache-2.0
//
// A writer is stuck behind a reader that went to sleep with the lock: the report finds that reader
// among all goroutines, and what it does now.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=stuck_ms=300 bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: stuck goroutine
#include <weir/weir.h>

static weir_rwmutex table;

static void reader(weir_chan(int) reads) {
  weir_rwmutex_rlock(&table);
  weir_send(reads, 1);
#ifndef FIXED
  // CHECK-DAG: and holds rwmutex table, taken at reader_keeps.c:[[#@LINE-3]]
  // CHECK-DAG: reader_keeps.c:[[#@LINE+1]]
  weir_sleep(WEIR_S(2));
#endif
  weir_rwmutex_runlock(&table);
}

int main(void) {
  weir_chan(int) reads = weir_chan_make(int, 0);
  weir_go(reader, reads);
  weir_recv(reads, NULL);
  // CHECK-DAG: goroutine 1 [sync.RWMutex.Lock
  // CHECK-DAG: reader_keeps.c:[[#@LINE+1]]
  weir_rwmutex_lock(&table);
  weir_rwmutex_unlock(&table);
  weir_chan_free(reads);
}
