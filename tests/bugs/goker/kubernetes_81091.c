// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_81091: A filter plugin counts its calls plainly, and the nodes are filtered by
// two workers. Only when each of them gets a node, which is rare, are there two who count.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: worker parallelize filter calls
//
// CHECK-DAG: data race
#include <weir/weir.h>

struct fake_filter {
  int calls;
};

struct plugin {
  void (*filter)(struct fake_filter *);
  struct fake_filter *self;
};

struct framework {
  struct plugin plugins[1];
};

struct scheduler {
  struct framework *framework;
};

static void filter(struct fake_filter *f) {
#ifdef FIXED
  __atomic_fetch_add(&f->calls, 1, __ATOMIC_SEQ_CST);
#else
  // CHECK-DAG: rite of size 4 at {{.*}} (worker)
  // CHECK-DAG: at kubernetes_81091.c:[[@LINE+1]] in filter
  f->calls++;
#endif
}

static void run_filter_plugins(struct framework *f) {
  struct plugin *p = &f->plugins[0];
  p->filter(p->self);
}

static void worker(struct scheduler *s, weir_chan(int) pieces, weir_chan(char) stop, weir_wg *wg) {
  while (weir_recv(pieces, NULL)) {
    if (weir_select(weir_on_recv(stop, NULL, NULL), weir_on_default()) == 0) break;
    run_filter_plugins(s->framework);
  }
  weir_wg_done(wg);
}

static void parallelize(struct scheduler *s, int workers, int n) {
  weir_chan(int) pieces = weir_chan_make(int, n);
  weir_wg wg = {0};
  for (int i = 0; i < n; i++)
    weir_send(pieces, i);
  weir_close(pieces);
  if (workers > n) workers = n;
  weir_wg_add(&wg, workers);
  for (int i = 0; i < workers; i++)
    // CHECK-DAG: kubernetes_81091.c:[[@LINE+1]]:
    weir_go(worker, s, pieces, NULL, &wg);
  weir_wg_wait(&wg);
  weir_chan_free(pieces);
}

static void find_nodes_that_fit(struct scheduler *s) {
  parallelize(s, 2, 2);
}

static void tester(weir_wg *done, int *calls) {
  struct fake_filter fake = {0};
  struct framework framework = {{{filter, &fake}}};
  struct scheduler scheduler = {&framework};
  find_nodes_that_fit(&scheduler);
  *calls = fake.calls;
  weir_wg_done(done);
}

int main(void) {
  weir_wg done = {0};
  int calls = 0;
  weir_wg_add(&done, 1);
  weir_go(tester, &done, &calls);
  weir_wg_wait(&done);
  return calls != 2;
}
