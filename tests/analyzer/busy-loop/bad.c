// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

static int use(int n) {
  return n + 1;
}

void tries_a_lock(weir_mutex *m) {
  while (!weir_mutex_trylock(m)) // expect: busy-loop tries again as long as the try fails
    ;
  use(1);
  weir_mutex_unlock(m);
}
void selects(weir_chan(int) jobs, weir_chan(int) quit) {
  int job;
  for (;;)
    switch (weir_select( // expect: busy-loop selects again as long as no case is ready
        weir_on_recv(jobs, &job, NULL), weir_on_recv(quit, NULL, NULL), weir_on_default())) {
    case 0:
      use(job);
      break;
    case 1:
      return;
    default:
      break;
    }
}
void receives(weir_chan(int) jobs) {
  int job;
  bool ok = true;
  while (ok)
    if (weir_try_recv(jobs, &job, &ok)) // expect: busy-loop tries again
      use(job);
}
void sends(weir_chan(int) jobs, int n) {
  for (int i = 0; i < n; i++) {
    bool sent;
    do
      sent = weir_try_send(jobs, i); // expect: busy-loop tries again
    while (!sent);
  }
}
int goes_on(weir_chan(int) jobs, weir_chan(int) quit) {
  int sum = 0, job;
  while (true) {
    int i = weir_select( // expect: busy-loop selects again
        weir_on_recv(jobs, &job, NULL), weir_on_recv(quit, NULL, NULL), weir_on_default());
    if (i == WEIR_DEFAULT) continue;
    if (i == 1) return sum;
    sum += use(job);
  }
}
void reads(weir_rwmutex *m, weir_chan(int) jobs) {
  while (!weir_rwmutex_tryrlock(m)) { // expect: busy-loop tries again
    if (weir_chan_len(jobs) > 100) return;
  }
  use(2);
  weir_rwmutex_runlock(m);
}
