// SPDX-License-Identifier: Apache-2.0
// A program that only starts the runtime and lets one goroutine run.
#include <weir/weir.h>

static void nothing(void) {}

int main(void) {
  weir_wg wg = {0};
  weir_wg_go(&wg, nothing);
  weir_wg_wait(&wg);
  return 0;
}
