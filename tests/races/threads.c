// SPDX-License-Identifier: Apache-2.0
//
// Programs that also use what is not Weir's: pthread's and C11's threads and locks, POSIX
// semaphores, pipes and eventfds, signals, thread-specific data; by goroutines and OS threads
// together. What these order is ordered, and nothing else.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <threads.h>
#include <unistd.h>

#include "forms.h"

static pthread_t start(void *(*fn)(void *), void *arg) {
  pthread_t thread;
  MUST(pthread_create(&thread, NULL, fn, arg) == 0);
  return thread;
}

// --- start and join
static void *writes(void *unused) {
  x = 1; // RACE: joined
  hidden_post();
  return unused;
}
static void joined(bool racy) {
  pthread_t thread = start(writes, NULL);
  hidden_wait(1);
  if (!racy) pthread_join(thread, NULL);
  x = 2; // RACE: joined
  if (racy) pthread_join(thread, NULL);
}

// --- a pool of threads that take jobs from a queue, fed by a goroutine
static struct {
  pthread_mutex_t lock;
  pthread_cond_t filled;
  int jobs[8], count;
  bool closed;
  int done;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};

static void *work(void *unused) {
  for (;;) {
    pthread_mutex_lock(&queue.lock);
    while (queue.count == 0 && !queue.closed)
      pthread_cond_wait(&queue.filled, &queue.lock);
    if (queue.count == 0) break;
    int job = queue.jobs[--queue.count];
    queue.done += job; // RACE: pool
    pthread_mutex_unlock(&queue.lock);
  }
  pthread_mutex_unlock(&queue.lock);
  hidden_post();
  return unused;
}
static void feed(int n) {
  for (int i = 0; i < n; i++) {
    pthread_mutex_lock(&queue.lock);
    queue.jobs[queue.count++] = 1;
    pthread_cond_signal(&queue.filled);
    pthread_mutex_unlock(&queue.lock);
  }
  pthread_mutex_lock(&queue.lock);
  queue.closed = true;
  pthread_cond_broadcast(&queue.filled);
  pthread_mutex_unlock(&queue.lock);
}
static void pool(bool racy) {
  pthread_t one = start(work, NULL), two = start(work, NULL);
  weir_go(feed, 5);
  hidden_wait(2);
  if (!racy) pthread_mutex_lock(&queue.lock);
  MUST(queue.done == 5); // RACE: pool
  if (!racy) pthread_mutex_unlock(&queue.lock);
  pthread_join(one, NULL);
  pthread_join(two, NULL);
}

// --- barrier: phases of a computation
static pthread_barrier_t barrier;
static int phase[2];
static void *one_side(void *racy) {
  phase[0] = 1; // RACE: phases
  if (!racy) pthread_barrier_wait(&barrier);
  hidden_post();
  hidden_wait(2);
  if (racy) pthread_barrier_wait(&barrier);
  return NULL;
}
static void phases(bool racy) {
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_t thread = start(one_side, racy ? &barrier : NULL);
  if (!racy) pthread_barrier_wait(&barrier);
  hidden_wait(1);
  use(phase[0]); // RACE: phases
  hidden_post();
  if (racy) pthread_barrier_wait(&barrier);
  pthread_join(thread, NULL);
}

// --- spin lock and read-write lock
static pthread_spinlock_t spin;
static void *spins(void *unused) {
  pthread_spin_lock(&spin);
  x++; // RACE: spun
  pthread_spin_unlock(&spin);
  hidden_post();
  return unused;
}
static void spun(bool racy) {
  pthread_spin_init(&spin, 0);
  pthread_t thread = start(spins, NULL);
  hidden_wait(1);
  if (!racy) pthread_spin_lock(&spin);
  x++; // RACE: spun
  if (!racy) pthread_spin_unlock(&spin);
  pthread_join(thread, NULL);
}
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static void *reads_shared(void *racy) {
  pthread_rwlock_rdlock(&shared);
  if (racy) y++; // RACE: reader_writes
  use(y);
  pthread_rwlock_unlock(&shared);
  hidden_post();
  return NULL;
}
static void reader_writes(bool racy) {
  pthread_t thread = start(reads_shared, racy ? &shared : NULL);
  hidden_wait(1);
  pthread_rwlock_rdlock(&shared);
  use(y); // RACE: reader_writes
  pthread_rwlock_unlock(&shared);
  pthread_rwlock_wrlock(&shared);
  if (!racy) y++;
  pthread_rwlock_unlock(&shared);
  pthread_join(thread, NULL);
}

// --- semaphore, pipe, eventfd: what came before the post, not what comes after it
static sem_t full;
static void *posts(void *racy) {
  if (!racy) x = 1;
  sem_post(&full);
  if (racy) x = 1; // RACE: semaphore
  hidden_post();
  return NULL;
}
static void semaphore(bool racy) {
  sem_init(&full, 0, 0);
  pthread_t thread = start(posts, racy ? &full : NULL);
  hidden_wait(1);
  sem_wait(&full);
  use(x); // RACE: semaphore
  pthread_join(thread, NULL);
}
static int ends[2];
static void *tells(void *racy) {
  if (!racy) x = 1;
  MUST(write(ends[1], "", 1) == 1);
  if (racy) x = 1; // RACE: piped
  hidden_post();
  return NULL;
}
static void piped(bool racy) {
  char c;
  MUST(pipe(ends) == 0);
  pthread_t thread = start(tells, racy ? ends : NULL);
  hidden_wait(1);
  MUST(weir_read(ends[0], &c, 1) == 1);
  use(x); // RACE: piped
  pthread_join(thread, NULL);
}
static int event;
static void adds(bool racy) {
  if (!racy) x = 1;
  eventfd_write(event, 1);
  if (racy) x = 1; // RACE: counted_event
  hidden_post();
}
static void counted_event(bool racy) {
  eventfd_t n;
  event = eventfd(0, 0);
  weir_go(adds, racy);
  hidden_wait(1);
  eventfd_read(event, &n);
  use(x); // RACE: counted_event
}

// --- once, and C11's threads
static pthread_once_t once = PTHREAD_ONCE_INIT;
static once_flag c11_once = ONCE_FLAG_INIT;
static void make(void) {
  x = 1; // RACE: once_each, c11_once_each
}
static void *uses_once(void *unused) {
  pthread_once(&once, make);
  hidden_post();
  return unused;
}
static void once_each(bool racy) {
  pthread_t thread = start(uses_once, NULL);
  hidden_wait(1);
  if (!racy) pthread_once(&once, make);
  use(x); // RACE: once_each
  pthread_join(thread, NULL);
}
static int uses_c11_once(void *unused) {
  (void)unused;
  call_once(&c11_once, make);
  hidden_post();
  return 0;
}
static void c11_once_each(bool racy) {
  thrd_t thread;
  MUST(thrd_create(&thread, uses_c11_once, NULL) == thrd_success);
  hidden_wait(1);
  if (!racy) call_once(&c11_once, make);
  use(x); // RACE: c11_once_each
  thrd_join(thread, NULL);
}
static mtx_t c11_lock;
static cnd_t c11_ready;
static int ready;
static int signals(void *unused) {
  (void)unused;
  mtx_lock(&c11_lock);
  ready = 1; // RACE: c11_condition
  cnd_signal(&c11_ready);
  mtx_unlock(&c11_lock);
  hidden_post();
  return 0;
}
static void c11_condition(bool racy) {
  thrd_t thread;
  mtx_init(&c11_lock, mtx_plain);
  cnd_init(&c11_ready);
  MUST(thrd_create(&thread, signals, NULL) == thrd_success);
  if (!racy) {
    mtx_lock(&c11_lock);
    while (!ready)
      cnd_wait(&c11_ready, &c11_lock);
    mtx_unlock(&c11_lock);
  } else {
    hidden_wait(1);
    use(ready); // RACE: c11_condition
  }
  thrd_join(thread, NULL);
}

// --- the destructor of thread-specific data runs in its thread, before the join
static pthread_key_t key;
static void destroy(void *at) {
  *(int *)at = 1; // RACE: destructor
  hidden_post();
}
static void *has_specific(void *at) {
  pthread_setspecific(key, at);
  return NULL;
}
static void destructor(bool racy) {
  pthread_key_create(&key, destroy);
  pthread_t thread = start(has_specific, &z);
  if (racy) hidden_wait(1);
  if (!racy) pthread_join(thread, NULL);
  use(z); // RACE: destructor
  if (racy) pthread_join(thread, NULL);
}

// --- a signal handler that sets a flag for main, which another goroutine may not do
static volatile sig_atomic_t stopped;
static void on_signal(int sig) {
  (void)sig;
  stopped = 1;
}
static void stops(bool racy) {
  signal(SIGUSR1, on_signal);
  if (racy)
    stopped = 1; // RACE: handler
  else
    kill(getpid(), SIGUSR1); // main's thread takes it: workers block signals
  hidden_post();
}
static void handler(bool racy) {
  weir_go(stops, racy);
  hidden_wait(1);
  while (!stopped) // RACE: handler
    weir_yield();
}

// --- a channel between an OS thread and a goroutine; a time limit orders nothing
static weir_chan(int) numbers;
static void *sends(void *racy) {
  if (!racy) x = 1;
  weir_send(numbers, 1);
  if (racy) x = 1; // RACE: from_thread
  hidden_post();
  return NULL;
}
static void from_thread(bool racy) {
  numbers = weir_chan_make(int, 1);
  pthread_t thread = start(sends, racy ? &x : NULL);
  int n;
  MUST(weir_recv(numbers, &n));
  hidden_wait(1);
  use(x); // RACE: from_thread
  pthread_join(thread, NULL);
  weir_chan_free(numbers);
}
static void *locks_and_writes(void *unused) {
  pthread_mutex_lock(&queue.lock);
  x = 1; // RACE: timed_out
  pthread_cond_signal(&queue.filled);
  pthread_mutex_unlock(&queue.lock);
  hidden_post();
  return unused;
}
static void timed_out(bool racy) {
  struct timespec past = {.tv_sec = 1};
  if (racy) {
    pthread_mutex_lock(&queue.lock);
    MUST(pthread_cond_timedwait(&queue.filled, &queue.lock, &past) == ETIMEDOUT);
    pthread_mutex_unlock(&queue.lock);
  }
  pthread_t thread = start(locks_and_writes, NULL);
  hidden_wait(1);
  if (!racy) {
    pthread_mutex_lock(&queue.lock);
    MUST(pthread_cond_timedwait(&queue.filled, &queue.lock, &past) == ETIMEDOUT);
    pthread_mutex_unlock(&queue.lock);
  }
  use(x); // RACE: timed_out
  pthread_join(thread, NULL);
}

FORMS(joined)
FORMS(pool)
FORMS(phases)
FORMS(spun)
FORMS(reader_writes)
FORMS(semaphore)
FORMS(piped)
FORMS(counted_event)
FORMS(once_each)
FORMS(c11_once_each)
FORMS(c11_condition)
FORMS(destructor)
FORMS(handler)
FORMS(from_thread)
FORMS(timed_out)

CASES(CASE(joined), CASE(pool), CASE(phases), CASE(spun), CASE(reader_writes), CASE(semaphore),
      CASE(piped), CASE(counted_event), CASE(once_each), CASE(c11_once_each), CASE(c11_condition),
      CASE(destructor), CASE(handler), CASE(from_thread), CASE(timed_out))
