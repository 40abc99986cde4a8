// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
//
// Goroutines that keep their thread may hold its locks.
#include <pthread.h>
#include <weir/weir.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void sends(weir_chan(int) results) {
  weir_lock_os_thread();
  pthread_mutex_lock(&lock);
  weir_send(results, 1);
  pthread_mutex_unlock(&lock);
  weir_unlock_os_thread();
}

void start(weir_chan(int) results) {
  weir_go(sends, results);
}
