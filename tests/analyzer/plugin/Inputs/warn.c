// SPDX-License-Identifier: Apache-2.0
#include <weir/weir.h>

#ifdef WITH_HEADER
#include <warn.h>
#endif

struct queue {
  weir_mutex lock; // guards n
  weir_cond filled;
  int n;
};
void enter(weir_mutex *);

// CHECK: [[@LINE+3]]:14: warning: what 'q->filled' stands for {{.*}} [weir-cond-wait-no-loop]
void meet(struct queue *q) {
  weir_guard(&q->lock);
  if (!q->n) weir_cond_wait(&q->filled, &q->lock);
}
// CHECK: [[@LINE+4]]:5: warning: what 'q->filled' stands for {{.*}} [weir-cond-wait-no-loop]
int first(struct queue *q) {
  weir_guard(&q->lock);
  if (!q->n) {
    weir_cond_wait(&q->filled, &q->lock);
    return 1;
  }
  return 0;
}
int get(struct queue *q, int by) {
  weir_mutex_lock(&q->lock);
  // CHECK: [[@LINE+2]]:11: warning: 'q->lock' is still locked {{.*}} [weir-missing-unlock]
  // CHECK: [[@LINE-2]]:3: note: locked here
  if (by) return -1;
  weir_mutex_unlock(&q->lock);
  return 0;
}
int wanted(struct queue *q, int by) {
  weir_mutex_lock(&q->lock);
  if (by) return -1; // weir-nolint(missing-unlock): the caller unlocks
  weir_mutex_unlock(&q->lock);
  return 0;
}
// CHECK: [[@LINE+3]]:3: warning: 'q->lock' is locked again {{.*}} [weir-double-lock]
void twice(struct queue *q) {
  weir_mutex_lock(&q->lock);
  weir_mutex_lock(&q->lock);
}
void by_a_file(struct queue *q) {
  enter(&q->lock);
  enter(&q->lock);
}
#ifdef BROKEN
int broken(
#endif
