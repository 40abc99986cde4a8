// SPDX-License-Identifier: Apache-2.0
//
// Loops that are made of masked loads and stores, gathers and scatters: a lane that is not accessed
// is no access, one that is races.
//
// REQUIRES: races, avx2
// RUN: %python %S/Inputs/run_cases.py --levels=-O2,-O3 -- %s %t.2 %weir %weircc -mavx2
// RUN: %python %S/Inputs/run_cases.py --levels=-O3 -- %s %t.n %weir %weircc -march=native
// RUN: %weircc -O2 -march=skylake -I %S/Inputs -S -emit-llvm -o - %s | FileCheck %s
// CHECK-DAG: llvm.masked.load
// CHECK-DAG: llvm.masked.store
// CHECK-DAG: llvm.masked.gather
#include "forms.h"

enum { N = 64 };
int a[N], b[N], c[N], at[N];
double f[N], g[N];

// The accesses are those of every second element.
static void prepare(void) {
  for (int i = 0; i < N; i++) {
    c[i] = i % 2;
    at[i] = i ^ 2;
  }
}
static void start(void (*fn)(int), bool racy) {
  (void)racy;
  prepare();
  weir_go_block(^{
    fn(opaque(N));
    hidden_post();
  });
  hidden_wait(1);
}

static void store_some(int n) {
  for (int i = 0; i < n; i++)
    if (c[i]) a[i] = b[i]; // RACE: masked_store, masked_load
}
static void masked_store(bool racy) {
  start(store_some, racy);
  use(a[racy ? 33 : 32]); // RACE: masked_store
}
static void masked_load(bool racy) {
  start(store_some, racy);
  b[racy ? 35 : 34] = 1; // RACE: masked_load
}
static void add_some(int n) {
  for (int i = 0; i < n; i++)
    if (c[i]) f[i] += g[i]; // RACE: masked_add
}
static void masked_add(bool racy) {
  start(add_some, racy);
  f[racy ? 21 : 20] = 1; // RACE: masked_add
}
static void gather_some(int n) {
  for (int i = 0; i < n; i++)
    if (c[i]) a[i] = b[at[i]]; // RACE: gathered
}
static void gathered(bool racy) {
  start(gather_some, racy);
  b[racy ? 17 : 18] = 1; // RACE: gathered
}
static void scatter_some(int n) {
  for (int i = 0; i < n; i++)
    if (c[i]) a[at[i]] = b[i]; // RACE: scattered
}
static void scattered(bool racy) {
  start(scatter_some, racy);
  use(a[racy ? 17 : 18]); // RACE: scattered
}
// The last round of a loop whose length is no multiple of a vector's.
static void copy_to(int n) {
  for (int i = 0; i < n - 3; i++)
    a[i] = b[i] + 1; // RACE: tail
}
static void tail(bool racy) {
  start(copy_to, racy);
  use(a[racy ? N - 4 : N - 3]); // RACE: tail
}

FORMS(masked_store)
FORMS(masked_load)
FORMS(masked_add)
FORMS(gathered)
FORMS(scattered)
FORMS(tail)

CASES(CASE(masked_store), CASE(masked_load), CASE(masked_add), CASE(gathered), CASE(scattered),
      CASE(tail))
