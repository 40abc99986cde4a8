// SPDX-License-Identifier: Apache-2.0
//
// A project of some files for project.test.
#include <weir/weir.h>

struct log {
  weir_mutex lock;
  struct pool *of;
  int lines;
};
struct pool {
  weir_mutex lock;
  weir_rwmutex table;
  struct log *log;
  int n;
  void (*changed)(struct pool *);
};

void log_write(struct log *l);
void log_flush(struct log *l);
void pool_put(struct pool *p);
int pool_count(struct pool *p);
void pool_set(struct pool *p, int n);
void pool_reset(struct pool *p);
int pool_rows(struct pool *p);
int table_rows(struct pool *p);
void table_write(struct pool *p);
void shrink(struct pool *p, int to);
void pool_trim(struct pool *p);
