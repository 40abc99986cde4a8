// SPDX-License-Identifier: Apache-2.0
//
// Fan-out and fan-in: several goroutines read one channel, and their outputs are merged
// into one.
//
// Fan-out needs nothing but a channel: whoever is free takes the next number. Each stage
// owns the channel that it returns and closes it when its input is at an end. The
// merged channel has several senders, so none of them may close it: a goroutine of its own
// does when the last one is done. The order of the results is lost (ordered_fan_in.c keeps it).
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

enum { WORKERS = 4, NUMBERS = 1000 };

static void count_to(int n, weir_send_chan(int) out) {
  for (int i = 1; i <= n; i++)
    weir_send(out, i);
  weir_close(out);
}

static weir_recv_chan(int) numbers_to(int n) {
  weir_chan(int) out = weir_chan_make(int, 0);
  weir_go(count_to, n, weir_send_only(out));
  return weir_recv_only(out);
}

// How often n must be halved or tripled-and-incremented to become 1.
static int collatz_steps(long n) {
  int steps = 0;
  for (; n != 1; steps++)
    n = n % 2 ? 3 * n + 1 : n / 2;
  return steps;
}

struct result {
  int n, steps;
};

static void compute(weir_recv_chan(int) in, weir_send_chan(struct result) out) {
  int n;
  while (weir_recv(in, &n))
    weir_send(out, (struct result){n, collatz_steps(n)});
  weir_close(out);
}

static weir_recv_chan(struct result) worker(weir_recv_chan(int) in) {
  weir_chan(struct result) out = weir_chan_make(struct result, 0);
  weir_go(compute, in, weir_send_only(out));
  return weir_recv_only(out);
}

// --- fan-in ----------------------------------------------------------------------------

struct merger {
  weir_wg forwarding;
  weir_send_chan(struct result) out;
};

static void forward(weir_recv_chan(struct result) in, struct merger *m) {
  struct result r;
  while (weir_recv(in, &r))
    weir_send(m->out, r);
  weir_chan_free(in); // closed and drained, and nobody else reads it
}

static void close_after_all(struct merger *m) {
  weir_wg_wait(&m->forwarding);
  weir_close(m->out);
  free(m);
}

static weir_recv_chan(struct result) merge(weir_recv_chan(struct result) *in, int n) {
  struct merger *m = calloc(1, sizeof *m);
  if (!m) abort();
  weir_chan(struct result) out = weir_chan_make(struct result, 0);
  m->out = weir_send_only(out);
  for (int i = 0; i < n; i++)
    weir_wg_go(&m->forwarding, forward, in[i], m);
  weir_go(close_after_all, m); // only now: every add is before the wait
  return weir_recv_only(out);
}

int main(void) {
  weir_recv_chan(int) numbers = numbers_to(NUMBERS);
  weir_recv_chan(struct result) outs[WORKERS];
  for (int i = 0; i < WORKERS; i++)
    outs[i] = worker(numbers); // fan-out
  weir_recv_chan(struct result) results = merge(outs, WORKERS);
  struct result r, longest = {0};
  int count = 0;
  for (; weir_recv(results, &r); count++)
    if (r.steps > longest.steps) longest = r;
  printf("%d results; %d takes the most steps, %d\n", count, longest.n, longest.steps);
  weir_chan_free(results);
  weir_chan_free(numbers);
}

// Output:
// 1000 results; 871 takes the most steps, 178
