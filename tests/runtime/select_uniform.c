// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t
//
// Every ready case is picked with the same probability, wherever it stands and whatever else
// is not ready. 5 of 8 cases are ready, 50,000 rounds: chi-square with 4 degrees of
// freedom is over 40 once in twenty million runs.
#include "check.h"

enum { CASES = 8, READY = 5, ROUNDS = 50000 };

static double chi_square(const int *hits) {
  double expect = (double)ROUNDS / READY, sum = 0;
  for (int i = 0; i < READY; i++)
    sum += (hits[i] - expect) * (hits[i] - expect) / expect;
  return sum;
}

int main(void) {
  weir_chan(int) ready[READY], idle = weir_chan_make(int, 0), full = weir_chan_make(int, 1);
  int recv_hits[READY] = {0}, send_hits[READY] = {0}, v;
  weir_send(full, 1);
  for (int i = 0; i < READY; i++) {
    ready[i] = weir_chan_make(int, 2);
    weir_send(ready[i], i);
  }
  for (int i = 0; i < ROUNDS; i++) {
    static const int place[CASES] = {0, -1, 1, 2, -1, 3, -1, 4};
    int which = weir_select(weir_on_recv(ready[0], &v, NULL), weir_on_recv(idle, &v, NULL),
                            weir_on_recv(ready[1], &v, NULL), weir_on_recv(ready[2], &v, NULL),
                            weir_on_send(full, 1), weir_on_recv(ready[3], &v, NULL),
                            weir_on_send(idle, 1), weir_on_recv(ready[4], &v, NULL));
    CHECK(which >= 0 && place[which] >= 0);
    CHECK_EQ(v, place[which]);
    recv_hits[v]++;
    weir_send(ready[v], v);
    which =
        weir_select(weir_on_send(ready[0], 0), weir_on_send(ready[1], 1), weir_on_send(ready[2], 2),
                    weir_on_send(ready[3], 3), weir_on_send(ready[4], 4));
    send_hits[which]++;
    weir_recv(ready[which], NULL);
  }
  CHECK(chi_square(recv_hits) < 40);
  CHECK(chi_square(send_hits) < 40);
}
