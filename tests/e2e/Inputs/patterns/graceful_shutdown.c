// SPDX-License-Identifier: Apache-2.0
//
// A shutdown that waits for workers which wait for work that nobody sends any more: the
// channel is closed after the wait, where it is too late.
#include <stdio.h>
#include <weir/weir.h>

static void worker(weir_chan(int) requests, int *sum) {
  for (int r; weir_recv(requests, &r);) // BUG: deadlock
    *sum += r;
}

int main(void) {
  weir_chan(int) requests = weir_chan_make(int, 0);
  weir_wg working = {0};
  int sums[2] = {0};
  for (int i = 0; i < 2; i++)
    weir_wg_go(&working, worker, requests, &sums[i]);
  for (int r = 1; r <= 10; r++)
    weir_send(requests, r);
  weir_wg_wait(&working); // BUG: deadlock
  weir_close(requests);
  printf("%d\n", sums[0] + sums[1]);
}
