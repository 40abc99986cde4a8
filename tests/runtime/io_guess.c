// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2; do WEIR_OPTIONS=procs=$n %t %t.file || exit 1; done
// RUN: %weircc %s -o %t.i && env WEIR_OPTIONS=procs=2 %t.i %t.file
//
// A descriptor on which reads have mostly found nothing is waited for before it is read. That guess
// may be wrong in every way: there is something after all, the end, a deadline that has passed,
// another file of the same number (close(2) tells nobody), a regular one, a child that cannot wait.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>

#include "check.h"

enum { OFTEN = 10 };

static void expect(int fd, char want) {
  char c = 0;
  CHECK(weir_read(fd, &c, 1) == 1 && c == want);
}

static void reader(int fd, int n, weir_chan(char) done) {
  for (int i = 0; i < n; i++)
    expect(fd, 'e');
  weir_send(done, 0);
}

// A pipe of which the runtime guesses that it is empty.
static void guessed_empty(int fds[2]) {
  weir_chan(char) done = weir_chan_make(char, 0);
  CHECK(pipe2(fds, O_NONBLOCK) == 0);
  for (int i = 0; i < OFTEN; i++) {
    weir_go(reader, fds[0], 1, done);
    let_others_park();
    CHECK_EQ(weir_write(fds[1], "e", 1), 1);
    weir_recv(done, NULL);
  }
  weir_chan_free(done);
}

static void not_empty(void) {
  int fds[2];
  char lot[64];
  guessed_empty(fds);
  CHECK_EQ(weir_read(fds[0], lot, 0), 0); // nothing asked, nothing to wait for
  for (int i = 0; i < 5 * OFTEN; i++) {
    CHECK_EQ(weir_write(fds[1], "xy", 2), 2);
    expect(fds[0], 'x'), expect(fds[0], 'y');
  }
  CHECK(weir_close_fd(fds[0]) == 0 && weir_close_fd(fds[1]) == 0);
}

static void at_the_end(void) {
  int fds[2];
  char c;
  guessed_empty(fds);
  CHECK_EQ(weir_close_fd(fds[1]), 0);
  CHECK_EQ(weir_read(fds[0], &c, 1), 0);
  CHECK_EQ(weir_read(fds[0], &c, 1), 0);
  CHECK_EQ(weir_close_fd(fds[0]), 0);
  CHECK(weir_read(fds[0], &c, 1) == -1 && errno == EBADF);
}

static void too_late(void) {
  int fds[2];
  char c;
  guessed_empty(fds);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_MS(1)), 0);
  CHECK(weir_read(fds[0], &c, 1) == -1 && errno == ETIMEDOUT);
  CHECK_EQ(weir_write(fds[1], "z", 1), 1);
  CHECK(weir_read(fds[0], &c, 1) == -1 && errno == ETIMEDOUT);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_S(3600)), 0);
  expect(fds[0], 'z');
  CHECK(weir_close_fd(fds[0]) == 0 && weir_close_fd(fds[1]) == 0);
}

static void another_file(const char *path) {
  int fds[2], next[2];
  char text[9] = "";
  guessed_empty(fds);
  close(fds[0]), close(fds[1]);
  CHECK(pipe2(next, O_NONBLOCK) == 0 && next[0] == fds[0]);
  CHECK_EQ(weir_write(next[1], "n", 1), 1);
  expect(next[0], 'n');
  close(next[0]), close(next[1]);

  guessed_empty(fds);
  close(fds[0]), close(fds[1]);
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NONBLOCK, 0600);
  CHECK(fd == fds[0] && weir_write(fd, "contents", 8) == 8 && lseek(fd, 0, SEEK_SET) == 0);
  CHECK(weir_read(fd, text, 8) == 8 && strcmp(text, "contents") == 0);
  CHECK_EQ(weir_read(fd, text, 8), 0);
  close(fd);
}

static void in_a_child(void) {
  int fds[2], status;
  guessed_empty(fds);
  CHECK_EQ(weir_write(fds[1], "c", 1), 1);
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    char c;
    _exit(weir_read(fds[0], &c, 1) == 1 && c == 'c' ? 0 : 1);
  }
  CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(weir_close_fd(fds[0]) == 0 && weir_close_fd(fds[1]) == 0);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  not_empty(), at_the_end(), too_late(), another_file(argv[1]), in_a_child();
  return 0;
}
