// SPDX-License-Identifier: Apache-2.0
//
// A worker finds what cannot be and asserts. The fixed twin leaves the zero out.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: Weir: crash
// CHECK: (worker) called abort, as a failed assert does at
// CHECK: SIGABRT ended the program.
// CHECK: inverse(
// CHECK: worker(
// CHECK: SUMMARY: Weir: crash failed_assert.c:[[@LINE+5]] in inverse
#include <assert.h>
#include <weir/weir.h>

__attribute__((noinline)) static double inverse(int n) {
  assert(n != 0);
  return 1.0 / n;
}

static void worker(weir_chan(int) numbers, weir_chan(double) results) {
  int n;
  while (weir_recv(numbers, &n))
    weir_send(results, inverse(n));
}

int main(void) {
  weir_chan(int) numbers = weir_chan_make(int, 3);
  weir_chan(double) results = weir_chan_make(double, 3);
#ifdef FIXED
  int first = 1;
#else
  int first = 0;
#endif
  for (int n = first; n < 3; n++)
    weir_send(numbers, n);
  weir_close(numbers);
  weir_go(worker, numbers, results);
  double r;
  for (int n = first; n < 3; n++)
    weir_recv(results, &r);
}
