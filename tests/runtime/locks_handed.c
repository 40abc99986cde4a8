// SPDX-License-Identifier: Apache-2.0
// A mutex may be unlocked by another goroutine than locked it, as in Go: one that serves as a
// signal, and one that goes on with the work it was locked for. Neither is a deadlock or a misuse.
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t && %weircc_plain -O1 %s -o %t.plain
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n:lock_order=1 %t || exit 1; done
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n:lock_order=1 %t.plain || exit 1; done
#include <weir/weir.h>

enum { ROUNDS = 100 };

static weir_mutex turn, work;
static int signalled, done;

static void signaller(void) {
  signalled = 1;
  weir_mutex_unlock(&turn);
}

static void finisher(weir_chan(int) jobs) {
  int job;
  while (weir_recv(jobs, &job)) {
    done += job;
    weir_mutex_unlock(&work);
  }
}

int main(void) {
  weir_chan(int) jobs = weir_chan_make(int, 0);
  weir_mutex_lock(&turn);
  weir_go(signaller);
  weir_mutex_lock(&turn); // until it is signalled
  weir_mutex_unlock(&turn);
  weir_go(finisher, jobs);
  for (int i = 0; i < ROUNDS; i++) {
    weir_mutex_lock(&work);
    weir_send(jobs, 1);
  }
  weir_mutex_lock(&work);
  weir_close(jobs);
  return signalled != 1 || done != ROUNDS;
}
