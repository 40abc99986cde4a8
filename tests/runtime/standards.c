// SPDX-License-Identifier: Apache-2.0
// RUN: for s in c89 gnu89 c99 c11 gnu17 c2x; do \
// RUN:   %weircc_plain -std=$s -Wall -Wextra -Werror -Wno-comment %s -o %t && %t || exit 1; \
// RUN:   %weircc -std=$s -Wall -Wextra -Werror -Wno-comment %s -o %t.i && %t.i || exit 1; done
//
// The headers, with what they compile into the program, are good in every version of C.
#include <weir/weir.h>

static weir_mutex mu;
static weir_rwmutex rw;
static weir_once once;
static int count;

static void init(void) {
  count = 1;
}

static int read_count(void) {
  int seen;
  weir_rwmutex_rlock(&rw);
  seen = count;
  weir_rwmutex_runlock(&rw);
  return seen;
}

static void add(weir_chan(int) done) {
  weir_once_do(&once, init);
  weir_mutex_lock(&mu);
  count++;
  weir_mutex_unlock(&mu);
  weir_send(done, 1);
}

int main(void) {
  weir_chan(int) done = weir_chan_make(int, 0);
  int v;
  weir_go(add, done);
  weir_recv(done, &v);
  weir_chan_free(done);
  return read_count() == 2 ? 0 : 1;
}
