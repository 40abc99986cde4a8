// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <threads.h>
#include <weir/weir.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rules = PTHREAD_RWLOCK_INITIALIZER;
static mtx_t lock11;
static weir_mutex goroutines;
static int count;

static void sends(weir_chan(int) results) {
  pthread_mutex_lock(&lock);
  weir_send(results, ++count); // expect: thread-lock-across-wait 'lock' is a lock of the thread
  pthread_mutex_unlock(&lock);
}
static void receives(weir_chan(int) jobs) {
  int n = 0;
  mtx_lock(&lock11);
  while (weir_recv(jobs, &n)) // expect: thread-lock-across-wait 'lock11' is a lock of the thread
    count += n;
  mtx_unlock(&lock11);
}
static void sleeps(void) {
  pthread_rwlock_rdlock(&rules);
  weir_sleep(WEIR_MS(10)); // expect: thread-lock-across-wait 'rules' is a lock of the thread
  pthread_rwlock_unlock(&rules);
}
static void takes_another(void) {
  pthread_mutex_lock(&lock);
  weir_mutex_lock(&goroutines); // expect: thread-lock-across-wait 'lock' is a lock of the thread
  count++;
  weir_mutex_unlock(&goroutines);
  pthread_mutex_unlock(&lock);
}
static void one_turn(weir_chan(int) jobs, weir_chan(int) quit) {
  int n;
  pthread_mutex_lock(&lock);
  switch (weir_select(weir_on_recv(jobs, &n, NULL), // expect: thread-lock-across-wait 'lock' is
                      weir_on_recv(quit, NULL, NULL))) {
  case 0:
    count += n;
  }
  pthread_mutex_unlock(&lock);
}
static void in_a_function(weir_chan(int) jobs, weir_chan(int) quit) {
  one_turn(jobs, quit);
}
static void on_one_way(weir_wg *wg, int wait) {
  pthread_mutex_lock(&lock);
  if (wait) weir_wg_wait(wg); // expect: thread-lock-across-wait 'lock' is a lock of the thread
  pthread_mutex_unlock(&lock);
}
static void gives_way(void) {
  if (pthread_mutex_trylock(&lock)) return;
  weir_yield(); // expect: thread-lock-across-wait 'lock' is a lock of the thread
  pthread_mutex_unlock(&lock);
}

void start(weir_chan(int) jobs, weir_chan(int) results, weir_wg *wg) {
  weir_go(sends, results);
  weir_go(receives, jobs);
  weir_go(sleeps);
  weir_wg_go(wg, takes_another);
  weir_go(in_a_function, jobs, results);
  weir_go(on_one_way, wg, 1);
  weir_go(gives_way);
}
