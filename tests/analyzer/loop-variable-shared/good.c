// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <weir/weir.h>

int check(int);
static void use(int *n) {
  check(*n);
}
static void value(int n) {
  check(n);
}
static void *thread(void *arg) {
  check((int)(long)arg);
  return NULL;
}
static void add(weir_wg *wg, int *sum, weir_mutex *lock) {
  weir_mutex_lock(lock);
  ++*sum;
  weir_mutex_unlock(lock);
  weir_wg_done(wg);
}
static void report(int *n, weir_chan(int) done) {
  weir_send(done, *n);
}

void by_value(void) {
  for (int i = 0; i < 4; i++)
    weir_go(value, i);
}
void one_element_each(int *all) {
  for (int i = 0; i < 4; i++)
    weir_go(use, &all[i]);
}
void another_pointer(int *all) {
  for (int i = 0; i < 4; i++, all++)
    weir_go(use, all);
}
void number_as_pointer(pthread_t *all) {
  for (long i = 0; i < 4; i++)
    pthread_create(&all[i], NULL, thread, (void *)i);
}
// Shared on purpose, under a lock; the loop does not go by it.
int shared_sum(void) {
  weir_wg wg = {0};
  weir_mutex lock = {0};
  int sum = 0;
  for (int i = 0; i < 4; i++) {
    weir_wg_add(&wg, 1);
    weir_go(add, &wg, &sum, &lock);
  }
  weir_wg_wait(&wg);
  return sum;
}
// Each turn waits for the one that it started.
void one_after_the_other(void) {
  weir_chan(int) done = weir_chan_make(int, 0);
  for (int i = 0; i < 4; i++) {
    weir_go(report, &i, done);
    weir_recv(done, NULL);
  }
  weir_chan_free(done);
}
void joined(void) {
  pthread_t t;
  for (int i = 0; i < 4; i++) {
    pthread_create(&t, NULL, thread, &i);
    pthread_join(t, NULL);
  }
}
// No loop goes by it.
void no_loop(void) {
  int n = 3;
  weir_wg wg = {0};
  weir_wg_go(&wg, use, &n);
  weir_wg_wait(&wg);
}
void a_block(void) {
  for (int i = 0; i < 4; i++)
    weir_go_block(^{
      check(i);
    });
}
void static_place(void) {
  static int place;
  for (int i = 0; i < 4; i++)
    weir_go(use, &place);
}
