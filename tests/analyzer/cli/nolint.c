// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
// RUN: not %weir analyze --stats %s >/dev/null 2>%t; grep ' 3 findings silenced in the source' %t
#include <weir/weir.h>

static weir_mutex mu;
static int n;

int behind(int by) {
  weir_mutex_lock(&mu);
  if (by) return -1; // weir-nolint(missing-unlock): the caller unlocks
  weir_mutex_unlock(&mu);
  return 0;
}
int before(int by) {
  weir_mutex_lock(&mu);
  // weir-nolint(double-lock, missing-unlock): the caller unlocks
  if (by) return -1;
  weir_mutex_unlock(&mu);
  return 0;
}
int any(int by) {
  weir_mutex_lock(&mu);
  if (by) return -1; // weir-nolint
  weir_mutex_unlock(&mu);
  return 0;
}
int of_another_check(int by) {
  weir_mutex_lock(&mu);
  if (by) return -1; // weir-nolint(double-lock): no // expect: missing-unlock 'mu' is still locked
  weir_mutex_unlock(&mu);
  return 0;
}
int in_a_text(int by) {
  weir_mutex_lock(&mu);
  const char *text = "weir-nolint";
  if (by) return *text; // expect: missing-unlock 'mu' is still locked
  weir_mutex_unlock(&mu);
  return 0;
}
