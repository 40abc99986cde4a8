// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include <weir/weir.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t stop;
static atomic_int count;
static int ends[2];
static sem_t wake;
static weir_chan(int) signals;

static void sets_a_flag(int signal) {
  stop = signal;
}
static void counts(int signal) {
  atomic_fetch_add(&count, signal);
}
static void writes(int signal) {
  int saved = errno;
  char byte = (char)signal;
  (void)!write(ends[1], &byte, 1);
  errno = saved;
}
static void posts(int signal) {
  (void)signal;
  sem_post(&wake);
}
static void tries(int signal) {
  weir_try_send(signals, signal);
}
static void tries_a_lock(int signal) {
  (void)signal;
  if (pthread_mutex_trylock(&lock)) return;
  stop = 1;
  pthread_mutex_unlock(&lock);
}
static void ends_it(int signal) {
  _exit(signal);
}
// Nobody's handler, though it looks like one.
static void on_reload(int signal) {
  pthread_mutex_lock(&lock);
  stop = signal;
  pthread_mutex_unlock(&lock);
}
struct callbacks {
  void (*on_signal)(int);
};
// The goroutine or thread that waits for signals may take locks.
static void *waits(void *all) {
  int signal;
  while (!sigwait(all, &signal))
    on_reload(signal);
  return NULL;
}

void install(struct callbacks *callbacks, sigset_t *all) {
  pthread_t t;
  struct sigaction action = {.sa_handler = counts};
  signal(SIGINT, sets_a_flag);
  sigaction(SIGTERM, &action, NULL);
  action.sa_handler = writes;
  sigaction(SIGHUP, &action, NULL);
  signal(SIGUSR1, posts);
  signal(SIGUSR2, tries);
  signal(SIGCHLD, tries_a_lock);
  signal(SIGQUIT, ends_it);
  signal(SIGPIPE, SIG_IGN);
  callbacks->on_signal = on_reload;
  pthread_create(&t, NULL, waits, all);
}
