// SPDX-License-Identifier: Apache-2.0
// A forked child that ends by exit(3) neither hangs nor reports: it has none of the runtime's
// threads.
// RUN: %weircc_plain %s -o %t && %t
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

static void nothing(weir_wg *wg) { weir_wg_done(wg); }

int main(void) {
  weir_wg wg = {0};
  weir_wg_go(&wg, weir_yield);
  weir_wg_add(&wg, 1);
  weir_go(nothing, &wg);
  weir_wg_wait(&wg);
  pid_t child = fork();
  if (child == 0) exit(7);
  int status;
  if (waitpid(child, &status, 0) != child) return 1;
  return !(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}
