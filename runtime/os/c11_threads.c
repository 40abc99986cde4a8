// SPDX-License-Identifier: Apache-2.0
//
// <threads.h> by way of <pthread.h>. The C library's own versions call its POSIX ones by their
// inner names, so a race detector, which stands in for pthread_create and the others, never
// hears of them: a thread that it does not know crashes at its first instrumented access, and
// locks that it does not see make every access they guard a race.
//
// Types are those of the C library, where mtx_t, cnd_t, once_flag and thrd_t are the POSIX
// objects under another name; the static assertions hold it to that. Threads, mutexes, conditions
// and call_once are here. The rest (tss_*, thrd_current, thrd_sleep ...) needs no help.
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>
#include <weir/abi.h>

_Static_assert(sizeof(thrd_t) == sizeof(pthread_t), "a thrd_t is a pthread_t");
_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "a mtx_t is a pthread_mutex_t");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "a cnd_t is a pthread_cond_t");
_Static_assert(sizeof(once_flag) == sizeof(pthread_once_t), "a once_flag is a pthread_once_t");

#pragma GCC visibility push(default)

static int result(int err) {
  switch (err) {
  case 0:
    return thrd_success;
  case ENOMEM:
    return thrd_nomem;
  case ETIMEDOUT:
    return thrd_timedout;
  case EBUSY:
    return thrd_busy;
  default:
    return thrd_error;
  }
}

// --- threads ---------------------------------------------------------------------------

struct start {
  thrd_start_t fn;
  void *arg;
};

static void *begin(void *p) {
  struct start s = *(struct start *)p;
  free(p);
  return (void *)(intptr_t)s.fn(s.arg);
}

int thrd_create(thrd_t *t, thrd_start_t fn, void *arg) {
  struct start *s = malloc(sizeof *s);
  if (!s) return thrd_nomem;
  *s = (struct start){fn, arg};
  int err = pthread_create((pthread_t *)t, NULL, begin, s);
  if (err) free(s);
  return result(err == EAGAIN ? ENOMEM : err);
}

int thrd_join(thrd_t t, int *status) {
  void *value;
  int err = pthread_join((pthread_t)t, &value);
  if (!err && status) *status = (int)(intptr_t)value;
  return result(err);
}

int thrd_detach(thrd_t t) {
  return result(pthread_detach((pthread_t)t));
}

void thrd_exit(int status) {
  pthread_exit((void *)(intptr_t)status);
}

void call_once(once_flag *flag, void (*fn)(void)) {
  pthread_once((pthread_once_t *)flag, fn);
}

// --- mutexes ---------------------------------------------------------------------------

int mtx_init(mtx_t *m, int type) {
  if (type & ~(mtx_timed | mtx_recursive)) return thrd_error;
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_settype(&attr,
                            type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
  int err = pthread_mutex_init((pthread_mutex_t *)m, &attr);
  pthread_mutexattr_destroy(&attr);
  return result(err);
}

void mtx_destroy(mtx_t *m) {
  pthread_mutex_destroy((pthread_mutex_t *)m);
}

int mtx_lock(mtx_t *m) {
  return result(pthread_mutex_lock((pthread_mutex_t *)m));
}

int mtx_timedlock(mtx_t *restrict m, const struct timespec *restrict until) {
  return result(pthread_mutex_timedlock((pthread_mutex_t *)m, until));
}

int mtx_trylock(mtx_t *m) {
  return result(pthread_mutex_trylock((pthread_mutex_t *)m));
}

int mtx_unlock(mtx_t *m) {
  return result(pthread_mutex_unlock((pthread_mutex_t *)m));
}

// --- conditions --------------------------------------------------------------------------

int cnd_init(cnd_t *c) {
  return result(pthread_cond_init((pthread_cond_t *)c, NULL));
}

void cnd_destroy(cnd_t *c) {
  pthread_cond_destroy((pthread_cond_t *)c);
}

int cnd_signal(cnd_t *c) {
  return result(pthread_cond_signal((pthread_cond_t *)c));
}

int cnd_broadcast(cnd_t *c) {
  return result(pthread_cond_broadcast((pthread_cond_t *)c));
}

int cnd_wait(cnd_t *c, mtx_t *m) {
  return result(pthread_cond_wait((pthread_cond_t *)c, (pthread_mutex_t *)m));
}

int cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict until) {
  return result(pthread_cond_timedwait((pthread_cond_t *)c, (pthread_mutex_t *)m, until));
}

#pragma GCC visibility pop
