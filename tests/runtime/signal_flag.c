// SPDX-License-Identifier: Apache-2.0
// What a handler writes for the program is no race, whichever thread it comes upon; who has set one
// finds it again. A race beside it, and one with a handler of a fault, is seen as before.
// REQUIRES: races
// RUN: %weircc -O1 -g %s -o %t && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc -O1 -g -DRACE %s -o %t.race && WEIR_OPTIONS=procs=1 not %t.race 2>&1 | FileCheck %s
// CHECK: goroutine {{[0-9]+}} ({{.*}}) wrote global 'plain'
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <weir/weir.h>

enum { ENOUGH = 50 };
static volatile sig_atomic_t alarms, with_info;
static int plain;

static void on_alarm(int sig) {
  alarms += sig == SIGALRM;
}
static void on_info(int sig, siginfo_t *info, void *context) {
  with_info += sig == SIGUSR1 && info->si_signo == sig && context;
}

static void work(weir_chan(int) numbers) {
  for (int i = 0; alarms < ENOUGH; i++)
    weir_send(numbers, i);
  plain++;
  weir_close(numbers);
}

static int check_handlers(void) {
  struct sigaction info = {.sa_sigaction = on_info, .sa_flags = SA_SIGINFO | SA_RESTART}, old;
  if (signal(SIGALRM, on_alarm) != SIG_DFL || signal(SIGALRM, SIG_IGN) != on_alarm) return 1;
  if (signal(SIGALRM, on_alarm) != SIG_IGN) return 2;
  if (sigaction(SIGUSR1, &info, NULL) != 0 || sigaction(SIGUSR1, NULL, &old) != 0) return 3;
  if (old.sa_sigaction != on_info || !(old.sa_flags & SA_SIGINFO)) return 4;
  if (raise(SIGUSR1) != 0 || with_info != 1) return 5;
  return sigaction(0, &info, NULL) == 0 || signal(SIGKILL, on_alarm) != SIG_ERR ? 6 : 0;
}

int main(void) {
  weir_chan(int) numbers = weir_chan_make(int, 0);
  struct itimerval often = {{0, 500}, {0, 500}}, never = {{0}};
  int n, bad = check_handlers();
  if (bad) return printf("wrong: %d\n", bad), 1;
  setitimer(ITIMER_REAL, &often, NULL);
  weir_go(work, numbers);
  while (weir_recv(numbers, &n)) {
#ifdef RACE
    plain = n;
#endif
  }
  setitimer(ITIMER_REAL, &never, NULL);
  return 0;
}
