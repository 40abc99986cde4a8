// SPDX-License-Identifier: Apache-2.0
//
// All goroutines are blocked, and a thread that sleeps outside of Weir, or a blocking call, may
// wake one: no deadlock is reported, but why not is said, once. In the end it does wake one.
// Where a ticker wakes somebody there is nothing to say. Where it can wake nobody, or only the
// limit of a test's time would end the program, it is a deadlock all the same.
//
// RUN: mkdir -p %t && %weircc_plain -g -O1 %s -o %t/p
// RUN: export WEIR_OPTIONS=deadlock_doubt_ms=200
// RUN: %t/p thread 2>&1 | FileCheck --check-prefix=THREAD %s
// RUN: %t/p call 2>&1 | FileCheck --check-prefix=CALL %s
// RUN: env WEIR_OPTIONS=deadlock_doubt_ms=0 %t/p thread 2>&1 | count 0
// RUN: env WEIR_OPTIONS=deadlock_doubt_ms=200:deadlock=0 %t/p thread 2>&1 | count 0
// RUN: %t/p ticker 2>&1 | count 0
// RUN: not %t/p idle-ticker 2>&1 | FileCheck --check-prefix=DEADLOCK %s
// RUN: not %t/p alarm 2>&1 | FileCheck --check-prefix=DEADLOCK %s
//
// THREAD: all goroutines (1) are blocked, but whether for ever cannot be told: a thread
// THREAD-NOT: cannot be told
// CALL: all goroutines (1) are blocked, but whether for ever cannot be told: a call
// CALL-NOT: cannot be told
//
// DEADLOCK-NOT: cannot be told
// DEADLOCK: Weir: deadlock
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <weir/weir.h>

static weir_chan(int) wake;

static void sleep_outside(void) {
  struct timespec left = {.tv_sec = 1};
  while (nanosleep(&left, &left) != 0)
    ;
}

static void *thread(void *unused) {
  sleep_outside();
  weir_send(wake, 1);
  return unused;
}

static void tick(int n) {
  weir_ticker *t = weir_ticker_new(WEIR_MS(50));
  while (n-- > 0)
    weir_recv(weir_ticker_chan(t), NULL);
  weir_ticker_free(t);
  weir_send(wake, 1);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  wake = weir_chan_make(int, 0);
  if (!strcmp(what, "call")) {
    weir_blocking(sleep_outside);
    return 0;
  }
  if (!strcmp(what, "thread")) {
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    pthread_detach(t);
  }
  if (!strcmp(what, "ticker")) weir_go(tick, 10);
  if (!strcmp(what, "idle-ticker")) weir_ticker_new(WEIR_MS(50)); // nobody receives
  if (!strcmp(what, "alarm")) alarm(60);                          // as a limit of a test's time
  weir_recv(wake, NULL);
  return 0;
}
