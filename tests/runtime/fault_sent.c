// SPDX-License-Identifier: Apache-2.0
// A SIGSEGV or SIGBUS that was sent ends the process as it does in any program, from main or a goroutine.
// REQUIRES: runtime
// RUN: %weircc_plain -O1 %s -o %t
// RUN: for s in 11 7; do for who in main goroutine; do %t $s $who; [ $? = $((128 + s)) ] || exit 1; done; done
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

static void crash(int sig) {
  raise(sig);
}

int main(int argc, char **argv) {
  if (argc < 3) return 1;
  weir_wg wg = {0};
  if (!strcmp(argv[2], "main")) crash(atoi(argv[1]));
  weir_wg_add(&wg, 1);
  weir_go(crash, atoi(argv[1]));
  weir_wg_wait(&wg);
  return 0;
}
