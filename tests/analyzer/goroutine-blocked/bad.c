// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <stdlib.h>
#include <weir/weir.h>

int compute(int);

static void answer(weir_chan(int) to) {
  weir_send(to, compute(1)); // expect: goroutine-blocked waiting to send on 'to'
}
int gives_up(void) {
  weir_chan(int) result = weir_chan_make(int, 0);
  weir_go(answer, result);
  int r = -1;
  weir_select(weir_on_recv(result, &r, NULL), weir_on_recv(weir_after(WEIR_MS(5)), NULL, NULL));
  return r;
}

static void report(weir_chan(int) to) {
  weir_send(to, 1); // expect: goroutine-blocked nobody is left who receives
}
int returns_early(int input) {
  weir_chan(int) result = weir_chan_make(int, 0);
  weir_go(report, result);
  if (compute(input) < 0) return -1;
  int r;
  weir_recv(result, &r);
  return r;
}

static void check(int item, weir_chan(int) errors) {
  weir_send(errors, item); // expect: goroutine-blocked waiting to send on 'errors'
}
int first_error_wins(void) {
  weir_chan(int) errors = weir_chan_make(int, 0);
  for (int i = 0; i < 4; i++)
    weir_go(check, i, errors);
  int first;
  weir_recv(errors, &first);
  return first;
}

static void consume(weir_chan(int) values) {
  int v;
  while (weir_recv(values, &v)) // expect: goroutine-blocked nobody is left who sends or closes it
    compute(v);
}
void never_closed(void) {
  weir_chan(int) values = weir_chan_make(int, 2);
  weir_go(consume, values);
  for (int i = 0; i < 3; i++)
    weir_send(values, i);
}

struct writer {
  weir_chan(int) lines, flush;
};
static void write_lines(struct writer *w) {
  bool more = true;
  while (more)
    if (weir_select(weir_on_recv(w->lines, NULL, &more), // expect: goroutine-blocked in this select
                    weir_on_recv(w->flush, NULL, NULL)) == 1)
      more = false;
}
static struct writer *new_writer(void) {
  struct writer *w = calloc(1, sizeof *w);
  w->lines = weir_chan_make(int, 0);
  w->flush = weir_chan_make(int, 0);
  return w;
}
void forgets_the_writer(int request) {
  struct writer *w = new_writer();
  weir_go(write_lines, w);
  if (request < 0) return;
  weir_send(w->lines, request);
  weir_close(w->lines);
}

int cancelled(weir_ctx *ctx) {
  weir_chan(int) result = weir_chan_make(int, 0);
  weir_go_block(^{
    weir_send(result, compute(2)); // expect: goroutine-blocked waiting to send on 'result'
  });
  int r;
  if (weir_select(weir_on_recv(result, &r, NULL), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) ==
      1)
    return weir_ctx_err(ctx);
  return r;
}

static void after_all(weir_wg *wg, weir_chan(int) done) {
  weir_wg_wait(wg); // expect: goroutine-blocked waiting for 'wg'
  weir_close(done);
}
static weir_chan(int) parts;
static void part(weir_wg *wg, int n) {
  if (compute(n) < 0) return;
  weir_wg_done(wg);
}
void part_not_counted(void) {
  weir_wg *wg = calloc(1, sizeof *wg);
  weir_chan(int) done = weir_chan_make(int, 0);
  weir_wg_add(wg, 2);
  weir_go(part, wg, 1);
  weir_go(part, wg, 2);
  weir_go(after_all, wg, done);
}

// Called on one way with the lock that the other wants.
static void locked(weir_mutex *m, weir_chan(int) c) {
  weir_mutex_lock(m);
  weir_send(c, 1); // expect: goroutine-blocked waiting to send on 'c'
  weir_mutex_unlock(m);
}
void room_for_one(void) {
  weir_mutex *m = calloc(1, sizeof *m);
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_go(locked, m, c);
  weir_go(locked, m, c);
}
