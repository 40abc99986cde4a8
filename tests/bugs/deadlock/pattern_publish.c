// SPDX-License-Identifier: Apache-2.0
//
// The publisher sends under the lock and waits for the subscriber, who is about to unsubscribe
// and waits for the lock. In the twin a send that would wait is not made.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: Both goroutines are blocked and nothing can ever wake either
// CHECK-DAG: goroutine 1 [chan send]:
// CHECK-DAG: [sync.Mutex.Lock]:
#include "hidden.h"

static struct topic {
  weir_mutex mu; // guards the rest
  weir_chan(int) subscriber;
} topic;

static void publish(int message) {
  weir_guard(&topic.mu);
  if (message == 3) hidden_post();
  if (!topic.subscriber) return;
#ifdef FIXED
  weir_try_send(topic.subscriber, message);
#else
  // CHECK-DAG: pattern_publish.c:[[@LINE+1]]
  weir_send(topic.subscriber, message);
#endif
}

static void hear_one(weir_chan(int) messages) {
  weir_recv(messages, NULL);
  hidden_wait(1); // until the third is published
  // CHECK-DAG: pattern_publish.c:[[@LINE+1]]
  weir_guard(&topic.mu);
  topic.subscriber = NULL;
  weir_close(messages);
}

int main(void) {
  weir_chan(int) messages = topic.subscriber = weir_chan_make(int, 1);
  weir_wg hearing = {0};
  weir_wg_go(&hearing, hear_one, messages);
  publish(1);
  publish(2);
  publish(3);
  weir_wg_wait(&hearing);
  weir_chan_free(messages);
  return 0;
}
