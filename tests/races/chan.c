// SPDX-License-Identifier: Apache-2.0
//
// What channels order and what they do not; docs/design/races.md says which rule is whose.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

static weir_chan(int) ch, other;

static void make(int capacity) {
  ch = weir_chan_make(int, capacity);
  other = weir_chan_make(int, capacity);
}
static void free_both(void) {
  weir_chan_free(ch);
  weir_chan_free(other);
}

// A send is before the receive of its element, without a buffer or with one; what comes after the
// send is not.
static void send_then(bool before) {
  weir_go_block(^{
    if (before) x = 1;
    weir_send(ch, 0);
    if (!before) x = 1; // RACE: unbuffered_send, buffered_send
    hidden_post();
  });
  weir_recv(ch, NULL);
  hidden_wait(1);
  x = 2; // RACE: unbuffered_send, buffered_send
  free_both();
}
static void unbuffered_send_racy(void) {
  make(0);
  send_then(false);
}
static void unbuffered_send_quiet(void) {
  make(0);
  send_then(true);
}
static void buffered_send_racy(void) {
  make(10);
  send_then(false);
}
static void buffered_send_quiet(void) {
  make(10);
  send_then(true);
}

// A receive is before the end of a send without a buffer, but not of one with room.
static void receive_then_end_of_send(int capacity) {
  make(capacity);
  weir_go_block(^{
    weir_send(ch, 0);
    if (capacity) hidden_wait(1);
    x = 1; // RACE: receive_back
    hidden_post();
  });
  x = 2; // RACE: receive_back
  if (capacity) hidden_post();
  weir_recv(ch, NULL);
  hidden_wait(capacity ? 2 : 1);
  free_both();
}
static void receive_back_racy(void) {
  receive_then_end_of_send(10);
}
static void receive_back_quiet(void) {
  receive_then_end_of_send(0);
}

// A close is before the receive that finds it, in every form of receive; what comes after the
// close is not.
static void write_and_close(bool before) {
  if (before) x = 1;
  weir_close(ch);
  if (!before) x = 1; // RACE: close_recv, close_into, close_try, close_loop, close_select
  hidden_post();
}
static void close_then(int capacity, bool before) {
  make(capacity);
  weir_go(write_and_close, before);
}
static void see_close(void) {
  hidden_wait(1);
  x = 2; // RACE: close_recv, close_into, close_try, close_loop, close_select
  free_both();
}
static void close_recv(bool before) {
  close_then(0, before);
  weir_recv(ch, NULL);
  see_close();
}
static void close_recv_racy(void) {
  close_recv(false);
}
static void close_recv_quiet(void) {
  close_recv(true);
}
static void close_into(bool before) {
  int got = 7;
  close_then(10, before);
  MUST(!weir_recv(ch, &got) && got == 0);
  see_close();
}
static void close_into_racy(void) {
  close_into(false);
}
static void close_into_quiet(void) {
  close_into(true);
}
static void close_try(bool before) {
  bool ok = true;
  close_then(10, before);
  while (!weir_try_recv(ch, NULL, &ok))
    weir_yield();
  see_close();
}
static void close_try_racy(void) {
  close_try(false);
}
static void close_try_quiet(void) {
  close_try(true);
}
static void close_loop(bool before) {
  int got;
  close_then(10, before);
  while (weir_recv(ch, &got))
    use(got);
  see_close();
}
static void close_loop_racy(void) {
  close_loop(false);
}
static void close_loop_quiet(void) {
  close_loop(true);
}
static void close_select(bool before) {
  close_then(0, before);
  weir_select(weir_on_recv(ch, NULL, NULL), weir_on_recv(other, NULL, NULL));
  see_close();
}
static void close_select_racy(void) {
  close_select(false);
}
static void close_select_quiet(void) {
  close_select(true);
}

// Looking at the length orders nothing.
static void poll_sent(bool receive) {
  make(10);
  weir_go_block(^{
    x = 1; // RACE: len_of_sent
    weir_send(ch, 1);
  });
  while (!weir_chan_len(ch))
    weir_yield();
  if (receive) weir_recv(ch, NULL);
  x = 2; // RACE: len_of_sent
}
static void len_of_sent_racy(void) {
  poll_sent(false);
}
static void len_of_sent_quiet(void) {
  poll_sent(true);
}
static void poll_received(bool fill) {
  ch = weir_chan_make(int, 1);
  weir_send(ch, 1);
  weir_go_block(^{
    x = 1; // RACE: len_of_received
    weir_recv(ch, NULL);
  });
  while (weir_chan_len(ch))
    weir_yield();
  if (fill) weir_send(ch, 2); // goes into the slot that the receive left
  x = 2;                      // RACE: len_of_received
}
static void len_of_received_racy(void) {
  poll_received(false);
}
static void len_of_received_quiet(void) {
  poll_received(true);
}

// Nor does a capacity or a length that is asked beside a close: the calls themselves are no race.
static void ask_beside_close(bool receive) {
  make(4);
  weir_go_block(^{
    x = 1; // RACE: len_beside_close
    weir_close(ch);
    hidden_post();
  });
  hidden_wait(1);
  use((long)(weir_chan_len(ch) + weir_chan_cap(ch)));
  if (receive) weir_recv(ch, NULL);
  x = 2; // RACE: len_beside_close
}
static void len_beside_close_racy(void) {
  ask_beside_close(false);
}
static void len_beside_close_quiet(void) {
  ask_beside_close(true);
}

// A send that fails because another was first orders nothing.
static void failed_send(bool drain) {
  make(1);
  weir_go_block(^{
    x = 1; // RACE: failed_send
    MUST(weir_try_send(ch, 1));
    hidden_post();
  });
  hidden_wait(1);
  MUST(!weir_try_send(ch, 2));
  if (drain) weir_recv(ch, NULL);
  x = 2; // RACE: failed_send
  weir_chan_free(other);
}
static void failed_send_racy(void) {
  failed_send(false);
}
static void failed_send_quiet(void) {
  failed_send(true);
}
static void failed_receive(bool send) {
  make(1);
  weir_send(ch, 1);
  weir_go_block(^{
    x = 1; // RACE: failed_receive
    weir_recv(ch, NULL);
    hidden_post();
  });
  hidden_wait(1);
  MUST(!weir_try_recv(ch, NULL, NULL));
  if (send) MUST(weir_try_send(ch, 2));
  x = 2; // RACE: failed_receive
}
static void failed_receive_racy(void) {
  failed_receive(false);
}
static void failed_receive_quiet(void) {
  failed_receive(true);
}

// What a sent pointer points to belongs to the receiver.
struct message {
  int field;
};
static void pointer_sent(bool keep) {
  weir_chan(struct message *) boxes = weir_chan_make(struct message *, 0);
  struct message *got;
  weir_go_block(^{
    struct message *made = malloc(sizeof *made);
    made->field = 1;
    weir_send(boxes, made);
    if (keep) made->field = 2; // RACE: pointee
    hidden_post();
  });
  weir_recv(boxes, &got);
  hidden_wait(1);
  got->field = 3; // RACE: pointee
  use(got->field);
  weir_chan_free(boxes);
}
static void pointee_racy(void) {
  pointer_sent(true);
}
static void pointee_quiet(void) {
  pointer_sent(false);
}

// A received element orders its own sender, not the other. Not inline, or an optimizer makes one
// store of two and gives it a line of its own.
__attribute__((noinline)) static void write_x(void) {
  x = 2;
}
__attribute__((noinline)) static void write_y(void) {
  y = 2; // RACE: other_sender, close_not_reached
}
static void two_senders(bool own) {
  make(2);
  weir_go_block(^{
    x = 1;
    weir_send(ch, 1);
    hidden_post();
  });
  weir_go_block(^{
    hidden_wait(1);
    y = 1; // RACE: other_sender
    weir_send(ch, 2);
    hidden_post();
  });
  hidden_wait(2);
  weir_recv(ch, NULL);
  own ? write_x() : write_y();
}
static void other_sender_racy(void) {
  two_senders(false);
}
static void other_sender_quiet(void) {
  two_senders(true);
}

// An element is not the close behind it.
static void element_before_close(bool own) {
  make(1);
  weir_go_block(^{
    x = 1;
    weir_send(ch, 1);
    weir_send(other, 1);
    hidden_post();
  });
  weir_go_block(^{
    weir_recv(other, NULL);
    y = 1; // RACE: close_not_reached
    weir_close(ch);
    hidden_post();
  });
  hidden_wait(2);
  MUST(weir_recv(ch, NULL));
  own ? write_x() : write_y();
}
static void close_not_reached_racy(void) {
  element_before_close(false);
}
static void close_not_reached_quiet(void) {
  element_before_close(true);
}

// The sent value is read by the sender, the destination written by the receiver.
static void sent_and_received(int capacity, weir_chan(int) from) {
  weir_go_block(^{
    weir_send(ch, x); // RACE: value_and_destination
    hidden_post();
  });
  if (from != ch && capacity) hidden_wait(1);
  weir_recv(from, &x); // RACE: value_and_destination
  hidden_wait(1);
}
static void value_and_destination_racy(void) {
  make(10);
  weir_send(other, 10);
  sent_and_received(10, other);
}
static void value_and_destination_quiet(void) {
  make(10);
  sent_and_received(10, ch);
}
static void value_unbuffered_racy(void) {
  make(0);
  weir_go_block(^{
    weir_recv(ch, NULL);
    hidden_post();
  });
  weir_go_block(^{
    hidden_wait(2);
    weir_send(other, 10);
  });
  weir_go_block(^{
    weir_send(ch, x); // RACE: value_unbuffered
    hidden_post();
  });
  hidden_wait(2);
  weir_recv(other, &x); // RACE: value_unbuffered
}
static void value_unbuffered_quiet(void) {
  make(0);
  sent_and_received(0, ch);
}

// A task's own channel tells that it is done.
struct task {
  weir_chan(int) done;
};
static void task_done(bool wait) {
  weir_chan(struct task) queue = weir_chan_make(struct task, 0);
  weir_go_block(^{
    struct task t;
    weir_recv(queue, &t);
    x = 1; // RACE: task
    weir_send(t.done, 1);
    hidden_post();
  });
  struct task mine = {weir_chan_make(int, 1)};
  weir_send(queue, mine);
  hidden_wait(1);
  if (wait) weir_recv(mine.done, NULL);
  use(x); // RACE: task
  weir_chan_free(queue);
}
static void task_racy(void) {
  task_done(false);
}
static void task_quiet(void) {
  task_done(true);
}

CASES(CASE(unbuffered_send), CASE(buffered_send), CASE(receive_back), CASE(close_recv),
      CASE(close_into), CASE(close_try), CASE(close_loop), CASE(close_select), CASE(len_of_sent),
      CASE(len_of_received), CASE(len_beside_close), CASE(failed_send), CASE(failed_receive),
      CASE(pointee), CASE(other_sender), CASE(close_not_reached), CASE(value_and_destination),
      CASE(value_unbuffered), CASE(task))
