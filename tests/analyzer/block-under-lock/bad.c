// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
// options: --checks=block-under-lock
#include <pthread.h>
#include <unistd.h>
#include <weir/weir.h>

struct hub {
  weir_mutex lock;
  weir_rwmutex table;
  weir_chan(int) out;
  weir_wg workers;
  weir_sem slots;
  pthread_mutex_t old;
  pthread_t thread;
  int n;
};

void sends(struct hub *h) {
  weir_mutex_lock(&h->lock);
  weir_send(h->out, h->n); // expect: block-under-lock 'h->lock' is held while this waits for others
  weir_mutex_unlock(&h->lock);
}
int receives(struct hub *h) {
  int v;
  weir_guard(&h->lock);
  weir_recv(h->out, &v); // expect: block-under-lock 'h->lock' is held
  return v;
}
void selects(struct hub *h, weir_chan(int) quit) {
  weir_rwmutex_rlock(&h->table);
  weir_select(weir_on_send(h->out, 1), weir_on_recv(quit, NULL, NULL)); // expect: block-under-lock 'h->table' is held
  weir_rwmutex_runlock(&h->table);
}
void waits(struct hub *h) {
  weir_mutex_lock(&h->lock);
  h->n = 0;
  weir_wg_wait(&h->workers); // expect: block-under-lock 'h->lock' is held
  weir_mutex_unlock(&h->lock);
}
void sleeps(struct hub *h) {
  pthread_mutex_lock(&h->old);
  while (h->n)
    usleep(10); // expect: block-under-lock 'h->old' is held
  pthread_mutex_unlock(&h->old);
}
void joins(struct hub *h) {
  pthread_mutex_lock(&h->old);
  pthread_join(h->thread, NULL); // expect: block-under-lock 'h->old' is held
  pthread_mutex_unlock(&h->old);
}
int acquires(struct hub *h) {
  weir_mutex_lock(&h->lock);
  int e = weir_sem_acquire(&h->slots, NULL, 1); // expect: block-under-lock 'h->lock' is held
  weir_mutex_unlock(&h->lock);
  return e;
}
void without_room(struct hub *h) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_mutex_lock(&h->lock);
  weir_send(c, 1); // expect: block-under-lock 'h->lock' is held
  weir_mutex_unlock(&h->lock);
}
int main(void) {
  return 0;
}
