// SPDX-License-Identifier: Apache-2.0
// A library that uses goroutines inside, for dlopen.test. They have left its code when a call
// returns, so it may be unloaded.
#include <weir/weir.h>

static void square(int i, weir_chan(int) out) {
  weir_send(out, i * i);
}

__attribute__((visibility("default"))) int sum_of_squares(int n);
int sum_of_squares(int n) {
  weir_chan(int) out = weir_chan_make(int, 0);
  int sum = 0;
  long before = weir_num_goroutine();
  for (int i = 0; i < n; i++)
    weir_go(square, i, out);
  for (int i = 0; i < n; i++) {
    int v;
    weir_recv(out, &v);
    sum += v;
  }
  weir_chan_free(out);
  while (weir_num_goroutine() > before)
    weir_yield();
  return sum;
}
