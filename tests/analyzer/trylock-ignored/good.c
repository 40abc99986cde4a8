// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <assert.h>
#include <pthread.h>
#include <weir/weir.h>

struct pool {
  weir_mutex lock;
  pthread_mutex_t old;
  int n;
};

void asked(struct pool *p) {
  if (!weir_mutex_trylock(&p->lock)) return;
  p->n++;
  weir_mutex_unlock(&p->lock);
}
void in_a_loop(struct pool *p) {
  while (pthread_mutex_trylock(&p->old) != 0)
    weir_yield();
  pthread_mutex_unlock(&p->old);
}
int kept(struct pool *p) {
  int error = pthread_mutex_trylock(&p->old);
  if (error) return error;
  return pthread_mutex_unlock(&p->old);
}
bool passed_on(struct pool *p) {
  return weir_mutex_trylock(&p->lock);
}
void asserted(struct pool *p) {
  assert(weir_mutex_trylock(&p->lock));
  weir_mutex_unlock(&p->lock);
}
int part_of_more(struct pool *p, int wanted) {
  int got = wanted && weir_mutex_trylock(&p->lock);
  if (got) weir_mutex_unlock(&p->lock);
  return got;
}
void on_purpose(struct pool *p) { // now it is locked, by whomever
  (void)weir_mutex_trylock(&p->lock);
}
static void note(bool got, struct pool *p) {
  if (got) weir_mutex_unlock(&p->lock);
}
void as_argument(struct pool *p) {
  note(weir_mutex_trylock(&p->lock), p);
}
void choice(struct pool *p) {
  weir_mutex_trylock(&p->lock) ? weir_mutex_unlock(&p->lock) : weir_yield();
}
void no_try(struct pool *p) {
  pthread_mutex_lock(&p->old);
  pthread_mutex_unlock(&p->old);
}
