// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

void pool_put(struct pool *p) {
  weir_mutex_lock(&p->lock);
  p->n++;
  log_write(p->log);
  weir_mutex_unlock(&p->lock);
}

int pool_count(struct pool *p) {
  weir_mutex_lock(&p->lock);
  int n = p->n;
  weir_mutex_unlock(&p->lock);
  return n;
}

void pool_set(struct pool *p, int n) {
  weir_mutex_lock(&p->lock);
  p->n = n;
  p->changed(p);
  weir_mutex_unlock(&p->lock);
}

int pool_rows(struct pool *p) {
  weir_rwmutex_rlock(&p->table);
  int n = p->n ? table_rows(p) : 0;
  weir_rwmutex_runlock(&p->table);
  return n;
}

void pool_reset(struct pool *p) {
  weir_rwmutex_rlock(&p->table);
  table_write(p);
  weir_rwmutex_runlock(&p->table);
}

// What it calls takes the lock only for another argument.
void pool_trim(struct pool *p) {
  weir_mutex_lock(&p->lock);
  shrink(p, -1);
  weir_mutex_unlock(&p->lock);
}
