// SPDX-License-Identifier: Apache-2.0
//
// weir_leak_check_label: of tests that run at the same time, each counts the goroutines that it has
// leaked, whoever found them first; labels are inherited by what a test's goroutines start.
//
// RUN: %weircc_plain -O1 %s -o %t
// RUN: WEIR_OPTIONS=procs=1 %t 2>%t.err && grep -q 'test=' %t.err
// RUN: WEIR_OPTIONS=procs=2 %t 2>%t.err && grep -q 'test=' %t.err
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

enum { TESTS = 6, TRIES = 5000 };

static weir_wg ended, all;

static void wait_for(weir_chan(int) c) {
  weir_recv(c, NULL);
}

static void start_one(void) { // a grandchild of the test
  weir_go(wait_for, weir_chan_make(int, 0));
  weir_wg_done(&ended);
}

static void test(int leaks) {
  char name[8];
  snprintf(name, sizeof name, "%d", leaks);
  CHECK(weir_set_label("test", name));
  for (int i = 0; i < leaks; i++)
    weir_go(start_one);
  long n = 0;
  for (int i = 0; i < TRIES && n < leaks; i++) {
    weir_yield();
    n = weir_leak_check_label("test", name);
    if (n < 0) CHECK_EQ(errno, EAGAIN);
    CHECK(n <= leaks);
  }
  CHECK_EQ(n, leaks);
  weir_wg_done(&all);
}

int main(void) {
  weir_wg_add(&all, TESTS);
  weir_wg_add(&ended, TESTS * (TESTS - 1) / 2);
  for (int i = 0; i < TESTS; i++)
    weir_go(test, i);
  weir_wg_wait(&all);
  CHECK_EQ(weir_leak_check_label("test", NULL), TESTS * (TESTS - 1) / 2);
  CHECK_EQ(weir_leak_check_label("test", "99"), 0);
  CHECK_EQ(weir_leak_check_label("other", NULL), 0);
  CHECK(weir_leak_check_label(NULL, "x") == -1 && errno == EINVAL);
  _exit(0);
}
