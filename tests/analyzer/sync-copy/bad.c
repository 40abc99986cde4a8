// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <semaphore.h>
#include <weir/weir.h>

struct counter {
  weir_mutex lock;
  int n;
};
struct outer {
  struct counter each[2];
  pthread_mutex_t old;
};
struct event {
  pthread_cond_t cond;
  sem_t sem;
};

void by_value(weir_wg wg) { // expect: sync-copy 'wg', a weir_wg, is passed by value
  weir_wg_done(&wg);
}
int in_a_struct(struct counter c) { // expect: sync-copy 'c', with a weir_mutex in it, is passed by value
  return c.n;
}
void passes(struct counter *c) {
  in_a_struct(*c); // expect: sync-copy '*c', with a weir_mutex in it, is copied
}
void declares(struct counter *c) {
  weir_mutex_lock(&c->lock);
  struct counter now = *c; // expect: sync-copy '*c', with a weir_mutex in it, is copied
  weir_mutex_unlock(&c->lock);
  c->n = now.n + 1;
}
void assigns(struct outer *to, struct outer *from) {
  *to = *from; // expect: sync-copy '*from', with a weir_mutex in it, is copied
}
void one_member(struct outer *to, struct outer *from) {
  to->old = from->old; // expect: sync-copy 'from->old', a pthread_mutex_t, is copied
}
struct event events[4];
struct event returns(int i) {
  return events[i]; // expect: sync-copy 'events[i]', with a pthread_cond_t in it, is copied
}
void goroutine(weir_wg wg) { // expect: sync-copy 'wg', a weir_wg, is passed by value
  weir_wg_done(&wg);
}
void used_before(struct counter *to) {
  struct counter c = {0};
  weir_mutex_lock(&c.lock);
  c.n = 1;
  weir_mutex_unlock(&c.lock);
  *to = c; // expect: sync-copy 'c', with a weir_mutex in it, is copied
}
