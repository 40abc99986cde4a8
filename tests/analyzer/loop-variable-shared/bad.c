// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <threads.h>
#include <weir/weir.h>

int check(int);
static void use(int *n) {
  check(*n);
}
static void *thread(void *arg) {
  check(*(int *)arg);
  return NULL;
}
static int thread11(void *arg) {
  return check(*(int *)arg);
}
static void two(weir_wg *wg, int *n) {
  check(*n);
  weir_wg_done(wg);
}

void counts(void) {
  for (int i = 0; i < 4; i++)
    weir_go(use, &i); // expect: loop-variable-shared the address of 'i' is passed to what starts here
}
void declared_before(void) {
  int i;
  for (i = 0; i < 4; ++i)
    weir_go(use, &i); // expect: loop-variable-shared the address of 'i'
}
void with_while(int n) {
  while (n > 0) {
    weir_go(use, &n); // expect: loop-variable-shared the address of 'n'
    n--;
  }
}
void of_pthreads(pthread_t *all) {
  for (int i = 0; i < 4; i++)
    pthread_create(&all[i], NULL, thread, &i); // expect: loop-variable-shared the address of 'i'
  for (int i = 0; i < 4; i++)
    pthread_join(all[i], NULL);
}
void of_c11(thrd_t *all, int n) {
  for (long i = 0; i < n; i += 2)
    thrd_create(&all[i], thread11, (void *)&i); // expect: loop-variable-shared the address of 'i'
}
void waited_for_behind(void) {
  weir_wg wg = {0};
  for (int i = 0; i < 4; i++) {
    weir_wg_add(&wg, 1);
    weir_go(two, &wg, &i); // expect: loop-variable-shared the address of 'i'
  }
  weir_wg_wait(&wg);
}
void with_the_group(void) {
  weir_wg wg = {0};
  int i = 0;
  do
    weir_wg_go(&wg, use, &i); // expect: loop-variable-shared the address of 'i'
  while (++i < 4 && (i += 1));
  weir_wg_wait(&wg);
}
void in_an_outer_loop(void) {
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++)
      weir_go(use, &i); // expect: loop-variable-shared the address of 'i'
}
