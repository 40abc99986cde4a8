// SPDX-License-Identifier: Apache-2.0
//
// Two lazily made values need each other. main waits for both users, so in the end everybody
// is blocked; that has the same cause and is no finding of its own.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: all goroutines (3) are blocked now, which the findings explain
// CHECK: partial deadlock
// CHECK: holds once {{[ab]}}_once and waits for once {{[ab]}}_once at
// CHECK-SAME: neither can ever go on.
#include <weir/weir.h>

static weir_once a_once, b_once;
static weir_chan(char) begun, go_on;
static int a, b;

static int get_b(void);

static void make_a(void) {
  weir_send(begun, 0);
  weir_recv(go_on, NULL);
  a = get_b() + 1;
}

static int get_a(void) {
  // CHECK-DAG: onces_crossed.c:[[@LINE+1]]
  weir_once_do(&a_once, make_a);
  return a;
}

static void make_b(void) {
  weir_send(begun, 0);
  weir_recv(go_on, NULL);
#ifndef FIXED
  b = get_a() + 1;
#endif
}

static int get_b(void) {
  // CHECK-DAG: onces_crossed.c:[[@LINE+1]]
  weir_once_do(&b_once, make_b);
  return b;
}

int main(void) {
  weir_wg users = {0};
  begun = weir_chan_make(char, 0), go_on = weir_chan_make(char, 0);
  weir_wg_go(&users, get_a);
  weir_wg_go(&users, get_b);
  weir_recv(begun, NULL);
  weir_recv(begun, NULL);
  weir_close(go_on);
  weir_wg_wait(&users);
}
