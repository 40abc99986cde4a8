// SPDX-License-Identifier: Apache-2.0
//
// A goroutine that sits in a call of the C library, which Weir knows nothing of, is shown with the
// system call that its thread sleeps in.
//
// REQUIRES: races
// RUN: %weircc_plain -g -O1 %s -o %t && WEIR_OPTIONS=procs=4 %t 2>&1 | FileCheck %s
// RUN: %weircc -g -O1 %s -o %t.i && WEIR_OPTIONS=procs=4 %t.i 2>&1 | FileCheck %s
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static atomic_int tids[2];

static void in_read(int fd) {
  char c;
  atomic_store(&tids[0], gettid());
  // CHECK-DAG: (in_read) is in the system call read
  // CHECK-DAG: [syscall, read]
  // CHECK-DAG: dump_syscall.c:[[@LINE+1]]
  CHECK(read(fd, &c, 1) == 1);
}

static void in_lock(void) {
  atomic_store(&tids[1], gettid());
  // CHECK-DAG: [syscall, futex]
  // CHECK-DAG: dump_syscall.c:[[@LINE+1]]
  pthread_mutex_lock(&mu);
  pthread_mutex_unlock(&mu);
}

// Until the thread that runs it sleeps: nothing but that call is left to it.
static void until_asleep(atomic_int *tid) {
  char path[64], stat[512] = "", *state = stat;
  do {
    weir_yield();
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", atomic_load(tid));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ssize_t n = read(fd, stat, sizeof stat - 1);
    close(fd);
    stat[n > 0 ? n : 0] = 0;
    state = strrchr(stat, ')');
  } while (!state || state[0] != ')' || state[2] != 'S');
}

int main(void) {
  int ends[2];
  weir_wg wg = {0};
  CHECK(pipe(ends) == 0);
  pthread_mutex_lock(&mu);
  weir_wg_go(&wg, in_read, ends[0]);
  weir_wg_go(&wg, in_lock);
  until_asleep(&tids[0]);
  until_asleep(&tids[1]);
  weir_dump(2);
  pthread_mutex_unlock(&mu);
  CHECK(write(ends[1], "x", 1) == 1);
  weir_wg_wait(&wg);
}
