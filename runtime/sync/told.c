// SPDX-License-Identifier: Apache-2.0
//
// What weir_guard declares in each scope for Clang's -Wthread-safety (weir/annotate.h) has this one
// body. It is called only by programs that ask for these warnings and are not optimized.
#include <weir/abi.h>

WEIR_API int weir_told_(void);

int weir_told_(void) {
  return 0;
}
