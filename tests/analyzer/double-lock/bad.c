// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <weir/weir.h>

struct pool {
  weir_mutex lock;
  weir_rwmutex table;
  pthread_mutex_t old;
  int n, closed;
};
static weir_mutex all;
static int total;
int check(int);

void at_once(struct pool *p) {
  weir_mutex_lock(&p->lock);
  weir_mutex_lock(&p->lock); // expect: double-lock 'p->lock' is locked again by the function that holds it
  weir_mutex_unlock(&p->lock);
}

static void count(int by) {
  weir_mutex_lock(&all);
  total += by;
  weir_mutex_unlock(&all);
}
void through_a_call(int by) {
  weir_mutex_lock(&all);
  count(by); // expect: double-lock 'all' is locked again by the function called here
  weir_mutex_unlock(&all);
}

static int size_of(struct pool *p) {
  weir_mutex_lock(&p->lock);
  int n = p->n;
  weir_mutex_unlock(&p->lock);
  return n;
}
static int twice_of(struct pool *p) {
  return 2 * size_of(p);
}
int through_two_calls(struct pool *of) {
  weir_mutex_lock(&of->lock);
  int n = twice_of(of); // expect: double-lock 'of->lock' is locked again
  weir_mutex_unlock(&of->lock);
  return n;
}

void not_released_in_the_loop(struct pool *p, int n) {
  for (int i = 0; i < n; i++) {
    weir_mutex_lock(&p->lock); // expect: double-lock 'p->lock' is locked again while it is still locked from the turn
    if (check(i)) continue;
    p->n++;
    weir_mutex_unlock(&p->lock);
  }
}

void reads_while_it_writes(struct pool *p) {
  weir_rwmutex_lock(&p->table);
  if (p->n == 0) {
    weir_rwmutex_rlock(&p->table); // expect: double-lock 'p->table' is locked again
    p->n = 1;
    weir_rwmutex_runlock(&p->table);
  }
  weir_rwmutex_unlock(&p->table);
}

void under_another_name(struct pool *p) {
  weir_mutex *mu = &p->lock;
  weir_guard(mu);
  weir_mutex_lock(&p->lock); // expect: double-lock 'p->lock' is locked again
  p->n++;
  weir_mutex_unlock(&p->lock);
}

void of_pthreads(struct pool *p) {
  pthread_mutex_lock(&p->old);
  if (p->closed) {
    pthread_mutex_lock(&p->old); // expect: double-lock 'p->old' is locked again
    p->n = 0;
  }
  pthread_mutex_unlock(&p->old);
}
int main(void) {
  return 0;
}
