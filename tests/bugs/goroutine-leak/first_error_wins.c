// SPDX-License-Identifier: Apache-2.0
//
// Of several that report an error only the first is heard.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan send]:
#include "leaks.h"

static void check(int item, weir_chan(int) errors) {
  // CHECK-DAG: first_error_wins.c:[[@LINE+1]]
  weir_send(errors, item);
}

static void check_all(void) {
  enum { ITEMS = 4 };
#ifdef FIXED
  weir_chan(int) errors = weir_chan_make(int, ITEMS);
#else
  weir_chan(int) errors = weir_chan_make(int, 0);
#endif
  for (int i = 0; i < ITEMS; i++)
    weir_go(check, i, errors);
  int first;
  weir_recv(errors, &first);
}

int main(void) {
  EXPECT_LEAKED(9, 3, check_all);
  return 0;
}
