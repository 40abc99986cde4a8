// SPDX-License-Identifier: Apache-2.0
//
// Without naming, the text that the macros pass is left alone.
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=off -fplugin-arg-weir-names=off -w -DWEIR_BUILDING -I%include %s %S/Inputs/print_sites.c -o %t && %t | FileCheck %s
#include <stdlib.h>
#include <weir/weir.h>

int main(void) {
  weir_mutex mu;
  weir_chan(int) jobs = weir_chan_make(int, 1); // CHECK: [[@LINE]]: main: ~{{$}}
  weir_mutex_lock(&mu);                         // CHECK: [[@LINE]]: main: ~&mu
  return 0;
}
