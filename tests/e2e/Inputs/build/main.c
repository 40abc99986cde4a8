// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "part.h"

int main(void) {
  weir_chan(int) out = weir_chan_make(int, 0);
  weir_go(numbers, out, 100);
  int sum = 0, n;
  while (weir_recv(out, &n))
    sum += n;
  weir_chan_free(out);
  printf("sum %d\n", sum);
  return 0;
}
