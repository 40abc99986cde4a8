// SPDX-License-Identifier: Apache-2.0
//
// leak_check_signal: the signal has the runtime look for leaks, report them and say how many there
// are, also when there are none. A name that is no signal, and one that must not be used, are
// refused; a handler of the program's own stays.
//
// RUN: %weircc_plain -O1 %s -o %t
// RUN: WEIR_OPTIONS=leak_check_signal=USR2 %t leak | FileCheck %s
// RUN: WEIR_OPTIONS=leak_check_signal=12 %t | FileCheck --check-prefix=NONE %s
// RUN: WEIR_OPTIONS=leak_check_signal=USR3 %t off 2>&1 | FileCheck --check-prefix=WRONG %s
// RUN: WEIR_OPTIONS=leak_check_signal=SIGSEGV %t off 2>&1 | FileCheck --check-prefix=WRONG %s
// RUN: WEIR_OPTIONS=leak_check_signal=USR2 %t own 2>&1 | count 0
// CHECK-DAG: goroutine leak{{.*}}[proven]
// CHECK-DAG: leak check on signal USR2: 1 goroutine is leaked
// NONE: leak check on signal 12: 0 goroutines are leaked
// WRONG: option leak_check_signal: '{{.*}}' is no signal that a program may use
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static void wait_for(weir_chan(int) c) {
  weir_recv(c, NULL);
}

static void leak(bool really, weir_wg *done) {
  if (really) weir_go(wait_for, weir_chan_make(int, 0));
  weir_wg_done(done);
}

static weir_wg done; // not in main's frame
static volatile sig_atomic_t came;
static void on_signal(int sig) {
  (void)sig;
  came++;
}

static int answers(const char *said) {
  int n = 0;
  while ((said = strstr(said, "leaked\n"))) {
    n++;
    said++;
  }
  return n;
}

// Reads what the runtime says, until it has said both. Asks anew when the answer was another: the
// goroutine is not blocked yet, or a stale word hides it.
static void ask(int from, const char *number, const char *report) {
  static char said[1 << 16];
  size_t n = 0;
  for (int asked = 0; !strstr(said, number) || !strstr(said, report);) {
    if (answers(said) == asked && !strstr(said, number)) {
      asked++;
      CHECK_EQ(kill(getpid(), SIGUSR2), 0);
    }
    ssize_t got = read(from, said + n, sizeof said - 1 - n);
    CHECK(got > 0);
    n += (size_t)got;
  }
  CHECK_EQ(write(1, said, n), n);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  int ends[2];
  if (strcmp(what, "own") == 0) signal(SIGUSR2, on_signal);
  weir_wg_add(&done, 1);
  weir_go(leak, strcmp(what, "leak") == 0, &done);
  weir_wg_wait(&done);
  if (strcmp(what, "own") == 0) {
    raise(SIGUSR2);
    CHECK_EQ(came, 1);
  } else if (strcmp(what, "off") != 0) {
    CHECK(pipe(ends) == 0 && dup2(ends[1], 2) == 2);
    if (*what)
      ask(ends[0], "1 goroutine is leaked", "goroutine leak");
    else
      ask(ends[0], "0 goroutines are leaked", "");
  }
  _exit(0);
}
