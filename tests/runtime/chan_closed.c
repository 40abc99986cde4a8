// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t && %t
// RUN: for f in 0 1 2 3 4 5; do \
// RUN:   not %t $f 2>&1 | FileCheck %s || exit 1; done
// RUN: for c in -1 1152921504606846976 9223372036854775807; do \
// RUN:   not %t make $c 2>&1 | FileCheck %s --check-prefix=MAKE || exit 1; done
// RUN: %weircc %s -o %t.i && %t.i
// CHECK: Weir: send on closed
// MAKE: weir: fatal: weir_chan_make:
//
// A closed channel behaves the same in whatever form it is asked: plainly, by a try, and by selects
// of one case, with a default, and beside an idle channel. No form can send on it. And no channel
// can be made whose buffer does not fit into memory.
#include <stdlib.h>
#include <string.h>

#include "check.h"

static weir_chan(int) idle;
enum { FORMS = 6 };

// Receives in the given form; *ok as weir_recv would say it. All forms must find it ready.
static void recv_as(int form, weir_chan(int) c, int *v, bool *ok) {
  switch (form) {
  case 0:
    *ok = weir_recv(c, v);
    break;
  case 1:
    CHECK(weir_try_recv(c, v, ok));
    break;
  case 2:
    CHECK_EQ(weir_select(weir_on_recv(c, v, ok)), 0);
    break;
  case 3:
    CHECK_EQ(weir_select(weir_on_default(), weir_on_recv(c, v, ok)), 1);
    break;
  case 4:
    CHECK_EQ(weir_select(weir_on_recv(idle, v, NULL), weir_on_recv(c, v, ok)), 1);
    break;
  default:
    CHECK_EQ(weir_select(weir_on_recv(c, v, ok), weir_on_default(), weir_on_send(idle, 1)), 0);
  }
}
static void send_as(int form, weir_chan(int) c) {
  if (form == 0) weir_send(c, 1);
  if (form == 1) weir_try_send(c, 1);
  if (form == 2) weir_select(weir_on_send(c, 1));
  if (form == 3) weir_select(weir_on_default(), weir_on_send(c, 1));
  if (form == 4) weir_select(weir_on_recv(idle, NULL, NULL), weir_on_send(c, 1));
  if (form == 5) weir_select(weir_on_send(c, 1), weir_on_default(), weir_on_send(idle, 1));
  puts("it was sent");
}

static void ends(weir_chan(int) c) {
  for (int i = 0; i < 3 * FORMS; i++) {
    int v = 7;
    bool ok = true;
    recv_as(i % FORMS, c, &v, &ok);
    CHECK(v == 0 && !ok);
  }
  weir_chan_free(c);
}
static void all_forms(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_close(c);
  ends(c);
  for (int form = 0; form < FORMS; form++) { // the last element, in each form
    int v = 7;
    bool ok = false;
    c = weir_chan_make(int, 2);
    weir_send(c, 1);
    weir_close(c);
    recv_as(form, c, &v, &ok);
    CHECK(v == 1 && ok);
    ends(c);
  }
}

int main(int argc, char **argv) {
  idle = weir_chan_make(int, 0);
  if (argc == 3) weir_chan_make(int, (size_t)strtoll(argv[2], NULL, 10));
  if (argc == 2) {
    weir_chan(int) c = weir_chan_make(int, 1);
    weir_close(c);
    send_as(atoi(argv[1]), c);
  }
  all_forms();
}
