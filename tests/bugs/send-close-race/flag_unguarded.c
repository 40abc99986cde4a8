// SPDX-License-Identifier: Apache-2.0
//
// A flag says that the channel is closed; looked at and used without a lock, it is old by then. In
// the twin both are under the mutex, and the send is either before the close or not made.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: send close race {{.*}} [predicted]
#include "hidden.h"
#include <stdatomic.h>

static weir_chan(int) events;
static weir_mutex mu; // guards the close of events
static atomic_bool stopped;

static void publish(int event) {
#ifdef FIXED
  weir_guard(&mu);
#endif
  if (!atomic_load(&stopped)) {
    hidden_post();
    hidden_wait(2);
    // CHECK-DAG: flag_unguarded.c:[[@LINE+1]]
    weir_send(events, event);
    hidden_post();
  }
}

static void stop(void) {
#ifdef FIXED
  hidden_post();
  weir_guard(&mu);
#endif
  atomic_store(&stopped, true);
#ifndef FIXED
  hidden_post();
#endif
  hidden_wait(3);
  // CHECK-DAG: flag_unguarded.c:[[@LINE+1]]
  weir_close(events);
}

int main(void) {
  events = weir_chan_make(int, 4);
  weir_go(publish, 1);
  hidden_wait(1);
  stop();
  return 0;
}
