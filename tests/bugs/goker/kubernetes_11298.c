// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_11298: Each wait of the service loop on a condition variable is in a goroutine
// of its own, so that the loop can be told to leave, too. When it is, it signals the one that waits
// and joins it. If that one has not begun to wait, the signal is lost, and there is no other.
//
// A tool must name the waiter and the condition variable, the notifier that joins it, and main.
// That the lock is given away by another than took it is meant so. The fixed form has a channel in
// place of the condition variable.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock goroutine-leak
// names: main notify wait_for_change changed_cond
#include <stdlib.h>
#include <weir/weir.h>

struct notifier {
  weir_chan(char) done;
#ifdef FIXED
  weir_chan(char) changed;
#else
  weir_mutex mu;
  weir_cond changed_cond; // on mu
#endif
};
static weir_wg running;

static bool closed(weir_chan(char) c) {
  return weir_select(weir_on_recv(c, NULL, NULL), weir_on_default()) == 0;
}

static void run_and_close(void (*f)(struct notifier *n), struct notifier *n, weir_chan(char) over) {
  f(n);
  weir_close(over);
  weir_wg_done(&running);
}

// A channel that is closed when f(n) is over.
static weir_chan(char) after(void (*f)(struct notifier *n), struct notifier *n) {
  weir_chan(char) over = weir_chan_make(char, 0);
  weir_wg_add(&running, 1);
  weir_go(run_and_close, f, n, over);
  return over;
}

// f(n, more), again and again until done is closed.
static void until_done(struct notifier *n, void (*f)(struct notifier *n, weir_chan(char) more),
                       weir_chan(char) more) {
  while (!closed(n->done)) {
    f(n, more);
    weir_select(weir_on_recv(n->done, NULL, NULL), weir_on_recv(weir_after(0), NULL, NULL));
  }
}

static void send_changes(struct notifier *n, weir_chan(char) unused) {
  (void)unused;
  while (!closed(n->done)) {
#ifdef FIXED
    weir_select(weir_on_send(n->changed, 1), weir_on_recv(n->done, NULL, NULL));
#else
    weir_mutex_lock(&n->mu);
    weir_cond_signal(&n->changed_cond);
    weir_mutex_unlock(&n->mu);
    weir_yield(); // it never waits, and may have no worker to itself
#endif
  }
}

static void produce(struct notifier *n) {
  until_done(n, send_changes, NULL);
}

#ifdef FIXED
static void serve(struct notifier *n, weir_chan(char) finished) {
  while (weir_select(weir_on_recv(finished, NULL, NULL), weir_on_recv(n->changed, NULL, NULL)) ==
         1) {
  }
}
#else
static void wait_for_change(struct notifier *n) {
  weir_cond_wait(&n->changed_cond, &n->mu); // CHECK-DAG: kubernetes_11298.c:[[@LINE]]
}

static void serve(struct notifier *n, weir_chan(char) finished) {
  weir_guard(&n->mu);
  while (!closed(finished)) {
    weir_chan(char) changed = after(wait_for_change, n);
    if (weir_select(weir_on_recv(finished, NULL, NULL), weir_on_recv(changed, NULL, NULL)) == 0) {
      weir_cond_signal(&n->changed_cond);
      weir_recv(changed, NULL); // CHECK-DAG: kubernetes_11298.c:[[@LINE]]
      return;
    }
  }
}
#endif

static void notify(struct notifier *n) {
  until_done(n, serve, after(produce, n));
}

static void closer(weir_chan(char) done) {
  weir_sleep(300);
  weir_close(done);
  weir_wg_done(&running);
}

int main(void) {
  struct notifier *n = calloc(1, sizeof *n);
  n->done = weir_chan_make(char, 0);
#ifdef FIXED
  n->changed = weir_chan_make(char, 0);
#endif
  weir_chan(char) notified = after(notify, n);
  weir_wg_add(&running, 1);
  weir_go(closer, n->done);
  weir_recv(notified, NULL); // CHECK-DAG: kubernetes_11298.c:[[@LINE]]
#ifdef FIXED
  weir_wg_wait(&running);
#endif
  return 0;
}
