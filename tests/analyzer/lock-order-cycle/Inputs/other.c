// SPDX-License-Identifier: Apache-2.0
// Another program, with other functions of the same names: its order is the other way round, too, but
// only one goroutine ever runs.
#include "pool.h"

static weir_mutex first, second;

static void work(void) {
  weir_mutex_lock(&first);
  weir_mutex_lock(&second);
  weir_mutex_unlock(&second);
  weir_mutex_unlock(&first);
}

static void also(void) {
  weir_mutex_lock(&second);
  weir_mutex_lock(&first);
  weir_mutex_unlock(&first);
  weir_mutex_unlock(&second);
}

int main(void) {
  work();
  also();
}
