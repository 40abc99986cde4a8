// SPDX-License-Identifier: Apache-2.0
//
// What programs do with channels beside sending values: the variable that holds one, buffers as
// locks and counters, senders that wait, elements of all sizes, and the start of goroutines.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

static weir_chan(int) ch, other;

static void make(int capacity) {
  ch = weir_chan_make(int, capacity);
  other = weir_chan_make(int, capacity);
}
// A channel variable is a variable.
static void send_on_it(weir_chan(int) *which) {
  weir_send(*which, 0); // RACE: variable_send
  hidden_post();
}
static void variable_send_racy(void) {
  make(10);
  weir_go(send_on_it, &ch);
  hidden_wait(1);
  ch = weir_chan_make(int, 20); // RACE: variable_send
}
static void variable_send_quiet(void) {
  make(10);
  weir_go(send_on_it, &other);
  hidden_wait(1);
  ch = weir_chan_make(int, 20);
}
static void receive_from_it(weir_chan(int) *which) {
  weir_recv(*which, NULL); // RACE: variable_recv
  hidden_post();
}
static void receive_from_variable(weir_chan(int) *which) {
  make(1);
  weir_send(*which, 1);
  weir_go(receive_from_it, which);
  hidden_wait(1);
  ch = NULL; // RACE: variable_recv
}
static void variable_recv_racy(void) {
  receive_from_variable(&ch);
}
static void variable_recv_quiet(void) {
  receive_from_variable(&other);
}
static void close_it(weir_chan(int) *which) {
  weir_close(*which); // RACE: variable_close
  hidden_post();
}
static void close_variable(weir_chan(int) *which) {
  make(1);
  weir_go(close_it, which);
  hidden_wait(1);
  ch = weir_chan_make(int, 0); // RACE: variable_close
}
static void variable_close_racy(void) {
  close_variable(&ch);
}
static void variable_close_quiet(void) {
  close_variable(&other);
}
static void ask_it(weir_chan(int) *which) {
  use((long)weir_chan_len(*which)); // RACE: variable_len
  hidden_post();
}
static void ask_variable(weir_chan(int) *which) {
  make(1);
  weir_go(ask_it, which);
  hidden_wait(1);
  ch = weir_chan_make(int, 0); // RACE: variable_len
}
static void variable_len_racy(void) {
  ask_variable(&ch);
}
static void variable_len_quiet(void) {
  ask_variable(&other);
}
static void measure_it(weir_chan(int) *which) {
  use((long)weir_chan_cap(*which)); // RACE: variable_cap
  hidden_post();
}
static void measure_variable(weir_chan(int) *which) {
  make(1);
  weir_go(measure_it, which);
  hidden_wait(1);
  ch = weir_chan_make(int, 0); // RACE: variable_cap
}
static void variable_cap_racy(void) {
  measure_variable(&ch);
}
static void variable_cap_quiet(void) {
  measure_variable(&other);
}

// A buffer of one is a mutex, one of two is not.
static void inside(int turn) {
  if (turn) hidden_wait(turn);
  weir_send(ch, 1);
  x++; // RACE: as_mutex
  if (!turn) hidden_post();
  weir_recv(ch, NULL);
  if (turn) hidden_post();
}
static void buffer_as_mutex(int capacity) {
  make(capacity);
  weir_go(inside, 1);
  inside(0);
  hidden_wait(2);
}
static void as_mutex_racy(void) {
  buffer_as_mutex(2);
}
static void as_mutex_quiet(void) {
  buffer_as_mutex(1);
}

// A full buffer tells that all have received; one element less does not.
static int parts[4];
static void fill_part(int i) {
  hidden_wait(i);
  parts[i] = 1; // RACE: as_wait_group
  hidden_post();
  weir_recv(ch, NULL);
}
static void buffer_as_wait_group(int sends) {
  make(4);
  for (int i = 0; i < 4; i++) {
    weir_send(ch, 0);
    weir_go(fill_part, i);
  }
  for (int i = 0; i < sends; i++)
    weir_send(ch, 0);
  hidden_wait(4);
  use(parts[3]); // RACE: as_wait_group
}
static void as_wait_group_racy(void) {
  buffer_as_wait_group(3);
}
static void as_wait_group_quiet(void) {
  buffer_as_wait_group(4);
}

// A sender that had to wait is before its receiver all the same, also when a select receives.
static void parked_sender(bool by_select, bool before) {
  make(1);
  weir_send(ch, 0);
  weir_go_block(^{
    if (before) x = 1;
    hidden_post();
    weir_send(ch, 1);
    if (!before) x = 1; // RACE: parked_sender, parked_sender_select
    hidden_post();
  });
  hidden_wait(1);
  for (int i = 0; i < 20; i++) // with one processor it waits now
    weir_yield();
  weir_recv(ch, NULL);
  if (by_select)
    weir_select(weir_on_recv(ch, NULL, NULL), weir_on_recv(other, NULL, NULL));
  else
    weir_recv(ch, NULL);
  hidden_wait(2);
  x = 2; // RACE: parked_sender, parked_sender_select
}
static void parked_sender_racy(void) {
  parked_sender(false, false);
}
static void parked_sender_quiet(void) {
  parked_sender(false, true);
}
static void parked_sender_select_racy(void) {
  parked_sender(true, false);
}
static void parked_sender_select_quiet(void) {
  parked_sender(true, true);
}

// An element without size orders as any other.
struct nothing {};
static void empty_elements(int taken) {
  weir_chan(struct nothing) slots = weir_chan_make(struct nothing, 2);
  struct nothing none = {};
  weir_send(slots, none);
  weir_send(slots, none);
  weir_go_block(^{
    x++;
    weir_recv(slots, NULL);
    hidden_post();
  });
  weir_go_block(^{
    hidden_wait(1);
    y++; // RACE: empty_element
    weir_recv(slots, NULL);
    hidden_post();
  });
  hidden_wait(2);
  for (int i = 0; i < taken; i++)
    weir_send(slots, none);
  x++;
  y++; // RACE: empty_element
}
static void empty_element_racy(void) {
  empty_elements(1);
}
static void empty_element_quiet(void) {
  empty_elements(2);
}

// A send reads the whole of a large element.
struct large {
  int part[300];
};
static struct large large;
static void large_sent(bool own) {
  weir_chan(struct large) wide = weir_chan_make(struct large, 1);
  weir_go_block(^{
    weir_send(wide, large); // RACE: large_element
    hidden_post();
  });
  hidden_wait(1);
  if (own) weir_recv(wide, NULL);
  large.part[200] = 1; // RACE: large_element
}
static void large_element_racy(void) {
  large_sent(false);
}
static void large_element_quiet(void) {
  large_sent(true);
}

// A receive writes the whole of it, and does so after the receive: as with x = <-ch in Go, the send
// that its slot lets go on is not ordered after that write.
static void large_received(bool told) {
  weir_chan(struct large) wide = weir_chan_make(struct large, 1);
  make(1);
  weir_send(wide, (struct large){{1}});
  weir_go_block(^{
    weir_recv(wide, &large); // RACE: large_destination
    weir_send(ch, 1);
    hidden_post();
  });
  hidden_wait(1);
  weir_send(wide, (struct large){{2}});
  if (told) weir_recv(ch, NULL);
  use(large.part[200]); // RACE: large_destination
  weir_chan_free(wide);
}
static void large_destination_racy(void) {
  large_received(false);
}
static void large_destination_quiet(void) {
  large_received(true);
}

// The k-th receive is before the (k+C)-th send, not before an earlier one.
static void slot_reused(int sends) {
  make(2);
  weir_send(ch, 1);
  weir_go_block(^{
    x = 1; // RACE: slot_reuse
    weir_recv(ch, NULL);
    hidden_post();
  });
  hidden_wait(1);
  for (int i = 0; i < sends; i++)
    weir_send(ch, 2);
  x = 2; // RACE: slot_reuse
}
static void slot_reuse_racy(void) {
  slot_reused(1);
}
static void slot_reuse_quiet(void) {
  slot_reused(2);
}

// Starting a goroutine is before all it does; its end is before nothing that does not wait for it.
static void started(bool late) {
  if (!late) x = 1;
  weir_go_block(^{
    hidden_wait(1);
    use(x); // RACE: start
    hidden_post();
  });
  if (late) x = 1; // RACE: start
  hidden_post();
  hidden_wait(2);
}
static void start_racy(void) {
  started(true);
}
static void start_quiet(void) {
  started(false);
}
static void ended(bool wait) {
  make(1);
  weir_go_block(^{
    x = 1; // RACE: end
    weir_send(ch, 1);
  });
  while (weir_num_goroutine() > 1)
    weir_yield();
  if (wait) weir_recv(ch, NULL);
  x = 2; // RACE: end
}
static void end_racy(void) {
  ended(false);
}
static void end_quiet(void) {
  ended(true);
}

CASES(CASE(variable_send), CASE(variable_recv), CASE(variable_close), CASE(variable_len),
      CASE(variable_cap), CASE(as_mutex), CASE(as_wait_group), CASE(parked_sender),
      CASE(parked_sender_select), CASE(empty_element), CASE(large_element), CASE(large_destination),
      CASE(slot_reuse), CASE(start), CASE(end))
