// SPDX-License-Identifier: Apache-2.0
//
// A goroutine is named by its function; sites in blocks name the function around.
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=off -w -DWEIR_BUILDING -I%include -O1 %s %S/Inputs/print_sites.c -o %t && %t | FileCheck %s
#include <stdlib.h>
#include <weir/weir.h>

struct route {
  void (*handler)(int);
};
static void worker(int n) {
  (void)n;
}
static void plain(void) {}

int main(int argc, char **argv) {
  struct route home = {worker}, *r = &home;
  void (*chosen)(int) = worker;
  weir_chan(int) jobs = NULL;
  weir_wg wg = {0};
  weir_go(plain);                     // CHECK: [[@LINE]]: main: plain
  weir_go(worker, 1);                 // CHECK: [[@LINE]]: main: worker
  weir_go(r->handler, 1);             // CHECK: [[@LINE]]: main: route.handler
  weir_go((void (*)(long))worker, 1); // CHECK: [[@LINE]]: main: worker
  weir_go(chosen, 1);                 // CHECK: [[@LINE]]: main: chosen
  weir_wg_go(&wg, worker, 2);         // CHECK: [[@LINE]]: main: wg
                                      // CHECK-NEXT: main: worker
  weir_go_block(^{ // a function: no site of its own, and the block keeps its lines
    weir_close(jobs); // CHECK: [[@LINE]]: main: jobs
  });
  void (^later)(void) = ^{
    weir_send(jobs, 1); // CHECK: [[@LINE]]: main: jobs
  };
  later();
  weir_go_block(later);
  return 0;
}
