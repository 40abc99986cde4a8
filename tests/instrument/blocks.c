// SPDX-License-Identifier: Apache-2.0
//
// The one flag is enough for the macros that use blocks, in every C since C11.
// RUN: for std in c11 gnu11 c17 gnu17 c23 gnu23; do %clang -fplugin=%weir_plugin -std=$std -DWITH_BLOCKS -Wall -Wextra -pedantic -Werror -I%include -c %s -o %t.o || exit 1; done
// RUN: not %clang -I%include -c %s -o %t.o 2>&1 | FileCheck %s
// CHECK: error: blocks support disabled
#include <weir/weir.h>

#if defined WITH_BLOCKS != __has_feature(blocks) || defined WITH_BLOCKS != defined __BLOCKS__
#error the macros of -fblocks
#endif

static void work(weir_chan(int) jobs, weir_wg *wg) {
  static weir_mutex mu;
  weir_defer(weir_wg_done(wg));
  weir_defer(weir_set_name, "");
  weir_guard(&mu);
  int job;
  while (weir_recv(jobs, &job))
    weir_yield();
}

void start(weir_chan(int) jobs, weir_wg *wg) {
#ifdef WITH_BLOCKS
  __block int shared = 0;
  void (^add)(void) = ^{
    shared++;
  };
  add();
  weir_wg_add(wg, shared);
#endif
  weir_wg_add(wg, 1);
  weir_go(work, jobs, wg);
  weir_go_block(^{
    weir_close(jobs);
  });
}
