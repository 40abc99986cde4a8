// SPDX-License-Identifier: Apache-2.0
//
// Plays on locks: mutual exclusion, shown by plain variables that only their holder writes; each
// function of a once runs once; nobody who waits for a condition, units or a count is forgotten.
#include <errno.h>

#include "torture.h"

// --- mutex -------------------------------------------------------------------------------------

struct counted {
  weir_mutex mu;
  long value;
  bool inside;
  int each;
};
struct counter {
  struct counted *all;
  struct rng r;
};

static void add_one(struct counted *c, struct rng *r) {
  CHECK(!c->inside);
  c->inside = true;
  c->value++;
  stir(r);
  CHECK(c->inside);
  c->inside = false;
}

static void unlock(weir_mutex *mu, weir_wg *wg) {
  weir_mutex_unlock(mu);
  weir_wg_done(wg);
}

static void count(void *arg) {
  struct counter *p = arg;
  struct counted *c = p->all;
  for (int i = 0; i < c->each; i++) {
    unsigned how = rnd(&p->r, 8);
    if (how == 0) {
      weir_guard(&c->mu);
      add_one(c, &p->r);
      continue;
    }
    if (how == 1)
      while (!weir_mutex_trylock(&c->mu))
        weir_yield();
    else
      weir_mutex_lock(&c->mu);
    add_one(c, &p->r);
    if (how == 2) { // another goroutine unlocks
      weir_wg wg = {0};
      weir_wg_add(&wg, 1);
      weir_go(unlock, &c->mu, &wg);
      weir_wg_wait(&wg);
    } else {
      weir_mutex_unlock(&c->mu);
    }
    stir(&p->r);
  }
}

void play_mutex(struct rng *r) {
  enum { MAX = 8 };
  struct counted c = {.each = 1 + (int)rnd(r, 100)};
  struct counter p[MAX];
  struct crew crew = {0};
  int n = 1 + (int)rnd(r, MAX);
  for (int i = 0; i < n; i++) {
    p[i] = (struct counter){&c, rng_new(r)};
    crew_go(&crew, r, count, &p[i]);
  }
  crew_wait(&crew);
  CHECK_EQ(c.value, (long)n * c.each);
}

// --- rwmutex -----------------------------------------------------------------------------------

struct shared {
  weir_rwmutex mu;
  long a, b; // equal whenever nobody writes
  atomic_int readers;
  int each;
};
struct sharer {
  struct shared *all;
  struct rng r;
};

static void read_it(struct shared *s, struct rng *r) {
  atomic_fetch_add(&s->readers, 1);
  long a = s->a;
  stir(r);
  CHECK_EQ(a, s->b);
  atomic_fetch_sub(&s->readers, 1);
}

static void write_it(struct shared *s, struct rng *r) {
  CHECK_EQ(s->readers, 0);
  s->a++;
  stir(r);
  s->b++;
  CHECK_EQ(s->readers, 0);
}

static void share(void *arg) {
  struct sharer *p = arg;
  struct shared *s = p->all;
  for (int i = 0; i < s->each; i++) {
    switch (rnd(&p->r, 6)) {
    case 0:
      weir_rwmutex_lock(&s->mu);
      write_it(s, &p->r);
      weir_rwmutex_unlock(&s->mu);
      break;
    case 1:
      if (!weir_rwmutex_trylock(&s->mu)) continue;
      write_it(s, &p->r);
      weir_rwmutex_unlock(&s->mu);
      break;
    case 2:
      if (!weir_rwmutex_tryrlock(&s->mu)) continue;
      read_it(s, &p->r);
      weir_rwmutex_runlock(&s->mu);
      break;
    default:
      weir_rwmutex_rlock(&s->mu);
      read_it(s, &p->r);
      weir_rwmutex_runlock(&s->mu);
    }
  }
}

void play_rwmutex(struct rng *r) {
  enum { MAX = 9 };
  struct shared s = {.each = 1 + (int)rnd(r, 100)};
  struct sharer p[MAX];
  struct crew crew = {0};
  int n = 1 + (int)rnd(r, MAX);
  for (int i = 0; i < n; i++) {
    p[i] = (struct sharer){&s, rng_new(r)};
    crew_go(&crew, r, share, &p[i]);
  }
  crew_wait(&crew);
  CHECK_EQ(s.a, s.b);
  CHECK(weir_rwmutex_trylock(&s.mu));
  weir_rwmutex_unlock(&s.mu);
}

// --- once: the function has no argument, so there is a row of them -------------------------------

enum { ROW = 16 };
static weir_mutex row_in_use;
static weir_once row[ROW];
static int row_done[ROW];
#define IN_ROW(i)                   \
  static void in_row_##i(void) {    \
    for (int k = 0; k < i % 4; k++) \
      weir_yield();                 \
    row_done[i]++;                  \
  }
IN_ROW(0)
IN_ROW(1)
IN_ROW(2)
IN_ROW(3)
IN_ROW(4) IN_ROW(5) IN_ROW(6) IN_ROW(7)

    static void walk_row(void *arg) {
  static void (*const fns[])(void) = {in_row_0, in_row_1, in_row_2, in_row_3,
                                      in_row_4, in_row_5, in_row_6, in_row_7};
  struct rng r = {(uintptr_t)arg};
  for (int k = 0; k < 8; k++) {
    unsigned i = rnd(&r, 8);
    weir_once_do(&row[i], fns[i]);
    CHECK_EQ(row_done[i], 1); // and ordered after the function: no atomics needed
  }
}

void play_once(struct rng *r) {
  weir_guard(&row_in_use);
  for (int i = 0; i < ROW; i++) {
    row[i] = (weir_once){0};
    row_done[i] = 0;
  }
  struct crew crew = {0};
  for (unsigned i = 2 + rnd(r, 8); i; i--)
    crew_go(&crew, r, walk_row, (void *)(uintptr_t)rng_new(r).state);
  crew_wait(&crew);
}

// --- condition variable: a bounded queue
// ----------------------------------------------------------

struct queue {
  weir_mutex mu;
  weir_cond not_full, not_empty;
  int items[4], head, count, each;
  bool broadcast, over;
  long sum;
};
struct user {
  struct queue *q;
  struct rng r;
};

static void tell(struct queue *q, weir_cond *cond) {
  if (q->broadcast)
    weir_cond_broadcast(cond);
  else
    weir_cond_signal(cond);
}

static void put(void *arg) {
  struct user *u = arg;
  struct queue *q = u->q;
  for (int i = 1; i <= q->each; i++) {
    weir_mutex_lock(&q->mu);
    while (q->count == 4)
      weir_cond_wait(&q->not_full, &q->mu);
    q->items[(q->head + q->count++) % 4] = i;
    tell(q, &q->not_empty);
    weir_mutex_unlock(&q->mu);
    stir(&u->r);
  }
}

static void get(void *arg) {
  struct user *u = arg;
  struct queue *q = u->q;
  for (;;) {
    weir_guard(&q->mu);
    while (q->count == 0 && !q->over)
      weir_cond_wait(&q->not_empty, &q->mu);
    if (q->count == 0) return;
    q->sum += q->items[q->head];
    q->head = (q->head + 1) % 4;
    q->count--;
    tell(q, &q->not_full);
    stir(&u->r);
  }
}

void play_cond(struct rng *r) {
  enum { MAX = 5 };
  struct queue q = {.each = 1 + (int)rnd(r, 80), .broadcast = rnd(r, 2)};
  struct user u[2 * MAX];
  struct crew from = {0}, to = {0};
  int puts = 1 + (int)rnd(r, MAX), gets = 1 + (int)rnd(r, MAX);
  for (int i = 0; i < puts + gets; i++) {
    u[i] = (struct user){&q, rng_new(r)};
    if (i < puts)
      crew_go(&from, r, put, &u[i]);
    else
      crew_go(&to, r, get, &u[i]);
  }
  crew_wait(&from);
  weir_mutex_lock(&q.mu);
  q.over = true;
  weir_mutex_unlock(&q.mu);
  weir_cond_broadcast(&q.not_empty);
  crew_wait(&to);
  CHECK_EQ(q.sum, (long)puts * q.each * (q.each + 1) / 2);
}

// --- semaphore, with contexts that end meanwhile
// ---------------------------------------------------

struct units {
  weir_sem sem;
  int cap, each;
  atomic_int out;
};
struct taker {
  struct units *all;
  struct rng r;
};

static void take_units(struct units *u, struct rng *r, int n) {
  CHECK(atomic_fetch_add(&u->out, n) + n <= u->cap);
  stir(r);
  atomic_fetch_sub(&u->out, n);
  weir_sem_release(&u->sem, n);
}

static void take_some(void *arg) {
  struct taker *t = arg;
  struct units *u = t->all;
  for (int i = 0; i < u->each; i++) {
    int n = 1 + (int)rnd(&t->r, (unsigned)u->cap);
    if (rnd(&t->r, 4) == 0) {
      if (weir_sem_try(&u->sem, n)) take_units(u, &t->r, n);
    } else if (rnd(&t->r, 3) == 0) {
      weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), WEIR_US(rnd(&t->r, 100)));
      int err = weir_sem_acquire(&u->sem, ctx, n);
      CHECK(err == 0 || err == ETIMEDOUT);
      if (!err) take_units(u, &t->r, n);
      weir_ctx_free(ctx);
    } else {
      CHECK_EQ(weir_sem_acquire(&u->sem, NULL, n), 0);
      take_units(u, &t->r, n);
    }
  }
}

void play_semaphore(struct rng *r) {
  enum { MAX = 7 };
  struct units u = {.cap = 1 + (int)rnd(r, 6), .each = 1 + (int)rnd(r, 50)};
  weir_sem_init(&u.sem, u.cap);
  struct taker t[MAX];
  struct crew crew = {0};
  int n = 1 + (int)rnd(r, MAX);
  for (int i = 0; i < n; i++) {
    t[i] = (struct taker){&u, rng_new(r)};
    crew_go(&crew, r, take_some, &t[i]);
  }
  crew_wait(&crew);
  CHECK(weir_sem_try(&u.sem, u.cap)); // all came back
  weir_sem_release(&u.sem, u.cap);
}

// --- wait group: used again and again, with several who wait
// ----------------------------------------

struct rounds {
  weir_wg work, waiters;
  long done;
  struct rng r[8];
};

static void wait_too(struct rounds *w, long want) {
  weir_wg_wait(&w->work);
  CHECK_EQ(__atomic_load_n(&w->done, __ATOMIC_RELAXED), want);
}

static void work(struct rounds *w, int id) {
  stir(&w->r[id]);
  __atomic_fetch_add(&w->done, 1, __ATOMIC_RELAXED);
}

void play_wait_group(struct rng *r) {
  struct rounds w = {0};
  for (int i = 0; i < 8; i++)
    w.r[i] = rng_new(r);
  long want = 0;
  for (unsigned k = 1 + rnd(r, 20); k; k--) {
    int n = 1 + (int)rnd(r, 8);
    want += n;
    for (int i = 0; i < n; i++)
      weir_wg_go(&w.work, work, &w, i);
    for (unsigned i = rnd(r, 4); i; i--)
      weir_wg_go(&w.waiters, wait_too, &w, want);
    weir_wg_wait(&w.work);
    CHECK_EQ(w.done, want);
    weir_wg_wait(&w.waiters);
  }
}
