// SPDX-License-Identifier: Apache-2.0
//
// A server that leaks one goroutine in a thousand requests, looked at while it serves: a request
// whose client gives up leaves a look-up behind that has nobody to send its answer to. Every
// one of them is found, and nobody else is ever counted: not the sessions, which wait as long as
// the server lives and whose channels only a list on the heap leads to, nor any request in flight.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan send]:
// CHECK-NOT: session
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

enum { CLIENTS = 8, REQUESTS = 2500, PATIENCE = 1000, SESSIONS = 100 };
enum { LOST = CLIENTS * REQUESTS / PATIENCE };

struct request {
  int number;
  bool given_up; // by its client, at once
  weir_chan(int) reply;
};

struct session {
  struct session *next;
  weir_chan(int) events;
};
static struct session *sessions;

static atomic_int given_up, clients_left = CLIENTS;
static weir_wg clients, serving;

static void look_up(int number, weir_chan(int) answers) {
  weir_yield();
  // CHECK-DAG: server.c:[[@LINE+1]]
  weir_send(answers, 2 * number);
}

static void handle(struct request *r) {
#ifdef FIXED
  weir_chan(int) answers = weir_chan_make(int, 1);
#else
  weir_chan(int) answers = weir_chan_make(int, 0);
#endif
  int answer = -1;
  weir_go(look_up, r->number, answers);
  if (!r->given_up) weir_recv(answers, &answer);
  weir_send(r->reply, answer);
  free(r);
}

static void serve(weir_chan(struct request *) inbox) {
  struct request *r;
  while (weir_recv(inbox, &r))
    weir_go(handle, r);
  weir_wg_done(&serving);
}

static void wait_for_events(struct session *s) {
  weir_recv(s->events, NULL);
  free(s);
  weir_wg_done(&serving);
}

static void ask(weir_chan(struct request *) inbox, int first) {
  weir_chan(int) reply = weir_chan_make(int, 0);
  for (int i = first; i < first + REQUESTS; i++) {
    struct request *r = malloc(sizeof *r);
    bool gives_up = i % PATIENCE == PATIENCE / 2;
    *r = (struct request){i, gives_up, reply};
    if (gives_up) atomic_fetch_add(&given_up, 1);
    int answer;
    weir_send(inbox, r);
    weir_recv(reply, &answer);
    if (answer != (gives_up ? -1 : 2 * i)) abort();
  }
  atomic_fetch_sub(&clients_left, 1);
  weir_wg_done(&clients);
}

static void start(weir_chan(struct request *) inbox) {
  weir_go(serve, inbox);
  for (int i = 0; i < SESSIONS; i++) {
    struct session *s = malloc(sizeof *s);
    *s = (struct session){sessions, weir_chan_make(int, 0)};
    sessions = s;
    weir_go(wait_for_events, s);
  }
  for (int i = 0; i < CLIENTS; i++)
    weir_go(ask, inbox, i * REQUESTS);
}

static void end(weir_chan(struct request *) inbox) {
  for (struct session *s = sessions, *next; s; s = next) {
    next = s->next;
    weir_close(s->events);
  }
  weir_close(inbox);
  weir_wg_wait(&serving);
}

static long look(void) {
  long found = weir_leak_check(), at_most = 0;
#ifndef FIXED
  at_most = atomic_load(&given_up);
#endif
  if (found <= at_most && (found >= 0 || errno == EAGAIN)) return found;
  fprintf(stderr, "%ld are said to be leaked, at most %ld are\n", found, at_most);
  _Exit(1);
}

int main(void) {
  weir_chan(struct request *) inbox = weir_chan_make(struct request *, 4);
  weir_wg_add(&clients, CLIENTS);
  weir_wg_add(&serving, SESSIONS + 1);
  start(inbox);
  while (atomic_load(&clients_left)) {
    look();
    for (int i = 0; i < 500; i++)
      weir_yield();
  }
  weir_wg_wait(&clients);
#ifndef FIXED
  while (look() < LOST)
    weir_yield();
#endif
  end(inbox);
  return 0;
}
