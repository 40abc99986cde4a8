// SPDX-License-Identifier: Apache-2.0
//
// Groups, on a wait group, a context and a channel: a limit of n is a channel with room for n
// elements, into which a goroutine's starter sends and from which its end receives; so the
// limit makes the edges of a channel, and who waits for it is seen as waiting to send.
//
// The end gives its slot back before it counts itself out: after wait nobody uses the
// channel. No locks.
#include <weir/group.h>

#include "base/check.h"
#include "sched/sched.h"
#include "sync/chan.h"
#include "sync/ctx.h"

static void check_idle(const weir_group *g, const char *what) {
  long running = (int32_t)(__atomic_load_n(&g->wg.state, __ATOMIC_ACQUIRE) >> 32);
  if (running) weir_fatal("%s: %ld goroutines of the group still run", what, running);
}

static void drop_limit(weir_group *g, const void *pc) {
  if (g->slots) weir_chan_free_at(g->slots, NULL, pc);
  g->slots = NULL;
}

weir_ctx *weir_group_ctx(weir_group *g) {
  return g->ctx ? g->ctx : weir_ctx_background();
}

void weir_group_set_limit_(weir_group *g, int n, const struct weir_site *site) {
  check_idle(g, "weir_group_set_limit");
  drop_limit(g, __builtin_return_address(0));
  if (n >= 0) g->slots = weir_chan_make_(0, (size_t)n, site);
}

bool weir_group_enter_(weir_group *g, const struct weir_site *site, bool wait) {
  if (g->slots && wait) {
    struct weir_call call = {weir_self(), site, __builtin_return_address(0)};
    weir_chan_send_at(g->slots, NULL, &call);
  } else if (g->slots && !weir_chan_try_send_(g->slots, NULL, site)) {
    return false;
  }
  weir_wg_add_(&g->wg, 1, site);
  return true;
}

void weir_group_result_(weir_group *g, int result) {
  int none = 0;
  if (result && __atomic_compare_exchange_n(&g->err, &none, result, false, __ATOMIC_ACQ_REL,
                                            __ATOMIC_RELAXED))
    weir_ctx_cancel_at(g->ctx, result, __builtin_return_address(0));
}

void weir_group_leave_(weir_group *g, const struct weir_site *site) {
  if (g->slots) WEIR_CHECK(weir_chan_try_recv_(g->slots, NULL, NULL, site));
  weir_wg_add_(&g->wg, -1, site);
}

int weir_group_end_(weir_group *g) {
  int err = __atomic_load_n(&g->err, __ATOMIC_ACQUIRE); // pairs with weir_group_result_
  weir_ctx_cancel_at(g->ctx, err, __builtin_return_address(0));
  return err;
}

void weir_group_free(weir_group *g) {
  check_idle(g, "weir_group_free");
  drop_limit(g, __builtin_return_address(0));
  weir_ctx_free(g->ctx);
  g->ctx = NULL;
}
