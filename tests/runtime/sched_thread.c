// SPDX-License-Identifier: Apache-2.0
// An OS thread that Weir did not make may start goroutines and wait for them, and main need not
// have used Weir before.
// RUN: %weircc_plain %s -o %t && %t
// RUN: %weircc %s -o %t.i && %t.i
#include <pthread.h>
#include <stdlib.h>
#include <weir/weir.h>

static void square(int i, weir_chan(int) out) { weir_send(out, i * i); }

static void *outside(void *arg) {
  weir_chan(int) out = weir_chan_make(int, 0);
  int sum = 0;
  for (int i = 0; i < 100; i++)
    weir_go(square, i, out);
  for (int i = 0; i < 100; i++) {
    int v;
    weir_recv(out, &v);
    sum += v;
  }
  weir_chan_free(out);
  *(int *)arg = sum;
  return NULL;
}

int main(void) {
  int sum = 0;
  pthread_t t;
  if (pthread_create(&t, NULL, outside, &sum) || pthread_join(t, NULL)) return 1;
  return sum != 328350;
}
