// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>
#include <weir/weir.h>

static int check(int n) {
  return n + 1;
}
struct job {
  int number;
  weir_chan(int) results;
};
static void use(int *n) {
  check(*n);
}
static void work(struct job *job) {
  weir_send(job->results, job->number);
}
static void fill(char *line) {
  memset(line, 0, 8);
}
static void *thread(void *arg) {
  check(*(int *)arg);
  return NULL;
}
static int thread11(void *arg) {
  return check(*(int *)arg);
}

void at_once(void) {
  int n = 3;
  weir_go(use, &n); // expect: stack-escape what starts here uses 'n', a local variable of at_once
}
void of_a_parameter(int n) {
  weir_go(use, &n); // expect: stack-escape uses 'n'
}
void an_array(void) {
  char line[8];
  weir_go(fill, line); // expect: stack-escape uses 'line'
}
void a_struct(weir_chan(int) results) {
  struct job job = {1, results};
  weir_go(work, &job); // expect: stack-escape uses 'job'
}
void through_a_pointer(void) {
  struct job job = {0};
  int *number = &job.number;
  weir_go(use, number); // expect: stack-escape uses 'job'
}
// The channel is waited for, but not when it fails.
int an_early_way_out(weir_chan(int) results) {
  struct job job = {1, results};
  weir_go(work, &job); // expect: stack-escape uses 'job'
  int n = check(2);
  if (n < 0) return -1;
  weir_recv(results, &n);
  return n;
}
int of_pthreads(void) {
  pthread_t t;
  int n = 4;
  if (pthread_create(&t, NULL, thread, &n)) // expect: stack-escape uses 'n'
    return -1;
  pthread_detach(t);
  return 0;
}
int of_c11(int limit) {
  thrd_t t;
  thrd_create(&t, thread11, &limit); // expect: stack-escape uses 'limit'
  return thrd_detach(t);
}
void after_a_while(void) {
  int n = 3;
  weir_go(use, &n); // expect: stack-escape uses 'n'
  usleep(1000);
}
