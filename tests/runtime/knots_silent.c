// SPDX-License-Identifier: Apache-2.0
//
// Goroutines that look stuck together and are not: each is ended by somebody who can still get at
// what it waits for, in its own time. All of them at once, with a look at every tick; main waits
// for them on its own stack. That time passes is the point here.
//
// REQUIRES: races
// RUN: mkdir -p %t && %weircc_plain -g -O1 %s -o %t/plain
// RUN: env WEIR_OPTIONS=knot_check_ms=100:procs=1 %t/plain 2>&1 | count 0
// RUN: env WEIR_OPTIONS=knot_check_ms=100:procs=2 %t/plain 2>&1 | count 0
// RUN: %weircc -g -O1 %s -o %t/races
// RUN: env WEIR_OPTIONS=knot_check_ms=100:procs=2 %t/races 2>&1 | count 0
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <weir/weir.h>

enum { LONG_MS = 700 }; // several looks

// An answer that comes late: the one who sends sleeps, and only its stack leads to the channel.
static void answer(weir_chan(int) to) {
  weir_sleep(WEIR_MS(LONG_MS));
  weir_send(to, 1);
}

static void ask(weir_wg *wg) {
  weir_chan(int) answers = weir_chan_make(int, 0);
  weir_go(answer, answers);
  weir_recv(answers, NULL);
  weir_chan_free(answers);
  weir_wg_done(wg);
}

// A lock that is lent: who took it waits for the one who will unlock it, and a third wants it.
struct loan {
  weir_mutex mu;
  weir_chan(int) over;
};

static void unlock_later(struct loan *l) {
  weir_sleep(WEIR_MS(LONG_MS));
  weir_mutex_unlock(&l->mu);
  weir_close(l->over);
}

static void want(struct loan *l, weir_wg *wg) {
  weir_mutex_lock(&l->mu);
  weir_mutex_unlock(&l->mu);
  weir_wg_done(wg);
}

static void lend(weir_wg *wg) {
  struct loan *l = calloc(1, sizeof *l);
  weir_wg wants = {0};
  l->over = weir_chan_make(int, 0);
  weir_mutex_lock(&l->mu);
  weir_wg_add(&wants, 1);
  weir_go(want, l, &wants);
  weir_go(unlock_later, l);
  weir_recv(l->over, NULL);
  weir_wg_wait(&wants);
  weir_chan_free(l->over);
  free(l);
  weir_wg_done(wg);
}

// The other side is a thread, which sleeps outside of Weir.
static void *from_a_thread(void *to) {
  struct timespec left = {.tv_nsec = LONG_MS * 1000000L};
  while (nanosleep(&left, &left) != 0)
    ;
  weir_send((weir_chan(int))to, 1);
  return NULL;
}

static void ask_a_thread(weir_wg *wg) {
  weir_chan(int) answers = weir_chan_make(int, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, from_a_thread, answers);
  weir_recv(answers, NULL);
  pthread_join(thread, NULL);
  weir_chan_free(answers);
  weir_wg_done(wg);
}

// A timer's function has the only pointer to the fence.
static void open_it(weir_fence *fence) {
  weir_fence_open(fence);
}

static void wait_for_timer(weir_wg *wg) {
  weir_fence *fence = calloc(1, sizeof *fence);
  weir_timer *timer = weir_after_func(WEIR_MS(LONG_MS), open_it, fence);
  weir_fence_wait(fence);
  weir_timer_free(timer);
  free(fence);
  weir_wg_done(wg);
}

// A producer waits with a lock held, the consumer is only slow.
static void consume_slowly(weir_chan(int) c, weir_mutex *mu, weir_wg *wg) {
  weir_sleep(WEIR_MS(LONG_MS));
  weir_recv(c, NULL);
  weir_guard(mu);
  weir_wg_done(wg);
}

static void produce(weir_wg *wg) {
  static weir_mutex mu;
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_wg consumed = {0};
  weir_wg_add(&consumed, 1);
  weir_go(consume_slowly, c, &mu, &consumed);
  weir_mutex_lock(&mu);
  weir_send(c, 1);
  weir_mutex_unlock(&mu);
  weir_wg_wait(&consumed);
  weir_chan_free(c);
  weir_wg_done(wg);
}

// A member of a wait group gives its place to another goroutine that is done for it.
static weir_wg members;
static void done_for_another(weir_chan(int) c) {
  weir_sleep(WEIR_MS(LONG_MS));
  weir_close(c);
}
static void member(weir_chan(int) c) {
  weir_recv(c, NULL);
}
static void have_members(weir_wg *wg) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_wg_go(&members, member, c);
  weir_wg_go(&members, done_for_another, c);
  weir_wg_wait(&members);
  weir_chan_free(c);
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 6);
  weir_go(ask, &wg);
  weir_go(lend, &wg);
  weir_go(ask_a_thread, &wg);
  weir_go(wait_for_timer, &wg);
  weir_go(produce, &wg);
  weir_go(have_members, &wg);
  weir_wg_wait(&wg);
  return 0;
}
