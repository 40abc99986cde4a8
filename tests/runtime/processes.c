// SPDX-License-Identifier: Apache-2.0
//
// Child processes by every way of the C library, started by main and by goroutines while several
// workers are busy: each child runs or ends as it should, and the parent goes on. Then exit and abort
// in a goroutine, and a daemon that starts goroutines when its parent is gone.
// RUN: %weircc_plain -O1 %s -o %t && %weircc -O1 %s -o %t.i
// RUN: for p in %t %t.i; do for n in 1 4; do WEIR_OPTIONS=procs=$n $p children || exit 1; done; done
// RUN: for p in %t %t.i; do rm -f %t.bye; { $p exit %t.bye; test $? = 9; } && \
// RUN:   grep -q bye %t.bye || exit 1; done
// RUN: { %t abort; test $? = 134; } && { %t.i abort; test $? = 134; }
// RUN: %t daemon && %t.i daemon
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "check.h"

extern char **environ;
static atomic_bool over;

static int status_of(pid_t child) {
  int status;
  CHECK(child > 0);
  while (waitpid(child, &status, 0) != child)
    CHECK(errno == EINTR);
  CHECK(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static char *shell[] = {"sh", "-c", "exit 5", NULL};

static void fork_and_exec(void) {
  pid_t child = fork();
  if (child == 0) {
    execv("/bin/sh", shell);
    _exit(1);
  }
  CHECK_EQ(status_of(child), 5);
}
static void fork_and_exit(void) {
  pid_t child = fork();
  if (child == 0) _exit(6);
  CHECK_EQ(status_of(child), 6);
}
static void fork_and_try(void) { // what does not block works in the child
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_mutex mu = {0};
  pid_t child = fork();
  if (child == 0) {
    int v = 0;
    weir_mutex_lock(&mu);
    weir_send(c, 41);
    weir_recv(c, &v);
    weir_mutex_unlock(&mu);
    _exit(v + 1);
  }
  CHECK_EQ(status_of(child), 42);
  weir_chan_free(c);
}
static void spawn(void) {
  pid_t child;
  CHECK_EQ(posix_spawn(&child, "/bin/sh", NULL, NULL, shell, environ), 0);
  CHECK_EQ(status_of(child), 5);
}
static void by_vfork(void) {
  pid_t child = vfork();
  if (child == 0) {
    execv("/bin/sh", shell);
    _exit(1);
  }
  CHECK_EQ(status_of(child), 5);
}
static void by_system(void) {
  CHECK_EQ(WEXITSTATUS(system("exit 3")), 3);
}
static void by_popen(void) {
  char line[32];
  FILE *in = popen("echo hello", "r");
  CHECK(in && fgets(line, sizeof line, in) && strcmp(line, "hello\n") == 0);
  CHECK_EQ(pclose(in), 0);
}

static void (*const ways[])(void) = {fork_and_exec, fork_and_exit, fork_and_try, spawn,
                                     by_vfork,      by_system,     by_popen};
enum { WAYS = sizeof ways / sizeof *ways };

static void busy(weir_chan(int) c) {
  for (int i = 0; !atomic_load(&over); i++) {
    weir_send(c, i);
    int v;
    weir_recv(c, &v);
    weir_yield();
  }
}

static void some(int first) {
  for (int i = 0; i < WAYS; i++)
    ways[(first + i) % WAYS]();
}

static int children(void) {
  weir_chan(int) c = weir_chan_make(int, 8);
  weir_wg wg = {0}, at_it = {0};
  for (int i = 0; i < 4; i++)
    weir_wg_go(&at_it, busy, c);
  for (int i = 0; i < 4; i++)
    weir_wg_go(&wg, some, i);
  some(4);
  weir_wg_wait(&wg);
  atomic_store(&over, true);
  weir_wg_wait(&at_it);
  return 0;
}

// --- ends ------------------------------------------------------------------------------------------

static const char *bye_path;
static void say_bye(void) {
  int fd = open(bye_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  (void)!write(fd, "bye\n", 4);
}

static void ends(weir_chan(int) c, int status) {
  for (int i = 0; i < 1000; i++) {
    weir_send(c, i);
    CHECK(weir_recv(c, NULL));
    weir_yield();
  }
  exit(status);
}
static void aborts(void) {
  abort();
}

static int run(const char *how) {
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_wg wg = {0};
  if (strcmp(how, "children") == 0) return children();
  if (strcmp(how, "exit") == 0) {
    atexit(say_bye);
    weir_go(ends, c, 9);
    weir_expect_blocked();
    weir_recv((weir_chan(int))NULL, NULL);
  }
  if (strcmp(how, "abort") == 0) weir_wg_go(&wg, aborts);
  weir_wg_wait(&wg);
  return 2;
}

// The parent waits for the pipe to end; it is the daemon that writes, of goroutines of its own.
static int becomes_daemon(void) {
  int fds[2];
  CHECK(pipe(fds) == 0);
  pid_t child = fork();
  if (child == 0) {
    close(fds[0]);
    CHECK(daemon(1, 1) == 0);
    weir_wg wg = {0};
    for (int i = 0; i < 3; i++)
      weir_wg_go(&wg, write, fds[1], "x", 1);
    weir_wg_wait(&wg);
    exit(0);
  }
  close(fds[1]);
  CHECK_EQ(status_of(child), 0);
  char c;
  int n = 0;
  while (read(fds[0], &c, 1) == 1)
    n++;
  CHECK_EQ(n, 3);
  return 0;
}

int main(int argc, char **argv) {
  CHECK(argc > 1);
  bye_path = argc > 2 ? argv[2] : NULL;
  if (strcmp(argv[1], "daemon") == 0) return becomes_daemon();
  return run(argv[1]);
}
