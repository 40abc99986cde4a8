// SPDX-License-Identifier: Apache-2.0
//
// Thread-local variables. A new thread's count as written by it before anything else, and nothing
// orders that before the goroutines that run there later: it is no race. What one goroutine does
// through a pointer to another's is one as with any variable.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py --times 3 -- %s %t %weir %weircc
#include <stdatomic.h>

#include "forms.h"

enum { MANY = 16 };

// --- counted by many goroutines, each on whatever thread it is
static _Thread_local _Atomic long counted_here;
static long counted;
static void count_here(void) {
  counted_here++;
  hidden_post();
}
static void count(void) {
  counted_here++;
  counted++; // RACE: counter
  hidden_post();
}
static void counter(bool racy) {
  for (int i = 0; i < MANY; i++)
    weir_go(count_here);
  if (racy) weir_go(count);
  hidden_wait(MANY + racy);
  counted_here++;
  use(counted); // RACE: counter
}

// --- filled through a pointer, on whatever thread
static _Thread_local char line[64];
static void fill(void) {
  snprintf(line, sizeof line, "%p", (void *)line);
  hidden_post();
}
static void fill_other(char *text, weir_chan(int) done) {
  text[0] = 'x'; // RACE: buffer
  hidden_post();
  weir_send(done, 1);
}
static void buffer(bool racy) {
  weir_chan(int) done = weir_chan_make(int, 1);
  weir_go(fill_other, line, done);
  hidden_wait(1);
  if (!racy) weir_recv(done, NULL);
  use(line[0]); // RACE: buffer
  weir_go(fill);
  hidden_wait(1);
}

FORMS(counter)
FORMS(buffer)
CASES(CASE(counter), CASE(buffer))
