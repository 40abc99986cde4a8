// SPDX-License-Identifier: Apache-2.0
#include <weir/weir.h>

void numbers(weir_chan(int) out, int n);
