// SPDX-License-Identifier: Apache-2.0
//
// A child forked from a running program that wants a goroutine gets one clear message and status 3,
// not a hang; one forked before anything was started has a runtime of its own, deadlocks
// included. No stray file is left behind.
// RUN: rm -rf %t.dir && mkdir %t.dir && %weircc_plain %s -o %t && %weircc %s -o %t.i
// RUN: cd %t.dir && %t 2> %t.err && FileCheck %s < %t.err
// RUN: cd %t.dir && %t.i 2> %t.err && FileCheck %s < %t.err
// RUN: ls -A %t.dir | count 0
// CHECK: SUMMARY: Weir: deadlock {{.*}} in deadlocks
// CHECK: weir: fatal: a forked child cannot run goroutines
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

static void yields(void) {
  weir_wg wg = {0};
  weir_wg_go(&wg, weir_yield);
  weir_wg_wait(&wg);
  _exit(7);
}

static void deadlocks(void) {
  weir_chan(int) never = weir_chan_make(int, 0);
  weir_go(weir_yield);
  weir_recv(never, NULL);
}

static int in_child(void (*fn)(void)) {
  pid_t child = fork();
  if (child == 0) {
    fn();
    _exit(0);
  }
  int status;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

int main(void) {
  int before = in_child(yields), dead = in_child(deadlocks);
  weir_wg wg = {0};
  weir_wg_go(&wg, weir_yield);
  weir_wg_wait(&wg);
  return !(before == 7 && dead == 66 && in_child(yields) == 3);
}
