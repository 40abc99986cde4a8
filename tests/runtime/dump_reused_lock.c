// SPDX-License-Identifier: Apache-2.0
// A goroutine holds a lock whose memory was freed and is another's by now: a dump takes what stands
// there for no goroutine and no lock of one.
// REQUIRES: runtime
// RUN: %weircc_plain -O1 %s -o %t && %t 2>&1 | FileCheck %s
// CHECK: goroutine 1 (main)
// CHECK: (holder) is waiting for fence gate
// CHECK: survived
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/weir.h>

static weir_fence gate;
static weir_chan(int) holds;

static void holder(weir_mutex *mu) {
  weir_mutex_lock(mu);
  weir_send(holds, 1);
  weir_fence_wait(&gate);
}

int main(void) {
  weir_mutex *mu = calloc(1, sizeof *mu);
  char *letters = malloc(4096);
  memset(letters, 0x41, 4096);
  holds = weir_chan_make(int, 0);
  weir_go(holder, mu);
  weir_recv(holds, NULL);
  for (int i = 0; i < 10; i++)
    weir_yield();
  mu->owner = (void *)letters; // as what comes to lie there would leave it
  weir_dump(STDERR_FILENO);
  fputs("survived\n", stderr);
  _exit(0);
}
