// SPDX-License-Identifier: Apache-2.0
//
// Suppressions and a running program: what is suppressed is neither printed nor counted, and all
// else is as before. The races are forced: each side runs without an edge to the other.
//
// REQUIRES: races
// RUN: rm -rf %t && mkdir -p %t/bin && cd %t && %weircc -g -O1 %s -o bin/p
// RUN: %python %S/Inputs/suppressions.py %weir bin/p
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

static long sold, stock, many[1000], steps[64];
long read_back;

__attribute__((noinline)) static void sell(void) {
  sold++;
}
__attribute__((noinline)) static void restock(void) {
  stock++;
}
__attribute__((noinline)) static void audit(void) {
  read_back = stock;
}
static void stay(weir_chan(int) never) {
  weir_recv(never, NULL);
}

// A thousand places.
#define ONE(i) many[i]++;
#define TEN(i) \
  ONE(i)       \
  ONE(i + 1) ONE(i + 2) ONE(i + 3) ONE(i + 4) ONE(i + 5) ONE(i + 6) ONE(i + 7) ONE(i + 8) ONE(i + 9)
#define HUNDRED(i) \
  TEN(i)           \
  TEN(i + 10)      \
  TEN(i + 20) TEN(i + 30) TEN(i + 40) TEN(i + 50) TEN(i + 60) TEN(i + 70) TEN(i + 80) TEN(i + 90)
__attribute__((noinline)) static void count_all(void) {
  HUNDRED(0)
  HUNDRED(100)
  HUNDRED(200)
  HUNDRED(300) HUNDRED(400) HUNDRED(500) HUNDRED(600) HUNDRED(700) HUNDRED(800) HUNDRED(900)
}

// One place, reached on four paths, which the race detector tells apart.
__attribute__((noinline)) static void step(int i) {
  steps[i]++;
}
#define PATH(n)                                          \
  __attribute__((noinline)) static void path##n(int i) { \
    step(i);                                             \
    __asm__ volatile("# " #n);                           \
  }
PATH(0) PATH(1) PATH(2) PATH(3) static void walk(int first) {
  static void (*const paths[])(int) = {path0, path1, path2, path3};
  for (int i = 0; i < 16; i++)
    paths[(first + i) % 4](4 * i);
}
static void walk_even(void) {
  walk(0);
}
static void walk_odd(void) {
  walk(1);
}

static void run(void (*fn)(void)) {
  fn();
}
static void on_two(void (*a)(void), void (*b)(void)) {
  weir_go(run, a);
  weir_go(run, b);
  while (weir_num_goroutine() > 1)
    weir_yield();
}

const char *weir_default_suppressions(void) {
  const char *own = getenv("COMPILED_IN");
  return own ? own : "";
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "race")) on_two(sell, sell);
    if (!strcmp(argv[i], "audit")) on_two(restock, audit);
    if (!strcmp(argv[i], "leak")) weir_go(stay, weir_chan_make(int, 0));
    if (!strcmp(argv[i], "walk")) on_two(walk_even, walk_odd);
    if (!strcmp(argv[i], "thousand")) on_two(count_all, count_all);
    if (!strcmp(argv[i], "fork") && fork() == 0) exit(0);
    if (!strcmp(argv[i], "forked-leak") && fork() == 0)
      exit((weir_go(stay, weir_chan_make(int, 0)), 0));
    if (!strcmp(argv[i], "unlock")) weir_mutex_unlock(&(weir_mutex){0});
    printf("after %s\n", argv[i]);
    fflush(stdout);
  }
  for (int status; wait(&status) > 0;)
    printf("child ended with %d\n", WEXITSTATUS(status));
  return 5;
}
