// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <sched.h>
#include <weir/weir.h>

int work(void);
static int use(int n) {
  return n + 1;
}

void yields(weir_mutex *m) {
  while (!weir_mutex_trylock(m))
    weir_yield();
  weir_mutex_unlock(m);
}
void backs_off(weir_mutex *m) {
  for (int64_t ns = 1000; !weir_mutex_trylock(m); ns *= 2)
    weir_sleep(ns);
  weir_mutex_unlock(m);
}
bool a_few_times(weir_mutex *m) {
  for (int i = 0; i < 10; i++)
    if (weir_mutex_trylock(m)) {
      weir_mutex_unlock(m);
      return true;
    }
  return false;
}
void works_meanwhile(weir_chan(int) quit) {
  for (;;)
    switch (weir_select(weir_on_recv(quit, NULL, NULL), weir_on_default())) {
    case 0:
      return;
    default:
      work();
    }
}
void waits_without_default(weir_chan(int) jobs, weir_chan(int) quit) {
  int job;
  for (;;)
    switch (weir_select(weir_on_recv(jobs, &job, NULL), weir_on_recv(quit, NULL, NULL))) {
    case 0:
      use(job);
      break;
    default:
      return;
    }
}
// As many as are there.
int drains(weir_chan(int) jobs) {
  int sum = 0, job;
  while (weir_try_recv(jobs, &job, NULL))
    sum += use(job);
  return sum;
}
// Each channel once.
int first_ready(weir_chan(int) *all, int n) {
  int job = 0;
  for (int i = 0; i < n; i++)
    if (weir_try_recv(all[i], &job, NULL)) break;
  return job;
}
long computes(weir_chan(int) quit, long n) {
  while (!weir_try_recv(quit, NULL, NULL))
    n = n * 31 + 7;
  return n;
}
// An OS thread may spin.
void of_pthreads(pthread_mutex_t *m) {
  while (pthread_mutex_trylock(m))
    ;
  pthread_mutex_unlock(m);
}
void gives_way(weir_mutex *m) {
  while (!weir_mutex_trylock(m))
    sched_yield();
  weir_mutex_unlock(m);
}
void waits_after_it(weir_chan(int) jobs, weir_chan(int) more) {
  int job;
  for (;;) {
    if (weir_try_recv(jobs, &job, NULL)) use(job);
    if (!weir_recv(more, NULL)) return;
  }
}
// The newest: what is in the way goes.
void drops_the_oldest(weir_chan(int) out, int n) {
  while (!weir_try_send(out, n))
    weir_try_recv(out, NULL, NULL);
}
