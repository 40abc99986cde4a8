// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong while something is found. The program finds a lock taken twice in each of so many
// goroutines, one after the other, and ends.
//
// RUN: mkdir -p %t && %weircc_plain -g -O1 %s -o %t/p
// RUN: %python %S/Inputs/faults.py %t/p %weir %t
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <weir/weir.h>

struct account {
  weir_mutex mu;
};

static void lock_twice(struct account *a, weir_wg *tried) {
  weir_mutex_lock(&a->mu);
  weir_wg_done(tried);
  weir_mutex_lock(&a->mu);
}

static void deeper(volatile char *above, weir_wg *both) {
  volatile char frame[1024];
  frame[0] = above ? above[0] : 1;
  if (!above) weir_wg_done(both), weir_wg_wait(both);
  if (frame[0]) deeper(frame, both); // never ends
  frame[1] = frame[0];
}

// No memory for a record's buffers, nor for a leak check.
static void take_all_memory(void) {
  struct rlimit limit = {0};
  FILE *f = fopen("/proc/self/statm", "r");
  unsigned long pages = 0;
  if (!f || fscanf(f, "%lu", &pages) != 1) exit(9);
  fclose(f);
  limit.rlim_cur = limit.rlim_max = (pages + 64) * 4096;
  if (setrlimit(RLIMIT_AS, &limit) != 0) exit(9);
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 1;
  weir_wg tried = {0};
  weir_yield();
  if (argc > 2 && !strcmp(argv[2], "overflow")) {
    weir_wg_add(&tried, 2);
    weir_go(deeper, NULL, &tried);
    weir_go(deeper, NULL, &tried);
    weir_sleep(WEIR_S(20));
    return 0;
  }
  struct account *accounts = calloc((size_t)n, sizeof *accounts);
  weir_wg_add(&tried, n);
  for (int i = 0; i < n; i++) {
    weir_go(lock_twice, &accounts[i], &tried);
    if (i == 0 && argc > 2 && !strcmp(argv[2], "memory")) {
      weir_yield();
      take_all_memory();
      if (weir_leak_check() == -1 && errno == ENOMEM) puts("no memory for a leak check");
    }
  }
  weir_wg_wait(&tried);
  puts("went on");
  return 0;
}
