// SPDX-License-Identifier: Apache-2.0
#include <weir/weir.h>

static int hits;

static void visit(void) {
  hits++;
}

int main(void) {
  weir_wg visitors = {0};
  for (int i = 0; i < 2; i++)
    weir_wg_go(&visitors, visit);
  weir_wg_wait(&visitors);
  return 0;
}
