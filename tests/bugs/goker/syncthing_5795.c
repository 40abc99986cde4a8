// SPDX-License-Identifier: Apache-2.0
//
// GoKer's syncthing_5795: The dispatcher calls its receiver, the receiver closes the connection,
// and closing waits for the dispatcher to end.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock
// names: dispatch cluster_config close_connection stopped main
#include <stdlib.h>
#include <weir/weir.h>

enum kind { CLUSTER_CONFIG, INDEX };

struct message {
  enum kind kind;
};

struct receiver {
  void (*on_cluster_config)(void);
};

struct connection {
  struct receiver *receiver;
  weir_chan(struct message *) inbox;
  weir_chan(char) closed, stopped;
  weir_once close_once;
};

static struct connection *connection; // a once takes a function without arguments
static weir_wg joined;

static void cluster_config(struct receiver *r) {
  r->on_cluster_config();
}

static void internal_close(void) {
  weir_close(connection->closed);
  // CHECK-DAG: at syncthing_5795.c:[[@LINE+1]] in internal_close
  weir_recv(connection->stopped, NULL);
}

static void close_once(void) {
  weir_once_do(&connection->close_once, internal_close);
}

#ifdef FIXED
static void close_later(void) {
  close_once();
  weir_wg_done(&joined);
}

static void close_connection(void) {
  weir_wg_add(&joined, 1);
  weir_go(close_later);
}
#else
static void close_connection(void) {
  close_once();
}
#endif

static void read_loop(struct connection *c) {
  // weir-nolint(busy-loop): as in the program that this is a model of
  while (weir_select(weir_on_recv(c->closed, NULL, NULL), weir_on_default()) == WEIR_DEFAULT) {
  }
  weir_wg_done(&joined);
}

static void dispatch_loop(struct connection *c) {
  struct message *m;
  while (weir_select(weir_on_recv(c->inbox, &m, NULL), weir_on_recv(c->closed, NULL, NULL)) == 0) {
    if (m->kind != CLUSTER_CONFIG) return;
    // CHECK-DAG: syncthing_5795.c:[[@LINE+1]]:
    cluster_config(c->receiver);
  }
}

static void dispatch(struct connection *c) {
  dispatch_loop(c);
  weir_close(c->stopped);
  weir_wg_done(&joined);
}

static struct connection *new_connection(struct receiver *r) {
  struct connection *c = calloc(1, sizeof *c);
  c->receiver = r;
  c->inbox = weir_chan_make(struct message *, 0);
  c->closed = weir_chan_make(char, 0);
  c->stopped = weir_chan_make(char, 0);
  return c;
}

static void start(struct connection *c) {
  weir_wg_add(&joined, 2);
  weir_go(read_loop, c);
  weir_go(dispatch, c);
}

int main(void) {
  struct receiver *r = malloc(sizeof *r);
  struct message config = {CLUSTER_CONFIG};
  connection = new_connection(r);
  r->on_cluster_config = close_connection;
  start(connection);
  weir_send(connection->inbox, &config);
  // CHECK-DAG: at syncthing_5795.c:[[@LINE+1]] in main
  weir_recv(connection->stopped, NULL);
#ifdef FIXED
  weir_wg_wait(&joined);
#endif
  return 0;
}
