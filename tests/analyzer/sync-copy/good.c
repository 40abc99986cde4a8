// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

struct counter {
  weir_mutex lock;
  int n;
};
struct handle {
  weir_mutex *lock;
  weir_chan(int) ch;
  int n;
};

// A fresh one.
void resets(struct counter *c) {
  *c = (struct counter){.n = 3};
  c->lock = (weir_mutex){0};
}
static const struct counter nothing = {.n = 1};
void from_template(struct counter *c) {
  *c = nothing;
}
static pthread_mutex_t initial = PTHREAD_MUTEX_INITIALIZER;
void initialises(pthread_mutex_t *m) {
  pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
  *m = fresh;
  pthread_mutex_lock(&initial);
  pthread_mutex_unlock(&initial);
}

// On its way to where it will live; nobody has its address yet.
struct counter make(int n) {
  struct counter c = {.n = n};
  return c;
}
void fills(struct counter *to) {
  struct counter c = make(2);
  c.n++;
  *to = c;
}

// Pointers are shared, not copied; a channel is one.
struct handle share(struct handle *h) {
  struct handle other = *h;
  return other;
}
int by_pointer(struct counter *c) {
  struct counter *same = c;
  return same->n;
}

// Only a member.
int member(struct counter *c) {
  int n = c->n;
  return n;
}

// Not evaluated.
size_t size(struct counter *c) {
  __typeof__(*c) *more = malloc(sizeof *c);
  free(more);
  return sizeof(*c);
}
void unused(struct counter *c) {
  (void)*c;
}
void clears(struct counter *c) {
  memset(c, 0, sizeof *c);
}

struct slot {
  pthread_mutex_t lock;
  pthread_cond_t freed;
  char text[64];
};
void cleared(struct slot *slots, int n) {
  for (int i = 0; i < n; i++) {
    pthread_mutex_t const lock = slots[i].lock;
    pthread_cond_t const freed = slots[i].freed;
    memset(&slots[i], 0, sizeof slots[i]);
    slots[i].lock = lock;
    slots[i].freed = freed;
  }
}
