// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

struct pool {
  weir_chan(int) jobs, results;
};
static weir_chan(int) orders;

static int use(int n) {
  return n + 1;
}

static void worker(weir_chan(int) jobs) {
  for (;;) {
    int job;
    weir_recv(jobs, &job); // expect: receive-ignores-close once 'jobs' is closed, this loop
    use(job);
  }
}
void farm_out(int n) {
  weir_chan(int) jobs = weir_chan_make(int, 4);
  weir_go(worker, jobs);
  for (int i = 0; i < n; i++)
    weir_send(jobs, i);
  weir_close(jobs);
}

static void of_a_pool(struct pool *p) {
  while (true) {
    int job = 0;
    weir_recv(p->jobs, &job); // expect: receive-ignores-close once 'p->jobs' is closed
    weir_send(p->results, use(job));
  }
}
void stop(struct pool *pool) {
  weir_close(pool->jobs);
}
void start(struct pool *pool) {
  weir_go(of_a_pool, pool);
}

static void of_a_global(void) {
  int order;
  for (;;) {
    weir_recv(orders, &order); // expect: receive-ignores-close once 'orders' is closed
    if (order > 3) use(order);
  }
}
void begin(void) {
  weir_go(of_a_global);
}
void end(void) {
  weir_close(orders);
}

static void with_a_jump(weir_chan(int) jobs, int *sum) {
  int job;
again:
  for (;;) {
    weir_recv(jobs, &job); // expect: receive-ignores-close once 'jobs' is closed
    if (job < 0) goto again;
    *sum += job;
  }
}
void with_others(int *sum) {
  weir_chan(int) jobs = weir_chan_make(int, 0);
  weir_go(with_a_jump, jobs, sum);
  weir_send(jobs, 1);
  weir_defer(weir_close(jobs));
}

void in_itself(void) {
  weir_close(orders);
  do
    weir_recv(orders, NULL); // expect: receive-ignores-close once 'orders' is closed
  while (1);
}

static void second(int unused, weir_chan(int) jobs) {
  (void)unused;
  for (int job;;) {
    weir_recv(jobs, &job); // expect: receive-ignores-close once 'jobs' is closed
    use(job);
  }
}
void several(void) {
  weir_chan(int) jobs = weir_chan_make(int, 1);
  for (int i = 0; i < 4; i++)
    weir_go(second, i, jobs);
  weir_send(jobs, 2);
  weir_close(jobs);
}
