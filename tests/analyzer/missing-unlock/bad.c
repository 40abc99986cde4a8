// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <stdlib.h>
#include <threads.h>
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
void log_line(const char *text);

int early_return(struct pool *p, int by) {
  weir_mutex_lock(&p->lock);
  if (by < 0) return -1; // expect: missing-unlock 'p->lock' is still locked when early_return is left
  p->n += by;
  weir_mutex_unlock(&p->lock);
  return 0;
}

int past_the_cleanup(struct pool *p) {
  int status = -1;
  weir_mutex_lock(&p->lock);
  if (p->closed) goto out;
  status = p->n;
  weir_mutex_unlock(&p->lock);
out:
  return status; // expect: missing-unlock 'p->lock' is still locked
}

void one_case(int kind) {
  weir_mutex_lock(&all);
  switch (kind) {
  case 0:
    total++;
    break;
  case 1:
    return; // expect: missing-unlock 'all' is still locked when one_case is left
  default:
    total--;
  }
  weir_mutex_unlock(&all);
}

int read_side(struct pool *p, int key) {
  weir_rwmutex_rlock(&p->table);
  if (key > p->n) {
    log_line("no such key");
    return -1; // expect: missing-unlock 'p->table' is still locked
  }
  int found = p->n;
  weir_rwmutex_runlock(&p->table);
  log_line("found");
  return found;
}

int of_pthreads(struct pool *p) {
  if (pthread_mutex_lock(&p->old) != 0) return -1;
  if (!check(p->n)) return -2; // expect: missing-unlock 'p->old' is still locked
  pthread_mutex_unlock(&p->old);
  return 0;
}

int after_a_try(struct pool *p) {
  if (!weir_mutex_trylock(&p->lock)) return 0;
  if (check(1)) return 1; // expect: missing-unlock 'p->lock' is still locked
  weir_mutex_unlock(&p->lock);
  return 2;
}

static mtx_t counting;
int of_c11(int n) {
  mtx_lock(&counting);
  while (n-- > 0)
    if (check(n)) return n; // expect: missing-unlock 'counting' is still locked
  mtx_unlock(&counting);
  return -1;
}

void leaves_one_of_two(struct pool *a, struct pool *b) {
  weir_mutex_lock(&a->lock);
  weir_mutex_lock(&b->lock);
  if (b->closed) {
    weir_mutex_unlock(&a->lock);
    return; // expect: missing-unlock 'b->lock' is still locked
  }
  b->n += a->n;
  weir_mutex_unlock(&b->lock);
  weir_mutex_unlock(&a->lock);
}

// The function that it calls gives the lock back.
static void finish(struct pool *p) {
  p->n = 0;
  weir_mutex_unlock(&p->lock);
}
int in_a_callee(struct pool *p) {
  weir_mutex_lock(&p->lock);
  if (p->closed) return 1; // expect: missing-unlock 'p->lock' is still locked
  finish(p);
  return 0;
}
int main(void) {
  return 0;
}
