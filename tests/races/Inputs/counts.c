// SPDX-License-Identifier: Apache-2.0
// The library of unloaded.test. Its count has a lock, which its second function forgets.
#include <weir/weir.h>

static long count;
static weir_mutex mu;

#define SHOWN __attribute__((visibility("default")))

SHOWN long count_up(void);
SHOWN long count_up(void) {
  weir_guard(&mu);
  return ++count; // LINE: locked
}

SHOWN long count_on(void);
SHOWN long count_on(void) {
  return ++count; // LINE: alone
}
