// SPDX-License-Identifier: Apache-2.0
//
// A child forked from a running program that wants a goroutine gets one clear message and status 3,
// not a hang; one forked before anything was started has a runtime of its own. No stray
// file is left behind.
// RUN: rm -rf %t.dir && mkdir %t.dir && %weircc_plain %s -o %t && %weircc %s -o %t.i
// RUN: cd %t.dir && %t 2> %t.err && FileCheck %s < %t.err
// RUN: cd %t.dir && %t.i 2> %t.err && FileCheck %s < %t.err
// RUN: ls -A %t.dir | count 0
// CHECK: weir: fatal: a forked child cannot run goroutines
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

static int in_child(void) {
  pid_t child = fork();
  if (child == 0) {
    weir_wg wg = {0};
    weir_wg_go(&wg, weir_yield);
    weir_wg_wait(&wg);
    _exit(7);
  }
  int status;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

int main(void) {
  int before = in_child();
  weir_wg wg = {0};
  weir_wg_go(&wg, weir_yield);
  weir_wg_wait(&wg);
  return !(before == 7 && in_child() == 3);
}
