// SPDX-License-Identifier: Apache-2.0
//
// GoKer's istio_17860: Each start of the proxy is an epoch, whose end is sent to the agent. The
// agent leaves when the last epoch it knows of is over, or when it is told to, and who ends after
// that has nobody to tell.
//
// A tool must name the goroutine that waits in the send, that the restart started it, and the
// channel. The fixed form gives the send up when the agent is told to leave.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit
// names: wait_for_exit restart status
#include <stdlib.h>
#include <weir/weir.h>

struct proxy {
  bool (*is_live)(struct proxy *p);
};
struct agent {
  struct proxy *proxy;
  weir_mutex *mu;
  weir_chan(int) status;
  int epoch;       // under mu
  unsigned active; // under mu: one bit for each epoch that is not over
  weir_ctx *ctx;
  weir_wg *running;
};

static bool never_live(struct proxy *p) {
  (void)p;
  return false;
}

static bool is_over(struct agent *a, int epoch) {
  weir_guard(a->mu);
  a->active &= ~(1u << epoch);
  return a->active == 0;
}

static void run(struct agent *a) {
  int epoch;
  while (weir_select(weir_on_recv(a->status, &epoch, NULL),
                     weir_on_recv(weir_ctx_done(a->ctx), NULL, NULL)) == 0)
    if (is_over(a, epoch)) break;
  weir_wg_done(a->running);
}

// Called with the lock held, as it reads who is active.
static void wait_until_live(struct agent *a) {
  if (!a->active) return;
  weir_ticker *look = weir_ticker_new(30);
  weir_timer *limit = weir_timer_new(100);
  while (!a->proxy->is_live(a->proxy))
    if (weir_select(weir_on_recv(weir_timer_chan(limit), NULL, NULL),
                    weir_on_recv(weir_ticker_chan(look), NULL, NULL)) == 0)
      break;
  weir_timer_free(limit);
  weir_ticker_free(look);
}

static void wait_for_exit(struct agent *a, int epoch) {
#ifdef FIXED
  weir_select(weir_on_send(a->status, epoch), weir_on_recv(weir_ctx_done(a->ctx), NULL, NULL));
#else
  weir_send(a->status, epoch); // CHECK-DAG: istio_17860.c:[[@LINE]]
#endif
  weir_wg_done(a->running);
}

static void restart(struct agent *a) {
  weir_guard(a->mu);
  wait_until_live(a);
  int epoch = ++a->epoch;
  a->active |= 1u << epoch;
  weir_wg_add(a->running, 1);
  weir_go(wait_for_exit, a, epoch); // CHECK-DAG: istio_17860.c:[[@LINE]]
}

static void restart_again(struct agent *a) {
  restart(a);
  weir_wg_done(a->running);
}

static struct agent *new_agent(weir_ctx *ctx) {
  struct agent *a = calloc(1, sizeof *a);
  a->proxy = calloc(1, sizeof *a->proxy);
  a->proxy->is_live = never_live;
  a->mu = calloc(1, sizeof *a->mu);
  a->running = calloc(1, sizeof *a->running);
  a->status = weir_chan_make(int, 0);
  a->ctx = ctx;
  return a;
}

int main(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  struct agent *a = new_agent(ctx);
  weir_wg_add(a->running, 2);
  weir_go(run, a);
  restart(a);
  weir_go(restart_again, a);
  weir_sleep(200);
  weir_ctx_cancel(ctx);
#ifdef FIXED
  weir_wg_wait(a->running);
#endif
  return 0;
}
