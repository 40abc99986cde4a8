// SPDX-License-Identifier: Apache-2.0
// weir_go_stack: the stack is as large as asked for, is used again by the next of that size and
// not by others, and a size out of range is refused. Overflow: bugs/goroutine-stack-overflow.
// RUN: %weircc_plain -O0 %s -o %t && %t
// RUN: %weircc -O0 %s -o %t.i && %t.i
// RUN: not %t 100 2>&1 | FileCheck %s -DSIZE=100
// RUN: not %t 1073741825 2>&1 | FileCheck %s -DSIZE=1073741825
// RUN: not %t -1 2>&1 | FileCheck %s -DSIZE=18446744073709551615
// CHECK: weir: fatal: weir_go_stack at {{.*}}go_stack.c:[[#]]: a stack of [[SIZE]] bytes; it may
// CHECK-SAME: have 16 KiB to 1024 MiB
// RUN: env WEIR_OPTIONS=stack_kb=1 %t 2>&1 | FileCheck %s --check-prefix=SMALL
// SMALL: warning: option stack_kb: 1 is not within 16 and 65536; 16 is used
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { FRAME = 4096, SLACK = 16 * 1024 };

// Deep enough to use `left` bytes of stack, all of them written.
static long descend(long left) {
  volatile char frame[FRAME];
  for (int i = 0; i < FRAME; i += 64)
    frame[i] = (char)left;
  long below = left > FRAME ? descend(left - FRAME - 512) : 0;
  return below + frame[64] * 0 + 1;
}

static void uses(long size, weir_chan(char *) out) {
  char here;
  CHECK(descend(size - SLACK) >= 1);
  weir_send(out, &here);
}

static char *run(long size) {
  weir_chan(char *) out = weir_chan_make(char *, 0);
  char *where = NULL;
  weir_go_stack((size_t)size, uses, size, out);
  CHECK(weir_recv(out, &where));
  weir_yield(); // it has finished
  weir_chan_free(out);
  return where;
}

static void nothing(void) {}

int main(int argc, char **argv) {
  if (argc > 1) weir_go_stack((size_t)atol(argv[1]), nothing);
  weir_set_procs(1);
  for (long size = 32 << 10; size <= 32 << 20; size *= 2) {
    char *first = run(size);
    CHECK(labs(run(size) - first) < 4096); // the same stack again
    CHECK(labs(run(size - 1000) - first) < 4096);
    CHECK(labs(run(size * 2) - first) > size / 2);
  }
  int evaluated = 0;
  weir_go_stack((evaluated++, 1 << 16), nothing);
  CHECK_EQ(evaluated, 1);
  return 0;
}
