// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Werror -c %s -o %t.o
// RUN: for n in 1 2 3 4 5 6 7 8; do echo "case $n"; \
// RUN:   not %weircc_plain -Werror -DWRONG=$n -c %s -o %t.o 2>&1 || exit 1; done | FileCheck %s
//
// The compiler checks the types of a map: keys, values, and what a range writes to.
#include <weir/weir.h>

struct user {
  int id;
};
#ifndef WRONG
#define WRONG 0
#endif

void use(weir_map(const char *, struct user *) m, weir_map(int, struct user) byid);
void use(weir_map(const char *, struct user *) m, weir_map(int, struct user) byid) {
  struct user u = {1}, *p = &u;
  const char *name;
  int id;
  weir_map_store(m, "me", p);
  weir_map_store(byid, 1, u);
  weir_map_range(m, &name, &p);
  weir_map_range(byid, &id, &u);
  (void)id;
#if WRONG == 1
  weir_map_store(m, "me", u);
#elif WRONG == 2
  weir_map_store(m, 7, p);
#elif WRONG == 3
  weir_map_load(byid, 1, &p);
#elif WRONG == 4
  long wide;
  weir_map_range(byid, &wide, &u);
#elif WRONG == 5
  weir_map_compare_and_swap(byid, 1, u, u);
#elif WRONG == 6
  weir_map(double, int) bad = weir_map_make(double, int);
#elif WRONG == 7
  m = byid;
#elif WRONG == 8
  weir_map_load(byid, "me", &u);
#endif
}
// CHECK: case 1
// CHECK: error: initializing {{.*}}'struct user *'{{.*}} with an expression of incompatible type
// CHECK: case 2
// CHECK: error: incompatible integer to pointer conversion
// CHECK: case 3
// CHECK: error: incompatible pointer types
// CHECK: case 4
// CHECK: error: static assertion failed{{.*}}the first pointer is not to the map's type of keys
// CHECK: case 5
// CHECK: error: invalid operands to binary expression
// CHECK: case 6
// CHECK: error: static assertion failed{{.*}}a key is an integer
// CHECK: case 7
// CHECK: error: incompatible function pointer types
// CHECK: case 8
// CHECK: error: incompatible pointer to integer conversion
