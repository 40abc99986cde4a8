// SPDX-License-Identifier: Apache-2.0
//
// What a goroutine does after it has forked is checked as before.
//
// REQUIRES: races
// RUN: rm -rf %t && mkdir -p %t && %weircc -O1 -g %s -o %t/p
// RUN: env WEIR_OPTIONS=procs=1 not %t/p 2>&1 | FileCheck %s
//
// CHECK: WARNING: Weir: data race
// CHECK: Previous write of size 8 {{.*}} by goroutine 2
// CHECK: forked.c:[[@LINE+15]]
// CHECK: WARNING: Weir: data race
// CHECK: Previous write of size 4 {{.*}} by goroutine 2
// CHECK: forked.c:[[@LINE+13]]
#include <sys/wait.h>
#include <unistd.h>

#include "../bugs/Inputs/hidden.h"

long after[2];
int status;

static void forks(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  after[0] = 1;
  waitpid(child, &status, 0);
  hidden_post();
}

int main(void) {
  weir_go(forks);
  hidden_wait(1);
  return after[0] != 1 || status != 0;
}
