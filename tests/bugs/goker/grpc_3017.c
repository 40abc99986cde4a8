// SPDX-License-Identifier: Apache-2.0
//
// GoKer's grpc_3017: A removed connection stays in the cache for a moment. If it is asked for again
// just when its time is over, the timer's function finds that it came too late, and returns with
// the cache locked.
//
// A tool must name the lock, who waits for it, and where the one that has ended took it. The fixed
// function unlocks on both ways.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock goroutine-leak goroutine-leak-at-exit
// names: expire mu
#include <stdlib.h>
#include <weir/weir.h>

enum { ADDRESS = 1, CONNECTION = 1, KEYS = 2, TIMES = 1000 };

struct entry {
  int conn;
  weir_timer *timer;
  bool abort;
};
struct cache {
  weir_mutex mu; // of all that follows
  struct entry *entries[KEYS];
  int addresses[KEYS]; // of a connection, 0: unknown
  weir_wg running;
};

static void expire(struct cache *c, struct entry *e) {
  // CHECK-DAG: grpc_3017.c:[[@LINE+1]]
  weir_mutex_lock(&c->mu);
#ifdef FIXED
  if (!e->abort) {
    c->addresses[e->conn] = 0;
    c->entries[ADDRESS] = NULL;
  }
#else
  if (e->abort) return;
  c->addresses[e->conn] = 0;
  c->entries[ADDRESS] = NULL;
#endif
  weir_mutex_unlock(&c->mu);
  weir_wg_done(&c->running);
}

// What is in the cache is taken out again; its timer may have fired already.
static void cancel(struct cache *c, struct entry *e) {
  if (weir_timer_stop(e->timer))
    weir_wg_done(&c->running);
  else
    e->abort = true;
}

static int new_sub_conn(struct cache *c, int address) {
  weir_guard(&c->mu);
  struct entry *e = c->entries[address];
  if (e) {
    cancel(c, e);
    c->entries[address] = NULL;
    return e->conn;
  }
  c->addresses[CONNECTION] = address;
  return CONNECTION;
}

static void remove_sub_conn(struct cache *c, int conn) {
  weir_guard(&c->mu);
  int address = c->addresses[conn];
  if (!address) return;
  struct entry *e = c->entries[address];
  if (e) {
    if (e->conn != conn) c->addresses[conn] = 0;
    return;
  }
  e = calloc(1, sizeof *e);
  e->conn = conn;
  c->entries[address] = e;
  weir_wg_add(&c->running, 1);
  e->timer = weir_after_func(1, expire, c, e);
}

static void worker(struct cache *c, weir_chan(char) done) {
  int conn = CONNECTION;
  for (int i = 0; i < TIMES; i++) {
    remove_sub_conn(c, conn);
    conn = new_sub_conn(c, ADDRESS);
  }
  weir_close(done);
}

int main(void) {
  static struct cache c;
  weir_chan(char) done = weir_chan_make(char, 0);
  new_sub_conn(&c, ADDRESS);
  weir_go(worker, &c, done);
  weir_recv(done, NULL);
#ifdef FIXED
  weir_wg_wait(&c.running);
#endif
  return 0;
}
