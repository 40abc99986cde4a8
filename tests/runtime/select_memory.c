// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O1 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2; do WEIR_OPTIONS=procs=$n %t || exit 1; done
//
// The losing cases of a select that waited leave no memory behind: after a first hundred thousand,
// a second needs no more. The idle channel is named in each of them.
#include <stdlib.h>

#include "check.h"

enum { ROUNDS = 100000, PAGES = 64 };

static void send_all(weir_chan(int) c) {
  for (int i = 0; i < ROUNDS; i++)
    weir_send(c, 1);
}
static void recv_all(weir_chan(int) c, weir_chan(int) *idle) {
  weir_go(send_all, c);
  for (int i = 0; i < ROUNDS; i++) {
    struct weir_case cases[10] = {weir_on_recv(c, NULL, NULL)};
    for (int k = 1; k < 10; k++) // so many that they do not fit on the stack
      cases[k] = weir_on_recv(idle[k % 2], NULL, NULL);
    CHECK_EQ(weir_select_n(cases, i % 2 ? 10 : 2), 0);
  }
}
static long resident_pages(void) {
  long size, resident;
  FILE *f = fopen("/proc/self/statm", "r");
  CHECK(f && fscanf(f, "%ld %ld", &size, &resident) == 2);
  fclose(f);
  return resident;
}

int main(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_chan(int) idle[2] = {weir_chan_make(int, 0), weir_chan_make(int, 0)};
  recv_all(c, idle);
  long before = resident_pages();
  recv_all(c, idle);
  CHECK(resident_pages() - before < PAGES);
  weir_chan_free(c), weir_chan_free(idle[0]), weir_chan_free(idle[1]);
}
