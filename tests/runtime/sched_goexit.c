// SPDX-License-Identifier: Apache-2.0
// weir_goexit runs the pending defers newest first and ends the goroutine, also from
// deep inside; code after it does not run.
// RUN: %weircc_plain %s -o %t && %t
// RUN: %weircc %s -o %t.i && %t.i
#include <assert.h>
#include <weir/weir.h>

static int order[3], n;
static void note(int i) { order[n++] = i; }

static void inner(void) {
  weir_defer(note(3));
  weir_goexit();
}

static void goroutine(weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_defer(note(1));
  weir_defer(note, 2);
  inner();
  assert(!"goexit returned");
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(goroutine, &wg);
  weir_wg_wait(&wg);
  return !(n == 3 && order[0] == 3 && order[1] == 2 && order[2] == 1);
}
