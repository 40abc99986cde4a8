// SPDX-License-Identifier: Apache-2.0
//
// GoKer's serving_4908: A probe logs to a test that may be over. The test library sets "done"
// without its lock on purpose, so that this shows; a log call before the end of the test is ordered
// before it by that lock, so only a late one does.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: probe run_test test_log done mu
//
// CHECK-DAG: data race
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

// --- the test library ---

struct test {
  weir_mutex mu; // guards log, duration; done is read under it
  bool done;
  char log[256];
  int64_t duration;
  struct test *parent;
  weir_chan(bool) signal;
};

static bool log_to(struct test *t, const char *text) {
  // CHECK-DAG: ead of size 1 {{.*}} (probe), holding mutex test.mu
  weir_guard(&t->mu);
  // CHECK-DAG: at serving_4908.c:[[@LINE+1]] in log_to
  if (t->done) return false;
  strncat(t->log, text, sizeof t->log - strlen(t->log) - 1);
  return true;
}

static void test_log(struct test *t, const char *text) {
  while (t && !log_to(t, text))
    t = t->parent;
  if (!t) abort(); // a log call after the test has completed
}

static void run_test(struct test *t, void (*body)(struct test *)) {
  int64_t start = weir_now();
  body(t);
  weir_mutex_lock(&t->mu);
  t->duration = weir_now() - start;
  weir_mutex_unlock(&t->mu);
  // CHECK-DAG: rite of size 1 {{.*}} (run_test):
  // CHECK-DAG: at serving_4908.c:[[@LINE+1]] in run_test
  t->done = true;
  weir_send(t->signal, true);
}

static void sub_run(struct test *parent, void (*body)(struct test *)) {
  struct test *t = calloc(1, sizeof *t);
  t->parent = parent;
  t->signal = weir_chan_make(bool, 1);
  weir_go(run_test, t, body);
  weir_recv(t->signal, NULL);
}

// --- what is tested ---

struct writer {
  struct test *test;
};

struct core {
  struct writer *writer;
};

struct logger {
  struct core *core;
};

struct sugared_logger {
  struct logger *base;
};

struct revision_watcher {
  struct sugared_logger *logger;
};

static weir_wg probes;

static void errorw(struct sugared_logger *l, const char *text) {
  test_log(l->base->core->writer->test, text);
}

static struct sugared_logger *new_logger(struct test *t) {
  struct writer *w = malloc(sizeof *w);
  struct core *c = malloc(sizeof *c);
  struct logger *l = malloc(sizeof *l);
  struct sugared_logger *s = malloc(sizeof *s);
  *w = (struct writer){t};
  *c = (struct core){w};
  *l = (struct logger){c};
  *s = (struct sugared_logger){l};
  return s;
}

static void probe(struct revision_watcher *rw) {
#ifndef FIXED
  errorw(rw->logger, "failed to probe\n");
#else
  (void)rw;
#endif
  weir_wg_done(&probes);
}

static void check_destinations(struct revision_watcher *rw) {
  weir_wg_add(&probes, 1);
  // CHECK-DAG: serving_4908.c:[[@LINE+1]]:
  weir_go(probe, rw);
#ifdef FIXED
  weir_wg_wait(&probes);
  errorw(rw->logger, "failed to probe\n");
#endif
}

static void run_with_ticker(struct revision_watcher *rw, weir_wg *wg) {
  check_destinations(rw);
  weir_wg_done(wg);
}

static void test_watcher(struct test *t) {
  struct revision_watcher *rw = malloc(sizeof *rw);
  weir_wg wg = {0};
  rw->logger = new_logger(t);
  weir_wg_add(&wg, 1);
  weir_go(run_with_ticker, rw, &wg);
  weir_wg_wait(&wg);
}

static void outer(struct test *t, weir_wg *wg) {
  sub_run(t, test_watcher);
  weir_wg_done(wg);
}

int main(void) {
  static struct test root;
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(outer, &root, &wg);
  weir_wg_wait(&wg);
  return 0;
}
