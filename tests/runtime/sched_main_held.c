// SPDX-License-Identifier: Apache-2.0
// Goroutines that block every thread, the main thread's too, in calls that only main can end: main
// goes on elsewhere, each time it is woken.
// RUN: %weircc_plain %s -o %t
// RUN: env WEIR_OPTIONS=procs=1 %t
// RUN: env WEIR_OPTIONS=procs=2 %t
// RUN: env WEIR_OPTIONS=procs=4 %t
// RUN: %weircc %s -o %t.i && env WEIR_OPTIONS=procs=2 %t.i
// RUN: %weircc_plain -fsanitize=address %s -o %t.a
// RUN: env WEIR_OPTIONS=procs=2 %t.a
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>

#include "check.h"

enum { READERS = 5 };
static int fds[READERS][2];

static void reads(int i, weir_chan(int) begun, weir_wg *wg) {
  char c;
  weir_send(begun, i);
  CHECK_EQ(read(fds[i][0], &c, 1), 1); // blocks the thread
  CHECK_EQ(c, 'a' + i);
  weir_wg_done(wg);
}

static void pongs(weir_chan(int) to, weir_chan(int) from) {
  for (int v; weir_recv(to, &v);)
    weir_send(from, v + 1);
}

static void wakes_main_often(void) {
  weir_chan(int) to = weir_chan_make(int, 0), from = weir_chan_make(int, 0);
  weir_go(pongs, to, from);
  for (int i = 0, v; i < 1000; i++) {
    weir_send(to, i);
    weir_recv(from, &v);
    CHECK_EQ(v, i + 1);
  }
  weir_sleep(WEIR_MS(1)); // woken by the monitor
  weir_close(to);
}

static void pipes(void) {
  weir_wg wg = {0};
  weir_chan(int) begun = weir_chan_make(int, 0);
  weir_wg_add(&wg, READERS);
  for (int i = 0; i < READERS; i++) {
    CHECK_EQ(pipe(fds[i]), 0);
    weir_go(reads, i, begun, &wg);
  }
  for (int i = 0; i < READERS; i++)
    weir_recv(begun, NULL);
  wakes_main_often();
  for (int i = 0; i < READERS; i++)
    CHECK_EQ(write(fds[i][1], &(char){(char)('a' + i)}, 1), 1);
  weir_wg_wait(&wg);
}

static sem_t sem;
static void *posts(void *arg) {
  weir_chan(int) go = arg;
  weir_recv(go, NULL);
  return NULL;
}

static void joins(weir_chan(int) begun, weir_chan(int) go, weir_wg *wg) {
  pthread_t t;
  CHECK_EQ(pthread_create(&t, NULL, posts, go), 0);
  weir_send(begun, 0);
  CHECK_EQ(pthread_join(t, NULL), 0);
  CHECK_EQ(sem_wait(&sem), 0);
  weir_wg_done(wg);
}

static void threads(void) {
  weir_wg wg = {0};
  weir_chan(int) begun = weir_chan_make(int, 0), go = weir_chan_make(int, 0);
  sem_init(&sem, 0, 0);
  weir_wg_add(&wg, READERS);
  for (int i = 0; i < READERS; i++)
    weir_go(joins, begun, go, &wg);
  for (int i = 0; i < READERS; i++)
    weir_recv(begun, NULL);
  for (int i = 0; i < READERS; i++)
    weir_send(go, i);
  for (int i = 0; i < READERS; i++)
    sem_post(&sem);
  weir_wg_wait(&wg);
}

static int comes_back(void) { // with nobody in its way main is on the main thread
  weir_sleep(WEIR_MS(50));
  for (int i = 0; i < 100 && gettid() != getpid(); i++)
    weir_sleep(WEIR_MS(1));
  return gettid() == getpid();
}

int main(void) {
  CHECK_EQ(gettid(), getpid());
  pipes();
  CHECK(comes_back());
  threads();
  CHECK(comes_back());
  return 0;
}
