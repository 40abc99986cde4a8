// SPDX-License-Identifier: Apache-2.0
//
// A correct program built for AddressSanitizer, its leak checker and UBSan is silent: stacks are
// left by return, by weir_goexit from deep calls and not at all; they are used again; frames live
// on over switches and on other threads; and the only pointer to a block of the heap lies on
// the stack of a parked goroutine, of main while parked, in the buffer of a channel, or among
// the arguments of a goroutine that never ran.
// REQUIRES: asan
// RUN: %weircc_plain -fsanitize=address,undefined -fno-sanitize-recover=undefined -O1 %s -o %t
// RUN: for n in 1 2 8; do WEIR_OPTIONS=procs=$n %t 2>&1 | count 0 || exit 1; done
// RUN: ASAN_OPTIONS=detect_stack_use_after_return=0 %t 2>&1 | count 0
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { ROUNDS = 20, MANY = 40 };

// Not known to the compiler as a call that does not return: it cleans up nothing before it.
static void (*volatile end_here)(void) = weir_goexit;

// Frames with redzones at every depth, that a switch is made below.
static long deep(int depth, weir_chan(int) c, bool leave) {
  volatile char frame[64 + 16 * 3];
  memset((char *)frame, depth, sizeof frame);
  if (depth == 0) {
    int v;
    weir_recv(c, &v);
    if (leave) end_here();
    return v;
  }
  long below = deep(depth - 1, c, leave);
  return below + frame[depth] - depth;
}

static void goes_deep(weir_chan(int) c, weir_wg *wg, bool leave) {
  weir_defer(weir_wg_done(wg));
  CHECK_EQ(deep(12, c, leave), 7);
}

static void stacks(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  for (int r = 0; r < ROUNDS; r++) {
    weir_wg wg = {0};
    weir_wg_add(&wg, MANY);
    for (int i = 0; i < MANY; i++)
      weir_go(goes_deep, c, &wg, i % 2 == 0);
    for (int i = 0; i < MANY; i++)
      weir_send(c, 7);
    weir_wg_wait(&wg);
  }
  weir_chan_free(c);
}

static void naps(int *out) {
  char frame[200];
  memset(frame, 1, sizeof frame);
  nanosleep(&(struct timespec){0, 100000}, NULL);
  *out = frame[199];
}

// The C library's frame, which the callback looks into, lies where redzones were.
static int looks(struct dl_phdr_info *info, size_t size, void *sum) {
  *(size_t *)sum += info->dlpi_phnum + size;
  return 0;
}
static long calls_back(int depth) {
  size_t sum = 0;
  CHECK_EQ(dl_iterate_phdr(looks, &sum), 0);
  return depth ? (sum > 0) + calls_back(depth - 1) : 1;
}
static void unclean(void) {
  weir_chan(int) c = weir_chan_make(int, MANY);
  for (int i = 0; i < MANY; i++) {
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_go(goes_deep, c, &wg, true);
    weir_send(c, 7);
    weir_wg_wait(&wg);
    weir_wg_go(&wg, calls_back, 12);
    weir_wg_wait(&wg);
  }
  weir_chan_free(c);
}

static void *thread(void *arg) {
  weir_chan(int) c = arg;
  char frame[100];
  memset(frame, 5, sizeof frame);
  weir_send(c, frame[99]);
  return NULL;
}

static void mixed(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  pthread_t t;
  CHECK(pthread_create(&t, NULL, thread, c) == 0);
  int got = 0, one = 0;
  weir_blocking(naps, &one);
  weir_select(weir_on_recv(c, &got, NULL), weir_on_recv(weir_after(WEIR_S(50)), NULL, NULL));
  CHECK_EQ(got + one, 6);
  pthread_join(t, NULL);
  weir_chan_free(c);
}

static void holds(weir_chan(int) ready, weir_chan(int) never) {
  weir_expect_blocked();
  char *volatile only = malloc(100);
  only[0] = 1;
  weir_send(ready, 1);
  weir_recv(never, NULL);
  free(only);
}

static __attribute__((noinline)) void waits_below(weir_chan(int) never, char **only) {
  weir_recv(never, NULL);
  free(*only);
}
// On a thread that ends, so that no copy of the pointer stays behind.
static void *fill(void *only) {
  *(char **)only = malloc(500);
  return NULL;
}
static void holds_in_frame(weir_chan(int) ready, weir_chan(int) never) {
  weir_expect_blocked();
  char *only[8];
  pthread_t t;
  CHECK(pthread_create(&t, NULL, fill, only) == 0);
  pthread_join(t, NULL);
  weir_send(ready, 1);
  waits_below(never, only);
}

static void never_runs(char *only) { free(only); }

static void reachable(void) {
  weir_chan(int) ready = weir_chan_make(int, 0), never = weir_chan_make(int, 0);
  weir_chan(char *) buffer = weir_chan_make(char *, 4);
  weir_send(buffer, malloc(200));
  char *volatile only = malloc(300);
  for (int i = 0; i < 3; i++)
    weir_go(i ? holds : holds_in_frame, ready, never);
  for (int i = 0; i < 3; i++)
    weir_recv(ready, NULL);
  weir_go(never_runs, malloc(400));
  only[0] = 1;
  exit(0);
}

int main(void) {
  char frame[1000];
  memset(frame, 3, sizeof frame);
  stacks();
  unclean();
  mixed();
  CHECK_EQ(frame[999], 3);
  reachable();
}
