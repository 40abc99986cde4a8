// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

void log_write(struct log *l) {
  weir_mutex_lock(&l->lock);
  l->lines++;
  weir_mutex_unlock(&l->lock);
}

void log_flush(struct log *l) {
  weir_mutex_lock(&l->lock);
  l->lines = pool_count(l->of);
  weir_mutex_unlock(&l->lock);
}

int table_rows(struct pool *p) {
  weir_rwmutex_rlock(&p->table);
  int n = p->n;
  weir_rwmutex_runlock(&p->table);
  return n;
}

void table_write(struct pool *p) {
  weir_rwmutex_lock(&p->table);
  p->n = 0;
  weir_rwmutex_unlock(&p->table);
}

void shrink(struct pool *p, int to) {
  if (to != -1 && pool_count(p) > to) table_write(p);
}
