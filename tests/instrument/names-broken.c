// SPDX-License-Identifier: Apache-2.0
//
// Code that does not compile gets clang's errors and nothing else.
// RUN: not %clang -fplugin=%weir_plugin -I%include -c %s -o %t.o 2>&1 | FileCheck %s
// CHECK-NOT: Stack dump
#include <weir/weir.h>

void wrong(weir_chan(int) jobs) {
  weir_send(jbos, 1);                 // CHECK: [[@LINE]]:{{[0-9]+}}: error: {{.*}}'jbos'
  weir_mutex_lock(&jobs->mu);         // CHECK: [[@LINE]]:{{[0-9]+}}: error:
  weir_chan(long) q = weir_chan_make( // CHECK: error:
      struct absent, 1);
  weir_go(absent, 1); // CHECK: [[@LINE]]:{{[0-9]+}}: error: {{.*}}'absent'
  weir_select(weir_on_recv(q, jobs, jobs, 1));
}
// CHECK: errors generated
