// SPDX-License-Identifier: Apache-2.0
//
// Receiving. Under the channel's lock: from the buffer, or straight from the oldest waiting
// sender; when both (the buffer is full), the head of the buffer and the sender's
// element goes to its tail, which is the same slot. Else false at the end of a closed
// channel, else wait with the destination's address in the queue.
#include "sched/shake.h"
#include "sync/chan.h"

static struct weir_g *take_over(struct weir_chan_ *c, struct weir_waiter *w, void *dst) {
  if (c->cap == 0) {
    WEIR_EDGE_IF weir_clocks_unbuffered(weir_clocks_of(w));
    if (dst) weir_copy(dst, w->elem, c->elem_size);
  } else {
    char *slot = weir_chan_slot(c, c->recv_at);
    if (weir_hb_edges_on() && c->clocks)
      weir_clocks_meet(&c->clocks[c->recv_at], weir_clocks_of(w));
    if (dst) weir_copy(dst, slot, c->elem_size);
    weir_copy(slot, w->elem, c->elem_size);
    c->send_at = c->recv_at = weir_chan_after(c, c->recv_at);
  }
  w->ok = true;
  if (WEIR_DETECTS) c->last_sender = weir_g_id(w->g);
  return w->g;
}

static void take_buffered(struct weir_chan_ *c, void *dst) {
  if (weir_hb_edges_on() && c->clocks) weir_clocks_exchange(&c->clocks[c->recv_at]);
  if (dst) weir_copy(dst, weir_chan_slot(c, c->recv_at), c->elem_size);
  c->recv_at = weir_chan_after(c, c->recv_at);
  weir_chan_set_count(c, c->count - 1);
}

static void take_end(struct weir_chan_ *c, void *dst) {
  WEIR_EDGE_IF weir_clock_acquire(c->closed_clock);
  if (dst) weir_zero(dst, c->elem_size);
}

// From a full buffer: the sender that waited has put its element where the received one was.
void weir_chan_trace_received(struct weir_chan_ *c, const struct weir_call *call, bool ok,
                              const struct weir_g *partner) {
  unsigned slot = (unsigned)((c->recv_at ? c->recv_at - 1 : c->cap - 1) % WEIR_TRACE_SLOTS);
  unsigned argument = !ok ? WEIR_TRACE_CLOSED : c->cap ? slot : WEIR_TRACE_HANDED;
  const struct weir_site *site = weir_chan_named(c, call->site);
  weir_trace_call_(WEIR_SYNC_RECV, call->g, c, site, call->pc, argument);
  if (partner && c->cap) weir_trace_call_(WEIR_SYNC_SEND, partner, c, site, NULL, slot);
}

static inline __attribute__((always_inline)) bool
recv_now(struct weir_chan_ *c, void *dst, bool *ok, uint64_t goid, struct weir_g **wake) {
  *wake = NULL;
  *ok = true;
  struct weir_waiter *w = weir_waitq_take(&c->senders);
  if (w) {
    *wake = take_over(c, w, dst);
  } else if (c->count) {
    take_buffered(c, dst);
  } else if (c->closed) {
    take_end(c, dst);
    *ok = false;
    return true;
  } else {
    return false;
  }
  if (WEIR_DETECTS) c->last_receiver = goid;
  return true;
}

bool weir_chan_recv_now(struct weir_chan_ *c, void *dst, bool *ok, uint64_t goid,
                        struct weir_g **wake) {
  return recv_now(c, dst, ok, goid, wake);
}

// Holds the lock, which the park releases.
static bool recv_park(struct weir_chan_ *c, void *dst, const struct weir_call *call) {
  struct weir_chan_wait wait = {.waiter = {.g = call->g,
                                           .object = c,
                                           .kind = WEIR_OBJ_CHAN,
                                           .op = WEIR_WAIT_CHAN_RECV,
                                           .elem = dst}};
  WEIR_EDGE_IF weir_clocks_park(&wait.clocks);
  weir_park_describe(call->g, WEIR_WAIT_CHAN_RECV, &wait.waiter, 1, call->pc);
  weir_waitq_push(&c->receivers, &wait.waiter);
  weir_park(call->g, &c->lock);
  WEIR_EDGE_IF weir_clocks_wake(&wait.clocks, wait.waiter.ok);
  return wait.waiter.ok;
}

bool weir_chan_recv_(struct weir_chan_ *c, void *dst, const struct weir_site *site) {
  weir_shake();
  struct weir_call call = {weir_self(), site, __builtin_return_address(0)};
  if (__builtin_expect(!c, 0)) weir_block_forever(WEIR_WAIT_CHAN_RECV_NIL, &call);
  weir_chan_tell(c, &call, false, true);
  weir_chan_enter(c, WEIR_USE_RECV, call.pc);
  weir_chan_lock(c, site, call.pc);
  WEIR_HB(call, call.pc, WEIR_SYNC_RECV, weir_chan_named(c, site));
  size_t size = c->elem_size;
  bool once = c->once, ok;
  struct weir_g *wake;
  if (recv_now(c, dst, &ok, weir_g_id(call.g), &wake)) {
    WEIR_TRACE_IF weir_chan_trace_received(c, &call, ok, wake);
    weir_lock_release(&c->lock);
    if (wake) weir_ready(wake);
  } else {
    ok = recv_park(c, dst, &call);
  }
  if (dst) WEIR_HB(write, dst, size, call.pc);
  if (__builtin_expect(once && ok, 0)) weir_after_received(c);
  weir_api_leave();
  return ok;
}

bool weir_chan_try_recv_(struct weir_chan_ *c, void *dst, bool *ok, const struct weir_site *site) {
  weir_shake();
  if (!c) return false;
  const void *pc = __builtin_return_address(0);
  weir_chan_tell(c, &(struct weir_call){weir_self(), site, pc}, false, false);
  weir_chan_enter(c, WEIR_USE_RECV, pc);
  if (!weir_chan_may_recv(c)) {
    weir_api_leave();
    return weir_chan_tried(c, false, false, pc);
  }
  weir_chan_lock(c, site, pc);
  WEIR_HB(call, pc, WEIR_SYNC_RECV, weir_chan_named(c, site));
  size_t size = c->elem_size;
  bool once = c->once, got;
  struct weir_g *wake;
  bool done = recv_now(c, dst, &got, weir_g_id(weir_self()), &wake);
  WEIR_TRACE_IF {
    if (done) weir_chan_trace_received(c, &(struct weir_call){weir_self(), site, pc}, got, wake);
  }
  weir_lock_release(&c->lock);
  if (wake) weir_ready(wake);
  if (done && dst) WEIR_HB(write, dst, size, pc);
  if (done && ok) {
    *ok = got;
    WEIR_HB(write, ok, sizeof *ok, pc);
  }
  if (__builtin_expect(done && once && got, 0)) weir_after_received(c);
  weir_api_leave();
  return weir_chan_tried(c, false, done, pc);
}

void weir_block_forever(enum weir_wait_op op, const struct weir_call *call) {
  struct weir_waiter w = {.g = call->g, .kind = WEIR_OBJ_CHAN, .op = op};
  for (;;) {
    weir_park_describe(call->g, op, &w, 1, call->pc);
    weir_park(call->g, NULL);
  }
}
