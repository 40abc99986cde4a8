// SPDX-License-Identifier: Apache-2.0
//
// A limiter with backpressure: a few requests are served at a time, a few more may wait for
// their turn, and all others hear "busy" at once. So the queue stays short: who waits has a
// chance to be served while the answer still matters, and overload is seen by those who cause
// it. A caller that waits is held back (it cannot send the next request meanwhile), for as long
// as its context allows.
//
// Two semaphores, always taken in this order: `inside` counts those served and waiting and is
// only ever tried; `serving` is waited for. Whatever was taken is given back on every way out.
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <weir/weir.h>

struct limiter {
  weir_sem inside, serving;
};

static void limiter_init(struct limiter *l, int serving, int waiting) {
  weir_sem_init(&l->inside, serving + waiting);
  weir_sem_init(&l->serving, serving);
}

// 0: go on, and leave afterwards. EBUSY: too many wait already. Else why the context is done.
static int limiter_enter(struct limiter *l, weir_ctx *ctx) {
  if (!weir_sem_try(&l->inside, 1)) return EBUSY;
  int err = weir_sem_acquire(&l->serving, ctx, 1);
  if (err) weir_sem_release(&l->inside, 1);
  return err;
}

static void limiter_leave(struct limiter *l) {
  weir_sem_release(&l->serving, 1);
  weir_sem_release(&l->inside, 1);
}

// --- a service under overload -------------------------------------------------------------

struct service {
  struct limiter limiter;
  weir_chan(char) gate; // closed: requests can be finished
  atomic_int now, most, served;
};

static int request(struct service *s, weir_ctx *ctx) {
  int err = limiter_enter(&s->limiter, ctx);
  if (err) return err;
  weir_defer(limiter_leave, &s->limiter);
  int now = atomic_fetch_add(&s->now, 1) + 1;
  for (int most = atomic_load(&s->most); now > most;)
    if (atomic_compare_exchange_weak(&s->most, &most, now)) break;
  weir_recv(s->gate, NULL);
  atomic_fetch_sub(&s->now, 1);
  atomic_fetch_add(&s->served, 1);
  return 0;
}

static void caller(struct service *s, weir_ctx *ctx, weir_chan(int) results) {
  weir_send(results, request(s, ctx));
}

// Results of `n` requests, counted by kind.
static void count(weir_chan(int) results, int n, const char *when) {
  int ok = 0, busy = 0, late = 0;
  for (int i = 0, err; i < n; i++) {
    weir_recv(results, &err);
    ok += err == 0, busy += err == EBUSY, late += err == ETIMEDOUT;
  }
  printf("%s: %d served, %d busy, %d gave up\n", when, ok, busy, late);
}

int main(void) {
  enum { SERVING = 2, WAITING = 3, CALLERS = 10 };
  static struct service s;
  s.gate = weir_chan_make(char, 0);
  limiter_init(&s.limiter, SERVING, WAITING);
  weir_chan(int) results = weir_chan_make(int, 0);
  for (int i = 0; i < CALLERS; i++)
    weir_go(caller, &s, weir_ctx_background(), results);
  count(results, CALLERS - SERVING - WAITING, "gate closed");
  weir_close(s.gate);
  count(results, SERVING + WAITING, "gate open");

  weir_chan_free(s.gate);
  s.gate = weir_chan_make(char, 0); // closed to callers again
  weir_ctx *soon = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(10));
  limiter_init(&s.limiter, 1, 1);
  limiter_enter(&s.limiter, NULL); // somebody slow is being served
  weir_go(caller, &s, soon, results);
  count(results, 1, "behind a slow one");
  limiter_leave(&s.limiter);
  printf("at most %d at a time: %s\n", SERVING, atomic_load(&s.most) <= SERVING ? "yes" : "no");
  weir_ctx_free(soon);
  weir_chan_free(s.gate), weir_chan_free(results);
}

// Output:
// gate closed: 0 served, 5 busy, 0 gave up
// gate open: 5 served, 0 busy, 0 gave up
// behind a slow one: 0 served, 0 busy, 1 gave up
// at most 2 at a time: yes
