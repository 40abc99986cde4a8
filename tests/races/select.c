// SPDX-License-Identifier: Apache-2.0
//
// What select orders: the operation of the case that it took, and nothing of the others.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

static weir_chan(int) a, b, never;

static void make(int capacity) {
  a = weir_chan_make(int, capacity);
  b = weir_chan_make(int, capacity);
  never = weir_chan_make(int, 0);
}

// A send by select to a receive by select: what is before it, not what comes after.
static void both_select(bool before) {
  make(0);
  weir_go_block(^{
    if (before) x = 1;
    weir_select(weir_on_send(a, 1), weir_on_send(b, 1));
    if (!before) x = 1; // RACE: meet
    hidden_post();
  });
  weir_select(weir_on_recv(a, NULL, NULL), weir_on_send(never, 1));
  hidden_wait(1);
  x = 2; // RACE: meet
}
static void meet_racy(void) {
  both_select(false);
}
static void meet_quiet(void) {
  both_select(true);
}

// Without a buffer the receiver's past is before what follows the sender's select.
static void back(int capacity) {
  make(capacity);
  weir_go_block(^{
    weir_select(weir_on_send(a, 1), weir_on_recv(never, NULL, NULL));
    if (capacity) hidden_wait(1);
    x = 1; // RACE: meet_back
    hidden_post();
  });
  x = 2; // RACE: meet_back
  if (capacity) hidden_post();
  weir_recv(a, NULL);
  hidden_wait(capacity ? 2 : 1);
}
static void meet_back_racy(void) {
  back(4);
}
static void meet_back_quiet(void) {
  back(0);
}

// A select that a close woke, and a write on the wrong side of the close.
static void woken(bool before) {
  make(0);
  weir_go_block(^{
    if (!before) {
      x = 1; // RACE: woken_by_close
      hidden_post();
    }
    weir_select(weir_on_recv(a, NULL, NULL), weir_on_recv(b, NULL, NULL));
    if (before) {
      x = 1;
      hidden_post();
    }
  });
  if (!before) hidden_wait(1);
  x = 2; // RACE: woken_by_close
  weir_close(a);
  hidden_wait(1);
}
static void woken_by_close_racy(void) {
  woken(false);
}
static void woken_by_close_quiet(void) {
  woken(true);
}

// Into a buffer, received plainly.
static void buffered(bool before) {
  make(10);
  weir_go_block(^{
    if (before) x = 1;
    weir_select(weir_on_send(a, 1), weir_on_recv(never, NULL, NULL));
    if (!before) x = 1; // RACE: into_buffer
    hidden_post();
  });
  weir_recv(a, NULL);
  hidden_wait(1);
  x = 2; // RACE: into_buffer
}
static void into_buffer_racy(void) {
  buffered(false);
}
static void into_buffer_quiet(void) {
  buffered(true);
}

// A task and its answer, both by select.
struct task {
  weir_chan(int) done;
};
static void task_by_select(bool wait) {
  weir_chan(struct task) queue = weir_chan_make(struct task, 0);
  make(0);
  weir_go_block(^{
    struct task t;
    weir_select(weir_on_recv(queue, &t, NULL), weir_on_recv(never, NULL, NULL));
    x = 1; // RACE: task
    weir_select(weir_on_send(t.done, 1), weir_on_recv(never, NULL, NULL));
    hidden_post();
  });
  struct task mine = {weir_chan_make(int, 1)};
  weir_select(weir_on_send(queue, mine), weir_on_recv(never, NULL, NULL));
  hidden_wait(1);
  if (wait) weir_select(weir_on_recv(mine.done, NULL, NULL), weir_on_recv(never, NULL, NULL));
  use(x); // RACE: task
}
static void task_racy(void) {
  task_by_select(false);
}
static void task_quiet(void) {
  task_by_select(true);
}

// Two selects that send to one receiver are not ordered with each other.
static void send_and_write(int turn, bool to_each_other) {
  if (turn) hidden_wait(1);
  if (turn && to_each_other) weir_select(weir_on_recv(b, NULL, NULL));
  weir_select(weir_on_send(a, 1), weir_on_send(never, 1));
  x = 1; // RACE: two_senders
  if (!turn) weir_send(b, 1);
  hidden_post();
}
static void two_selects(bool to_each_other) {
  make(0);
  b = weir_chan_make(int, 1);
  weir_go_block(^{
    weir_recv(a, NULL);
    weir_recv(a, NULL);
  });
  weir_go(send_and_write, 0, to_each_other);
  weir_go(send_and_write, 1, to_each_other);
  hidden_wait(2);
}
static void two_senders_racy(void) {
  two_selects(false);
}
static void two_senders_quiet(void) {
  two_selects(true);
}

// The default case waits for nobody.
static void by_default(bool wait) {
  make(1);
  weir_go_block(^{
    x = 2; // RACE: default_case
    weir_send(a, 1);
    hidden_post();
  });
  hidden_wait(1);
  int taken = wait ? weir_select(weir_on_recv(a, NULL, NULL), weir_on_default())
                   : weir_select(weir_on_recv(b, NULL, NULL), weir_on_default());
  MUST(taken == (wait ? 0 : WEIR_DEFAULT));
  use(x); // RACE: default_case
}
static void default_case_racy(void) {
  by_default(false);
}
static void default_case_quiet(void) {
  by_default(true);
}

// Of two cases that are ready only the one that is taken orders anything.
static void other_ready(bool same) {
  make(1);
  weir_go_block(^{
    x = 1; // RACE: case_not_taken
    weir_send(a, 1);
    hidden_post();
  });
  hidden_wait(1);
  if (same)
    weir_select(weir_on_recv(a, NULL, NULL), weir_on_recv(never, NULL, NULL));
  else
    weir_select(weir_on_send(b, 1), weir_on_recv(never, NULL, NULL));
  x = 2; // RACE: case_not_taken
}
static void case_not_taken_racy(void) {
  other_ready(false);
}
static void case_not_taken_quiet(void) {
  other_ready(true);
}

// A select that waited on two channels is ordered after who woke it, not after who came later to
// the other one.
static void waited_on_two(bool same) {
  make(1);
  weir_go_block(^{
    hidden_wait(1);
    for (int i = 0; i < 20; i++) // with one processor main waits now
      weir_yield();
    if (same) x = 1;
    weir_send(a, 1);
    if (!same) x = 1; // RACE: late_for_other_case
    weir_send(b, 1);
    hidden_post();
  });
  hidden_post();
  weir_select(weir_on_recv(a, NULL, NULL), weir_on_recv(never, NULL, NULL));
  hidden_wait(2);
  x = 2; // RACE: late_for_other_case
}
static void late_for_other_case_racy(void) {
  waited_on_two(false);
}
static void late_for_other_case_quiet(void) {
  waited_on_two(true);
}

// The sent value is read when the statement begins, also that of a case which is not taken.
static void values_of_cases(bool other) {
  make(1);
  int *value = other ? &y : &x;
  weir_go_block(^{
    weir_select(weir_on_send(a, 1), weir_on_send(never, *value)); // RACE: value_not_taken
    hidden_post();
  });
  hidden_wait(1);
  x = 1; // RACE: value_not_taken
}
static void value_not_taken_racy(void) {
  values_of_cases(false);
}
static void value_not_taken_quiet(void) {
  values_of_cases(true);
}

// The sent value and the destination of another case's receive.
static void value_and_destination(weir_chan(int) from, bool buffered) {
  weir_go_block(^{
    weir_select(weir_on_send(a, x), weir_on_send(never, 1)); // RACE: select_values
    hidden_post();
  });
  if (buffered) hidden_wait(1);
  weir_select(weir_on_recv(from, &x, NULL), weir_on_send(never, 1)); // RACE: select_values
  hidden_wait(1);
}
static void select_values_racy(void) {
  make(10);
  weir_send(b, 1);
  value_and_destination(b, true);
}
static void select_values_quiet(void) {
  make(0);
  value_and_destination(a, false);
}

// The flag that a receive sets is written by it, as the destination is.
static bool ok;
static void flag_of_receive(bool told) {
  make(1);
  weir_send(a, 1);
  weir_go_block(^{
    weir_select(weir_on_recv(a, NULL, &ok), weir_on_recv(never, NULL, NULL)); // RACE: flag
    weir_send(b, 1);
    hidden_post();
  });
  hidden_wait(1);
  if (told) weir_recv(b, NULL);
  use(ok); // RACE: flag
}
static void flag_racy(void) {
  flag_of_receive(false);
}
static void flag_quiet(void) {
  flag_of_receive(true);
}

// Only the destination of the case that is taken is written.
static void destination_not_taken(bool taken) {
  make(1);
  weir_send(taken ? a : b, 1);
  weir_go_block(^{
    weir_select(weir_on_recv(a, &x, NULL), weir_on_recv(b, &y, NULL)); // RACE: destination
    hidden_post();
  });
  hidden_wait(1);
  x = 1; // RACE: destination
}
static void destination_racy(void) {
  destination_not_taken(true);
}
static void destination_quiet(void) {
  destination_not_taken(false);
}

// A buffer of one taken and given back by select is a mutex; one of two is not.
static void inside(int turn) {
  if (turn) hidden_wait(turn);
  weir_select(weir_on_send(a, 1), weir_on_recv(never, NULL, NULL));
  x++; // RACE: as_mutex
  if (!turn) hidden_post();
  weir_select(weir_on_recv(a, NULL, NULL), weir_on_recv(never, NULL, NULL));
  if (turn) hidden_post();
}
static void select_as_mutex(int capacity) {
  make(capacity);
  weir_go(inside, 1);
  inside(0);
  hidden_wait(2);
}
static void as_mutex_racy(void) {
  select_as_mutex(2);
}
static void as_mutex_quiet(void) {
  select_as_mutex(1);
}

// A closed channel that a select with default finds is ordered after the close, one that it does
// not find is not.
static void polled(bool until_closed) {
  make(0);
  weir_go_block(^{
    x = 1; // RACE: polled_close
    hidden_post();
    hidden_wait(until_closed ? 1 : 2);
    weir_close(a);
    hidden_post();
  });
  hidden_wait(1);
  while (weir_select(weir_on_recv(a, NULL, NULL), weir_on_default()) == WEIR_DEFAULT &&
         until_closed)
    weir_yield();
  use(x); // RACE: polled_close
  hidden_post();
  hidden_wait(3);
}
static void polled_close_racy(void) {
  polled(false);
}
static void polled_close_quiet(void) {
  polled(true);
}

// Cases from an array are the same.
static void cases_in_array(bool before) {
  make(1);
  weir_go_block(^{
    if (before) x = 1;
    weir_send(b, 1);
    if (!before) x = 1; // RACE: select_n
    hidden_post();
  });
  struct weir_case cases[] = {weir_on_recv(never, NULL, NULL), weir_on_recv(b, NULL, NULL)};
  MUST(weir_select_n(cases, 2) == 1);
  hidden_wait(1);
  x = 2; // RACE: select_n
}
static void select_n_racy(void) {
  cases_in_array(false);
}
static void select_n_quiet(void) {
  cases_in_array(true);
}

CASES(CASE(meet), CASE(meet_back), CASE(woken_by_close), CASE(into_buffer), CASE(task),
      CASE(two_senders), CASE(default_case), CASE(case_not_taken), CASE(late_for_other_case),
      CASE(value_not_taken), CASE(select_values), CASE(flag), CASE(destination), CASE(as_mutex),
      CASE(polled_close), CASE(select_n))
