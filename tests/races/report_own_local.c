// SPDX-License-Identifier: Apache-2.0
//
// A race on a local variable of the goroutine that makes the later access: main, or one with a
// stack of Weir's. The one beside it, of the same type, is not meant.
//
// REQUIRES: races
// RUN: for level in -O0 -O1; do for who in main goroutine; do \
// RUN:   %weircc -g $level -I %S/../bugs/Inputs %s -o %t || exit 1; \
// RUN:   not %t $who > %t.out 2>&1 || exit 1; \
// RUN:   FileCheck --check-prefix=$who %s < %t.out || exit 1; \
// RUN: done; done
#include <string.h>

#include "hidden.h"

struct work {
  int parts[3], left;
};

static void touch(struct work *work, int value) {
  work->parts[1] = value;
  hidden_post();
}

__attribute__((noinline)) static int share(void) {
  // main: Location is local variable 'lent.parts[1]' of goroutine 1 (main), 4 bytes at
  // {{.*}}:[[@LINE+2]] goroutine: Location is local variable 'lent.parts[1]' of goroutine 2 (run),
  // 4 bytes at {{.*}}:[[@LINE+1]]
  struct work before = {{0}}, lent = {{0}}, after = {{0}};
  weir_go(touch, &before, 1);
  hidden_wait(1);
  weir_go(touch, &after, 2);
  hidden_wait(2);
  weir_go(touch, &lent, 3);
  hidden_wait(3);
  return lent.parts[1];
}

static void run(weir_chan(int) done) {
  weir_send(done, share());
}

int main(int argc, char **argv) {
  weir_chan(int) done = weir_chan_make(int, 1);
  int sum = 0;
  if (argc > 1 && !strcmp(argv[1], "main")) {
    sum = share();
  } else {
    weir_go(run, done);
    weir_recv(done, &sum);
  }
  weir_chan_free(done);
  return sum == 3 ? 0 : 1;
}
