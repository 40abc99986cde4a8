// SPDX-License-Identifier: Apache-2.0
//
// What a mutex orders: an unlock is before each later lock of the same mutex, and that is all.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

static weir_mutex mu, mu2;

// Both inside, or one of them before the lock.
static void locked(bool outside) {
  weir_go_block(^{
    weir_mutex_lock(&mu);
    x = 1; // RACE: excluded
    weir_mutex_unlock(&mu);
    hidden_post();
  });
  hidden_wait(1);
  if (outside) {
    x = 2; // RACE: excluded
    weir_mutex_lock(&mu);
  } else {
    weir_mutex_lock(&mu);
    x = 2;
  }
  weir_mutex_unlock(&mu);
}
static void excluded_racy(void) {
  locked(true);
}
static void excluded_quiet(void) {
  locked(false);
}

// Two mutexes.
static void with(weir_mutex *which, int turn) {
  hidden_wait(turn);
  weir_mutex_lock(which);
  x++; // RACE: two_mutexes
  weir_mutex_unlock(which);
  hidden_post();
}
static void two_mutexes_racy(void) {
  weir_go(with, &mu2, 0);
  with(&mu, 1);
}
static void two_mutexes_quiet(void) {
  weir_go(with, &mu, 0);
  with(&mu, 1);
}

// What comes before a section is before what comes after a later one; what comes after it is not.
static bool written;
static void past_of_section(bool after) {
  weir_go_block(^{
    if (!after) x = 1;
    weir_mutex_lock(&mu);
    written = true;
    weir_mutex_unlock(&mu);
    if (after) x = 1; // RACE: transitive
    hidden_post();
  });
  if (after) hidden_wait(1);
  for (bool seen = false; !seen;) {
    weir_yield();
    weir_guard(&mu);
    seen = written;
  }
  x = 2; // RACE: transitive
}
static void transitive_racy(void) {
  past_of_section(true);
}
static void transitive_quiet(void) {
  past_of_section(false);
}

// Two that only take it, one after the other, with the writes after each section.
static void pass_through(bool inside) {
  for (int turn = 0; turn < 2; turn++)
    weir_go_block(^{
      hidden_wait(turn);
      weir_mutex_lock(&mu);
      if (inside) y++;
      weir_mutex_unlock(&mu);
      if (!inside) y++; // RACE: after_section
      hidden_post();
    });
  hidden_wait(2);
}
static void after_section_racy(void) {
  pass_through(false);
}
static void after_section_quiet(void) {
  pass_through(true);
}

// One goroutine may lock and another unlock: the unlock is what counts.
static void unlock_lent(bool before) {
  if (before) x = 1;
  weir_mutex_unlock(&mu);
  if (!before) x = 1; // RACE: unlocked_by_other
  hidden_post();
}
static void lent(bool before) {
  weir_go_block(^{
    weir_mutex_lock(&mu);
    weir_go(unlock_lent, before);
    hidden_post();
  });
  hidden_wait(1);
  weir_mutex_lock(&mu);
  hidden_wait(2);
  x = 2; // RACE: unlocked_by_other
  weir_mutex_unlock(&mu);
}
static void unlocked_by_other_racy(void) {
  lent(false);
}
static void unlocked_by_other_quiet(void) {
  lent(true);
}

// Handed to one that waits.
static void handed(bool inside) {
  weir_mutex_lock(&mu);
  weir_go_block(^{
    hidden_post();
    weir_mutex_lock(&mu);
    x = 1; // RACE: handed_over
    weir_mutex_unlock(&mu);
    hidden_post();
  });
  hidden_wait(1);
  for (int i = 0; i < 20; i++) // with one processor it waits now
    weir_yield();
  if (inside) x = 2;
  weir_mutex_unlock(&mu);
  hidden_wait(2);
  if (!inside) x = 2; // RACE: handed_over
}
static void handed_over_racy(void) {
  handed(false);
}
static void handed_over_quiet(void) {
  handed(true);
}

// A try that fails orders nothing, one that succeeds does.
static void tried(bool succeeds) {
  weir_go_block(^{
    weir_mutex_lock(&mu);
    x = 1; // RACE: try_lock
    if (succeeds) weir_mutex_unlock(&mu);
    hidden_post();
    hidden_wait(2);
    if (!succeeds) weir_mutex_unlock(&mu);
    hidden_post();
  });
  hidden_wait(1);
  MUST(weir_mutex_trylock(&mu) == succeeds);
  x = 2; // RACE: try_lock
  if (succeeds) weir_mutex_unlock(&mu);
  hidden_post();
  hidden_wait(3);
}
static void try_lock_racy(void) {
  tried(false);
}
static void try_lock_quiet(void) {
  tried(true);
}

// A guard ends with its scope, and no sooner.
static void guarded(bool nested, int turn) {
  hidden_wait(turn);
  if (nested) {
    weir_guard(&mu);
    y++;
  }
  if (!nested) weir_mutex_lock(&mu);
  x++; // RACE: guard
  if (!nested) weir_mutex_unlock(&mu);
  hidden_post();
}
static void guard_racy(void) {
  weir_go(guarded, true, 0);
  guarded(true, 1);
}
static void guard_quiet(void) {
  weir_go(guarded, false, 0);
  guarded(false, 1);
}

// A deferred unlock comes after all that the scope does.
static void deferred(bool early, int turn) {
  hidden_wait(turn);
  weir_mutex_lock(&mu);
  {
    weir_defer(weir_mutex_unlock(&mu));
    if (!early) x++;
  }
  if (early) x++; // RACE: deferred_unlock
  hidden_post();
}
static void deferred_unlock_racy(void) {
  weir_go(deferred, true, 0);
  deferred(true, 1);
}
static void deferred_unlock_quiet(void) {
  weir_go(deferred, false, 0);
  deferred(false, 1);
}

// An argument is read before the function it is passed to locks.
__attribute__((noinline)) static void lock_with(int value) {
  use(value);
  weir_mutex_lock(&mu);
}
static void argument_before_lock(bool outside) {
  weir_go_block(^{
    weir_mutex_lock(&mu);
    x = 42; // RACE: argument
    weir_mutex_unlock(&mu);
    hidden_post();
  });
  hidden_wait(1);
  lock_with(outside ? x : 0); // RACE: argument
  if (!outside) use(x);
  weir_mutex_unlock(&mu);
}
static void argument_racy(void) {
  argument_before_lock(true);
}
static void argument_quiet(void) {
  argument_before_lock(false);
}

// A result is stored after the function that computes it has locked.
__attribute__((noinline)) static int lock_and(bool take) {
  if (take) weir_mutex_lock(&mu);
  return 43;
}
static void result_under_lock(bool inside) {
  weir_go_block(^{
    weir_mutex_lock(&mu);
    x = 42; // RACE: result
    weir_mutex_unlock(&mu);
    hidden_post();
  });
  hidden_wait(1);
  x = lock_and(inside); // RACE: result
  if (inside) weir_mutex_unlock(&mu);
}
static void result_racy(void) {
  result_under_lock(false);
}
static void result_quiet(void) {
  result_under_lock(true);
}

// A mutex that is overwritten while others use it.
static void overwrite(weir_mutex *which) {
  weir_go_block(^{
    weir_mutex_lock(&mu); // RACE: overwritten
    weir_mutex_unlock(&mu);
    hidden_post();
  });
  hidden_wait(1);
  memset(which, 0, sizeof *which); // RACE: overwritten
}
static void overwritten_racy(void) {
  overwrite(&mu);
}
static void overwritten_quiet(void) {
  overwrite(&mu2);
}

// A mutex in the object that it guards, which the last user frees.
struct counted {
  weir_mutex mu;
  long users, data; // a cell of shadow for each
};
static void leave(struct counted *c) {
  weir_mutex_lock(&c->mu);
  c->data++;
  bool last = --c->users == 0;
  weir_mutex_unlock(&c->mu);
  if (last) free(c);
}
static void in_object(bool late) {
  struct counted *c = calloc(1, sizeof *c);
  c->users = 2;
  weir_go_block(^{
    leave(c);
    if (late) use(c->data); // RACE: freed_by_last
    hidden_post();
  });
  hidden_wait(1);
  weir_mutex_lock(&c->mu);
  bool last = --c->users == 0;
  weir_mutex_unlock(&c->mu);
  if (last) free(c); // RACE: freed_by_last
}
static void freed_by_last_racy(void) {
  in_object(true);
}
static void freed_by_last_quiet(void) {
  in_object(false);
}

CASES(CASE(excluded), CASE(two_mutexes), CASE(transitive), CASE(after_section),
      CASE(unlocked_by_other), CASE(handed_over), CASE(try_lock), CASE(guard),
      CASE(deferred_unlock), CASE(argument), CASE(result), CASE(overwritten), CASE(freed_by_last))
