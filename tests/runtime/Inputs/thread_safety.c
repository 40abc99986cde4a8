// SPDX-License-Identifier: Apache-2.0
//
// Right and wrong uses of locks for -Wthread-safety; with -DRUN the right ones run.
#include <weir/weir.h>

struct account {
  weir_mutex lock;
  weir_rwmutex table;
  long balance WEIR_GUARDED_BY(&lock);
  int rows WEIR_GUARDED_BY(&table);
  int *cells WEIR_PT_GUARDED_BY(&table);
};
static weir_mutex mu;
static weir_cond more;
static int n WEIR_GUARDED_BY(&mu);

static void enter(struct account *a) WEIR_ACQUIRE(&a->lock) {
  weir_mutex_lock(&a->lock);
}
static void leave(struct account *a) WEIR_RELEASE(&a->lock) {
  weir_mutex_unlock(&a->lock);
}
static void add(struct account *a, long by) WEIR_REQUIRES(&a->lock) {
  a->balance += by;
}
static void deposit(struct account *a, long by) WEIR_EXCLUDES(&a->lock) {
  weir_mutex_lock(&a->lock);
  add(a, by);
  weir_mutex_unlock(&a->lock);
}
static int rows(struct account *a) WEIR_REQUIRES_SHARED(&a->table) {
  return a->rows;
}

// --- right --------------------------------------------------------------------------------------

long guarded(struct account *a) {
  weir_guard(&a->lock);
  add(a, 1);
  return a->balance;
}
long wrapped(struct account *a) {
  enter(a);
  long balance = a->balance;
  leave(a);
  deposit(a, 1);
  return balance;
}
int read_side(struct account *a) {
  weir_rguard(&a->table);
  return a->cells ? *a->cells : rows(a);
}
int both_sides(struct account *a) {
  weir_rwmutex_rlock(&a->table);
  int before = a->rows;
  weir_rwmutex_runlock(&a->table);
  weir_guard(&a->table);
  a->rows = before + 1;
  return rows(a);
}
int tried(void) {
  if (!weir_mutex_trylock(&mu)) return -1;
  int was = n++;
  weir_mutex_unlock(&mu);
  return was;
}
int tried_to_read(struct account *a) {
  if (!weir_rwmutex_tryrlock(&a->table)) return -1;
  int was = rows(a);
  weir_rwmutex_runlock(&a->table);
  return was;
}
int waits(void) {
  weir_guard(&mu);
  while (n == 0)
    weir_cond_wait(&more, &mu);
  return n;
}
int in_scopes(int turns) {
  for (int i = 0; i < turns; i++) {
    weir_guard(&mu);
    if (i == 1) continue;
    if (i > 3) break;
    n++;
  }
  weir_guard(&mu);
  return n;
}
long before_it_is_shared(long balance) WEIR_NO_THREAD_SAFETY {
  struct account a = {0};
  a.balance = balance;
  return guarded(&a);
}

#ifdef RUN
static int check(bool fine) {
  if (!fine) weir_dump(2);
  return fine ? 0 : 1;
}

int main(void) {
  int cell = 7, bad = 0;
  struct account a = {.cells = &cell};
  bad += check(guarded(&a) == 1 && wrapped(&a) == 1 && guarded(&a) == 3);
  bad += check(read_side(&a) == 7 && both_sides(&a) == 1 && tried_to_read(&a) == 1);
  bad += check(tried() == 0 && waits() == 1 && in_scopes(3) == 3);
  bad += check(before_it_is_shared(5) == 6);
  return bad + check(weir_mutex_trylock(&mu) && weir_rwmutex_trylock(&a.table));
}
#else

// --- wrong --------------------------------------------------------------------------------------
#ifdef WEIR_THREAD_SAFETY

void not_at_all(struct account *a) {
  a->balance++; // expected-warning {{writing variable 'balance' requires holding mutex}}
}
void not_for_it(struct account *a) {
  weir_guard(&a->lock);
  a->rows = 1; // expected-warning {{writing variable 'rows' requires holding rwmutex}}
}
void not_for_a_call(struct account *a) {
  add(a, 1); // expected-warning {{calling function 'add' requires holding mutex 'a->lock'}}
}
void of_another(struct account *a, struct account *b) {
  weir_guard(&b->lock);
  add(a, 1); // expected-warning {{calling function 'add' requires holding mutex 'a->lock'}}
  // expected-note@-1 {{found near match 'b->lock'}}
}
void writes_as_a_reader(struct account *a) {
  weir_rguard(&a->table);
  a->rows++; // expected-warning {{writing variable 'rows' requires holding rwmutex}}
}
void through_a_pointer(struct account *a) {
  *a->cells = 1; // expected-warning {{writing the value pointed to by 'cells' requires holding}}
}
int after_the_scope(void) {
  {
    weir_guard(&mu);
    n++;
  }
  return n; // expected-warning {{reading variable 'n' requires holding mutex 'mu'}}
}
int a_way_out(void) {
  weir_mutex_lock(&mu); // expected-note {{mutex acquired here}}
  if (n) return 1;
  weir_mutex_unlock(&mu);
  return 0; // expected-warning@+1 {{mutex 'mu' is not held on every path through here}}
}
void nobody_asks(void) {
  (void)weir_mutex_trylock(&mu);
  n++; // expected-warning {{writing variable 'n' requires holding mutex 'mu'}}
}
void twice(struct account *a) {
  weir_mutex_lock(&a->lock); // expected-note {{mutex acquired here}}
  deposit(a, 1);             // expected-warning {{cannot call function 'deposit' while}}
  weir_mutex_lock(&a->lock); // expected-warning {{acquiring mutex 'a->lock' that is already held}}
  weir_mutex_unlock(&a->lock);
}
void never_taken(void) {
  weir_mutex_unlock(&mu); // expected-warning {{releasing mutex 'mu' that was not held}}
}
void waits_without(void) {
  weir_cond_wait(&more, &mu); // expected-warning {{requires holding mutex 'mu'}}
}
#endif
#endif
