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
int check(int);

void at_once(struct pool *p) {
  weir_mutex_lock(&p->lock);
  p->n++;
  weir_mutex_unlock(&p->lock);
  weir_mutex_unlock(&p->lock); // expect: double-unlock 'p->lock' is unlocked a second time
}

int no_return_behind_it(struct pool *p, int by) {
  weir_mutex_lock(&p->lock);
  if (by == 0) weir_mutex_unlock(&p->lock);
  p->n += by;
  weir_mutex_unlock(&p->lock); // expect: double-unlock 'p->lock' is unlocked a second time on one way here
  return 0;
}

int at_the_cleanup(struct pool *p) {
  int status = 0;
  pthread_mutex_lock(&p->old);
  if (p->closed) {
    status = -1;
    pthread_mutex_unlock(&p->old);
    goto out;
  }
  p->n++;
out:
  pthread_mutex_unlock(&p->old); // expect: double-unlock 'p->old' is unlocked a second time on one way
  return status;
}

void breaks_out(int n) {
  weir_mutex_lock(&all);
  while (n-- > 0)
    if (check(n)) {
      weir_mutex_unlock(&all);
      break;
    }
  weir_mutex_unlock(&all); // expect: double-unlock 'all' is unlocked a second time
}

static void done(struct pool *p) {
  p->n = 0;
  weir_mutex_unlock(&p->lock);
}
void the_callee_did(struct pool *p) {
  weir_mutex_lock(&p->lock);
  done(p);
  weir_mutex_unlock(&p->lock); // expect: double-unlock 'p->lock' is unlocked a second time
}

void readers(struct pool *p) {
  weir_rwmutex_rlock(&p->table);
  int n = p->n;
  weir_rwmutex_runlock(&p->table);
  if (n) weir_rwmutex_runlock(&p->table); // expect: double-unlock 'p->table' is unlocked a second time
}

void popped_as_well(struct pool *p) {
  pthread_cleanup_push((void (*)(void *))pthread_mutex_unlock, &p->old);
  pthread_mutex_lock(&p->old);
  p->n++;
  pthread_mutex_unlock(&p->old);
  pthread_cleanup_pop(1); // expect: double-unlock 'p->old' is unlocked a second time
}
int main(void) {
  return 0;
}
