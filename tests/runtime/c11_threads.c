// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t
// RUN: %weircc -O1 %s -o %t.i && %t.i && not %t.i race 2>&1 | FileCheck %s
// CHECK: data race
//
// <threads.h>: its threads are known to the race detector, its locks order what they guard, and
// what nothing orders is still a race.
#include <errno.h>
#include <threads.h>
#include <time.h>

#include "check.h"

static mtx_t mu, recursive;
static cnd_t changed;
static once_flag once = ONCE_FLAG_INIT;
static int guarded, onces, unguarded;

static void first(void) {
  onces++;
}

static int work(void *arg) {
  call_once(&once, first);
  CHECK(mtx_lock(&recursive) == thrd_success && mtx_trylock(&recursive) == thrd_success);
  mtx_unlock(&recursive), mtx_unlock(&recursive);
  weir_send(*(weir_chan(int) *)arg, onces);
  mtx_lock(&mu);
  guarded++;
  cnd_signal(&changed);
  mtx_unlock(&mu);
  thrd_exit(7);
}

static int race(void *arg) {
  (void)arg;
  return unguarded++;
}

int main(int argc, char **argv) {
  (void)argv;
  weir_chan(int) out = weir_chan_make(int, 0);
  thrd_t t[4];
  int n, status;
  CHECK(mtx_init(&mu, mtx_timed) == thrd_success && mtx_init(&recursive, 99) == thrd_error);
  CHECK(mtx_init(&recursive, mtx_plain | mtx_recursive) == thrd_success);
  CHECK(cnd_init(&changed) == thrd_success);
  for (int i = 0; i < 4; i++)
    CHECK(thrd_create(&t[i], argc > 1 ? race : work, &out) == thrd_success);
  for (int i = 0; i < 4 && argc == 1; i++)
    CHECK(weir_recv(out, &n) && n == 1);
  mtx_lock(&mu);
  while (guarded < 4 && argc == 1)
    CHECK(cnd_wait(&changed, &mu) == thrd_success);
  CHECK(cnd_timedwait(&changed, &mu, &(struct timespec){1, 0}) == thrd_timedout);
  mtx_unlock(&mu);
  for (int i = 0; i < 4; i++)
    CHECK(thrd_join(t[i], &status) == thrd_success && (argc > 1 || status == 7));
  mtx_destroy(&mu), mtx_destroy(&recursive), cnd_destroy(&changed);
  weir_chan_free(out);
  return 0;
}
