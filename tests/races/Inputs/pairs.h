// SPDX-License-Identifier: Apache-2.0
//
// Cases in two lines: OTHER is what another goroutine has done when main does MINE, unordered: in
// the racy form to the same bytes, in the quiet one to others.
#ifndef PAIRS_H
#define PAIRS_H

#include "cases.h"

#define OTHER(name, ...)           \
  static void name##_other(void) { \
    __VA_ARGS__;                   \
    hidden_post();                 \
  }
#define MINE(name, race, peace)    \
  static void name##_racy(void) {  \
    weir_go(name##_other);         \
    hidden_wait(1);                \
    race;                          \
  }                                \
  static void name##_quiet(void) { \
    weir_go(name##_other);         \
    hidden_wait(1);                \
    peace;                         \
  }

#endif
