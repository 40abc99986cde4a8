// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <signal.h>
#include <threads.h>
#include <weir/weir.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static mtx_t lock11;
static weir_mutex goroutines;
static weir_chan(int) signals;
static int count;

static void takes_a_lock(int signal) {
  (void)signal;
  pthread_mutex_lock(&lock); // expect: lock-in-signal-handler 'takes_a_lock' handles a signal
  count++;
  pthread_mutex_unlock(&lock);
}
static void add(int n) {
  mtx_lock(&lock11); // expect: lock-in-signal-handler 'in_a_function' handles a signal
  count += n;
  mtx_unlock(&lock11);
}
static void count_it(int n) {
  add(n + 1);
}
static void in_a_function(int signal) {
  count_it(signal);
}
static void sends(int signal) {
  weir_send(signals, signal); // expect: lock-in-signal-handler 'sends' handles a signal
}
static void with_information(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)info, (void)context;
  weir_mutex_lock(&goroutines); // expect: lock-in-signal-handler 'with_information'
  count++;
  weir_mutex_unlock(&goroutines);
}
static void waits(int signal) {
  (void)signal;
  pthread_cond_wait(&changed, &lock); // expect: lock-in-signal-handler;; cond-wait-no-loop
}
static void handle(void) {
  count++;
}
static void starts(int signal) {
  (void)signal;
  weir_go(handle); // expect: lock-in-signal-handler 'starts' handles a signal
}

void install(void) {
  struct sigaction action = {.sa_handler = in_a_function};
  struct sigaction other = {0};
  signal(SIGINT, takes_a_lock);
  sigaction(SIGTERM, &action, NULL);
  other.sa_flags = SA_SIGINFO;
  other.sa_sigaction = with_information;
  sigaction(SIGUSR1, &other, NULL);
  signal(SIGUSR2, &sends);
}
void install_more(void) {
  signal(SIGHUP, waits);
  signal(SIGCHLD, starts);
}
