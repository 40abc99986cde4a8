// SPDX-License-Identifier: Apache-2.0
//
// A writer is started early and told later what to write; on the way out of an error nobody tells
// it that there is nothing. It waits for two things in turn, and for either in vain.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [select]:
#include "leaks.h"

struct writer {
  weir_chan(const char *) lines;
  weir_chan(int) flush;
};

static void write_lines(struct writer *w) {
  const char *line;
  bool more = true;
  while (more)
    // CHECK-DAG: receiver_forgotten.c:[[@LINE+1]]
    if (weir_select(weir_on_recv(w->lines, &line, &more), weir_on_recv(w->flush, NULL, NULL)) == 1)
      more = false;
}

static int parse(int request) {
  return request % 2 ? -1 : 0;
}

static void respond(void) {
  static int requests;
  struct writer *w = malloc(sizeof *w);
  *w = (struct writer){weir_chan_make(const char *, 0), weir_chan_make(int, 0)};
  weir_go(write_lines, w);
  if (parse(__atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED)) < 0) {
#ifdef FIXED
    weir_close(w->lines);
#endif
    return;
  }
  weir_send(w->lines, "200");
  weir_close(w->lines);
}

int main(void) {
  EXPECT_LEAKED(5, 10, respond);
  return 0;
}
