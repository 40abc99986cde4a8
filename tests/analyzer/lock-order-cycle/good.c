// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <weir/weir.h>

struct node {
  weir_mutex lock;
  struct node *next;
  int n;
};
static weir_mutex a, b, gate, c, d, e, f, g, h;
static weir_rwmutex names, values;
static int n;
struct queue {
  weir_mutex lock;
  int waiting;
};
struct server {
  weir_mutex lock;
  struct queue q;
};
struct job {
  struct server *of;
};

// The same order everywhere.
void in_order(void) {
  weir_mutex_lock(&a);
  weir_mutex_lock(&b);
  n++;
  weir_mutex_unlock(&b);
  weir_mutex_unlock(&a);
}
void one_after_the_other(void) {
  weir_mutex_lock(&b);
  n++;
  weir_mutex_unlock(&b);
  weir_mutex_lock(&a);
  n++;
  weir_mutex_unlock(&a);
}

// A gate: only one of them can be there.
static void under_the_gate(void) {
  weir_mutex_lock(&d);
  weir_mutex_lock(&c);
  n++;
  weir_mutex_unlock(&c);
  weir_mutex_unlock(&d);
}
void through_the_gate(void) {
  weir_mutex_lock(&gate);
  weir_mutex_lock(&c);
  weir_mutex_lock(&d);
  n++;
  weir_mutex_unlock(&d);
  weir_mutex_unlock(&c);
  under_the_gate();
  weir_mutex_unlock(&gate);
}

// Objects of one type, by their order in the list or by their address.
void hand_over_hand(struct node *p) {
  weir_mutex_lock(&p->lock);
  struct node *next = p->next;
  weir_mutex_lock(&next->lock);
  next->n += p->n;
  weir_mutex_unlock(&next->lock);
  weir_mutex_unlock(&p->lock);
}
void by_address(struct node *p, struct node *q) {
  if (p > q) {
    weir_mutex_lock(&q->lock);
    weir_mutex_lock(&p->lock);
  } else {
    weir_mutex_lock(&p->lock);
    weir_mutex_lock(&q->lock);
  }
  p->n += q->n;
  weir_mutex_unlock(&p->lock);
  weir_mutex_unlock(&q->lock);
}

// Who only tries does not wait.
void e_then_f(void) {
  weir_mutex_lock(&e);
  weir_mutex_lock(&f);
  n++;
  weir_mutex_unlock(&f);
  weir_mutex_unlock(&e);
}
void f_then_tries_e(void) {
  weir_mutex_lock(&f);
  if (weir_mutex_trylock(&e)) {
    n++;
    weir_mutex_unlock(&e);
  }
  weir_mutex_unlock(&f);
}

// Readers do not wait for readers.
int names_then_values(void) {
  weir_rwmutex_rlock(&names);
  weir_rwmutex_rlock(&values);
  int got = n;
  weir_rwmutex_runlock(&values);
  weir_rwmutex_runlock(&names);
  return got;
}
int values_then_names(void) {
  weir_rwmutex_rlock(&values);
  weir_rwmutex_rlock(&names);
  int got = n;
  weir_rwmutex_runlock(&names);
  weir_rwmutex_runlock(&values);
  return got;
}

// It lets the caller's lock go before it takes the other one.
static void lets_go(struct server *s) {
  weir_mutex_unlock(&s->q.lock);
  weir_mutex_lock(&s->lock);
  n++;
  weir_mutex_unlock(&s->lock);
  weir_mutex_lock(&s->q.lock);
}
void drains(struct server *s) {
  weir_mutex_lock(&s->q.lock);
  lets_go(s);
  s->q.waiting--;
  weir_mutex_unlock(&s->q.lock);
}
void adds(struct server *s) {
  weir_mutex_lock(&s->lock);
  weir_mutex_lock(&s->q.lock);
  s->q.waiting++;
  weir_mutex_unlock(&s->q.lock);
  weir_mutex_unlock(&s->lock);
}
void drains_through_a_local(struct job *j) {
  struct server *s = j->of;
  weir_mutex_lock(&s->q.lock);
  lets_go(s);
  weir_mutex_unlock(&s->q.lock);
}

// The goroutine takes the other lock, not who starts it.
static void takes_g(void) {
  weir_mutex_lock(&g);
  n++;
  weir_mutex_unlock(&g);
}
void starts_under_h(void) {
  weir_mutex_lock(&h);
  weir_go(takes_g);
  weir_mutex_unlock(&h);
}
void g_then_h(void) {
  weir_mutex_lock(&g);
  weir_mutex_lock(&h);
  n++;
  weir_mutex_unlock(&h);
  weir_mutex_unlock(&g);
}

// The argument says whether it takes it.
static int size_of(struct server *s, int locked) {
  if (!locked) weir_mutex_lock(&s->lock);
  int size = s->q.waiting;
  if (!locked) weir_mutex_unlock(&s->lock);
  return size;
}
int with_both(struct server *s) {
  weir_mutex_lock(&s->lock);
  weir_mutex_lock(&s->q.lock);
  int size = size_of(s, 1);
  weir_mutex_unlock(&s->q.lock);
  weir_mutex_unlock(&s->lock);
  return size;
}
