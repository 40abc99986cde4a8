// SPDX-License-Identifier: Apache-2.0
//
// On one worker: two goroutines that hold each other's lock, three that wait for a channel, one
// that selects, and main, which says "ready" and then waits for a line, or crashes if told to.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <weir/weir.h>

struct account {
  weir_mutex mu;
  long balance;
};
static struct account accounts[2];

static void transfer(int from, int to, weir_wg *both) {
  weir_mutex_lock(&accounts[from].mu);
  weir_wg_done(both);
  weir_wg_wait(both);
  weir_mutex_lock(&accounts[to].mu);
}

static void worker(weir_chan(int) jobs, int n) {
  int job;
  weir_set_name("worker");
  weir_set_label("shift", n ? "day" : "night");
  weir_recv(jobs, &job);
}

static void chooser(weir_chan(int) jobs, weir_chan(int) results) {
  int job, one = 1;
  weir_select(weir_on_recv(jobs, &job, NULL), weir_on_send(results, one));
}

int main(int argc, char **argv) {
  static weir_wg both;
  weir_chan(int) jobs = weir_chan_make(int, 0);
  weir_chan(int) results = weir_chan_make(int, 0);
  char line[16];
  weir_wg_add(&both, 2);
  weir_go(transfer, 0, 1, &both);
  weir_go(transfer, 1, 0, &both);
  for (int i = 0; i < 3; i++)
    weir_go(worker, jobs, i);
  weir_go(chooser, jobs, results);
  for (int i = 0; i < 20; i++)
    weir_yield(); // on one worker each of them has come to its wait then
  puts("ready");
  fflush(stdout);
  if (argc > 1 && !strcmp(argv[1], "crash")) raise(SIGSEGV);
  if (!fgets(line, sizeof line, stdin)) return 1;
  puts("went on");
  return 0;
}
