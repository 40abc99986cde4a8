// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <weir/weir.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static weir_mutex goroutines;
static int count;

static void released_before(weir_chan(int) results) {
  pthread_mutex_lock(&lock);
  int n = ++count;
  pthread_mutex_unlock(&lock);
  weir_send(results, n);
}
static void own_kind(weir_chan(int) results) {
  weir_mutex_lock(&goroutines);
  weir_send(results, ++count);
  weir_mutex_unlock(&goroutines);
}
static void never_waits(weir_chan(int) results) {
  pthread_mutex_lock(&lock);
  weir_try_send(results, ++count);
  pthread_mutex_unlock(&lock);
}
static void unlock_first(weir_mutex *m) {
  weir_mutex_unlock(m);
  pthread_mutex_lock(&lock);
  count++;
  pthread_mutex_unlock(&lock);
}
static void not_on_that_way(weir_chan(int) results, int locked) {
  if (locked) pthread_mutex_lock(&lock);
  count++;
  if (locked)
    pthread_mutex_unlock(&lock);
  else
    weir_send(results, count);
}
static int critical(void) {
  pthread_mutex_lock(&lock);
  int n = ++count;
  pthread_mutex_unlock(&lock);
  return n;
}
static void in_a_function(weir_chan(int) results) {
  weir_send(results, critical());
}
static void only_where_it_is_not_had(weir_chan(int) results) {
  if (pthread_mutex_trylock(&lock)) {
    weir_send(results, 0);
    return;
  }
  count++;
  pthread_mutex_unlock(&lock);
}
static void closes(weir_chan(int) results) {
  pthread_mutex_lock(&lock);
  weir_close(results);
  pthread_mutex_unlock(&lock);
}
// An OS thread may wait so: it is its own.
static void *thread(void *arg) {
  weir_chan(int) results = arg;
  pthread_mutex_lock(&lock);
  weir_send(results, ++count);
  pthread_mutex_unlock(&lock);
  return NULL;
}

void start(weir_chan(int) results, weir_mutex *m) {
  pthread_t t;
  weir_go(released_before, results);
  weir_go(own_kind, results);
  weir_go(never_waits, results);
  weir_go(unlock_first, m);
  weir_go(not_on_that_way, results, 1);
  weir_go(in_a_function, results);
  weir_go(only_where_it_is_not_had, results);
  weir_go(closes, results);
  pthread_create(&t, NULL, thread, results);
}
