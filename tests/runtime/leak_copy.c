// SPDX-License-Identifier: Apache-2.0
//
// A leak check of a program with much memory looks at a copy of it. With `copy` all is as it
// should be: exactly the leaked goroutine is found, though the program changes all that it has
// while the child looks; SIGCHLD is not raised and no child is left. With `kept`, a page that
// children do not get (MADV_DONTFORK) is the only way to a channel, with `wiped` one that they get
// empty: the goroutine is not called leaked. With `refused` no child can be made. These look in
// place, and weir_dump says so.
//
// RUN: %weircc_plain -O1 %s -o %t
// RUN: WEIR_OPTIONS=verbosity=1 %t copy 2>%t.err && grep -q 'found in a copy' %t.err
// RUN: for way in kept wiped shared refused; do WEIR_OPTIONS=verbosity=1:reporter=%weir %t $way \
// RUN:   2>%t.$way || exit 1; done
// RUN: grep -q 'found in a copy' %t.shared
// RUN: for way in kept wiped refused; do grep 'leak check' %t.$way | not grep copy || exit 1; done
// RUN: grep -q 'not at a copy: some of its memory is kept from children' %t.kept
// RUN: grep -q 'not at a copy: some of its memory is kept from children' %t.wiped
// RUN: grep -q 'not at a copy: the process may not make one' %t.refused
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

typedef weir_chan(int) chan;
enum { BLOCKS = 400000, BLOCK = 112 };

static void **blocks;
static volatile sig_atomic_t children;
static void on_child(int sig) {
  (void)sig;
  children++;
}

static void fill(void) {
  blocks = malloc(BLOCKS * sizeof *blocks);
  for (int i = 0; i < BLOCKS; i++)
    CHECK((blocks[i] = calloc(1, BLOCK)) != NULL);
}

// Hands the one pointer to a channel from block to block: wherever a copy has it, the program has
// it elsewhere by then.
static atomic_bool over;
static void hand_on(void) {
  for (int at = 0, next = 1; !atomic_load(&over); at = next, next = (next + 7919) % BLOCKS) {
    memmove(blocks[next], blocks[at], sizeof(chan));
    if (next != at) memset(blocks[at], 0, sizeof(chan));
    weir_yield();
  }
}

static void wait_for(chan c, weir_wg *up) {
  weir_wg_done(up);
  weir_recv(c, NULL);
}

static void keep_in_a_block(chan c) {
  memcpy(blocks[0], &c, sizeof c);
}
static void keep_in_a_mapping(chan c, int flags, int advice) {
  chan *page =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (advice) CHECK_EQ(madvise(page, 4096, advice), 0);
  page[3] = c;
}

static void make(const char *way, weir_wg *up) {
  chan c = weir_chan_make(int, 0);
  weir_wg_add(up, 1);
  weir_go(wait_for, c, up);
  if (strcmp(way, "kept") == 0)
    keep_in_a_mapping(c, MAP_PRIVATE, MADV_DONTFORK);
  else if (strcmp(way, "wiped") == 0)
    keep_in_a_mapping(c, MAP_PRIVATE, MADV_WIPEONFORK);
  else if (strcmp(way, "shared") == 0)
    keep_in_a_mapping(c, MAP_SHARED, 0);
  else if (strcmp(way, "lost") != 0)
    keep_in_a_block(c);
  weir_wg_done(up);
}

static void make_apart(const char *way) {
  weir_wg up = {0};
  weir_wg_add(&up, 1);
  weir_go(make, way, &up);
  weir_wg_wait(&up);
}

static void refuse_clone(void) {
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof program / sizeof *program, program};
  CHECK_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  CHECK_EQ(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter), 0);
}

static long look(void) {
  long n = weir_leak_check();
  if (n < 0) CHECK_EQ(errno, EAGAIN);
  return n;
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  signal(SIGCHLD, on_child);
  fill();
  make_apart(argv[1]);
  if (strcmp(argv[1], "refused") == 0) refuse_clone();
  bool moves = strcmp(argv[1], "copy") == 0;
  if (moves) weir_go(hand_on);
  for (int i = 0; i < 5; i++)
    CHECK(look() <= 0);
  if (moves) {
    make_apart("lost");
    for (long n = 0, tries = 0; n != 1; tries++) {
      n = look();
      CHECK(n <= 1 && tries < 1000);
    }
    CHECK_EQ(children, 0);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
  }
  weir_dump(2);
  atomic_store(&over, true);
  _exit(0);
}
