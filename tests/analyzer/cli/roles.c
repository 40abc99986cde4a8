// SPDX-License-Identifier: Apache-2.0
// RUN: printf 'acquire enter 1 # the pool\nrelease leave 1\nnever-returns fatal\n' > %t.roles
// RUN: %weir analyze --roles=%t.roles %s > %t; [ $? = 66 ]
// RUN: FileCheck %s < %t && grep -c warning: %t | grep -x 3
// RUN: %weir analyze %s > %t.without; grep -c warning: %t.without | grep -x 1
struct pool;
struct other;
void enter(struct pool *p);
void leave(struct pool *p);
void fatal(void);
__attribute__((annotate("weir::acquire(2)"))) void take(int n, struct other *o);
__attribute__((annotate("weir::release(1)"))) void give(struct other *o);
int check(int);

int by_file(struct pool *p) {
  enter(p);
  if (check(0)) fatal();
  // CHECK: [[@LINE+1]]:17: warning: '*p' is still locked when by_file is left here
  if (check(1)) return -1;
  leave(p);
  return 0;
}
int by_attribute(struct other *o) {
  take(1, o);
  // CHECK: [[@LINE+1]]:17: warning: '*o' is still locked when by_attribute is left here
  if (check(1)) return -1;
  give(o);
  return 0;
}
void twice(struct pool *p) {
  enter(p);
  // CHECK: [[@LINE+1]]:3: warning: '*p' is locked again
  enter(p);
}
