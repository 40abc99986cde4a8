// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

static struct log journal;
static struct pool all;

static void on_change(struct pool *p) {
  if (pool_count(p) > 8) pool_put(p);
}

static void work(void) {
  for (int i = 0; i < 8; i++)
    pool_put(&all);
  pool_set(&all, pool_rows(&all));
  pool_reset(&all);
}

int main(void) {
  weir_wg wg = {0};
  all.log = &journal;
  journal.of = &all;
  all.changed = on_change;
  for (int i = 0; i < 4; i++)
    weir_wg_go(&wg, work);
  log_flush(&journal);
  weir_wg_wait(&wg);
}
