// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// weir_once_func and weir_once_value: one execution for all who ask, of whatever signature; every
// call has its value; a function that leaves by weir_goexit leaves the place as it was.
#include <stdatomic.h>

#include "check.h"

struct setting {
  int size;
  const char *name;
};
static struct setting setting; // ordered by the once alone
static weir_once loaded;
static int loads;

static struct setting load(int size, const char *name) {
  loads++;
  for (int i = 0; i < 20; i++)
    weir_yield();
  return (struct setting){size, name};
}
static void use(int i, atomic_int *sum) {
  struct setting s = weir_once_value(&loaded, &setting, load, i + 1, "a");
  CHECK(s.size >= 1 && s.size <= 10 && s.name[0] == 'a');
  atomic_fetch_add(sum, s.size);
}
static void one_value(void) {
  weir_wg wg = {0};
  atomic_int sum = 0;
  for (int i = 0; i < 10; i++)
    weir_wg_go(&wg, use, i, &sum);
  weir_wg_wait(&wg);
  CHECK_EQ(loads, 1);
  CHECK_EQ(atomic_load(&sum), 10 * setting.size); // all had the same
  CHECK_EQ(weir_once_value(&loaded, &setting, load, 99, "b").size, setting.size);
}

static void add(int *to, int n) {
  *to += n;
}
static void any_signature(void) {
  weir_once once = {0};
  int total = 0, evaluated = 0;
  for (int i = 0; i < 5; i++)
    weir_once_func(&once, add, &total, 10 + evaluated++);
  CHECK_EQ(total, 10);
  CHECK_EQ(evaluated, 5); // as arguments of any call
}

static int leave(void) {
  weir_goexit();
}
static void ask_leaving(weir_once *once, int *place) {
  weir_once_value(once, place, leave);
  CHECK(!"reached");
}
static void left(void) {
  weir_once once = {0};
  int place = 7;
  weir_wg wg = {0};
  weir_wg_go(&wg, ask_leaving, &once, &place);
  weir_wg_wait(&wg);
  CHECK_EQ(weir_once_value(&once, &place, leave), 7);
}

int main(void) {
  one_value();
  any_signature();
  left();
}
