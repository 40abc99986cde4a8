// SPDX-License-Identifier: Apache-2.0
// Goroutines that block their threads in system calls do not keep the others from running:
// the monitor adds workers. The blocked ones are released only by one that runs after them.
// RUN: %weircc_plain %s -o %t && env WEIR_OPTIONS=procs=2 %t
#include <unistd.h>
#include <weir/weir.h>

static int fds[4][2];

static void reads(int i, weir_wg *wg) {
  char c;
  if (read(fds[i][0], &c, 1) != 1) _exit(1); // blocks the thread on purpose
  weir_wg_done(wg);
}

static void releases(weir_wg *wg) {
  for (int i = 0; i < 4; i++)
    if (write(fds[i][1], "x", 1) != 1) _exit(1);
  weir_wg_done(wg);
}

static void starts_them(weir_wg *wg) {
  for (int i = 0; i < 4; i++)
    weir_go(reads, i, wg);
  weir_yield();
  weir_go(releases, wg);
}

int main(void) {
  weir_wg wg = {0};
  for (int i = 0; i < 4; i++)
    if (pipe(fds[i]) != 0) return 1;
  weir_wg_add(&wg, 5);
  weir_go(starts_them, &wg);
  weir_wg_wait(&wg);
  return 0;
}
