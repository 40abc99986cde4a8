// SPDX-License-Identifier: Apache-2.0
//
// Cases that are one function, told whether it shall race.
#ifndef FORMS_H
#define FORMS_H

#include "cases.h"

#define FORMS(name)                \
  static void name##_racy(void) {  \
    name(true);                    \
  }                                \
  static void name##_quiet(void) { \
    name(false);                   \
  }

#endif
