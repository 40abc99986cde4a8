// SPDX-License-Identifier: Apache-2.0
//
// Which frames are shown: not the runtime, not libc's start, not the block that a macro
// wraps a call in; but a block that the user wrote, and everything if nothing were left.
// RUN: rm -rf %t && mkdir %t
// RUN: %clang -g -O0 -fblocks %s -o %t/p
// RUN: %python %S/inputs/record.py %t/p --stack in_work,in_wrapper,in_start,in_main,_start+8 >%t/wrapped
// RUN: %weir report show %t/wrapped | FileCheck %s --check-prefix=WRAPPED --implicit-check-not=block --implicit-check-not=weir_
// RUN: %python %S/inputs/record.py %t/p --stack in_work,in_block,in_start,in_main | %weir report show - | FileCheck %s --check-prefix=BLOCK --implicit-check-not=weir_
// RUN: %python %S/inputs/record.py %t/p --stack in_wrapper,in_start | %weir report show - | FileCheck %s --check-prefix=ALONE
// RUN: %python %S/inputs/record.py %t/p --stack in_start,_start+8 | %weir report show - | FileCheck %s --check-prefix=RUNTIME
// RUN: %weir report json %t/wrapped | grep '"function":"weir_start"[^}]*"hidden":true'
#define RETURNS_TO(label) __asm__ volatile(".globl " #label "; " #label ":")

void *_NSConcreteStackBlock[32], *_NSConcreteGlobalBlock[32];

void weir_start(void (^block)(void)) {
  block();
  RETURNS_TO(in_start);
}

static void work(void) { RETURNS_TO(in_work); }
// WRAPPED: goroutine 2 [chan send]:
// WRAPPED-NEXT: work(...)
// WRAPPED-NEXT: frames.c:[[#@LINE-3]]
// BLOCK: work(...)

// As weir_go: the call and the block are on one line, that of the macro.
#define GO(f) weir_start(^{ f(); RETURNS_TO(in_wrapper); })

int main(int argc, char **argv) {
  (void)argv;
  GO(work);
  // ALONE: {{^}}main.block(...)
  // ALONE-NEXT: frames.c:[[#@LINE-2]]
  weir_start(^{
    if (argc) work();
    RETURNS_TO(in_block);
    // BLOCK: main.block(...)
    // BLOCK-NEXT: frames.c:[[#@LINE-3]]
  });
  RETURNS_TO(in_main);
  // BLOCK: main(...)
  // WRAPPED-NEXT: main(...)
  // WRAPPED-NEXT: frames.c
  // WRAPPED-EMPTY:
  return 0;
}
// RUNTIME: weir_start(...)
// RUNTIME: _start(...)
