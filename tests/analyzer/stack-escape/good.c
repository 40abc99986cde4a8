// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <threads.h>
#include <unistd.h>
#include <weir/weir.h>

static int check(int n) {
  return n + 1;
}
void wait_for_all(void);
struct job {
  int number;
  weir_chan(int) results;
};
static void use(int *n) {
  check(*n);
}
static void value(int n) {
  check(n);
}
static void work(struct job *job) {
  weir_send(job->results, job->number);
}
static void member(weir_wg *wg, int *n) {
  check(*n);
  weir_wg_done(wg);
}
static void *thread(void *arg) {
  check(*(int *)arg);
  return NULL;
}
static void flag(atomic_bool *done) {
  atomic_store(done, true);
}
static void join_all(pthread_t *all, int n) {
  for (int i = 0; i < n; i++)
    pthread_join(all[i], NULL);
}

void by_value(void) {
  int n = 3;
  weir_go(value, n);
}
void global_and_static(void) {
  static int kept;
  weir_go(use, &kept);
}
void on_the_heap(weir_chan(int) results) {
  struct job *job = malloc(sizeof *job);
  *job = (struct job){1, results};
  weir_go(work, job);
}
void waited_for(void) {
  weir_wg wg = {0};
  int n = 3;
  weir_wg_add(&wg, 1);
  weir_go(member, &wg, &n);
  weir_wg_wait(&wg);
}
void waited_for_at_the_end(void) {
  weir_wg wg = {0};
  weir_defer(weir_wg_wait(&wg));
  int n = 3;
  weir_wg_add(&wg, 1);
  weir_go(member, &wg, &n);
  check(n);
}
int received(weir_chan(int) results) {
  struct job job = {1, results};
  int n = 0;
  weir_go(work, &job);
  weir_recv(results, &n);
  return n;
}
// The ways on which none was started, or some, and the loop that waits for them.
int several(int n) {
  pthread_t all[8];
  int numbers[8], started = 0;
  for (int i = 0; i < n && i < 8; i++)
    if (!pthread_create(&all[i], NULL, thread, &numbers[i])) started++;
  for (int i = 0; i < started; i++)
    pthread_join(all[i], NULL);
  return 0;
}
int not_started(void) {
  pthread_t t;
  int n = 4;
  if (pthread_create(&t, NULL, thread, &n)) return -1;
  pthread_join(t, NULL);
  return 0;
}
void in_a_helper(int n) {
  pthread_t all[2];
  pthread_create(&all[0], NULL, thread, &n);
  pthread_create(&all[1], NULL, thread, &n);
  join_all(all, 2);
}
void elsewhere(void) {
  int n = 3;
  weir_go(use, &n);
  wait_for_all();
}
void only_if_threaded(int threaded) {
  pthread_t t;
  int n = 3;
  if (threaded) pthread_create(&t, NULL, thread, &n);
  check(1);
  if (threaded) pthread_join(t, NULL);
}
void asks_a_flag(void) {
  atomic_bool done = false;
  weir_go(flag, &done);
  while (!atomic_load(&done))
    weir_yield();
}
void serves_for_ever(void) {
  int n = 3;
  weir_go(use, &n);
  for (;;)
    pause();
}
void through_a_pipe(int *ends) {
  char byte;
  weir_go(use, ends);
  weir_go(use, &(int){3});
  (void)!read(ends[0], &byte, 1);
}
int ends_the_process(void) {
  int n = 3;
  weir_go(use, &n);
  exit(check(n));
}
int main(void) {
  int n = 3;
  weir_go(use, &n);
  check(n);
}
static void wait_for(weir_chan(int64_t) ticks) {
  weir_recv(ticks, NULL);
}
void what_a_call_returns(weir_timer *t) {
  static weir_timer *mine;
  mine = weir_timer_new(WEIR_S(1));
  weir_go(wait_for, weir_timer_chan(t));
  weir_go(wait_for, weir_timer_chan(mine));
}
