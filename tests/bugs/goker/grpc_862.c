// SPDX-License-Identifier: Apache-2.0
//
// GoKer's grpc_862: A dial that is given up forgets its connection without closing it, and the
// connection's goroutine tries to connect for ever. It always waits for a moment only; but what
// could end it, the connection's context, nobody has any more.
//
// A tool must name the goroutine that goes on, and that dialing started it. The fixed dialer
// closes a connection that it does not return.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak-at-exit
// names: reset_transport reset_addr_conn dial ctx
#include <stdlib.h>
#include <weir/weir.h>

struct addr_conn {
  weir_ctx *ctx;
  struct addr_conn *next;
};
struct client_conn {
  weir_ctx *ctx;
  weir_mutex mu;
  struct addr_conn *conns; // under mu
};
static weir_wg running;

static void close_conn(struct client_conn *cc) {
  weir_ctx_cancel(cc->ctx);
  weir_guard(&cc->mu);
  for (struct addr_conn *ac = cc->conns; ac; ac = ac->next)
    weir_ctx_cancel(ac->ctx);
}

// One try, which fails. Returns how long it took.
static int64_t try_to_connect(struct addr_conn *ac) {
  int64_t begin = weir_now();
  weir_ctx *limit = weir_ctx_with_timeout(ac->ctx, 10);
  weir_ctx_cancel(limit);
  weir_ctx_free(limit);
  return weir_now() - begin;
}

static void reset_transport(struct addr_conn *ac) {
  for (int64_t retry = 1;; retry++) {
    int64_t wait = 2 * retry - try_to_connect(ac);
    // CHECK-DAG: grpc_862.c:[[@LINE+1]]
    if (weir_select(weir_on_recv(weir_after(wait), NULL, NULL),
                    weir_on_recv(weir_ctx_done(ac->ctx), NULL, NULL)) == 1)
      return;
  }
}

static void reset_addr_conn(struct client_conn *cc) {
  struct addr_conn *ac = calloc(1, sizeof *ac);
  ac->ctx = weir_ctx_with_cancel(cc->ctx);
  weir_mutex_lock(&cc->mu);
  ac->next = cc->conns;
  cc->conns = ac;
  weir_mutex_unlock(&cc->mu);
  reset_transport(ac);
  weir_wg_done(&running);
}

static struct client_conn *dial(weir_ctx *ctx) {
  struct client_conn *cc = calloc(1, sizeof *cc), *connected = NULL;
  cc->ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_wg_add(&running, 1);
  weir_go(reset_addr_conn, cc);
#ifdef FIXED
  if (!connected) close_conn(cc);
  (void)ctx;
#else
  if (weir_select(weir_on_recv(weir_ctx_done(ctx), NULL, NULL), weir_on_default()) == 0) {
    if (connected) close_conn(connected);
    connected = NULL;
  }
#endif
  return connected;
}

static void dialer(weir_ctx *ctx) {
  dial(ctx);
  weir_wg_done(&running);
}

static void canceller(weir_ctx *ctx) {
  weir_ctx_cancel(ctx);
  weir_wg_done(&running);
}

int main(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_wg_add(&running, 2);
  weir_go(dialer, ctx);
  weir_go(canceller, ctx);
#ifdef FIXED
  weir_wg_wait(&running);
#endif
  return 0;
}
