// SPDX-License-Identifier: Apache-2.0
//
// A failed CHECK says what and where, and ends the program with status 1, at once: no
// detector gets a word in.
#ifndef WEIR_TESTS_CHECK_H
#define WEIR_TESTS_CHECK_H

#include <stdio.h>
#include <unistd.h>
#include <weir/weir.h>

#define CHECK(cond)                                                        \
  do {                                                                     \
    if (!(cond)) {                                                         \
      dprintf(2, "%s:%d: not true: %s\n", __FILE_NAME__, __LINE__, #cond); \
      _exit(1);                                                            \
    }                                                                      \
  } while (0)

#define CHECK_EQ(a, b)                                                                           \
  do {                                                                                           \
    long long a_ = (long long)(a), b_ = (long long)(b);                                          \
    if (a_ != b_) {                                                                              \
      dprintf(2, "%s:%d: %s is %lld, not %s = %lld\n", __FILE_NAME__, __LINE__, #a, a_, #b, b_); \
      _exit(1);                                                                                  \
    }                                                                                            \
  } while (0)

// With one worker nothing is preempted: when this returns, whoever could run has run until it
// parked or ended, unless it woke others more than 20 times in a row.
__attribute__((unused)) static void let_others_park(void) {
  for (int i = 0; i < 20; i++)
    weir_yield();
}

#endif
