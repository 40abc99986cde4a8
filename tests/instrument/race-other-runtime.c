// SPDX-License-Identifier: Apache-2.0
//
// Where the race runtime does not keep its records as the inlined checks believe, they are calls,
// and the same is found. Here it does not keep those of two bytes.
// REQUIRES: races
// RUN: %weircc -O2 %s -Wl,--wrap=__tsan_write2 -o %t
// RUN: not %t racy 2>&1 | FileCheck %s
// RUN: %t 2>&1 | FileCheck %s --check-prefix=QUIET
// RUN: %weircc -O2 %s -S -emit-llvm -o - | FileCheck %s --check-prefix=INLINE
// CHECK: this race runtime is not LLVM 19's: race checks are not made inline
// CHECK: WARNING: Weir: data race
// CHECK: Write of size 4
// CHECK-NEXT: race-other-runtime.c:[[#@LINE+16]]
// QUIET: race checks are not made inline
// QUIET-NOT: data race
// INLINE: call preserve_allcc void @__weir_race_write4
#include <stdint.h>
#include <weir/weir.h>

static int numbers[100], indices[100];

void __wrap___tsan_write2(uint16_t *at);
void __wrap___tsan_write2(uint16_t *at) {
  (void)at;
}

__attribute__((noinline)) static void add(int from, int to) {
  for (int i = from; i < to; i++)
    numbers[indices[i]]++;
}
static void work(int from, int to, weir_wg *wg) {
  add(from, to);
  weir_wg_done(wg);
}

int main(int argc, char **argv) {
  (void)argv;
  weir_wg wg = {0};
  for (int i = 0; i < 100; i++)
    indices[i] = i;
  weir_wg_add(&wg, 2);
  weir_go(work, 0, argc > 1 ? 51 : 50, &wg);
  weir_go(work, 50, 100, &wg);
  weir_wg_wait(&wg);
  return 0;
}
