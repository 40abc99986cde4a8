// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -std=gnu17 -Wall -Wextra -pedantic -Werror %s -o %t && %t
// RUN: %clang -std=gnu17 -fblocks -O2 -I%include -DSIDED -S %s -o %t.sided
// RUN: %clang -std=gnu17 -fblocks -O2 -I%include -S %s -o %t.both
// RUN: sed -n '/^twice:/,/^.Lfunc_end/p' %t.sided > %t.1
// RUN: sed -n '/^twice:/,/^.Lfunc_end/p' %t.both > %t.2
// RUN: test -s %t.1 && cmp %t.1 %t.2
//
// One side of a channel: every operation it allows, as parameter, result, member and element;
// the same code is made as for the channel itself.
#include "check.h"

#ifdef SIDED
#define IN(T) weir_recv_chan(T)
#define OUT(T) weir_send_chan(T)
#else
#define IN(T) weir_chan(T)
#define OUT(T) weir_chan(T)
#endif

void twice(IN(int) in, OUT(int) out) {
  int n = 0;
  bool ok;
  while (weir_recv(in, &n))
    weir_send(out, 2 * n);
  weir_select(weir_on_recv(in, &n, &ok), weir_on_send(out, n), weir_on_default());
  weir_close(out);
}

static weir_recv_chan(int) count(int to) {
  weir_chan(int) ch = weir_chan_make(int, 1);
  weir_go_block(^{
    weir_send_chan(int) out = weir_send_only(ch);
    for (int i = 0; i < to; i++)
      weir_send(out, i);
    weir_close(out);
  });
  return weir_recv_only(ch);
}

struct ends {
  weir_send_chan(const char *) out;
  weir_recv_chan(const char *) in;
};

static void generator(void) {
  weir_recv_chan(int) numbers = count(4);
  int n, sum = 0;
  while (weir_recv(numbers, &n))
    sum += n;
  CHECK_EQ(sum, 6);
  weir_chan_free(numbers);
}

static void stage(weir_recv_chan(int) in, weir_send_chan(int) out) {
  int n;
  for (bool ok = true; weir_select(weir_on_recv(in, &n, &ok)) == 0 && ok;)
    CHECK_EQ(weir_select(weir_on_send(out, n + 1)), 0);
  weir_close(out);
}

static void pipeline(void) {
  weir_chan(int) out = weir_chan_make(int, 0);
  weir_recv_chan(int) in = count(3);
  weir_go(stage, in, weir_send_only(out));
  int n = 0, sum = 0;
  while (weir_recv(out, &n))
    sum += n;
  CHECK_EQ(sum, 6);
  weir_chan_free(in), weir_chan_free(out);
}

int main(void) {
  weir_chan(const char *) ch = weir_chan_make(const char *, 2);
  struct ends e = {weir_send_only(ch), weir_recv_only(ch)};
  const weir_send_chan(const char *) again = weir_send_only(e.out);
  const char *text = NULL;
  bool ok = false;
  CHECK(weir_try_send(e.out, "one"));
  weir_send(again, "two");
  CHECK(!weir_try_send(weir_send_only(ch), "three"));
  CHECK_EQ(weir_chan_len(e.in), 2);
  CHECK_EQ(weir_chan_cap(e.out), 2);
  CHECK(weir_try_recv(e.in, &text, &ok) && ok && text[0] == 'o');
  CHECK(weir_recv(weir_recv_only(e.in), &text) && text[0] == 't');
  weir_close(e.out);
  CHECK(!weir_recv(e.in, NULL));
  weir_chan_free(ch);
  generator();
  pipeline();
  return 0;
}
