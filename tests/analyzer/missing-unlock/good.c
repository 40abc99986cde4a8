// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

struct pool {
  weir_mutex lock;
  pthread_mutex_t old;
  int n, closed, shared;
  struct pool *next;
};
static weir_mutex all;
int check(int);
void unlock_elsewhere(struct pool *p);
void set_handler(void (*f)(void *), void *of);

// A lock function is left with the lock on all ways.
void lock_pool(struct pool *p) {
  weir_mutex_lock(&p->lock);
  p->n++;
}

// One that says with its result whether it has the lock.
int begin(struct pool *p) {
  weir_mutex_lock(&p->lock);
  if (p->closed) {
    weir_mutex_unlock(&p->lock);
    return -1;
  }
  return 0;
}

struct pool *find_locked(struct pool *p, int n) {
  weir_mutex_lock(&all);
  for (; p; p = p->next)
    if (p->n == n) return p;
  weir_mutex_unlock(&all);
  return NULL;
}

// goto to where it is released.
int one_way_out(struct pool *p) {
  int status = -1;
  weir_mutex_lock(&p->lock);
  if (p->closed) goto out;
  if (check(p->n)) goto out;
  status = 0;
out:
  weir_mutex_unlock(&p->lock);
  return status;
}

// A flag says whether it is locked.
int by_flag(struct pool *p, int exclusive) {
  if (exclusive) weir_mutex_lock(&p->lock);
  int n = p->n;
  if (check(n)) n = 0;
  if (exclusive) weir_mutex_unlock(&p->lock);
  return n;
}

int by_own_flag(struct pool *p) {
  int locked = 0, status = 0;
  if (p->shared) {
    weir_mutex_lock(&p->lock);
    locked = 1;
  }
  if (check(1)) status = -1;
  if (locked) weir_mutex_unlock(&p->lock);
  return status;
}

int by_member(struct pool *p) {
  if (p->shared) pthread_mutex_lock(&p->old);
  int n = p->n;
  if (p->shared) pthread_mutex_unlock(&p->old);
  return n;
}

// The way out that has the lock never comes back.
void gives_up(struct pool *p) {
  weir_mutex_lock(&p->lock);
  if (p->closed) abort();
  weir_mutex_unlock(&p->lock);
}
static void die(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}
void dies(struct pool *p) {
  weir_mutex_lock(&p->lock);
  if (p->closed) die("closed");
  weir_mutex_unlock(&p->lock);
}

// Scopes.
int guarded(struct pool *p) {
  weir_guard(&p->lock);
  if (p->closed) return -1;
  return p->n;
}
int deferred(struct pool *p) {
  weir_mutex_lock(&p->lock);
  weir_defer(weir_mutex_unlock(&p->lock));
  if (p->closed) return -1;
  return p->n;
}
static void give_back(pthread_mutex_t **m) {
  pthread_mutex_unlock(*m);
}
int cleaned(struct pool *p) {
  pthread_mutex_lock(&p->old);
  pthread_mutex_t *held __attribute__((cleanup(give_back))) = &p->old;
  if (p->closed) return -1;
  return p->n;
}
void *cancellable(void *arg) {
  struct pool *p = arg;
  pthread_mutex_lock(&p->old);
  pthread_cleanup_push((void (*)(void *))pthread_mutex_unlock, &p->old);
  while (!p->closed)
    check(1);
  pthread_cleanup_pop(1);
  return NULL;
}

// A function that is not known may give it back on this way.
int elsewhere(struct pool *p) {
  weir_mutex_lock(&p->lock);
  if (p->closed) {
    unlock_elsewhere(p);
    return -1;
  }
  weir_mutex_unlock(&p->lock);
  return 0;
}

// Another goroutine does; it is handed on in a message.
static void second_half(struct pool *p) {
  p->n = 0;
  weir_mutex_unlock(&p->lock);
}
int first_half(struct pool *p) {
  weir_mutex_lock(&p->lock);
  if (p->closed) {
    weir_go(second_half, p);
    return 1;
  }
  weir_mutex_unlock(&p->lock);
  return 0;
}

// Hand over hand along a list.
int walk(struct pool *p) {
  int sum = 0;
  weir_mutex_lock(&p->lock);
  while (p->next) {
    struct pool *next = p->next;
    weir_mutex_lock(&next->lock);
    weir_mutex_unlock(&p->lock);
    p = next;
    sum += p->n;
  }
  weir_mutex_unlock(&p->lock);
  return sum;
}

static jmp_buf back;
int jumps(struct pool *p) {
  weir_mutex_lock(&p->lock);
  if (setjmp(back)) {
    weir_mutex_unlock(&p->lock);
    return -1;
  }
  weir_mutex_unlock(&p->lock);
  return 0;
}

// The memory that holds the lock is gone.
void drop(struct pool *p) {
  pthread_mutex_lock(&p->old);
  if (--p->n == 0) {
    free(p);
    return;
  }
  pthread_mutex_unlock(&p->old);
}

// It could not be locked.
int fails(struct pool *p) {
  int error = pthread_mutex_lock(&p->old);
  if (error) return error;
  p->n++;
  return pthread_mutex_unlock(&p->old);
}
void only_if_locked(struct pool *p) {
  if (0 == pthread_mutex_lock(&p->old)) {
    p->n++;
    pthread_mutex_unlock(&p->old);
  }
}
void only_if_tried(struct pool *p) {
  if (weir_mutex_trylock(&p->lock)) {
    p->n++;
    weir_mutex_unlock(&p->lock);
  }
}
// Given back when the handler is popped, whether that runs it or not.
void by_a_handler(pthread_mutex_t *lock, int *n) {
  pthread_cleanup_push((void (*)(void *))pthread_mutex_unlock, lock);
  pthread_mutex_lock(lock);
  ++*n;
  pthread_cleanup_pop(1);
  pthread_cleanup_push((void (*)(void *))pthread_mutex_unlock, lock);
  pthread_mutex_lock(lock);
  --*n;
  pthread_cleanup_pop(0);
  pthread_mutex_unlock(lock);
}
int main(void) {
  return 0;
}
