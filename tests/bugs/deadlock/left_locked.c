// SPDX-License-Identifier: Apache-2.0
//
// An early return keeps the mutex. The report says who took it and is gone, not that the goroutine
// which got its place holds it.
//
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: oroutine{{.*}} took mutex table at left_locked.c:[[@LINE+8]] in find and has ended
// CHECK: mutex table: taken at left_locked.c:[[@LINE+7]] in find by {{.*}}, which has ended
#include <weir/weir.h>

static weir_mutex table;
static weir_fence later;

static void find(int key) {
  weir_mutex_lock(&table);
#ifndef FIXED
  if (key == 1) return;
#endif
  weir_mutex_unlock(&table);
}
static void waits(void) { // where the one that returned was
  weir_fence_wait(&later);
}

int main(void) {
  weir_wg one = {0}, others = {0};
  weir_wg_go(&one, find, 1);
  weir_wg_wait(&one);
  while (weir_num_goroutine() > 1)
    weir_yield();
  for (int i = 0; i < 3; i++)
    weir_wg_go(&others, waits);
#ifdef FIXED
  weir_fence_open(&later);
#endif
  weir_wg_go(&others, find, 2);
  weir_wg_wait(&others);
  return 0;
}
