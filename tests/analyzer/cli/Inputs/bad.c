// SPDX-License-Identifier: Apache-2.0
#include <weir/weir.h>
static weir_mutex mu;
static int n;
int f(int by) {
  weir_mutex_lock(&mu);
  if (by) return -1;
  n++;
  weir_mutex_unlock(&mu);
  return 0;
}
