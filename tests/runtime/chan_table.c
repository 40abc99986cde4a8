// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t
// RUN: %weircc %s -o %t.i && %t.i
//
// The cells of the channel table that end: what try, len, cap, receive and free give on nil,
// open and closed channels. The fatal cells are in chan_fatal.c, the ones that block for
// ever in chan_nil.c.
#include "check.h"

static void on_nil(void) {
  weir_chan(int) nil = NULL;
  int v = 7;
  bool ok = true;
  CHECK(!weir_try_send(nil, 1));
  CHECK(!weir_try_recv(nil, &v, &ok));
  CHECK_EQ(v, 7);
  CHECK(ok);
  CHECK_EQ(weir_chan_len(nil), 0);
  CHECK_EQ(weir_chan_cap(nil), 0);
  weir_chan_free(nil);
}

static void on_open(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap);
  int v = 7;
  bool ok = true;
  CHECK(!weir_try_recv(c, &v, &ok));
  CHECK_EQ(v, 7);
  for (int i = 0; i < cap; i++) {
    CHECK_EQ(weir_chan_len(c), i);
    CHECK(weir_try_send(c, i));
  }
  CHECK(!weir_try_send(c, 99));
  CHECK_EQ(weir_chan_len(c), cap);
  CHECK_EQ(weir_chan_cap(c), cap);
  for (int i = 0; i < cap; i++) {
    ok = false;
    CHECK(weir_try_recv(c, &v, &ok));
    CHECK(ok);
    CHECK_EQ(v, i);
  }
  CHECK_EQ(weir_chan_len(c), 0);
  weir_chan_free(c);
}

static void on_closed(void) {
  weir_chan(long) c = weir_chan_make(long, 3);
  weir_send(c, 1);
  weir_send(c, 2);
  weir_close(c);
  long v = 0;
  bool ok = false;
  CHECK(weir_recv(c, &v));
  CHECK_EQ(v, 1);
  CHECK(weir_try_recv(c, &v, &ok));
  CHECK(ok);
  CHECK_EQ(v, 2);
  v = -1;
  CHECK(!weir_recv(c, &v));
  CHECK_EQ(v, 0);
  v = -1;
  CHECK(weir_try_recv(c, &v, &ok));
  CHECK(!ok);
  CHECK_EQ(v, 0);
  CHECK(!weir_recv(c, NULL));
  CHECK(weir_try_recv(c, NULL, NULL));
  weir_chan_free(c);
}

// A receive into NULL takes the element and drops it.
static void drops(void) {
  weir_chan(int) c = weir_chan_make(int, 2);
  weir_send(c, 1);
  weir_send(c, 2);
  CHECK(weir_recv(c, NULL));
  int v;
  CHECK(weir_recv(c, &v));
  CHECK_EQ(v, 2);
  weir_chan_free(c);
}

int main(void) {
  on_nil();
  on_open(0);
  on_open(1);
  on_open(5);
  on_closed();
  drops();
}
