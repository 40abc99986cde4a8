// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
// options: --checks=block-under-lock
#include <pthread.h>
#include <unistd.h>
#include <weir/weir.h>

struct hub {
  weir_mutex lock;
  weir_cond filled;
  weir_chan(int) out;
  pthread_mutex_t old;
  pthread_cond_t ready;
  int n;
};
int check(int);

// A condition variable gives its own lock back.
void on_a_condition(struct hub *h) {
  weir_mutex_lock(&h->lock);
  while (!h->n)
    weir_cond_wait(&h->filled, &h->lock);
  weir_mutex_unlock(&h->lock);
}
void of_pthreads(struct hub *h) {
  pthread_mutex_lock(&h->old);
  while (!h->n)
    pthread_cond_wait(&h->ready, &h->old);
  pthread_mutex_unlock(&h->old);
}
// What does not wait.
int with_a_default(struct hub *h) {
  int v = 0;
  weir_guard(&h->lock);
  weir_select(weir_on_recv(h->out, &v, NULL), weir_on_default());
  return v;
}
bool tries(struct hub *h) {
  weir_guard(&h->lock);
  return weir_try_send(h->out, 1);
}
void closes(struct hub *h) {
  weir_guard(&h->lock);
  weir_close(h->out);
  weir_yield();
}
int with_room(struct hub *h) {
  int v = 0;
  weir_chan(int) c = weir_chan_make(int, 4);
  weir_mutex_lock(&h->lock);
  weir_send(c, 1);
  weir_mutex_unlock(&h->lock);
  weir_recv(c, &v);
  return v;
}
// After the unlock, before the lock, without it on this way.
void behind_it(struct hub *h) {
  weir_mutex_lock(&h->lock);
  int n = h->n;
  weir_mutex_unlock(&h->lock);
  weir_send(h->out, n);
}
void before_it(struct hub *h) {
  int v = 0;
  weir_recv(h->out, &v);
  weir_mutex_lock(&h->lock);
  h->n = v;
  weir_mutex_unlock(&h->lock);
}
void only_when_free(struct hub *h) {
  int locked = check(1);
  if (locked) pthread_mutex_lock(&h->old);
  h->n++;
  if (!locked) usleep(1);
  if (locked) pthread_mutex_unlock(&h->old);
}
// The lock of the caller is not known here.
void for_the_caller(struct hub *h) {
  weir_send(h->out, h->n);
}
int main(void) {
  return 0;
}
