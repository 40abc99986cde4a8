// SPDX-License-Identifier: Apache-2.0
//
// What the kernels of tests/bugs/goker need to be written with POSIX threads: a thread for each
// goroutine, a join for each wait group, and a channel out of a mutex and a condition variable, as
// C programs have them. Only for the tools that are compared with Weir
// (tests/tools/proof_peers.py).
//
// Such a channel orders more than Weir's does: who comes later sees all that those before it did.
// There is no select; a kernel that has one uses try_receive or receive_within.
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { CHANNEL_ROOM = 8 };

struct channel {
  pthread_mutex_t mu; // guards all below
  pthread_cond_t changed;
  int elements[CHANNEL_ROOM];
  unsigned capacity; // 0: a send waits until its value has been received
  unsigned sent, received;
  bool closed;
};

static inline struct channel *make_channel(unsigned capacity) {
  struct channel *c = calloc(1, sizeof *c);
  pthread_mutex_init(&c->mu, NULL);
  pthread_cond_init(&c->changed, NULL);
  c->capacity = capacity;
  return c;
}

static inline void send_value(struct channel *c, int value) {
  unsigned room = c->capacity ? c->capacity : 1;
  pthread_mutex_lock(&c->mu);
  while (c->sent - c->received == room && !c->closed)
    pthread_cond_wait(&c->changed, &c->mu);
  if (c->closed) abort();
  unsigned mine = c->sent++;
  c->elements[mine % CHANNEL_ROOM] = value;
  pthread_cond_broadcast(&c->changed);
  while (c->capacity == 0 && c->received <= mine)
    pthread_cond_wait(&c->changed, &c->mu);
  pthread_mutex_unlock(&c->mu);
}

// With the lock held: whether there was a value.
static inline bool take(struct channel *c, int *value) {
  if (c->sent == c->received) return false;
  *value = c->elements[c->received++ % CHANNEL_ROOM];
  pthread_cond_broadcast(&c->changed);
  return true;
}

// False once it is closed and drained.
static inline bool receive(struct channel *c, int *value) {
  pthread_mutex_lock(&c->mu);
  while (c->sent == c->received && !c->closed)
    pthread_cond_wait(&c->changed, &c->mu);
  bool taken = take(c, value);
  pthread_mutex_unlock(&c->mu);
  return taken;
}

// As a select with a default: whether there was a value, or the channel is closed.
static inline bool try_receive(struct channel *c, int *value) {
  pthread_mutex_lock(&c->mu);
  bool ready = take(c, value) || c->closed;
  pthread_mutex_unlock(&c->mu);
  return ready;
}

static inline void receive_within(struct channel *c, int *value, long milliseconds) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += milliseconds * 1000000;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  pthread_mutex_lock(&c->mu);
  while (!take(c, value) && !c->closed)
    if (pthread_cond_timedwait(&c->changed, &c->mu, &until)) break;
  pthread_mutex_unlock(&c->mu);
}

static inline void close_channel(struct channel *c) {
  pthread_mutex_lock(&c->mu);
  c->closed = true;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->mu);
}

static inline pthread_t start_thread(void *(*f)(void *), void *arg) {
  pthread_t t;
  if (pthread_create(&t, NULL, f, arg)) abort();
  return t;
}

static inline void join(pthread_t t) {
  pthread_join(t, NULL);
}

// As a goroutine that nobody waits for: no tool shall take its end for a leak of a thread.
static inline void leave(pthread_t t) {
  pthread_detach(t);
}

// In place of a main that returns at once: threads end with it, so they are given time to get to
// where they block. Goroutines get it from Weir.
static inline void settle(void) {
  usleep(300000);
}

#endif
