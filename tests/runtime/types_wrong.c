// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -fsyntax-only -Wall -Wextra -Werror %s
// RUN: %weircc_plain -fsyntax-only -Wall -Wextra -Werror -std=c2x %s
// RUN: for i in 1 2 3 4 5 6; do \
// RUN:   not %weircc_plain -fsyntax-only -DINTO=$i %s >%t 2>&1; \
// RUN:   FileCheck %s --check-prefix=INTO <%t || exit 1; done
// RUN: for w in GUARD MAKE DEFER ARRAY; do \
// RUN:   not %weircc_plain -fsyntax-only -D$w %s >%t 2>&1; \
// RUN:   FileCheck %s --check-prefix=$w <%t || exit 1; done
//
// What has the wrong type is an error, not a warning: a receive into a variable of another type, a
// guard of a mutex instead of its address, a channel of void, a defer of nothing, an array in a
// block.
#include <weir/weir.h>

struct pair {
  int a, b;
};
static weir_mutex mu;

void right(weir_chan(int) c, weir_chan(char *) texts, weir_chan(struct pair) pairs, void *into) {
  int v, several[2];
  bool ok;
  const char *const text = "";
  struct pair p;
  weir_recv(c, &v);
  weir_recv(c, several);
  weir_recv(c, into);
  weir_recv(c, NULL);
  weir_recv(c, 0);
#if __STDC_VERSION__ > 201710L
  weir_recv(c, nullptr);
#endif
  weir_try_recv(pairs, &p, &ok);
  weir_send(texts, (char *)text);
  weir_select(weir_on_recv(pairs, &p, &ok), weir_on_recv(c, &several[1], NULL));
}

void wrong(weir_chan(int) c, weir_chan(struct pair) pairs) {
  long other;
  unsigned sign;
  int v, several[2] = {0};
#if INTO == 1
  weir_recv(c, &other);
#elif INTO == 2
  weir_recv(c, &sign);
#elif INTO == 3
  weir_try_recv(pairs, &v, NULL);
#elif INTO == 4
  weir_select(weir_on_recv(c, &other, NULL));
#elif INTO == 5
  weir_recv(c, &several);
#elif INTO == 6
  weir_recv(c, (const int *)&v);
#elif defined(GUARD)
  weir_guard(mu);
#elif defined(MAKE)
  weir_chan_make(void, 0);
#elif defined(DEFER)
  weir_defer();
#elif defined(ARRAY)
  weir_go_block(^{
    weir_send(c, several[0]);
  });
#endif
  (void)c, (void)pairs, (void)other, (void)sign, (void)v, (void)several, (void)mu;
}
// INTO: error: {{.*}}what is received here is of another type than the channel's elements
// GUARD: error: controlling expression type 'weir_mutex'
// MAKE: error: array has incomplete element type {{.*}}void
// DEFER: error: {{.*}}weir_defer of what?
// ARRAY: error: cannot refer to declaration with an array type inside block
