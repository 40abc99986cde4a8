// SPDX-License-Identifier: Apache-2.0
//
// Micro benchmarks of the runtime. Prints "name ns-per-operation" lines; micro.go prints the
// same names for Go, and run.py puts the two side by side. Each case runs inside a goroutine,
// as its Go twin does.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

static void report(const char *name, int64_t since, long operations) {
  printf("%s %.2f\n", name, (double)(weir_now() - since) / (double)operations);
  fflush(stdout);
}

static void done(weir_wg *wg) {
  weir_wg_done(wg);
}

static void start_finish(void) {
  enum { N = 1000000, BURST = 100 };
  int64_t t = weir_now();
  for (int i = 0; i < N / BURST; i++) {
    weir_wg wg = {0};
    weir_wg_add(&wg, BURST);
    for (int j = 0; j < BURST; j++)
      weir_go(done, &wg);
    weir_wg_wait(&wg);
  }
  report("start-finish", t, N);
}

static void yields(weir_wg *wg, int n) {
  for (int i = 0; i < n; i++)
    weir_yield();
  weir_wg_done(wg);
}

static void yield_of(const char *name, int goroutines, int each) {
  weir_wg wg = {0};
  weir_wg_add(&wg, goroutines);
  int64_t t = weir_now();
  for (int i = 0; i < goroutines; i++)
    weir_go(yields, &wg, each);
  weir_wg_wait(&wg);
  report(name, t, (long)goroutines * each);
}

static void echo(weir_chan(int) in, weir_chan(int) out) {
  int v;
  while (weir_recv(in, &v))
    weir_send(out, v);
  weir_close(out);
}

static void round_trip(void) {
  enum { N = 1000000 };
  weir_chan(int) to = weir_chan_make(int, 0), from = weir_chan_make(int, 0);
  weir_go(echo, to, from);
  int64_t t = weir_now();
  for (int i = 0, v; i < N; i++) {
    weir_send(to, i);
    weir_recv(from, &v);
  }
  report("round-trip", t, N);
  weir_close(to);
  weir_recv(from, NULL);
  weir_chan_free(to);
  weir_chan_free(from);
}

static void produces(weir_chan(int) ch, weir_wg *wg, int n) {
  for (int i = 0; i < n; i++)
    weir_send(ch, i);
  weir_wg_done(wg);
}

static void consumes(weir_chan(int) ch, weir_wg *wg, int n) {
  for (int i = 0, v; i < n; i++)
    weir_recv(ch, &v);
  weir_wg_done(wg);
}

static void buffered(const char *name, int pairs) {
  enum { N = 4000000 };
  weir_chan(int) ch = weir_chan_make(int, 128);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2 * pairs);
  int64_t t = weir_now();
  for (int i = 0; i < pairs; i++) {
    weir_go(produces, ch, &wg, N / pairs);
    weir_go(consumes, ch, &wg, N / pairs);
  }
  weir_wg_wait(&wg);
  report(name, t, N);
  weir_chan_free(ch);
}

static void select_of_4(void) {
  enum { N = 800000 };
  weir_chan(int) c[4];
  weir_wg wg = {0};
  weir_wg_add(&wg, 4);
  for (int i = 0; i < 4; i++) {
    c[i] = weir_chan_make(int, 0);
    weir_go(produces, c[i], &wg, N / 4);
  }
  int64_t t = weir_now();
  for (int i = 0, v; i < N; i++)
    weir_select(weir_on_recv(c[0], &v, NULL), weir_on_recv(c[1], &v, NULL),
                weir_on_recv(c[2], &v, NULL), weir_on_recv(c[3], &v, NULL));
  report("select-4", t, N);
  weir_wg_wait(&wg);
  for (int i = 0; i < 4; i++)
    weir_chan_free(c[i]);
}

static void locks(weir_mutex *mu, weir_wg *wg, long *counter, int n, bool yield) {
  for (int i = 0; i < n; i++) {
    weir_mutex_lock(mu);
    ++*counter;
    if (yield) weir_yield();
    weir_mutex_unlock(mu);
  }
  weir_wg_done(wg);
}

static void mutex_of(const char *name, int goroutines, int each, bool yield) {
  static weir_mutex mu;
  static long counter;
  weir_wg wg = {0};
  weir_wg_add(&wg, goroutines);
  int64_t t = weir_now();
  for (int i = 0; i < goroutines; i++)
    weir_go(locks, &mu, &wg, &counter, each, yield);
  weir_wg_wait(&wg);
  report(name, t, (long)goroutines * each);
}

static void wait_group_1000(void) {
  enum { ROUNDS = 1000, N = 1000 };
  int64_t t = weir_now();
  for (int i = 0; i < ROUNDS; i++) {
    weir_wg wg = {0};
    weir_wg_add(&wg, N);
    for (int j = 0; j < N; j++)
      weir_go(done, &wg);
    weir_wg_wait(&wg);
  }
  report("wait-group-1000", t, ROUNDS);
}

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

static void sieve(void) {
  enum { LIMIT = 12000 };
  int64_t t = weir_now();
  weir_chan(int) ch = weir_chan_make(int, 0);
  weir_go(generate, ch, LIMIT);
  for (int prime; weir_recv(ch, &prime);) {
    weir_chan(int) next = weir_chan_make(int, 0);
    weir_go(filter, ch, next, prime);
    ch = next;
  }
  weir_chan_free(ch);
  report("sieve-12000", t, 1);
}

static void skynet_node(weir_chan(long) up, long num, long size) {
  if (size == 1) {
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

static void skynet(void) {
  int64_t t = weir_now();
  weir_chan(long) up = weir_chan_make(long, 0);
  weir_go(skynet_node, up, 0, 100000);
  weir_recv(up, NULL);
  weir_chan_free(up);
  report("skynet-100k", t, 1);
}

static void all(weir_wg *wg) {
  start_finish();
  yield_of("yield-2", 2, 2000000);
  yield_of("yield-1000", 1000, 4000);
  round_trip();
  buffered("buffered-1:1", 1);
  buffered("buffered-4:4", 4);
  select_of_4();
  mutex_of("mutex-1", 1, 10000000, false);
  mutex_of("mutex-8", 8, 500000, false);
  mutex_of("mutex-8-yield", 8, 50000, true);
  wait_group_1000();
  sieve();
  skynet();
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(all, &wg);
  weir_wg_wait(&wg);
  return 0;
}
