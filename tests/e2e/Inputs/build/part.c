// SPDX-License-Identifier: Apache-2.0
#include "part.h"

void numbers(weir_chan(int) out, int n) {
  for (int i = 0; i < n; i++)
    weir_send(out, i);
  weir_close(out);
}
