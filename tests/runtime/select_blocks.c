// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t && %t
// RUN: %weircc %s -o %t.i && %t.i
//
// Which forms block and which do not, one by one: operations and selects on nil, open, full and
// closed channels. One worker, so whoever has not come back when all others are parked blocks.
// What blocks for ever is expected to.
#include <stdatomic.h>

#include "check.h"

const char *weir_default_options(void) {
  return "procs=1";
}

struct channels {
  weir_chan(int) nil, empty, full, closed, room;
};
static atomic_bool back;

static struct channels fresh_channels(void) {
  struct channels c = {.empty = weir_chan_make(int, 0),
                       .full = weir_chan_make(int, 1),
                       .closed = weir_chan_make(int, 0),
                       .room = weir_chan_make(int, 1)};
  weir_send(c.full, 7);
  weir_close(c.closed);
  return c;
}

// --- what blocks
static void send_nil(struct channels c) {
  weir_send(c.nil, 7);
}
static void recv_nil(struct channels c) {
  weir_recv(c.nil, NULL);
}
static void send_nobody(struct channels c) {
  weir_send(c.empty, 7);
}
static void send_full(struct channels c) {
  weir_send(c.full, 7);
}
static void recv_empty(struct channels c) {
  weir_recv(c.empty, NULL);
}
static void no_cases(struct channels c) {
  (void)c;
  weir_select_n((struct weir_case *)NULL, 0);
}
static void select_recv_nil(struct channels c) {
  weir_select(weir_on_recv(c.nil, NULL, NULL));
}
static void select_send_nil(struct channels c) {
  weir_select(weir_on_send(c.nil, 7));
}
static void select_both_nil(struct channels c) {
  weir_select(weir_on_recv(c.nil, NULL, NULL), weir_on_send(c.nil, 7));
}
static void select_recv_empty(struct channels c) {
  weir_select(weir_on_recv(c.empty, NULL, NULL));
}
static void select_send_full(struct channels c) {
  weir_select(weir_on_send(c.full, 1), weir_on_recv(c.nil, NULL, NULL));
}
static void select_itself(struct channels c) { // its two sides must not meet
  weir_select(weir_on_send(c.empty, 1), weir_on_recv(c.empty, NULL, NULL));
}

// --- what does not
static void send_room(struct channels c) {
  weir_send(c.room, 7);
}
static void recv_full(struct channels c) {
  int v = 0;
  CHECK(weir_recv(c.full, &v));
  CHECK_EQ(v, 7);
}
static void recv_closed(struct channels c) {
  for (int i = 0; i < 10; i++) {
    int v = 5;
    CHECK(!weir_recv(c.closed, &v));
    CHECK_EQ(v, 0);
  }
}
static void only_default(struct channels c) {
  (void)c;
  CHECK_EQ(weir_select(weir_on_default()), WEIR_DEFAULT);
}
static void default_beside_nil(struct channels c) {
  int v = 5;
  CHECK_EQ(weir_select(weir_on_recv(c.nil, &v, NULL), weir_on_default()), WEIR_DEFAULT);
  CHECK_EQ(weir_select(weir_on_default(), weir_on_send(c.nil, 7)), WEIR_DEFAULT);
  CHECK_EQ(v, 5);
}
static void default_beside_itself(struct channels c) {
  CHECK_EQ(
      weir_select(weir_on_send(c.empty, 1), weir_on_recv(c.empty, NULL, NULL), weir_on_default()),
      WEIR_DEFAULT);
}
static void ready_beside_default(struct channels c) {
  CHECK_EQ(weir_select(weir_on_send(c.room, 7), weir_on_default()), 0);
  CHECK_EQ(weir_select(weir_on_default(), weir_on_recv(c.room, NULL, NULL)), 1);
}
static void select_closed(struct channels c) {
  int v = 5;
  bool ok = true;
  CHECK_EQ(weir_select(weir_on_recv(c.closed, NULL, NULL)), 0);
  CHECK_EQ(weir_select(weir_on_recv(c.closed, &v, &ok)), 0);
  CHECK(v == 0 && !ok);
}

static void come_back(void (*form)(struct channels), struct channels c) {
  weir_expect_blocked();
  form(c);
  atomic_store(&back, true);
}
static bool comes_back(void (*form)(struct channels)) {
  atomic_store(&back, false);
  weir_go(come_back, form, fresh_channels());
  let_others_park();
  return atomic_load(&back);
}

int main(void) {
  static void (*const blocks[])(struct channels) = {
      send_nil,        recv_nil,          send_nobody,      send_full,
      recv_empty,      no_cases,          select_recv_nil,  select_send_nil,
      select_both_nil, select_recv_empty, select_send_full, select_itself,
  };
  static void (*const goes_on[])(struct channels) = {
      send_room,
      recv_full,
      recv_closed,
      only_default,
      default_beside_nil,
      default_beside_itself,
      ready_beside_default,
      select_closed,
  };
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    if (comes_back(blocks[i])) {
      dprintf(2, "form %zu of those that block came back\n", i);
      return 1;
    }
  for (size_t i = 0; i < sizeof goes_on / sizeof goes_on[0]; i++)
    if (!comes_back(goes_on[i])) {
      dprintf(2, "form %zu of those that go on blocked\n", i);
      return 1;
    }
}
