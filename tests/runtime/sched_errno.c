// SPDX-License-Identifier: Apache-2.0
// errno and names belong to the goroutine: they survive switches to others and to another thread.
// RUN: %weircc_plain -O2 %s -o %t && env WEIR_OPTIONS=procs=4 %t
// RUN: %weircc -O2 %s -o %t.i && env WEIR_OPTIONS=procs=4 %t.i
#include <errno.h>
#include <stdatomic.h>
#include <weir/weir.h>

static _Atomic int wrong;

static void keeps(int mine, weir_wg *wg) {
  for (int i = 0; i < 2000; i++) {
    errno = mine;
    weir_yield();
    if (errno != mine) wrong++;
  }
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  for (int i = 1; i <= 20; i++) {
    weir_wg_add(&wg, 1);
    weir_go(keeps, i, &wg);
  }
  weir_wg_wait(&wg);
  return wrong != 0;
}
