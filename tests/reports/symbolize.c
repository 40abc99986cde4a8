// SPDX-License-Identifier: Apache-2.0
//
// Names from addresses: lines of return addresses, inlined calls, blocks, globals and their
// parts. A label after a call is its return address.
// RUN: rm -rf %t && mkdir %t
// RUN: %clang -g -O1 -fblocks %s -o %t/p
// RUN: %python %S/inputs/record.py %t/p --stack in_leaf,in_middle,in_main >%t/stack
// RUN: %weir report show %t/stack | FileCheck %s --check-prefix=STACK
// RUN: %weir report json %t/stack | grep '"function":"inlined_one".*"inlined":true'
// RUN: %python %S/inputs/record.py %t/p --stack in_leaf --global table+44 | %weir report show - | FileCheck %s --check-prefix=TABLE
// RUN: %python %S/inputs/record.py %t/p --stack in_leaf --global leaf.counter | %weir report show - | FileCheck %s --check-prefix=STATIC
//
// The same without PIE, through DWARF 4, with the debug information in a file of its own, and by the
// symbol table alone.
// RUN: %clang -g -gdwarf-4 -O1 -fblocks %s -o %t/p4 && %python %S/inputs/record.py %t/p4 --stack in_leaf,in_middle,in_main | %weir report show - | FileCheck %s --check-prefix=STACK
// RUN: %clang -g -no-pie -O1 -fblocks %s -o %t/pn && %python %S/inputs/record.py %t/pn --stack in_leaf,in_middle,in_main --global table+44 >%t/no-pie && %weir report show %t/no-pie | FileCheck %s --check-prefix=TABLE
// RUN: llvm-objcopy --only-keep-debug %t/p %t/p.debug && cp %t/p %t/bare && llvm-strip -g %t/bare && cp %t/bare %t/linked && cd %t && llvm-objcopy --add-gnu-debuglink=p.debug linked
// RUN: %python %S/inputs/record.py %t/linked --stack in_leaf,in_middle,in_main | %weir report show - | FileCheck %s --check-prefix=STACK
// RUN: %python %S/inputs/record.py %t/bare --stack in_leaf,in_middle --global table+44 | %weir report show - | FileCheck %s --check-prefix=BARE
// BARE: global 'table+44'
// BARE: #0 leaf (
// BARE: #1 {{.*}} (
#define NOINLINE __attribute__((noinline))
#define RETURNS_TO(label) __asm__ volatile(".globl " #label "; " #label ":" ::: "memory")

static struct row { int id; struct { short lo, hi[3]; } cell[2]; } table[4];
// A row has 20 bytes, so 44 is the third one's first cell.
// TABLE: global 'table[2].cell[0].lo'
// TABLE: Location is global 'table[2].cell[0].lo' of 2 bytes at 0x20000, declared at symbolize.c:[[#@LINE-3]]
// STATIC: global 'counter'
volatile int sink;

NOINLINE void deep(void) { sink++; }

NOINLINE void leaf(int i) {
  static int counter;
  sink = counter++ + table[i].cell[1].hi[2]++;
  deep(); // LEAF
  RETURNS_TO(in_leaf);
}
// STACK: {{^}}leaf(...)
// STACK-NEXT: symbolize.c:[[#@LINE-4]]

static inline __attribute__((always_inline)) void inlined_two(int i) {
  leaf(i);
  RETURNS_TO(in_middle);
}
// STACK-NEXT: inlined_two(...)
// STACK-NEXT: symbolize.c:[[#@LINE-4]]:3

static inline __attribute__((always_inline)) void inlined_one(int i) {
  inlined_two(i + 1);
}
// STACK-NEXT: inlined_one(...)
// STACK-NEXT: symbolize.c:[[#@LINE-3]]:3

NOINLINE void middle(int i) {
  inlined_one(i);
  sink++;
}
// STACK-NEXT: middle(...)
// STACK-NEXT: symbolize.c:[[#@LINE-4]]:3

int main(int argc, char **argv) {
  (void)argv;
  middle(argc - 1);
  RETURNS_TO(in_main);
  return sink;
}
// STACK-NEXT: main(...)
// STACK-NEXT: symbolize.c:[[#@LINE-5]]:3

