// SPDX-License-Identifier: Apache-2.0
//
// How the cost of an operation grows with the number of goroutines or channels that there are:
//
//   growth [-c] [-d DIVISOR] CASE N     prints "growth-CASE-N ns" and what bench.h says
//
// What is needed N times is made, and used once, before the clock starts, so that growth is
// the operation's own. growth.go is its Go twin. Cases:
//
//   start    start and finish a goroutine while N are parked
//   yield    yield among N goroutines
//   channel  a send and a receive, on each of N buffered channels in turn
//   wake     a round trip to each of N goroutines in turn, each at its own channel
//   select   select of 2 channels that another goroutine sends on, while N are parked elsewhere
//   mutex    a mutex handed around N goroutines that all wait for it
//   touch    no operation at all: one word in each of N stacks. What the machine asks for it, also
//            the first time (growth-touch-N-first).
#include "bench.h"
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>
#include <weir/weir.h>

enum { OPERATIONS = 1000000, MOST = 1000000 };

static struct bench_span span;
static long operations;
static double first_touch; // ns of one, by `touch`

static void clock_starts(void) {
  bench_start(&span);
}

static void clock_stops(long done) {
  bench_stop(&span);
  operations = done;
}

// How often N things are each used.
static long rounds(long n) {
  return bench_count(OPERATIONS) / n > 0 ? bench_count(OPERATIONS) / n : 1;
}

// --- N goroutines that are there and do nothing ---------------------------------------------

static weir_wg ready;
static weir_chan(int) gate;

static void waits(void) {
  weir_wg_done(&ready);
  weir_recv(gate, NULL);
}

static void park(long n) {
  gate = weir_chan_make(int, 0);
  weir_wg_add(&ready, (int)n);
  for (long i = 0; i < n; i++)
    weir_go(waits);
  weir_wg_wait(&ready);
  weir_yield();
}

static void done(weir_wg *wg) {
  weir_wg_done(wg);
}

static void bursts(long n) {
  for (long i = 0; i < n; i += 10) {
    weir_wg wg = {0};
    weir_wg_add(&wg, 10);
    for (int j = 0; j < 10; j++)
      weir_go(done, &wg);
    weir_wg_wait(&wg);
  }
}

static void start(long n) {
  park(n);
  bursts(100);
  clock_starts();
  long count = bench_count(OPERATIONS / 2);
  bursts(count);
  clock_stops(count);
}

static void feeds(weir_chan(int) ch, long n) {
  for (int i = 0; i < n; i++)
    weir_send(ch, i);
}

static void select_2(long n) {
  long count = bench_count(OPERATIONS / 2);
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0);
  park(n);
  weir_go(feeds, a, count);
  weir_go(feeds, b, count);
  clock_starts();
  for (int i = 0, v; i < 2 * count; i++)
    weir_select(weir_on_recv(a, &v, NULL), weir_on_recv(b, &v, NULL));
  clock_stops(2 * count);
}

// --- N goroutines that take turns -----------------------------------------------------------

static atomic_bool begun;
static weir_wg all;

static void takes_turns(long turns) {
  weir_wg_done(&ready);
  while (!atomic_load_explicit(&begun, memory_order_relaxed))
    weir_yield();
  for (long i = 0; i < turns; i++)
    weir_yield();
  weir_wg_done(&all);
}

// One more turn each: to see that it has begun.
static void yield(long n) {
  long turns = 2 * rounds(n);
  weir_wg_add(&ready, (int)n), weir_wg_add(&all, (int)n);
  for (long i = 0; i < n; i++)
    weir_go(takes_turns, turns);
  weir_wg_wait(&ready);
  clock_starts();
  atomic_store_explicit(&begun, true, memory_order_relaxed);
  weir_wg_wait(&all);
  clock_stops((turns + 1) * n);
}

static weir_mutex mu;

static void locks(long turns) {
  weir_wg_done(&ready);
  for (long i = 0; i < turns; i++) {
    weir_mutex_lock(&mu);
    weir_yield();
    weir_mutex_unlock(&mu);
  }
  weir_wg_done(&all);
}

static void mutex(long n) {
  long turns = rounds(n) > 2 ? rounds(n) / 2 : 1;
  weir_wg_add(&ready, (int)n), weir_wg_add(&all, (int)n);
  weir_mutex_lock(&mu);
  for (long i = 0; i < n; i++)
    weir_go(locks, turns);
  weir_wg_wait(&ready);
  weir_yield();
  clock_starts();
  weir_mutex_unlock(&mu);
  weir_wg_wait(&all);
  clock_stops(turns * n);
}

// --- N channels -----------------------------------------------------------------------------

static weir_chan(int) *make_channels(long n, int cap) {
  weir_chan(int) *ch = calloc((size_t)n, sizeof *ch);
  for (long i = 0; ch && i < n; i++)
    ch[i] = weir_chan_make(int, (size_t)cap);
  if (!ch) perror("growth"), exit(2);
  return ch;
}

static void send_and_receive(weir_chan(int) *ch, long n) {
  for (int i = 0, v; i < n; i++) {
    weir_send(ch[i], i);
    weir_recv(ch[i], &v);
  }
}

static void channel(long n) {
  weir_chan(int) *ch = make_channels(n, 1);
  send_and_receive(ch, n);
  clock_starts();
  long turns = rounds(n);
  for (long i = 0; i < turns; i++)
    send_and_receive(ch, n);
  clock_stops(turns * n);
}

static void answers(weir_chan(int) in, weir_chan(int) out) {
  for (int v; weir_recv(in, &v);)
    weir_send(out, v);
}

static void ask_each(weir_chan(int) *ch, weir_chan(int) answer, long n) {
  for (int i = 0, v; i < n; i++) {
    weir_send(ch[i], i);
    weir_recv(answer, &v);
  }
}

static void wake(long n) {
  weir_chan(int) *ch = make_channels(n, 0), answer = weir_chan_make(int, 0);
  for (long i = 0; i < n; i++)
    weir_go(answers, ch[i], answer);
  ask_each(ch, answer, n);
  clock_starts();
  long turns = rounds(n);
  for (long i = 0; i < turns; i++)
    ask_each(ch, answer, n);
  clock_stops(turns * n);
}

// --- the machine ----------------------------------------------------------------------------

// At the distance of stacks, reserved as they are.
static void touch(long n) {
  const size_t stride = (128 + 4) << 10;
  char *at = mmap(NULL, (size_t)n * stride, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) perror("growth"), exit(2);
  madvise(at, (size_t)n * stride, MADV_NOHUGEPAGE);
  clock_starts();
  for (long i = 0; i < n; i++)
    ++*(volatile long *)(at + (size_t)i * stride);
  clock_stops(n);
  first_touch = (double)span.elapsed / (double)n;
  clock_starts();
  long turns = rounds(n);
  for (long t = 0; t < turns; t++)
    for (long i = 0; i < n; i++)
      ++*(volatile long *)(at + (size_t)i * stride);
  clock_stops(turns * n);
}

static const struct growth {
  const char *name;
  void (*run)(long n);
} cases[] = {{"start", start},     {"yield", yield}, {"channel", channel}, {"wake", wake},
             {"select", select_2}, {"mutex", mutex}, {"touch", touch}};

static void run(weir_wg *wg, const struct growth *g, long n) {
  g->run(n);
  weir_wg_done(wg);
}

int main(int argc, char **argv) {
  int first = bench_options(argc, argv);
  long n = argc == first + 2 ? atol(argv[first + 1]) : 0;
  const struct growth *found = NULL;
  for (size_t i = 0; n > 0 && i < sizeof cases / sizeof *cases; i++)
    if (strcmp(cases[i].name, argv[first]) == 0) found = &cases[i];
  if (!found || n > MOST) {
    fprintf(stderr, "usage: growth [-c] [-d DIVISOR] CASE N\n");
    return 2;
  }
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(run, &wg, found, bench_count(n));
  weir_wg_wait(&wg);
  char name[64];
  snprintf(name, sizeof name, "growth-%s-%ld", found->name, n);
  bench_report_span(name, &span, (double)operations);
  if (found->run == touch) bench_report(name, "-first", first_touch);
  _exit(0); // with goroutines that still wait, which is no leak here
}
