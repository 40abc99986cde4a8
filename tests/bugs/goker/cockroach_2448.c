// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_2448: The store hands a callback to raft while raft hands an event to the
// store. Each is the only receiver of the other, and each waits in a send. Their selects could also
// be stopped, but nobody is left to stop them.
//
// A tool must name both, the two channels, and the two selects. The fixed raft never waits in a
// send: what it has for the store stands in a queue of its own.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock goroutine-leak goroutine-leak-at-exit
// names: store raft events callbacks
#include <stdlib.h>
#include <weir/weir.h>

struct callback {
  void (*run)(int64_t ns);
  int64_t ns;
};
struct node;
struct event {
  void (*committed)(struct node *n);
  struct event *next;
};
struct node {
  weir_chan(struct event *) events;
  weir_chan(struct callback) callbacks;
  weir_chan(char) stopper;
  weir_wg running;
};

static void apply(int64_t ns) {
  weir_sleep(ns);
}

// Runs in the store, for each event.
static void committed(struct node *n) {
  struct callback cb = {apply, 1};
  // CHECK-DAG: cockroach_2448.c:[[@LINE+1]]
  weir_select(weir_on_send(n->callbacks, cb), weir_on_recv(n->stopper, NULL, NULL));
}

static void store(struct node *n) {
  struct event *e;
  while (weir_select(weir_on_recv(n->events, &e, NULL), weir_on_recv(n->stopper, NULL, NULL)) ==
         0) {
    if (e->committed) e->committed(n);
    free(e);
  }
  weir_wg_done(&n->running);
}

static struct event *new_event(void) {
  struct event *e = calloc(1, sizeof *e);
  e->committed = committed;
  return e;
}

#ifdef FIXED
enum { EVENTS = 100 };

struct queue {
  struct event *first, **end;
  int made;
};

static void process_entries(struct queue *q) {
  *q->end = new_event();
  q->end = &(*q->end)->next;
  q->made++;
}

// Makes an event, sends one, or runs a callback. False when the last callback has run.
static bool step(struct node *n, struct queue *q, int *ran) {
  struct callback cb;
  if (!q->first && q->made < EVENTS) {
    if (weir_select(weir_on_recv(n->callbacks, &cb, NULL), weir_on_default()) == WEIR_DEFAULT) {
      process_entries(q);
      return true;
    }
  } else {
    struct event *e = q->first, *rest = e ? e->next : NULL;
    weir_chan(struct event *) out = e ? n->events : NULL;
    if (weir_select(weir_on_recv(n->callbacks, &cb, NULL), weir_on_send(out, e)) == 1) {
      q->first = rest; // e belongs to the store now
      if (!rest) q->end = &q->first;
      return true;
    }
  }
  cb.run(cb.ns);
  return ++*ran < EVENTS;
}

static void raft(struct node *n) {
  struct queue q = {.end = &q.first};
  int ran = 0;
  while (step(n, &q, &ran)) {
  }
  weir_close(n->stopper);
  weir_wg_done(&n->running);
}
#else
static void send_event(struct node *n, struct event *e) {
  // CHECK-DAG: cockroach_2448.c:[[@LINE+1]]
  weir_select(weir_on_send(n->events, e), weir_on_recv(n->stopper, NULL, NULL));
}

static void process_entries(struct node *n) {
  send_event(n, new_event());
}

static void handle_response(struct node *n) {
  process_entries(n);
}

static void raft(struct node *n) {
  struct callback cb;
  for (;;) {
    switch (weir_select(weir_on_recv(n->stopper, NULL, NULL), weir_on_recv(n->callbacks, &cb, NULL),
                        weir_on_default())) {
    case 0:
      weir_wg_done(&n->running);
      return;
    case 1:
      cb.run(cb.ns);
      break;
    default:
      handle_response(n);
    }
  }
}
#endif

int main(void) {
  struct node *n = calloc(1, sizeof *n);
  n->events = weir_chan_make(struct event *, 0);
  n->callbacks = weir_chan_make(struct callback, 0);
  n->stopper = weir_chan_make(char, 0);
  weir_wg_add(&n->running, 2);
  weir_go(store, n);
  weir_go(raft, n);
#ifdef FIXED
  weir_wg_wait(&n->running);
#endif
  return 0;
}
