// SPDX-License-Identifier: Apache-2.0
// Built by clang alone, against the archive: the linker takes what a program needs, the
// constructor, too, whatever few calls the program makes.
//
// RUN: %clang -fblocks -I%include %s %libweir -lunwind -lpthread -ldl -o %t
// RUN: env WEIR_OPTIONS=procs=1 %t
#include "check.h"

static void says(weir_chan(int) ch) {
  weir_send(ch, (int)weir_goid());
}

int main(void) {
  weir_chan(int) ch = weir_chan_make(int, 0);
  int goid = 0;
  weir_go(says, ch);
  weir_recv(ch, &goid);
  CHECK_EQ(weir_goid(), 1);
  CHECK(goid > 1);
  return 0;
}
