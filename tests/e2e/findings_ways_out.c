// SPDX-License-Identifier: Apache-2.0
//
// A finding reaches the user, or the failure to deliver it is said, whatever state the program
// has put its descriptors, signals and children into.
//
// REQUIRES: races
// RUN: rm -rf %t && mkdir -p %t && cd %t
// RUN: %weircc_plain -g %s -o p && %weircc -g %s -o r
// RUN: %python %S/Inputs/findings_ways_out.py %weir ./p ./r
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

static void send_one(weir_chan(int) ch) {
  weir_send(ch, 1);
}

static weir_mutex mu;
static void lock_twice(void) {
  weir_mutex_lock(&mu);
  weir_mutex_lock(&mu);
}

static volatile sig_atomic_t children;
static void on_child(int signal) {
  (void)signal;
  children++;
}

// The first finding comes now: the reporter is started here. It is kept in a file first, and
// what a dump writes comes after it.
static void find_something(void) {
  char kept[64];
  struct stat s;
  snprintf(kept, sizeof kept, "kept.%d", (int)getpid());
  weir_go(lock_twice);
  while (stat(kept, &s) != 0 || s.st_size == 0)
    weir_yield();
  int null = open("/dev/null", O_WRONLY);
  weir_dump(null);
  close(null);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  weir_chan(int) ch = weir_chan_make(int, 0);
  if (!strcmp(mode, "wait")) { // the reporter is no child that the program could see
    signal(SIGCHLD, on_child);
    find_something();
    if (wait(NULL) != -1 || errno != ECHILD || children) return 7;
  }
  if (!strcmp(mode, "close")) { // closes all it did not open, and reuses the numbers
    find_something();
    for (int fd = 3; fd < 1024; fd++)
      close(fd);
    for (int fd = 3; fd < 300; fd++)
      if (dup(1) < 0) return 7;
  }
  if (!strcmp(mode, "fork")) { // the child's end does not close the parent's connection
    find_something();
    if (fork() == 0) _exit(0);
    wait(NULL);
  }
  if (!strcmp(mode, "clean")) return 5;
  weir_go(send_one, ch);
  printf("program's own output\n");
  return 0;
}
