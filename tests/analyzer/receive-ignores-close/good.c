// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

struct pool {
  weir_chan(int) jobs, results;
};
static weir_chan(int) requests;

static int use(int n) {
  return n + 1;
}

static void asks(weir_chan(int) jobs) {
  for (;;) {
    int job;
    if (!weir_recv(jobs, &job)) return;
    use(job);
  }
}
static void loops_while(weir_chan(int) jobs) {
  int job;
  while (weir_recv(jobs, &job))
    use(job);
}
static void keeps_it(weir_chan(int) jobs) {
  for (bool ok = true; ok;) {
    int job;
    ok = weir_recv(jobs, &job);
    use(job);
  }
}
// Ends by what it receives.
static void has_a_last(weir_chan(int) jobs) {
  for (;;) {
    int job;
    weir_recv(jobs, &job);
    if (!job) break;
    use(job);
  }
}
static void a_few(weir_chan(int) jobs) {
  for (int i = 0; i < 4; i++)
    weir_recv(jobs, NULL);
}
static void leaves(weir_chan(int) jobs) {
  for (;;) {
    int job;
    weir_recv(jobs, &job);
    if (!job) weir_goexit();
  }
}
void all(int n) {
  weir_chan(int) jobs = weir_chan_make(int, 4);
  weir_go(asks, jobs);
  weir_go(loops_while, jobs);
  weir_go(keeps_it, jobs);
  weir_go(has_a_last, jobs);
  weir_go(a_few, jobs);
  weir_go(leaves, jobs);
  for (int i = 0; i < n; i++)
    weir_send(jobs, i);
  weir_close(jobs);
}

// Nobody closes it.
static void serves(void) {
  for (;;) {
    int request;
    weir_recv(requests, &request);
    use(request);
  }
}
// Another channel of the pool is closed.
static void collects(struct pool *p) {
  for (;;) {
    int result;
    weir_recv(p->results, &result);
    use(result);
  }
}
void start(struct pool *p) {
  weir_go(serves);
  weir_go(collects, p);
  weir_send(requests, 1);
  weir_close(p->jobs);
}
// Another channel than the one that it was started with is closed.
static void echo(weir_chan(int) in) {
  for (;;) {
    weir_recv(in, NULL); // weir-nolint(goroutine-blocked): it ends with the program
    use(1);
  }
}
void two(void) {
  weir_chan(int) in = weir_chan_make(int, 1), out = weir_chan_make(int, 1);
  weir_go(echo, in);
  weir_send(in, 1);
  weir_close(out);
}
