// SPDX-License-Identifier: Apache-2.0
//
// Goroutines that only yield let others run, wherever they are: here one in front of a worker
// whose thread is blocked in the kernel until that very goroutine has run. One that yields finds
// nothing else at hand, several always find each other.
// RUN: %weircc_plain %s -o %t
// RUN: for n in 1 2; do WEIR_OPTIONS=procs=$n timeout 20 %t || exit 1; done
#include <stdatomic.h>

#include "check.h"

static int fd[2];
static atomic_bool done;

static void unblocks(void) { CHECK(write(fd[1], "x", 1) == 1); }

static void blocks(void) {
  char c;
  weir_go(unblocks);
  CHECK(read(fd[0], &c, 1) == 1); // blocks the thread
  atomic_store(&done, true);
}

static void yields(void) {
  while (!atomic_load(&done))
    weir_yield();
}

int main(void) {
  CHECK(pipe(fd) == 0);
  weir_wg wg = {0};
  for (int yielding = 1; yielding <= 4; yielding += 3) {
    atomic_store(&done, false);
    for (int i = 0; i < yielding; i++)
      weir_wg_go(&wg, yields);
    weir_wg_go(&wg, blocks);
    weir_wg_wait(&wg);
  }
}
