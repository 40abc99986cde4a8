// SPDX-License-Identifier: Apache-2.0
//
// Micro benchmarks of the runtime: micro [-c] [-d DIVISOR] [NAME]... runs those of the given
// names, or all, and prints "name ns" lines (and what bench.h says), nanoseconds per operation; of
// sieve and skynet, of the whole. micro.go prints the same names for Go, and run.py puts the two
// side by side. Each case does a tenth of its work unmeasured first, and runs inside a goroutine,
// as its Go twin does.
#include "bench.h"
#include <weir/weir.h>

static void done(weir_wg *wg) {
  weir_wg_done(wg);
}

static void start_finish(long n, int burst) {
  for (long i = 0; i < n / burst; i++) {
    weir_wg wg = {0};
    weir_wg_add(&wg, burst);
    for (int j = 0; j < burst; j++)
      weir_go(done, &wg);
    weir_wg_wait(&wg);
  }
}

static void yields(weir_wg *wg, long n) {
  for (long i = 0; i < n; i++)
    weir_yield();
  weir_wg_done(wg);
}

static void yield_among(long n, int goroutines) {
  weir_wg wg = {0};
  weir_wg_add(&wg, goroutines);
  for (int i = 0; i < goroutines; i++)
    weir_go(yields, &wg, n / goroutines);
  weir_wg_wait(&wg);
}

// --- channels ---------------------------------------------------------------------------

static void echo(weir_chan(int) in, weir_chan(int) out) {
  int v;
  while (weir_recv(in, &v))
    weir_send(out, v);
  weir_close(out);
}

static void round_trip(long n, int unused) {
  (void)unused;
  weir_chan(int) to = weir_chan_make(int, 0), from = weir_chan_make(int, 0);
  weir_go(echo, to, from);
  for (int i = 0, v; i < n; i++) {
    weir_send(to, i);
    weir_recv(from, &v);
  }
  weir_close(to);
  weir_recv(from, NULL);
  weir_chan_free(to);
  weir_chan_free(from);
}

static void produces(weir_chan(int) ch, weir_wg *wg, long n) {
  for (int i = 0; i < n; i++)
    weir_send(ch, i);
  weir_wg_done(wg);
}

static void consumes(weir_chan(int) ch, weir_wg *wg, long n) {
  for (int i = 0, v; i < n; i++)
    weir_recv(ch, &v);
  weir_wg_done(wg);
}

static void buffered(long n, int pairs) {
  weir_chan(int) ch = weir_chan_make(int, 128);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2 * pairs);
  for (int i = 0; i < pairs; i++) {
    weir_go(produces, ch, &wg, n / pairs);
    weir_go(consumes, ch, &wg, n / pairs);
  }
  weir_wg_wait(&wg);
  weir_chan_free(ch);
}

static void select_of_4(long n, int producers) {
  weir_chan(int) c[4];
  weir_wg wg = {0};
  weir_wg_add(&wg, producers);
  for (int i = 0; i < producers; i++) {
    c[i] = weir_chan_make(int, 0);
    weir_go(produces, c[i], &wg, n / producers);
  }
  for (int i = 0, v; i < n / producers * producers; i++)
    weir_select(weir_on_recv(c[0], &v, NULL), weir_on_recv(c[1], &v, NULL),
                weir_on_recv(c[2], &v, NULL), weir_on_recv(c[3], &v, NULL));
  weir_wg_wait(&wg);
  for (int i = 0; i < producers; i++)
    weir_chan_free(c[i]);
}

// One case of two is ready each time: a send, then a receive.
static void select_ready(long n, int unused) {
  (void)unused;
  weir_chan(int) ready = weir_chan_make(int, 1), never = weir_chan_make(int, 0);
  for (int i = 0, v; i < n; i += 2) {
    weir_select(weir_on_send(ready, i), weir_on_recv(never, &v, NULL));
    weir_select(weir_on_recv(ready, &v, NULL), weir_on_recv(never, &v, NULL));
  }
  weir_chan_free(ready);
  weir_chan_free(never);
}

// --- locks, wait group, once, context, timer --------------------------------------------

struct counted {
  weir_mutex mu;
  weir_rwmutex rw;
  weir_wg wg;
  long counter;
};

static void locks(struct counted *c, long n) {
  for (long i = 0; i < n; i++) {
    weir_mutex_lock(&c->mu);
    ++c->counter;
    weir_mutex_unlock(&c->mu);
  }
  weir_wg_done(&c->wg);
}

static void locks_and_yields(struct counted *c, long n) {
  for (long i = 0; i < n; i++) {
    weir_mutex_lock(&c->mu);
    ++c->counter;
    weir_yield();
    weir_mutex_unlock(&c->mu);
  }
  weir_wg_done(&c->wg);
}

static void reads(struct counted *c, long n) {
  for (long i = 0; i < n; i++) {
    weir_rwmutex_rlock(&c->rw);
    weir_rwmutex_runlock(&c->rw);
  }
  weir_wg_done(&c->wg);
}

static void several(void (*what)(struct counted *, long), long n, int goroutines) {
  static struct counted c;
  weir_wg_add(&c.wg, goroutines);
  for (int i = 0; i < goroutines; i++)
    weir_go(what, &c, n / goroutines);
  weir_wg_wait(&c.wg);
}

static void mutex_of(long n, int goroutines) {
  several(locks, n, goroutines);
}

static void mutex_yield(long n, int goroutines) {
  several(locks_and_yields, n, goroutines);
}

static void rwmutex_read(long n, int goroutines) {
  several(reads, n, goroutines);
}

static void wait_group(long n, int goroutines) {
  start_finish(n * goroutines, goroutines);
}

static void nothing(void) {}

static void once(long n, int unused) {
  (void)unused;
  static weir_once o;
  for (long i = 0; i < n; i++)
    weir_once_do(&o, nothing);
}

static void ctx_cancel(long n, int children) {
  weir_ctx *child[100];
  for (long i = 0; i < n; i++) {
    weir_ctx *parent = weir_ctx_with_cancel(NULL);
    for (int j = 0; j < children; j++) {
      child[j] = weir_ctx_with_cancel(parent);
      (void)weir_ctx_done(child[j]);
    }
    weir_ctx_cancel(parent);
    for (int j = 0; j < children; j++)
      weir_ctx_free(child[j]);
    weir_ctx_free(parent);
  }
}

static void timer(long n, int unused) {
  (void)unused;
  for (long i = 0; i < n; i++) {
    weir_timer *t = weir_timer_new(WEIR_S(3600));
    weir_timer_stop(t);
    weir_timer_free(t);
  }
}

// --- small programs -----------------------------------------------------------------------

static void filter(weir_chan(int) in, weir_chan(int) out, int prime) {
  int v;
  while (weir_recv(in, &v))
    if (v % prime) weir_send(out, v);
  weir_close(out);
  weir_chan_free(in);
}

static void generate(weir_chan(int) out, int limit) {
  for (int i = 2; i < limit; i++)
    weir_send(out, i);
  weir_close(out);
}

static void sieve(long limit, int unused) {
  (void)unused;
  weir_chan(int) ch = weir_chan_make(int, 0);
  weir_go(generate, ch, (int)limit);
  for (int prime; weir_recv(ch, &prime);) {
    weir_chan(int) next = weir_chan_make(int, 0);
    weir_go(filter, ch, next, prime);
    ch = next;
  }
  weir_chan_free(ch);
}

static void skynet_node(weir_chan(long) up, long num, long size) {
  if (size < 10) {
    weir_send(up, num);
    return;
  }
  weir_chan(long) down = weir_chan_make(long, 0);
  for (int i = 0; i < 10; i++)
    weir_go(skynet_node, down, num + i * (size / 10), size / 10);
  long sum = 0, v;
  for (int i = 0; i < 10; i++) {
    weir_recv(down, &v);
    sum += v;
  }
  weir_chan_free(down);
  weir_send(up, sum);
}

static void skynet(long leaves, int unused) {
  (void)unused;
  weir_chan(long) up = weir_chan_make(long, 0);
  weir_go(skynet_node, up, 0, leaves);
  weir_recv(up, NULL);
  weir_chan_free(up);
}

// --- the list -----------------------------------------------------------------------------

static const struct bench_case all[] = {
    {"start-finish", start_finish, 1000000, 100, false},
    {"yield-2", yield_among, 3000000, 2, false},
    {"yield-1000", yield_among, 3000000, 1000, false},
    {"round-trip", round_trip, 800000, 0, false},
    {"buffered-1:1", buffered, 4000000, 1, false},
    {"buffered-4:4", buffered, 4000000, 4, false},
    {"select-4", select_of_4, 600000, 4, false},
    {"select-ready", select_ready, 2000000, 0, false},
    {"mutex-1", mutex_of, 10000000, 1, false},
    {"mutex-8", mutex_of, 8000000, 8, false},
    {"mutex-8-yield", mutex_yield, 400000, 8, false},
    {"rwmutex-read-1", rwmutex_read, 10000000, 1, false},
    {"rwmutex-read-8", rwmutex_read, 8000000, 8, false},
    {"wait-group-1000", wait_group, 1000, 1000, false},
    {"once", once, 40000000, 0, false},
    {"ctx-cancel-100", ctx_cancel, 5000, 100, false},
    {"timer-start-stop", timer, 1000000, 0, false},
    {"sieve-12000", sieve, 12000, 0, true},
    {"skynet-1M", skynet, 1000000, 0, true},
};

static void run(weir_wg *wg, char **names) {
  bench_cases(all, sizeof all / sizeof *all, names);
  weir_wg_done(wg);
}

int main(int argc, char **argv) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(run, &wg, argv + bench_options(argc, argv));
  weir_wg_wait(&wg);
  return 0;
}
