// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int check(int);
struct job {
  weir_wg wg;
  weir_wg *group;
  int n;
};
static weir_wg all;

static void worker(weir_wg *wg) {
  weir_wg_add(wg, 1); // expect: wait-group-add-inside the goroutine adds itself to 'wg'
  check(1);
  weir_wg_done(wg);
}
void starts(void) {
  weir_wg wg = {0};
  for (int i = 0; i < 4; i++)
    weir_go(worker, &wg);
  weir_wg_wait(&wg);
}

static void of_a_struct(struct job *j) {
  weir_wg_add(&j->wg, 1); // expect: wait-group-add-inside 'j->wg'
  weir_wg_done(&j->wg);
}
void starts_with_struct(struct job *j) {
  weir_go(of_a_struct, j);
  weir_wg_wait(&j->wg);
}

static void of_a_global(void) {
  weir_wg_add(&all, 1); // expect: wait-group-add-inside 'all'
  weir_defer(weir_wg_done(&all));
  check(2);
}
void starts_with_global(void) {
  weir_go(of_a_global);
  weir_wg_wait(&all);
}

static void later(weir_wg *wg, int n) {
  check(n);
  if (n > 1) weir_wg_add(wg, 1); // expect: wait-group-add-inside 'wg'
  if (n > 1) weir_wg_done(wg);
}
void starts_second(int n) {
  weir_wg wg = {0};
  weir_go(later, &wg, n);
  weir_wg_wait(&wg);
}

static void through_a_pointer(struct job *j) {
  weir_wg_add(j->group, 2); // expect: wait-group-add-inside '*j->group'
  weir_wg_done(j->group);
  weir_wg_done(j->group);
}
void starts_through_pointer(struct job *j) {
  weir_go(through_a_pointer, j);
  weir_wg_wait(j->group);
}

static void with_stack(weir_wg *wg) {
  weir_wg_add(wg, 1); // expect: wait-group-add-inside 'wg'
  weir_wg_done(wg);
}
void starts_with_stack(void) {
  weir_wg wg = {0};
  weir_go_stack(65536, with_stack, &wg);
  weir_wg_wait(&wg);
}
