// SPDX-License-Identifier: Apache-2.0
//
// Sending. Under the channel's lock: hand the element to the oldest waiting receiver, else
// put it into the buffer, else wait with the element's address in the queue until a
// receiver (or a close, which is then this sender's fatal mistake) takes it away.
#include "sched/shake.h"
#include "sync/chan.h"

// To a receiver that waits: count is 0, so the element passes by the buffer. Its slot is
// used up all the same, for the clocks.
static struct weir_g *hand_over(struct weir_chan_ *c, struct weir_waiter *w, const void *value) {
  WEIR_EDGE_IF {
    if (c->clocks) {
      weir_clocks_meet(&c->clocks[c->send_at], weir_clocks_of(w));
      c->send_at = c->recv_at = weir_chan_after(c, c->send_at);
    } else if (!c->cap) {
      weir_clocks_unbuffered(weir_clocks_of(w));
    }
  }
  if (w->elem) weir_copy(w->elem, value, c->elem_size);
  w->ok = true;
  if (WEIR_DETECTS) c->last_receiver = weir_g_id(w->g);
  return w->g;
}

void weir_chan_trace_sent(struct weir_chan_ *c, const struct weir_call *call,
                          const struct weir_g *partner) {
  size_t slot = c->send_at ? c->send_at - 1 : c->cap - 1; // if it is in the buffer
  weir_trace_call_(WEIR_SYNC_SEND, call->g, c, weir_chan_named(c, call->site), call->pc,
                   partner ? WEIR_TRACE_HANDED : (unsigned)(slot % WEIR_TRACE_SLOTS));
}

static inline __attribute__((always_inline)) bool send_now(struct weir_chan_ *c, const void *value,
                                                           uint64_t goid, struct weir_g **wake) {
  *wake = NULL;
  struct weir_waiter *w = weir_waitq_take(&c->receivers);
  if (w) {
    *wake = hand_over(c, w, value);
  } else if (c->count < c->cap) {
    if (weir_hb_edges_on() && c->clocks) weir_clocks_exchange(&c->clocks[c->send_at]);
    weir_copy(weir_chan_slot(c, c->send_at), value, c->elem_size);
    c->send_at = weir_chan_after(c, c->send_at);
    weir_chan_set_count(c, c->count + 1);
  } else {
    return false;
  }
  if (WEIR_DETECTS) c->last_sender = goid;
  return true;
}

bool weir_chan_send_now(struct weir_chan_ *c, const void *value, uint64_t goid,
                        struct weir_g **wake) {
  return send_now(c, value, goid, wake);
}

// Holds the lock, which the park releases. Inline in both callers: a frame more on the way to the
// switch costs a mispredicted return.
static inline __attribute__((always_inline)) void send_park(struct weir_chan_ *c, const void *value,
                                                            const struct weir_call *call) {
  struct weir_chan_wait wait = {.waiter = {.g = call->g,
                                           .object = c,
                                           .kind = WEIR_OBJ_CHAN,
                                           .op = WEIR_WAIT_CHAN_SEND,
                                           .elem = (void *)value}};
  WEIR_EDGE_IF weir_clocks_park(&wait.clocks);
  weir_park_describe(call->g, WEIR_WAIT_CHAN_SEND, &wait.waiter, 1, call->pc);
  weir_waitq_push(&c->senders, &wait.waiter);
  weir_park(call->g, &c->lock);
  WEIR_EDGE_IF weir_clocks_wake(&wait.clocks, wait.waiter.ok);
  if (__builtin_expect(!wait.waiter.ok, 0))
    weir_hook_misuse(WEIR_F_SEND_ON_CLOSED, WEIR_OBJ_CHAN, c, call->site, call->pc, c->closed_pc,
                     c->closed_by);
}

static inline __attribute__((always_inline)) void
send_or_park(struct weir_chan_ *c, const void *value, const struct weir_call *call) {
  if (__builtin_expect(!c, 0)) weir_block_forever(WEIR_WAIT_CHAN_SEND_NIL, call);
  weir_chan_tell(c, call, true, !c->cap || !weir_chan_may_send(c));
  weir_chan_enter(c, WEIR_USE_SEND, call->pc);
  weir_chan_lock(c, call->site, call->pc);
  if (__builtin_expect(c->closed, 0))
    weir_chan_misuse(WEIR_F_SEND_ON_CLOSED, c, call->site, call->pc);
  WEIR_HB(call, call->pc, WEIR_SYNC_SEND, weir_chan_named(c, call->site));
  WEIR_HB(read, value, c->elem_size, call->pc);
  struct weir_g *wake;
  if (send_now(c, value, weir_g_id(call->g), &wake)) {
    WEIR_TRACE_IF weir_chan_trace_sent(c, call, wake);
    weir_lock_release(&c->lock);
    if (wake) weir_ready(wake);
  } else {
    send_park(c, value, call);
  }
  weir_api_leave();
}

void weir_chan_send_(struct weir_chan_ *c, const void *value, const struct weir_site *site) {
  weir_shake();
  struct weir_call call = {weir_self(), site, __builtin_return_address(0)};
  send_or_park(c, value, &call);
}

void weir_chan_send_at(struct weir_chan_ *c, const void *value, const struct weir_call *call) {
  send_or_park(c, value, call);
}

bool weir_chan_try_send_(struct weir_chan_ *c, const void *value, const struct weir_site *site) {
  weir_shake();
  if (!c) return false;
  const void *pc = __builtin_return_address(0);
  weir_chan_tell(c, &(struct weir_call){weir_self(), site, pc}, true, false);
  weir_chan_enter(c, WEIR_USE_SEND, pc);
  if (!weir_chan_may_send(c)) {
    weir_api_leave();
    return weir_chan_tried(c, true, false, pc);
  }
  weir_chan_lock(c, site, pc);
  if (__builtin_expect(c->closed, 0)) weir_chan_misuse(WEIR_F_SEND_ON_CLOSED, c, site, pc);
  WEIR_HB(call, pc, WEIR_SYNC_SEND, weir_chan_named(c, site));
  struct weir_g *wake;
  bool done = send_now(c, value, weir_g_id(weir_self()), &wake);
  WEIR_TRACE_IF {
    if (done) weir_chan_trace_sent(c, &(struct weir_call){weir_self(), site, pc}, wake);
  }
  weir_lock_release(&c->lock);
  if (done) WEIR_HB(read, value, c->elem_size, pc);
  if (wake) weir_ready(wake);
  weir_api_leave();
  return weir_chan_tried(c, true, done, pc);
}

bool weir_chan_tried(struct weir_chan_ *c, bool send, bool done, const void *pc) {
  struct weir_g *g = weir_self();
  if (done)
    weir_took_part(g);
  else
    weir_hook_try_failed(g, WEIR_OBJ_CHAN, c, pc, weir_chan_try_failed(c, send, g));
  if (!done) WEIR_TRACE_FILE(TRY, g, c, c ? c->site : NULL, pc);
  return done;
}

struct weir_g *weir_chan_post(struct weir_chan_ *c, const void *value, struct weir_clock *sender) {
  struct weir_waiter *w = weir_waitq_take(&c->receivers);
  size_t at = c->send_at;
  WEIR_TRACE_IF {
    if (w || c->count < c->cap) // goroutine 0: a timer
      weir_trace_put(WEIR_TRACE_CALL + WEIR_SYNC_SEND, 0, (uintptr_t)c, c->site, 0,
                     w ? WEIR_TRACE_HANDED : (unsigned)(at % WEIR_TRACE_SLOTS));
  }
  if (w) {
    if (sender) weir_clocks_post_to(&c->clocks[at], weir_clocks_of(w), sender);
    if (w->elem) weir_copy(w->elem, value, c->elem_size);
    w->ok = true;
    c->send_at = c->recv_at = weir_chan_after(c, at);
    return w->g;
  }
  if (c->count < c->cap) {
    if (sender) weir_clocks_post(&c->clocks[at], sender);
    weir_copy(weir_chan_slot(c, at), value, c->elem_size);
    c->send_at = weir_chan_after(c, at);
    weir_chan_set_count(c, c->count + 1);
  } else {
    weir_clock_free(sender);
  }
  return NULL;
}

bool weir_chan_drain(struct weir_chan_ *c) {
  bool any = c->count > 0;
  c->recv_at = c->send_at;
  weir_chan_set_count(c, 0);
  return any;
}
