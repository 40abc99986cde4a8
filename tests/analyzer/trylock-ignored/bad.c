// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <threads.h>
#include <weir/weir.h>

struct pool {
  weir_mutex lock;
  weir_rwmutex table;
  pthread_mutex_t old;
  int n;
};
static mtx_t counting;

void of_weir(struct pool *p) {
  weir_mutex_trylock(&p->lock); // expect: trylock-ignored nobody asks whether 'p->lock' was locked
  p->n++;
  weir_mutex_unlock(&p->lock);
}
void to_write(struct pool *p) {
  weir_rwmutex_trylock(&p->table); // expect: trylock-ignored 'p->table'
  p->n++;
  weir_rwmutex_unlock(&p->table);
}
int to_read(struct pool *p) {
  weir_rwmutex_tryrlock(&p->table); // expect: trylock-ignored 'p->table'
  int n = p->n;
  weir_rwmutex_runlock(&p->table);
  return n;
}
void of_pthreads(struct pool *p) {
  if (p->n) pthread_mutex_trylock(&p->old); // expect: trylock-ignored 'p->old'
  p->n = 0;
}
void of_c11(void) {
  for (int i = 0; i < 3; i++)
    mtx_trylock(&counting); // expect: trylock-ignored 'counting'
}
void in_a_comma(struct pool *p) {
  weir_mutex_trylock(&p->lock), p->n++; // expect: trylock-ignored 'p->lock'
  weir_mutex_unlock(&p->lock);
}
void spin(pthread_spinlock_t *lock) {
  pthread_spin_trylock(lock); // expect: trylock-ignored '*lock'
  pthread_spin_unlock(lock);
}
