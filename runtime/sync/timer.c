// SPDX-License-Identifier: Apache-2.0
//
// Timers and tickers: both are a pulse, a timer of the scheduler that posts the time into a
// channel with room for one value, once or again and again. A tick that finds its
// predecessor still there is dropped. The timer of weir_after_func starts a goroutine instead and
// has no channel.
//
// Stop and reset take back what was sent and not received, as Go has it since 1.23: after them
// no value of an earlier arming can be received, so a stopped timer needs no draining.
// The buffered value is taken out under the channel's lock. A fire that has left the
// heap but not yet got that lock cannot be cancelled; it is marked with `skip`. There is at
// most one such: all timers fire on one thread, one after the other.
//
// Lock: the channel's, or where there is none its own; the heap's is taken inside it. Freeing
// waits, without the lock, until a fire that is under way is over.
#include <weir/time.h>

#include "base/check.h"
#include "sched/sched.h"
#include "sync/chan.h"
#include "sync/later.h"
#include "sync/slab.h"

// Guarded by lock_of, but for `timer`, which is the scheduler's while armed.
struct pulse {
  struct weir_timer_ timer;
  struct weir_chan_ *c;     // NULL: it starts a goroutine
  struct weir_lock lock;    // then
  int64_t period;           // 0: once
  bool armed;               // will send
  bool skip;                // the fire that is under way is of an earlier arming
  struct weir_clock *start; // of who armed it; NULL once handed on
  struct weir_later *later; // to be started; NULL: send the time
};

struct weir_timer {
  struct pulse pulse;
};
struct weir_ticker {
  struct pulse pulse;
};

static struct weir_lock *lock_of(struct pulse *p) {
  return p->c ? &p->c->lock : &p->lock;
}

static void set_pending(struct pulse *p, bool pending) {
  if (p->later && p->armed != pending) weir_timer_starts_(pending ? 1 : -1);
  p->armed = pending;
  // release pairs with the detectors' reads: who finds no timer finds the value it left
  if (p->c) __atomic_store_n(&p->c->timer_pending, pending, __ATOMIC_RELEASE);
}

// --- under the lock --------------------------------------------------------------

// The next beat that is still to come; those that were missed are left out.
static int64_t next_beat(const struct pulse *p, int64_t now) {
  int64_t beats = (now - p->timer.when) / p->period + 1, ahead, when;
  if (__builtin_mul_overflow(beats, p->period, &ahead) ||
      __builtin_add_overflow(p->timer.when, ahead, &when))
    return INT64_MAX;
  return when;
}

static struct weir_clock *clock_of_value(struct pulse *p) {
  if (p->period) return weir_clock_share(p->start);
  struct weir_clock *start = p->start;
  p->start = NULL;
  return start;
}

static void arm(struct pulse *p, int64_t ns, int64_t period) {
  p->period = period;
  set_pending(p, true);
  WEIR_EDGE_IF {
    weir_hb_call_(NULL, WEIR_SYNC_TIMER, NULL);
    weir_clock_set(&p->start);
  }
  p->timer.when = weir_clock_after(ns);
  weir_timer_start_(&p->timer);
}

// True if a value was still to come or to be received.
static bool disarm(struct pulse *p) {
  bool was_armed = p->armed;
  if (was_armed && !weir_timer_cancel_(&p->timer, false)) p->skip = true;
  set_pending(p, false);
  return (p->c && weir_chan_drain(p->c)) || was_armed;
}

// --- on the monitor thread -----------------------------------------------------------------

static struct weir_g *send_beat(struct pulse *p) {
  int64_t now = weir_clock_now();
  if (p->period) {
    p->timer.when = next_beat(p, now);
    weir_timer_start_(&p->timer);
  } else {
    if (p->later) weir_later_start(p->later, clock_of_value(p));
    set_pending(p, false); // before the value: whoever receives it must find no timer
    if (p->later) return NULL;
  }
  return weir_chan_post(p->c, &now, clock_of_value(p));
}

static void fire(struct weir_timer_ *t) {
  struct pulse *p = t->arg;
  struct weir_g *wake = NULL;
  weir_lock_acquire(lock_of(p));
  if (p->skip)
    p->skip = false;
  else
    wake = send_beat(p);
  weir_lock_release(lock_of(p));
  if (wake) weir_ready(wake);
}

// --- both kinds ----------------------------------------------------------------------------

static struct pulse *make(int64_t ns, int64_t period, struct weir_later *later,
                          const struct weir_site *site, const char *what) {
  struct pulse *p = weir_slab_alloc(sizeof *p);
  if (!p) weir_fatal("%s: out of memory", what);
  *p = (struct pulse){.timer = {.fire = fire, .arg = p},
                      .later = later,
                      .c = later ? NULL : weir_chan_make_(sizeof(int64_t), 1, site)};
  if (p->c) p->c->owned = period ? WEIR_CHAN_OF_TICKER : WEIR_CHAN_OF_TIMER;
  weir_lock_acquire(lock_of(p));
  arm(p, ns, period);
  weir_lock_release(lock_of(p));
  return p;
}

static bool stop(struct pulse *p) {
  weir_lock_acquire(lock_of(p));
  bool was = disarm(p);
  weir_lock_release(lock_of(p));
  return was;
}

static bool reset(struct pulse *p, int64_t ns, int64_t period) {
  weir_lock_acquire(lock_of(p));
  bool was = disarm(p);
  arm(p, ns, period);
  weir_lock_release(lock_of(p));
  return was;
}

static void release(struct pulse *p, const void *pc) {
  stop(p);
  weir_timer_cancel_(&p->timer, true); // no fire is under way after this
  if (p->c) weir_chan_free_at(p->c, p->c->site, pc);
  weir_clock_free(p->start);
  weir_later_drop(p->later);
  weir_slab_free(p, sizeof *p);
}

static int64_t checked_period(int64_t ns, const char *what) {
  if (ns <= 0) weir_fatal("%s: a period of %lld ns; it must be above 0", what, (long long)ns);
  return ns;
}

static struct pulse *pulse_of(void *timer, const char *what) {
  if (!timer) weir_fatal("%s: NULL is no timer", what);
  return timer;
}

// --- the calls -----------------------------------------------------------------------------

weir_timer *weir_timer_new_(int64_t ns, const struct weir_site *site) {
  return (weir_timer *)make(ns, 0, NULL, site, "weir_timer_new");
}

void weir_after_func_(const void *block, const struct weir_site *site, int64_t ns,
                      weir_timer **out) {
  *out = (weir_timer *)make(ns, 0, weir_later_new(block, site), site, "weir_after_func");
}

bool weir_timer_stop(weir_timer *t) {
  return stop(pulse_of(t, "weir_timer_stop"));
}

bool weir_timer_reset(weir_timer *t, int64_t ns) {
  return reset(pulse_of(t, "weir_timer_reset"), ns, 0);
}

struct weir_chan_ *weir_timer_chan_(weir_timer *t) {
  struct pulse *p = pulse_of(t, "weir_timer_chan");
  return p->c;
}

void weir_timer_free(weir_timer *t) {
  if (t) release(&t->pulse, __builtin_return_address(0));
}

weir_ticker *weir_ticker_new_(int64_t ns, const struct weir_site *site) {
  checked_period(ns, "weir_ticker_new");
  return (weir_ticker *)make(ns, ns, NULL, site, "weir_ticker_new");
}

void weir_ticker_stop(weir_ticker *t) {
  stop(pulse_of(t, "weir_ticker_stop"));
}

void weir_ticker_reset(weir_ticker *t, int64_t ns) {
  reset(pulse_of(t, "weir_ticker_reset"), ns, checked_period(ns, "weir_ticker_reset"));
}

struct weir_chan_ *weir_ticker_chan_(weir_ticker *t) {
  return pulse_of(t, "weir_ticker_chan")->c;
}

void weir_ticker_free(weir_ticker *t) {
  if (t) release(&t->pulse, __builtin_return_address(0));
}
