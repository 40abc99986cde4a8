// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_25456: The queue means to ask whether the store is being stopped, and waits
// until it is. There is nobody else who could stop it.
//
// A tool must name main, the receive, and the channel that the stopper made. The fixed form asks.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock
// names: main process should_quiesce
#include <stdlib.h>
#include <weir/weir.h>

struct stopper {
  weir_chan(char) quiescer;
};
struct store;
struct consistency_queue {
  void (*process)(struct store *s);
};
struct store {
  struct stopper *stopper;
  struct consistency_queue *queue;
};
struct replica {
  struct store *store;
};

static struct stopper *new_stopper(void) {
  struct stopper *s = calloc(1, sizeof *s);
  s->quiescer = weir_chan_make(char, 0); // CHECK-DAG: cockroach_25456.c:[[@LINE]]
  return s;
}

static weir_chan(char) should_quiesce(struct stopper *s) {
  return s ? s->quiescer : NULL;
}

static bool process(struct replica *r) {
  bool quiescing = true;
#ifdef FIXED
  quiescing = weir_select(weir_on_recv(should_quiesce(r->store->stopper), NULL, NULL),
                          weir_on_default()) == 0;
#else
  weir_recv(should_quiesce(r->store->stopper), NULL); // CHECK-DAG: cockroach_25456.c:[[@LINE]]
#endif
  return quiescing;
}

int main(void) {
  struct store s = {.stopper = new_stopper()};
  struct replica r = {&s};
  for (int i = 0; i < 2; i++)
    if (process(&r)) return 1;
  return 0;
}
